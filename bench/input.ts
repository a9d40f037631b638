/**
 * `npm run bench -- input`: the share of time that training waits for data, and images a second, beside the same
 * pipeline without prepared cases and workers, and the loader alone beside PyTorch's DataLoader.
 *
 * - `augmented`: steps with nnU-Net's augmentations beside the same steps without any.
 * - `training`: steps with prepared cases, after a warm-up; the benchmark's own ratio.
 * - `first-epoch`: each case once from an empty folder, all of it counted: start of the worker and preparation.
 * - `pytorch`, `pytorch-prepared`: patches as fast as they come, two workers on either side. The peer reads NIfTI at
 *   each use (as the DALight-3D release does), or maps normalised float32 arrays (as nnU-Net does).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { selectEngine } from '../runtime/engine/engines.js';
import { TorchLoader, hasPyTorch, loadTurn, warmup } from './input/loading.js';
import { patchOrders } from './input/patches.js';
import { type Pipeline, openPipeline, withAugmentation } from './input/pipeline.js';
import { type TrainingTurn, trainTurn } from './input/training.js';

interface Flags {
  readonly engine: string;
  readonly data?: string;
  readonly patch: string;
  readonly steps: string;
  readonly rounds: string;
  readonly workers?: string;
  readonly full: boolean;
  readonly augmented: boolean;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A case of the benchmark: the ratio of our time to the peer's, with the underlying measurements. */
interface Case {
  readonly ratio: Spread;
  /** The ratio of processor time; null where other processes compute. */
  readonly processorRatio: Spread | null;
  /** Null where nothing is computed. */
  readonly waitShare: Spread | null;
  readonly peerWaitShare: Spread | null;
  readonly imagesPerSecond: Spread;
  readonly peerImagesPerSecond: Spread;
}

interface Pair {
  readonly ours: TrainingTurn | number;
  readonly peer: TrainingTurn | number;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? NaN;
  const half = (sorted.length - 1) / 2;
  const median = (at(Math.floor(half)) + at(Math.ceil(half))) / 2;
  const round = (value: number): number => Number(value.toPrecision(4));
  return { median: round(median), min: round(at(0)), max: round(at(sorted.length - 1)) };
}

function seconds(turn: TrainingTurn | number): number {
  return typeof turn === 'number' ? turn : turn.seconds;
}

function shares(turns: readonly (TrainingTurn | number)[]): Spread | null {
  const found = turns.flatMap((turn) => (typeof turn === 'number' ? [] : [turn.waitShare]));
  return found.length === 0 ? null : spread(found);
}

function processorRatio(pairs: readonly Pair[]): Spread | null {
  const ratios = pairs.flatMap(({ ours, peer }) =>
    typeof ours === 'number' || typeof peer === 'number' ? [] : [ours.processorSeconds / peer.processorSeconds],
  );
  return ratios.length === 0 ? null : spread(ratios);
}

function caseOf(pairs: readonly Pair[]): Case {
  const [ours, peer] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.peer)];
  return {
    ratio: spread(pairs.map((pair) => seconds(pair.ours) / seconds(pair.peer))),
    processorRatio: processorRatio(pairs),
    waitShare: shares(ours),
    peerWaitShare: shares(peer),
    imagesPerSecond: spread(ours.map((turn) => 1 / seconds(turn))),
    peerImagesPerSecond: spread(peer.map((turn) => 1 / seconds(turn))),
  };
}

function line(name: string, { ratio, processorRatio, waitShare, imagesPerSecond, peerImagesPerSecond }: Case): string {
  const waits = waitShare === null ? '' : `, waits ${(100 * waitShare.median).toFixed(1)} % of the time`;
  const rates = `${imagesPerSecond.median.toFixed(2)} images/s, peer ${peerImagesPerSecond.median.toFixed(2)}`;
  const processor = processorRatio === null ? '' : `, processor time ${processorRatio.median.toFixed(3)}`;
  return `${name.padEnd(18)} ${ratio.median.toFixed(3)} (${ratio.min.toFixed(3)} to ${ratio.max.toFixed(3)}); ${rates}${waits}${processor}`;
}

/** Ours and the peer by turns, so that other work on the machine meets both. */
async function alternate(rounds: number, ours: () => Promise<Pair['ours']>, peer: () => Promise<Pair['peer']>) {
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round++) pairs.push({ ours: await ours(), peer: await peer() });
  return caseOf(pairs);
}

const bare = { cacheDirectory: null, workers: 0 } as const;

