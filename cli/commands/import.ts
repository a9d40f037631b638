import { printable } from '../../text/printable.js';
import { readReason } from '../../runtime/files/file-error.js';
import {
  importWeights,
  parseNameMap,
  type ImportedWeights,
  type NameMap,
} from '../../runtime/network/import-weights.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { readTextFile } from '../../runtime/files/read-file.js';
import { refuseOwnedFolder } from '../../runtime/files/output.js';
import { createRun, setStatus } from '../../runtime/run/run-folder.js';
import { runPaths } from '../../runtime/training/run-paths.js';
import { readSafetensors } from '../../runtime/files/safetensors.js';
import { trainableNetwork } from '../../runtime/network/trainable-network.js';
import { assignWeights, newProgress, saveCheckpoint } from '../../runtime/training/checkpoint.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { applyCautions } from '../cautions.js';
import { colours } from '../colours.js';
import { FileError } from '../exit.js';
import { importedOrigin, type OriginFlags } from '../imported-origin.js';
import { printResult, type ResultFlags } from '../result.js';
import { moduleOf } from '../run-network.js';
import { compileSpec, readPlace } from '../spec.js';
import { refuseOtherOrder } from '../weights-origin.js';
import { tell } from '../terminal.js';

/** Flags of the command. */
export interface ImportFlags extends OriginFlags, ResultFlags {
  readonly output: string;
  readonly model?: string;
  readonly set: string[];
  readonly map?: string;
  readonly allowAmbiguous?: boolean;
}

/** `unet import FILE --weights w.safetensors -o DIR` */
export async function importRun(file: string, flags: ImportFlags): Promise<void> {
  await refuseOwnedFolder(flags.output);
  const compiled = compileSpec(file, flags);
  const { tensors, metadata } = await readSafetensors(flags.weights);
  refuseOtherOrder(metadata, compiled.network, flags.weights);
  const module = await moduleOf(compiled.network);
  const map = await readMap(flags.map);
  const engine = await selectEngine('cpu');
  const network = trainableNetwork(module.build({ seed: 0 }), module.description);
  const target = { name: module.description.name, weights: network.weights };
  const imported = importWeights(target, tensors, {
    ...(map === undefined ? {} : { map }),
    source: flags.weights,
    allowAmbiguous: flags.allowAmbiguous,
  });
  const { weights } = imported;
  if (map === 'auto') tellPairs(imported, flags.weights);
  assignWeights(network, weights, flags.weights);
  const subject = { compiled, description: module.description, metadata };
  const { protocol, patch, data, identifiers, cautions, assumed } = await importedOrigin(subject, flags);
  const { compileRun } = await import('../compile-run.js');
  const { graph, texts } = compileRun(compiled);
  const { run, lock } = await createRun(flags.output, {
    info: {
      model: compiled.network.name,
      spec: readPlace(file).path,
      knobs: compiled.network.knobs.map((knob) => ({ ...knob })),
      graph,
      seed: 0,
      fold: null,
      patch,
      engine: engine.name,
      data,
      identifiers,
      cautions: [...cautions],
    },
    ...texts,
    protocol,
    split: { train: [], validation: [] },
  });
  try {
    await saveCheckpoint(runPaths(run.directory).last, network, undefined, newProgress());
    await setStatus(run, 'imported');
  } finally {
    lock.release();
  }
  applyCautions(cautions, {});
  const model = compiled.network.name;
  const text = `${flags.output}: ${model} with ${weights.size} weights from ${flags.weights}\n`;
  const { swappable } = imported;
  const pairs = Object.fromEntries(imported.names);
  const result = { run: flags.output, model, patch, weights: weights.size, pairs, swappable, assumed, cautions };
  printResult(flags, result, text);
}

/** Prints the pairs that `--map auto` found, and which of them depend on the order alone. */
function tellPairs({ names, swappable }: ImportedWeights, source: string): void {
  const width = Math.max(...[...names.values()].map((name) => printable(name).length));
  const rows = [...names].map(([id, name]) => `  ${printable(name).padEnd(width)} -> ${printable(id)}\n`);
  tell(`\`${printable(source)}\` was matched with the network as follows:\n${rows.join('')}`);
  if (swappable.length === 0) return;
  const groups = swappable.map(
    ({ shape, ids }) => `  [${shape.join(', ')}]: ${ids.map((id) => printable(names.get(id)!)).join(', ')}\n`,
  );
  tell(
    `${colours.yellow('warning')}: The tensors in each group below were matched by their order in the file alone. If that order differs from the order in the network, weights are swapped and every result is wrong.\n${groups.join('')}  ${colours.cyan('help')}: Check the pairs above, or give the names with \`--map FILE\`.\n`,
  );
}

async function readMap(flag: string | undefined): Promise<NameMap | undefined> {
  if (flag === undefined || flag === 'auto') return flag;
  const text = await readTextFile(flag).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
    throw new FileError(`The name map \`${flag}\` cannot be read: ${readReason(error)}.`);
  });
  return parseNameMap(text, flag);
}
