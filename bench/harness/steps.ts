/** Alternated training steps of two sides that hold the same network. */
import { alternate, ratioOf, type Pair, type Turn } from './alternate.js';
import { assertSame } from './compare.js';
import type { Sides } from './prepare.js';
import { batchReply, stepReply } from './replies.js';
import { caseLine, caseResult, type CaseResult } from './result.js';
import { peakRss, threads, type NamedSide } from './sides.js';

/** A step's time, and the loss before it. */
interface StepTurn extends Turn {
  readonly loss: number;
}

export interface StepCounts {
  readonly pairs: number;
  readonly warmup: number;
}

/** Losses in float32 after some steps from the same weights on the same batch. */
const lossTolerance = 1e-3;
const restMs = 100;

async function oneStep(side: NamedSide): Promise<StepTurn> {
  const { seconds, losses } = await side.ask({ do: 'step', count: 1 }, stepReply);
  return { seconds: seconds[0]!, loss: losses[0]! };
}

function pairLine(name: string, pair: Pair<StepTurn>, index: number, { warmup, pairs }: StepCounts): string {
  const { ours, peer } = pair;
  const place = index < warmup ? `warm-up ${index + 1} of ${warmup}` : `pair ${index - warmup + 1} of ${pairs}`;
  const times = `ours ${ours.seconds.toPrecision(3)} s, peer ${peer.seconds.toPrecision(3)} s`;
  const losses = `loss ${ours.loss.toFixed(6)} and ${peer.loss.toFixed(6)}`;
  return `${name}  ${place}: ${times}, ratio ${ratioOf(pair).toPrecision(3)}; ${losses}`;
}

/**
 * Times steps on one batch and tells each pair.
 * @param name of the case
 * @param batch file from `writeBatch`
 * @throws Error where the losses are not the same
 */
export async function measureSteps(
  name: string,
  { ours, peer, engine }: Sides,
  batch: string,
  counts: StepCounts,
): Promise<CaseResult> {
  console.log(`${name}  ours: ${engine}; peer: ${peer.name}; ${threads} threads`);
  for (const side of [ours, peer]) await side.ask({ do: 'batch', file: batch }, batchReply);
  const all = await alternate<StepTurn>({
    ours: () => oneStep(ours),
    peer: () => oneStep(peer),
    pairs: counts.pairs,
    warmup: counts.warmup,
    restMs,
    onPair: (pair, index) => {
      console.log(pairLine(name, pair, index, counts));
    },
  });
  const losses = (side: 'ours' | 'peer'): number[] => all.map((pair) => pair[side].loss);
  const difference = assertSame(`${name}: the losses`, losses('ours'), losses('peer'), lossTolerance);
  const rss = { ours: await peakRss(ours), peer: await peakRss(peer) };
  const result = caseResult(all.slice(counts.warmup), rss, difference);
  console.log(caseLine(name, result));
  return result;
}