async function trainingCases(pipeline: Pipeline, folder: string, flags: Flags): Promise<Record<string, Case>> {
  const [steps, rounds] = [Number(flags.steps), Number(flags.rounds)];
  const workers = flags.workers === undefined ? {} : { workers: Number(flags.workers) };
  const cold = { steps: pipeline.dataset.cases.length, warmup: 0 };
  const warm = { steps, warmup: 2 };
  // A step of an engine's own warm-up: compiled kernels, memory.
  await trainTurn(pipeline, { cacheDirectory: join(folder, 'warm') }, { steps: 2, warmup: 0 });
  let fresh = 0;
  const firstEpoch = await alternate(
    rounds,
    () => trainTurn(pipeline, { cacheDirectory: join(folder, `cold${fresh++}`), ...workers }, cold),
    () => trainTurn(pipeline, bare, cold),
  );
  const training = await alternate(
    rounds,
    () => trainTurn(pipeline, { cacheDirectory: join(folder, 'cold0'), ...workers }, warm),
    () => trainTurn(pipeline, bare, { steps: Math.ceil(steps / 4), warmup: 1 }),
  );
  return { training, 'first-epoch': firstEpoch };
}

/** Both sides take turns of the same steps, with prepared cases. */
async function augmentedCase(pipeline: Pipeline, folder: string, flags: Flags): Promise<Record<string, Case>> {
  const [steps, rounds] = [Number(flags.steps), Number(flags.rounds)];
  const change = {
    cacheDirectory: join(folder, 'cold0'),
    ...(flags.workers === undefined ? {} : { workers: Number(flags.workers) }),
  };
  const plain = withAugmentation(pipeline, []);
  const augmented = withAugmentation(pipeline, [{ kind: 'nnunet' }]);
  const warm = { steps, warmup: 4 };
  await trainTurn(plain, change, { steps: pipeline.dataset.cases.length, warmup: 0 });
  return {
    augmented: await alternate(
      rounds,
      () => trainTurn(augmented, change, warm),
      () => trainTurn(plain, change, warm),
    ),
  };
}

async function torchCases(pipeline: Pipeline, folder: string, flags: Flags): Promise<Record<string, Case>> {
  const [steps, rounds] = [Number(flags.steps), Number(flags.rounds)];
  const cache = join(folder, 'cold0');
  const orders = await patchOrders(pipeline, cache, warmup + steps);
  const torch = await TorchLoader.start();
  try {
    const ours = (): Promise<number> => loadTurn(pipeline, cache, steps);
    const prepared = mkdtempSync(join(folder, 'npy-'));
    await torch.turn(orders, prepared);
    return {
      pytorch: await alternate(rounds, ours, () => torch.turn(orders.slice(0, warmup + Math.ceil(steps / 4)), null)),
      'pytorch-prepared': await alternate(rounds, ours, () => torch.turn(orders, prepared)),
    };
  } finally {
    await torch.close();
  }
}

async function run(flags: Flags): Promise<void> {
  const engine = await selectEngine(flags.engine);
  const folder = mkdtempSync(join(tmpdir(), 'unet-bench-input-'));
  try {
    const pipeline = await openPipeline({ patch: Number(flags.patch), data: flags.data, full: flags.full }, folder);
    const network = flags.full ? 'DALight-3D' : 'narrow DALight-3D';
    console.log(`${engine.description}; ${network}, ${flags.patch}^3, ${pipeline.dataset.name}`);
    if (flags.augmented) {
      const { augmented } = await augmentedCase(pipeline, folder, flags);
      console.log(line('augmented', augmented!));
      const peer = 'the same steps without augmentation';
      console.log(JSON.stringify({ benchmark: 'input', peer, ratio: augmented!.ratio, cases: { augmented } }));
      return;
    }
    const cases = await trainingCases(pipeline, folder, flags);
    if (hasPyTorch()) Object.assign(cases, await torchCases(pipeline, folder, flags));
    else console.log('pytorch is skipped: python3 has no torch, nibabel and numpy');
    for (const [name, each] of Object.entries(cases)) console.log(line(name, each));
    const peer = 'the same pipeline without prepared cases and workers';
    console.log(JSON.stringify({ benchmark: 'input', peer, ratio: cases['training']?.ratio, cases }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const inputCommand = (): Command =>
  new Command('input')
    .description('the input pipeline: waiting for data, and images a second, against none and against PyTorch')
    .option('--engine <name>', 'engine that trains', 'auto')
    .option('--data <dir>', 'data set; default ../shared/data, else phantoms')
    .option('--patch <voxels>', 'edge of the patch', '32')
    .option('--steps <count>', 'steps a turn', '28')
    .option('--rounds <count>', 'turns of either side', '3')
    .option('--workers <count>', 'worker threads of our loader while training; default as in `unet train`')
    .option('--full', 'DALight-3D at its published width', false)
    .option('--augmented', "only: steps with nnU-Net's augmentations against the same steps without", false)
    .action(run);

/** Runs the benchmark with its own flags. */
export async function main(args: readonly string[]): Promise<void> {
  await inputCommand().parseAsync([...args], { from: 'user' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
