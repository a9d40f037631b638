/** `npm run bench -- step`: a training step (forward, backward, clip, AdamW) beside PyTorch's. */
import { Command } from 'commander';
import { alternate, ratioOf, type Pair, type Turn } from './harness/alternate.js';
import { assertSame } from './harness/compare.js';
import { engineOption, networksOption, wholeOption } from './harness/options.js';
import { withSides, type Sides } from './harness/prepare.js';
import { batchReply, stepReply } from './harness/replies.js';
import { benchmarkResult, caseLine, caseResult, jsonLine, type CaseResult } from './harness/result.js';
import { peakRss, peerIsMissing, threads, type NamedSide } from './harness/sides.js';
import { makeWorkspace, writeBatch } from './harness/workspace.js';
import { publishedWidth, type BenchmarkNetwork } from './networks.js';

interface Flags {
  readonly networks: readonly BenchmarkNetwork[];
  readonly engine: string;
  readonly size: number;
  readonly width: number;
  readonly pairs: number;
  readonly warmup: number;
}

/** A step's time, and the loss before it. */
interface StepTurn extends Turn {
  readonly loss: number;
}

/** Losses in float32 after some steps from the same weights on the same batch. */
const lossTolerance = 1e-3;
const restMs = 100;

async function oneStep(side: NamedSide): Promise<StepTurn> {
  const { seconds, losses } = await side.ask({ do: 'step', count: 1 }, stepReply);
  return { seconds: seconds[0]!, loss: losses[0]! };
}

function pairLine(name: string, pair: Pair<StepTurn>, index: number, { warmup, pairs }: Flags): string {
  const { ours, peer } = pair;
  const place = index < warmup ? `warm-up ${index + 1} of ${warmup}` : `pair ${index - warmup + 1} of ${pairs}`;
  const times = `ours ${ours.seconds.toPrecision(3)} s, peer ${peer.seconds.toPrecision(3)} s`;
  const losses = `loss ${ours.loss.toFixed(6)} and ${peer.loss.toFixed(6)}`;
  return `${name}  ${place}: ${times}, ratio ${ratioOf(pair).toPrecision(3)}; ${losses}`;
}

async function measure(name: string, { ours, peer, engine }: Sides, batch: string, flags: Flags): Promise<CaseResult> {
  console.log(`${name}  ours: ${engine}; peer: ${peer.name}; ${threads} threads`);
  for (const side of [ours, peer]) await side.ask({ do: 'batch', file: batch }, batchReply);
  const all = await alternate<StepTurn>({
    ours: () => oneStep(ours),
    peer: () => oneStep(peer),
    ...flags,
    restMs,
    onPair: (pair, index) => {
      console.log(pairLine(name, pair, index, flags));
    },
  });
  const losses = (side: 'ours' | 'peer'): number[] => all.map((pair) => pair[side].loss);
  const difference = assertSame(`${name}: the losses`, losses('ours'), losses('peer'), lossTolerance);
  const rss = { ours: await peakRss(ours), peer: await peakRss(peer) };
  const result = caseResult(all.slice(flags.warmup), rss, difference);
  console.log(caseLine(name, result));
  return result;
}

async function step(flags: Flags): Promise<void> {
  const missing = peerIsMissing();
  if (missing !== undefined) {
    console.log(`step is skipped: ${missing}.`);
    console.log(jsonLine({ benchmark: 'step', peer: 'PyTorch', skipped: missing }));
    return;
  }
  const { networks, size, width, pairs } = flags;
  const folder = makeWorkspace();
  const batch = writeBatch(folder, size);
  const cases = new Map<string, CaseResult>();
  let peerName = '';
  let engine = '';
  for (const network of networks) {
    const result = await withSides(folder, network, flags, (sides) => {
      peerName = sides.peer.name;
      engine = sides.engine;
      return measure(network.name, sides, batch, flags);
    });
    cases.set(network.name, result);
  }
  const setting = { size, batch: 1, width, pairs, threads, engine };
  console.log(jsonLine(benchmarkResult({ benchmark: 'step', peer: peerName, setting }, cases, 'dalight3d')));
}

export const stepCommand = (): Command =>
  new Command('step')
    .description('a training step, batch 1, against PyTorch')
    .addOption(networksOption('dalight3d,unet3d'))
    .addOption(engineOption())
    .addOption(wholeOption('--size <voxels>', 'edge of the patch', 64))
    .addOption(wholeOption('--width <channels>', 'channels of the first level', publishedWidth))
    .addOption(wholeOption('--pairs <count>', 'steps of either side that count', 10))
    .addOption(wholeOption('--warmup <count>', 'steps of either side before them', 2))
    .action(step);
