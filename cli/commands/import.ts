import { readFile } from 'node:fs/promises';
import { readReason } from '../../runtime/file-error.js';
import { importWeights, parseNameMap, type NameMap } from '../../runtime/import-weights.js';
import { createRun, runPaths, setStatus } from '../../runtime/run/run-folder.js';
import { readSafetensors } from '../../runtime/safetensors.js';
import { trainableNetwork } from '../../runtime/training/network.js';
import { assignWeights, newProgress, saveCheckpoint } from '../../runtime/training/checkpoint.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { applyCautions } from '../cautions.js';
import { FileError } from '../exit.js';
import { importedOrigin, type OriginFlags } from '../imported-origin.js';
import { tellResult, type ResultFlags } from '../result.js';
import { moduleOf } from '../run-network.js';
import { compileSpec, readPlace } from '../spec.js';
import { refuseOtherOrder } from '../weights-origin.js';

/** Its flags. */
export interface ImportFlags extends OriginFlags, ResultFlags {
  readonly run: string;
  readonly model?: string;
  readonly set: string[];
  readonly map?: string;
}

/** `unet import FILE --weights w.safetensors --run DIR` */
export async function importRun(file: string, flags: ImportFlags): Promise<void> {
  const compiled = compileSpec(file, flags);
  const { tensors, metadata } = await readSafetensors(flags.weights);
  refuseOtherOrder(metadata, compiled.network, flags.weights);
  const module = await moduleOf(compiled.network);
  const map = await readMap(flags.map);
  const weights = importWeights(module.description, tensors, {
    ...(map === undefined ? {} : { map }),
    source: flags.weights,
  });
  const engine = await selectEngine('cpu');
  const network = trainableNetwork(module.build({ seed: 0 }), module.description);
  assignWeights(network, weights, flags.weights);
  const subject = { compiled, description: module.description, metadata };
  const { protocol, patch, data, identifiers, cautions, assumed } = await importedOrigin(subject, flags);
  const { compileRun } = await import('../compile-run.js');
  const { graph, texts } = compileRun(compiled);
  const { run, lock } = await createRun(flags.run, {
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
  const text = `${flags.run}: ${model} with ${weights.size} weights of ${flags.weights}\n`;
  tellResult(flags, { run: flags.run, model, patch, weights: weights.size, assumed, cautions }, text);
}

async function readMap(flag: string | undefined): Promise<NameMap | undefined> {
  if (flag === undefined || flag === 'auto') return flag;
  const text = await readFile(flag, 'utf8').catch((error: unknown) => {
    throw new FileError(`The name map \`${flag}\` cannot be read: ${readReason(error)}.`);
  });
  return parseNameMap(text, flag);
}
