import { resolve } from 'node:path';
import type { Protocol } from '../../runtime/protocol.js';
import { parseProtocol } from '../../runtime/protocol.js';
import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { identifyCases } from '../../runtime/data/identify.js';
import { createLoader } from '../../runtime/data/loader.js';
import { matchInputs } from '../../runtime/data/match.js';
import { foldCount, splitCases } from '../../runtime/data/split.js';
import type { Dataset, Identification } from '../../runtime/data/types.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { lockRun, type RunLock } from '../../runtime/run/lock.js';
import { importModule, loadModule } from '../../runtime/run/load-module.js';
import { createRun, openRun, setStatus, type Run } from '../../runtime/run/run-folder.js';
import { train as runTraining } from '../../runtime/training/train.js';
import { compileRun } from '../compile-run.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import { legalPatch } from '../patch.js';
import { selectProtocol } from '../protocol.js';
import { buildNetwork } from '../session.js';
import { compileSpec } from '../spec.js';
import { trainingDisplay } from '../training-display.js';
import { validator } from '../validate.js';

export interface TrainFlags {
  readonly data: string;
  readonly run: string;
  readonly model?: string;
  readonly set: string[];
  readonly protocol?: string;
  readonly fold?: number;
  readonly validation?: string;
  readonly patch?: number[];
  readonly steps?: number;
  readonly lr?: number;
  readonly seed: number;
  readonly engine: string;
  readonly resume?: boolean;
}

/** `unet train FILE --data DIR --run DIR`: a new run, or with `--resume` the rest of one. Ctrl-C leaves it resumable. */
export async function train(file: string, flags: TrainFlags): Promise<void> {
  const dataset = await openDataset(flags.data);
  const { run, lock } = flags.resume === true ? await reopen(flags) : await create(file, flags, dataset);
  try {
    const status = await trainRun(run, dataset, flags);
    if (status === 'interrupted') throw new Finished(exitCodes.interrupted);
  } finally {
    lock.release();
  }
}

/** Flags that would change a run's data or network; `--resume` takes them from the run. */
const sealedFlags = ['protocol', 'fold', 'validation', 'patch', 'steps', 'lr'] as const;

async function reopen(flags: TrainFlags): Promise<{ run: Run; lock: RunLock }> {
  const given = sealedFlags.find((flag) => flags[flag] !== undefined) ?? (flags.set.length > 0 ? 'set' : undefined);
  if (given !== undefined) {
    throw new UsageError(`--resume goes on with the run as it was made, so --${given} cannot be given with it.`);
  }
  const run = await openRun(flags.run);
  return { run, lock: await lockRun(run.directory) };
}

async function create(file: string, flags: TrainFlags, dataset: Dataset): Promise<{ run: Run; lock: RunLock }> {
  const compiled = compileSpec(file, flags);
  const { network } = compiled;
  const written = selectProtocol(compiled.program, flags.protocol);
  const patch = legalPatch(compiled, flags.patch ?? fittingPatch(written.patch.size, network.inputs));
  const protocol = parseProtocol(withFlags(written, patch, flags), `protocol ${written.name}`);
  const folds = foldCount(protocol.split);
  if (flags.fold !== undefined && flags.fold >= folds) {
    throw new UsageError(`There is no fold ${flags.fold}: the split has ${folds} (0 .. ${folds - 1}).`);
  }
  const fold = flags.fold ?? 0;
  const split = splitCases(
    dataset.cases.map((each) => each.id),
    protocol.split,
    fold,
  );
  const texts = compileRun(compiled);
  const module = await importModule(texts.moduleJs);
  matchInputs(dataset, module.description);
  const identification = identifyCases(dataset, module.description, protocol.identify);
  warnOfIdentifiers(identification);
  const engine = await selectEngine(flags.engine);
  return createRun(flags.run, {
    info: {
      model: network.name,
      spec: file,
      knobs: network.knobs.map((knob) => ({ ...knob })),
      seed: flags.seed,
      fold: protocol.split.kind === 'kfold' ? fold : null,
      patch,
      engine: engine.name,
      data: { name: dataset.name, directory: resolve(flags.data) },
      identifiers: Object.fromEntries(
        Object.entries(identification.inputs).map(([input, { source, names }]) => [
          input,
          { source, names: [...names] },
        ]),
      ),
    },
    ...texts,
    protocol,
    split,
  });
}

/** A protocol's patch on a network of fewer axes (a 2-D one): its last sizes. */
function fittingPatch(
  size: readonly number[],
  inputs: readonly { kind: string; axes?: readonly unknown[] }[],
): readonly number[] {
  const axes = inputs.find((input) => input.kind === 'image')?.axes?.length ?? size.length;
  return size.length > axes ? size.slice(size.length - axes) : size;
}

function withFlags(protocol: Protocol, patch: readonly number[], flags: TrainFlags): object {
  return {
    ...protocol,
    patch: { ...protocol.patch, size: patch },
    ...(flags.validation === undefined
      ? {}
      : { split: { kind: 'cases', train: [], validation: flags.validation.split(',') } }),
    ...(flags.steps === undefined ? {} : { length: { kind: 'steps', steps: flags.steps } }),
    ...(flags.lr === undefined ? {} : { optimizer: { ...protocol.optimizer, lr: flags.lr } }),
  };
}

/** An identifier that carries nothing is said before hours are spent on it. */
function warnOfIdentifiers(identification: Identification): void {
  for (const [input, values] of Object.entries(identification.inputs)) {
    if (values.source === 'none') {
      process.stderr.write(
        `warning: the identifier \`${input}\` has no source, so every case is trained without it.\n`,
      );
    } else if (values.source === 'hash_case') {
      process.stderr.write(
        `warning: the identifier \`${input}\` is a hash of the case's name and carries no information.\n`,
      );
    }
  }
}

/** Trains a run to its end or to Ctrl-C. */
export async function trainRun(
  run: Run,
  dataset: Dataset,
  flags: Pick<TrainFlags, 'engine' | 'resume'>,
): Promise<'done' | 'interrupted'> {
  const engine = await selectEngine(flags.engine === 'auto' ? run.info.engine : flags.engine);
  if (engine.name !== run.info.engine) {
    process.stderr.write(
      `warning: the run was begun on ${run.info.engine}; on ${engine.name} it goes on, but not bit by bit.\n`,
    );
  }
  const module = await loadModule(run);
  const network = buildNetwork(module, run.info.seed);
  const known = Object.fromEntries(Object.entries(run.info.identifiers).map(([input, { names }]) => [input, names]));
  const matching = matchInputs(dataset, module.description);
  const identification = identifyCases(dataset, module.description, run.protocol.identify, known);
  const loader = await createLoader({
    dataset,
    description: module.description,
    matching,
    protocol: run.protocol,
    seed: run.info.seed,
    cases: run.split.train,
    identification,
  });
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const display = trainingDisplay(run, engine);
  try {
    const running = await setStatus(run, 'running');
    const validate = validator({
      run,
      network,
      dataset,
      matching,
      identification,
      cacheDirectory: defaultCacheDirectory(),
    });
    const outcome = await runTraining({
      network,
      protocol: run.protocol,
      loader,
      seed: run.info.seed,
      directory: run.directory,
      resume: flags.resume === true,
      ...(run.split.validation.length > 0 ? { validate } : {}),
      onEvent: (event) => display.show(event),
      signal: controller.signal,
    });
    await setStatus(running, outcome.status);
    return outcome.status;
  } finally {
    display.stop();
    process.removeListener('SIGINT', interrupt).removeListener('SIGTERM', interrupt);
    await loader.close();
  }
}
