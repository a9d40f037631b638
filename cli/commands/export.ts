import { selectEngine } from '../../runtime/engine/engines.js';
import { compareWithNetwork } from '../../runtime/export/compare.js';
import { requireFinished } from '../../runtime/export/finished-run.js';
import { writeLayersModel } from '../../runtime/export/layers-model.js';
import { encodeOnnx } from '../../runtime/export/onnx-file.js';
import { canRunOnnx } from '../../runtime/export/run-onnx.js';
import { writeFileAtomic } from '../../runtime/run/atomic-file.js';
import { openNetwork } from '../../runtime/run/open-network.js';
import { openRun, selectedCheckpoint, type Run } from '../../runtime/run/run-folder.js';
import { writeSafetensors } from '../../runtime/safetensors.js';
import { readCheckpoint, type Checkpoint } from '../../runtime/training/checkpoint.js';
import { UsageError } from '../exit.js';
import { packageVersion } from '../package-root.js';
import { networkOfRun } from '../run-network.js';

/** Its flags. */
export interface ExportFlags {
  readonly format: 'onnx' | 'tfjs' | 'safetensors';
  readonly out: string;
  readonly check: boolean;
}

/** `unet export RUN --format onnx|tfjs|safetensors -o FILE_OR_DIR` */
export async function exportRun(directory: string, { format, out, check }: ExportFlags): Promise<void> {
  if (format !== 'tfjs' && !out.endsWith(`.${format}`)) {
    throw new UsageError(`The file \`${out}\` must end in .${format}.`);
  }
  const run = await openRun(directory);
  requireFinished(run);
  const checkpoint = await readCheckpoint(selectedCheckpoint(run));
  const said = await exporters[format](run, checkpoint, { out, check });
  process.stdout.write(`${out}: ${run.info.model}, ${checkpoint.weights.size} weights${said}\n`);
}

type Target = Pick<ExportFlags, 'out' | 'check'>;

/** Each writes its file or folder, and gives what more is to be said. */
const exporters: Readonly<
  Record<ExportFlags['format'], (run: Run, checkpoint: Checkpoint, target: Target) => Promise<string>>
> = {
  onnx: exportOnnx,
  tfjs: exportTfjs,
  safetensors: exportSafetensors,
};

async function exportOnnx(run: Run, { weights }: Checkpoint, { out, check }: Target): Promise<string> {
  const { emitOnnx } = await import('../../compiler/emit/onnx/emit-onnx.js');
  const network = networkOfRun(run, weights);
  const bytes = encodeOnnx(emitOnnx(network, metadataOf(run)), weights, packageVersion());
  const said = check ? await compared(bytes, run) : '';
  await writeFileAtomic(out, bytes);
  return said;
}

/** Nothing is written that computes something else. */
async function compared(bytes: Uint8Array, run: Run): Promise<string> {
  if (!(await canRunOnnx())) return ', not compared with the network: onnxruntime cannot be loaded here';
  await selectEngine('auto');
  const { patch, difference } = await compareWithNetwork(bytes, await openNetwork(run));
  return `, equal to the network within ${difference.toExponential(1)} at ${patch.join(' x ')}`;
}

async function exportTfjs(run: Run, _: Checkpoint, { out }: Target): Promise<string> {
  // Tensors of its layers lie channels last, as on every engine but onnx.
  await selectEngine('cpu');
  const { model, description } = await openNetwork(run);
  await writeLayersModel(out, model, { description, ...metadataOf(run) });
  return '';
}

async function exportSafetensors(run: Run, { weights }: Checkpoint, { out }: Target): Promise<string> {
  await writeSafetensors(out, weights, { format: 'pt', model: run.info.model, ...metadataOf(run) });
  return '';
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
