import { resolve } from 'node:path';
import { identifyCases, recordedIdentifiers } from '../runtime/data/identify.js';
import { checkLabelledCases, checkTrainingCases } from '../runtime/data/loader.js';
import { matchInputs } from '../runtime/data/match.js';
import { foldCount, splitCases } from '../runtime/data/split.js';
import type { Dataset, Identification, Split } from '../runtime/data/types.js';
import { refuseOwnedFolder } from '../runtime/files/output.js';
import { parseProtocol, type Protocol } from '../runtime/protocol.js';
import { importModule } from '../runtime/run/load-module.js';
import type { RunLock } from '../runtime/run/lock.js';
import { createRun, type Run } from '../runtime/run/run-folder.js';
import { colours } from './colours.js';
import { startEngine, type EngineFlags } from './engine.js';
import { UsageError } from './exit.js';
import { warnOfMemory } from './memory.js';
import { legalPatch } from './patch.js';
import { selectProtocol } from './protocol.js';
import { compileSpec, readPlace, type CompiledSpec } from './spec.js';

/** What a new run is made of, as flags of `unet train`. */
export interface NewRunFlags extends EngineFlags {
  readonly data: string;
  readonly run: string;
  readonly model?: string;
  readonly set: readonly string[];
  readonly protocol?: string;
  readonly fold?: number;
  readonly validation?: readonly string[];
  readonly patch?: readonly number[];
  readonly steps?: number;
  readonly lr?: number;
  readonly seed?: number;
}

/** The seed of a run where none is given. */
const usualSeed = 1;

/**
 * Makes a run folder for a spec and a data set. Whatever headers and names can tell is checked before, so that a mistake
 * leaves no folder behind.
 * @returns the run, and its lock, which the caller releases
 */
export async function newRun(file: string, flags: NewRunFlags, dataset: Dataset): Promise<{ run: Run; lock: RunLock }> {
  await refuseOwnedFolder(flags.run);
  const compiled = compileSpec(file, flags);
  const { network } = compiled;
  const protocol = protocolOf(compiled, flags, dataset);
  const { split, fold } = splitOf(protocol, flags.fold, dataset);
  // Loaded where it is needed: it brings the TypeScript compiler, which takes longer than all checks together.
  const { compileRun } = await import('./compile-run.js');
  const texts = compileRun(compiled);
  const { description } = await importModule(texts.moduleJs);
  matchInputs(dataset, description);
  const identification = identifyCases(dataset, description, protocol.identify);
  await checkTrainingCases({ dataset, description, protocol, cases: split.train });
  await checkLabelledCases(dataset, split.validation);
  const engine = await startEngine(flags);
  const made = await createRun(flags.run, {
    info: {
      model: network.name,
      spec: readPlace(file).path,
      knobs: network.knobs.map((knob) => ({ ...knob })),
      seed: flags.seed ?? usualSeed,
      fold,
      patch: [...protocol.patch.size],
      engine: engine.name,
      data: { name: dataset.name, directory: resolve(flags.data) },
      identifiers: recordedIdentifiers(identification),
    },
    ...texts,
    protocol,
    split,
  });
  warnOfIdentifiers(identification);
  warnOfMemory(network, protocol.patch.size, engine.name, protocol.batch);
  return made;
}

/** The protocol a spec and the flags choose, its patch made to fit the network. */
function protocolOf(compiled: CompiledSpec, flags: NewRunFlags, dataset: Dataset): Protocol {
  const written = selectProtocol(compiled.program, flags.protocol);
  const size = legalPatch(compiled, flags.patch ?? fittingPatch(written.patch.size, compiled));
  const { validation, steps, lr } = flags;
  const changed = {
    ...written,
    patch: { ...written.patch, size },
    ...(validation === undefined ? {} : { split: holdOut(dataset, validation) }),
    ...(steps === undefined ? {} : { length: { kind: 'steps', steps } }),
    ...(lr === undefined ? {} : { optimizer: { ...written.optimizer, lr } }),
  };
  return parseProtocol(changed, `protocol ${written.name}`);
}

/** The named cases are held out, the other labelled ones trained on. */
function holdOut(dataset: Dataset, validation: readonly string[]): Protocol['split'] {
  const train = dataset.cases.map(({ id }) => id).filter((id) => !validation.includes(id));
  return { kind: 'cases', train, validation: [...new Set(validation)] };
}

/** A protocol's patch on a network of fewer axes (a 2-D one): its last sizes. */
function fittingPatch(size: readonly number[], { network }: CompiledSpec): readonly number[] {
  const image = network.inputs.find((input) => input.kind === 'image');
  return size.slice(-(image?.axes.length ?? size.length));
}

function splitOf(
  { split }: Protocol,
  fold: number | undefined,
  dataset: Dataset,
): { split: Split; fold: number | null } {
  const folds = foldCount(split);
  if (fold !== undefined && fold >= folds) {
    throw new UsageError(`There is no fold ${fold}: the split has ${folds} (0 .. ${folds - 1}).`);
  }
  const ids = dataset.cases.map(({ id }) => id);
  return { split: splitCases(ids, split, fold ?? 0), fold: split.kind === 'kfold' ? (fold ?? 0) : null };
}

/** An identifier that carries nothing is said before hours are spent on it. */
function warnOfIdentifiers(identification: Identification): void {
  for (const [input, { source }] of Object.entries(identification.inputs)) {
    if (source === 'column') continue;
    const fault =
      source === 'none'
        ? 'has no source, so every case is trained without it'
        : "is a hash of the case's name and carries no information";
    process.stderr.write(`${colours.yellow('warning')}: the identifier \`${input}\` ${fault}.\n`);
  }
}
