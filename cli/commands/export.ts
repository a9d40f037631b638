import type { Network } from '../../compiler/ir/ir.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { compareWithNetwork, type Comparison } from '../../runtime/export/compare.js';
import { requireFinished } from '../../runtime/export/finished-run.js';
import { predictionModel } from '../../runtime/network/prediction-model.js';
import { refuseOtherFiles, writeLayersModel } from '../../runtime/network/layers-model.js';
import { encodeOnnx } from '../../runtime/export/onnx-file.js';
import { runMetadata } from '../../runtime/export/run-metadata.js';
import { canRunOnnx } from '../../runtime/export/run-onnx.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import type { ModelModule } from '../../runtime/run/load-module.js';
import { openNetwork } from '../../runtime/run/open-network.js';
import { openRun, selectedCheckpoint, type Run } from '../../runtime/run/run-folder.js';
import { writeSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { readCheckpoint, usedWeights } from '../../runtime/training/checkpoint.js';
import { UsageError } from '../exit.js';
import { filesOfRun, type OutputFlags } from '../inputs.js';
import { packageVersion } from '../package-root.js';
import { printResult, type ResultFlags } from '../result.js';
import { moduleOf, networkOfRun } from '../run-network.js';

/** Flags of the command. */
export interface ExportFlags extends ResultFlags, OutputFlags {
  readonly format: 'onnx' | 'tfjs' | 'safetensors';
  readonly output: string;
  readonly check: boolean;
}

/** `unet export RUN --format onnx|tfjs|safetensors -o FILE_OR_DIR` */
export async function exportRun(directory: string, { format, output, check, force, json }: ExportFlags): Promise<void> {
  if (format !== 'tfjs' && !output.endsWith(`.${format}`)) {
    throw new UsageError(`The file \`${output}\` must end in .${format}.`);
  }
  if (format === 'tfjs') await refuseOtherFiles(output);
  const [place = output] = await prepareOutputs([{ path: output, format }], { inputs: filesOfRun(directory), force });
  const run = await openRun(directory);
  requireFinished(run);
  const weights = usedWeights(await readCheckpoint(selectedCheckpoint(run)));
  const network = networkOfRun(run);
  const module = await moduleOf(network);
  const compared = await exporters[format]({ run, weights, network, module }, { output: place, check });
  const { model } = run.info;
  const text = `${output}: ${model}, ${weights.size} weights${comparisonText(compared)}\n`;
  printResult(
    { json },
    { run: directory, model, format, written: [output], weights: weights.size, compared: compared ?? null },
    text,
  );
}

type Target = Pick<ExportFlags, 'output' | 'check'>;

/** The comparison of the exported file with the network; undefined if it was skipped. */
type Compared = Comparison | 'onnxruntime cannot be loaded on this machine' | undefined;

function comparisonText(compared: Compared): string {
  if (compared === undefined) return '';
  if (typeof compared === 'string') return `, not compared with the network: ${compared}`;
  const { patch, difference } = compared;
  return `, equal to the network to within ${difference.toExponential(1)} at ${patch.join(' × ')}`;
}

/** The network to export. */
interface Source {
  readonly run: Run;
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly network: Network;
  readonly module: ModelModule;
}

/** The exporters by format. Each writes its file or folder. */
const exporters: Readonly<Record<ExportFlags['format'], (source: Source, target: Target) => Promise<Compared>>> = {
  onnx: exportOnnx,
  tfjs: exportTfjs,
  safetensors: exportSafetensors,
};

async function exportOnnx(source: Source, { output, check }: Target): Promise<Compared> {
  const { emitOnnx } = await import('../../compiler/emit/onnx/emit-onnx.js');
  const { run, module, network, weights } = source;
  const metadata = runMetadata(run, module.description);
  const bytes = encodeOnnx(emitOnnx(network, metadata), weights, packageVersion());
  const compared = check ? await compare(bytes, source) : undefined;
  await writeFileAtomic(output, bytes);
  return compared;
}

/** Writes the ONNX file only if it computes the same as the network. */
async function compare(bytes: Uint8Array, { run, module }: Source): Promise<Compared> {
  if (!canRunOnnx()) return 'onnxruntime cannot be loaded on this machine';
  await selectEngine('auto');
  return compareWithNetwork(bytes, await openNetwork(run, module));
}

async function exportTfjs({ run, module }: Source, { output }: Target): Promise<undefined> {
  // Its layers use tensors with channels last, like every engine except onnx.
  await selectEngine('cpu');
  const { model, description } = await openNetwork(run, module);
  const predicted = Object.fromEntries(Object.entries(description).filter(([key]) => key !== 'penalties'));
  const written = { description: predicted, model: run.info.model, ...runMetadata(run, description) };
  await writeLayersModel(output, predictionModel(model, description), written);
}

async function exportSafetensors({ run, module, weights }: Source, { output }: Target): Promise<undefined> {
  const metadata = { format: 'pt', model: run.info.model, ...runMetadata(run, module.description) };
  await writeSafetensors(output, weights, metadata);
}
