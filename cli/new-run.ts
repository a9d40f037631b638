import { defaultCacheDirectory } from '../runtime/data/cache.js';
import { headerCautions } from '../runtime/data/cautions/cautions.js';
import { trainingSubject, type TrainingPlan, type TrainingSubject } from '../runtime/data/cautions/training-subject.js';
import { identifyCases } from '../runtime/data/identify.js';
import { checkLabelledCases, checkTrainingCases } from '../runtime/data/loader.js';
import { spacingText } from '../runtime/data/grid.js';
import { matchInputs } from '../runtime/data/match.js';
import { measureTraining, needsMeasuring, type MeasuredTraining } from '../runtime/data/measure-training.js';
import { gridOfProtocol, type Measured } from '../runtime/data/preparation.js';
import { foldCount, foldOf, splitDataset } from '../runtime/data/split.js';
import type { Dataset, Split } from '../runtime/data/types.js';
import { requireFittingLoss } from '../runtime/losses/require-fitting-loss.js';
import { refuseOwnedFolder } from '../runtime/files/output.js';
import type { Protocol } from '../contract/protocol.js';
import { parseProtocol } from '../runtime/protocol/protocol-schema.js';
import type { RunLock } from '../runtime/run/lock.js';
import { createRun, type Run } from '../runtime/run/run-folder.js';
import { applyCautions, type AllowanceFlags } from './cautions.js';
import { startEngine, type EngineFlags } from './engine.js';
import { UsageError } from './exit.js';
import { batchNormCautions } from './batch-norm.js';
import { warnOfMemory } from './memory.js';
import { legalPatch } from './patch.js';
import { progressBar } from './progress.js';
import { selectProtocol } from './protocol.js';
import { moduleOf } from './run-network.js';
import { tell } from './terminal.js';
import { compileSpec, readPlace, type CompiledSpec } from './spec.js';

/** The flags of `unet train` that define a new run. */
export interface NewRunFlags extends EngineFlags, Pick<AllowanceFlags, 'allowSharedLabels'> {
  readonly data: string;
  readonly output: string;
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

/** The default random seed of a run. */
const usualSeed = 1;

/**
 * Creates a run folder for a spec and a data set. Everything that headers and names reveal is checked first, so that an error
 * leaves no folder behind.
 * @returns the run, and its lock, which the caller releases
 */
export async function newRun(file: string, flags: NewRunFlags, dataset: Dataset): Promise<{ run: Run; lock: RunLock }> {
  await refuseOwnedFolder(flags.output);
  const compiled = compileSpec(file, flags);
  const { network } = compiled;
  const protocol = protocolOf(compiled, flags, dataset);
  const { split, fold } = await splitOf(protocol, flags.fold, dataset);
  const { description } = await moduleOf(network);
  requireFittingLoss(protocol, description);
  matchInputs(dataset, description);
  identifyCases(dataset, description, protocol.identify);
  const measured = await measure({ dataset, description, protocol, train: split.train });
  const grid = gridOfProtocol(protocol, measured);
  await checkTrainingCases({ dataset, description, protocol: { ...protocol, ...grid }, cases: split.train });
  await checkLabelledCases(dataset, split.validation, grid);
  const subject = await readSubject({ dataset, description, protocol, split });
  const cautions = applyCautions([...(await headerCautions(subject)), ...batchNormCautions(network, protocol)], flags);
  const engine = await startEngine(flags);
  // Imported late: loading the TypeScript compiler takes longer than all checks together.
  const { compileRun } = await import('./compile-run.js');
  const { graph, texts } = compileRun(compiled);
  const made = await createRun(flags.output, {
    info: {
      model: network.name,
      spec: readPlace(file).path,
      knobs: network.knobs.map((knob) => ({ ...knob })),
      graph,
      seed: flags.seed ?? usualSeed,
      fold,
      patch: [...protocol.patch.size],
      engine: engine.name,
      data: { ...subject.trainedOn, ...(measured && { measured }) },
      identifiers: subject.identifiers,
      cautions,
    },
    ...texts,
    protocol,
    split,
  });
  warnOfMemory(network, protocol.patch.size, engine.name, protocol.batch);
  return made;
}

/** Selects the protocol from the spec and flags, with its patch adapted to the network. */
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

/** Splits the cases: the named ones are held out, the other labelled ones are used for training. */
function holdOut(dataset: Dataset, validation: readonly string[]): Protocol['split'] {
  const train = dataset.cases.map(({ id }) => id).filter((id) => !validation.includes(id));
  return { kind: 'cases', train, validation: [...new Set(validation)] };
}

/** Returns the patch of a protocol for a network with fewer axes (2-D): its last sizes. */
function fittingPatch(size: readonly number[], { network }: CompiledSpec): readonly number[] {
  const image = network.inputs.find((input) => input.kind === 'image');
  return size.slice(-(image?.axes.length ?? size.length));
}

async function splitOf(
  { split }: Protocol,
  fold: number | undefined,
  dataset: Dataset,
): Promise<{ split: Split; fold: number | null }> {
  const folds = foldCount(split);
  if (fold !== undefined && fold >= folds) {
    throw new UsageError(`Fold ${fold} does not exist: the split has ${folds} folds (0 to ${folds - 1}).`);
  }
  const found = foldOf(await splitDataset(dataset, split), fold ?? 0);
  return { split: found, fold: split.kind === 'cases' ? null : (fold ?? 0) };
}

/** Measures what the protocol takes from the training cases, whose headers are checked first, and shows it. */
async function measure(training: MeasuredTraining): Promise<Measured | undefined> {
  if (!needsMeasuring(training)) return undefined;
  const { dataset, protocol, train } = training;
  await checkLabelledCases(dataset, train, { ...protocol, spacing: { kind: 'as_stored' } });
  const bar = progressBar('measuring data');
  try {
    const measured = await measureTraining(training, defaultCacheDirectory(), (...done) => bar.update(...done));
    for (const line of measuredLines(measured)) tell(`${line}\n`);
    return measured;
  } finally {
    bar.stop();
  }
}

function measuredLines({ spacing, intensities }: Measured): string[] {
  return [
    ...(spacing === null ? [] : [`Spacing: ${spacingText(spacing)} mm, the median of the training cases.`]),
    ...intensities.map(
      ({ channel, low, high, mean, deviation }) =>
        `Foreground of ${channel}: ${formatted(low)} to ${formatted(high)}, mean ${formatted(mean)}, standard deviation ${formatted(deviation)}.`,
    ),
  ];
}

function formatted(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}

/** Shows the progress, because reading a large data set for the first time takes a while. */
async function readSubject(plan: TrainingPlan): Promise<TrainingSubject> {
  const bar = progressBar('reading data');
  try {
    return await trainingSubject(plan, defaultCacheDirectory(), (done, of, id) => bar.update(done, of, id));
  } finally {
    bar.stop();
  }
}
