import { selectEngine } from '../../runtime/engine/engines.js';
import { compareWithNetwork, type Comparison } from '../../runtime/export/compare.js';
import { requireFinished } from '../../runtime/export/finished-run.js';
import { refuseOtherFiles, writeLayersModel } from '../../runtime/export/layers-model.js';
import { encodeOnnx } from '../../runtime/export/onnx-file.js';
import { canRunOnnx } from '../../runtime/export/run-onnx.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/run/atomic-file.js';
import { openNetwork } from '../../runtime/run/open-network.js';
import { openRun, selectedCheckpoint, type Run } from '../../runtime/run/run-folder.js';
import { writeSafetensors } from '../../runtime/safetensors.js';
import { readCheckpoint, type Checkpoint } from '../../runtime/training/checkpoint.js';
import { UsageError } from '../exit.js';
import { filesOfRun, type OutputFlags } from '../inputs.js';
import { packageVersion } from '../package-root.js';
import { tellResult, type ResultFlags } from '../result.js';
import { networkOfRun } from '../run-network.js';

/** Its flags. */
export interface ExportFlags extends ResultFlags, OutputFlags {
  readonly format: 'onnx' | 'tfjs' | 'safetensors';
  readonly out: string;
  readonly check: boolean;
}

/** `unet export RUN --format onnx|tfjs|safetensors -o FILE_OR_DIR` */
export async function exportRun(directory: string, { format, out, check, force, json }: ExportFlags): Promise<void> {
  if (format !== 'tfjs' && !out.endsWith(`.${format}`)) {
    throw new UsageError(`The file \`${out}\` must end in .${format}.`);
  }
  if (format === 'tfjs') await refuseOtherFiles(out);
  const [place = out] = await prepareOutputs([{ path: out, format }], { inputs: filesOfRun(directory), force });
  const run = await openRun(directory);
  requireFinished(run);
  const checkpoint = await readCheckpoint(selectedCheckpoint(run));
  const compared = await exporters[format](run, checkpoint, { out: place, check });
  const { model } = run.info;
  const weights = checkpoint.weights.size;
  const text = `${out}: ${model}, ${weights} weights${comparisonText(compared)}\n`;
  tellResult({ json }, { run: directory, model, format, written: [out], weights, compared: compared ?? null }, text);
}

type Target = Pick<ExportFlags, 'out' | 'check'>;

/** How what was written compares with the network; undefined where that was not asked for. */
type Compared = Comparison | 'onnxruntime cannot be loaded here' | undefined;

function comparisonText(compared: Compared): string {
  if (compared === undefined) return '';
  if (typeof compared === 'string') return `, not compared with the network: ${compared}`;
  const { patch, difference } = compared;
  return `, equal to the network within ${difference.toExponential(1)} at ${patch.join(' x ')}`;
}

/** Each writes its file or folder. */
const exporters: Readonly<
  Record<ExportFlags['format'], (run: Run, checkpoint: Checkpoint, target: Target) => Promise<Compared>>
> = {
  onnx: exportOnnx,
  tfjs: exportTfjs,
  safetensors: exportSafetensors,
};

async function exportOnnx(run: Run, { weights }: Checkpoint, { out, check }: Target): Promise<Compared> {
  const { emitOnnx } = await import('../../compiler/emit/onnx/emit-onnx.js');
  const network = networkOfRun(run, weights);
  const bytes = encodeOnnx(emitOnnx(network, metadataOf(run)), weights, packageVersion());
  const compared = check ? await compare(bytes, run) : undefined;
  await writeFileAtomic(out, bytes);
  return compared;
}

/** Nothing is written that computes something else. */
async function compare(bytes: Uint8Array, run: Run): Promise<Compared> {
  if (!(await canRunOnnx())) return 'onnxruntime cannot be loaded here';
  await selectEngine('auto');
  return compareWithNetwork(bytes, await openNetwork(run));
}

async function exportTfjs(run: Run, _: Checkpoint, { out }: Target): Promise<undefined> {
  // Tensors of its layers lie channels last, as on every engine but onnx.
  await selectEngine('cpu');
  const { model, description } = await openNetwork(run);
  await writeLayersModel(out, model, { description, ...metadataOf(run) });
}

async function exportSafetensors(run: Run, { weights }: Checkpoint, { out }: Target): Promise<undefined> {
  await writeSafetensors(out, weights, { format: 'pt', model: run.info.model, ...metadataOf(run) });
}

/** What a network does not know of itself, as texts: how its images are prepared, what its identifiers mean, its source. */
function metadataOf({ info, protocol, files }: Run): Record<string, string> {
  const identifiers = Object.entries(info.identifiers).map(([name, { names }]) => [name, names]);
  return {
    normalize: JSON.stringify(protocol.normalize),
    patch: JSON.stringify(info.patch),
    identifiers: JSON.stringify(Object.fromEntries(identifiers)),
    spec: files['spec.unet'],
    spec_sha256: info.checksums['spec.unet'],
  };
}
