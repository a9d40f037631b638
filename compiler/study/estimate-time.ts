/**
 * How long training steps and predicted windows take on the onnx engine, estimated from what a network computes. The rule
 * is fitted to processor time with one thread as `npm run bench -- time` measures it (other work on the machine is not in
 * it), on one machine: a virtual one, 2 cores of an AMD EPYC with AVX-512, 25 November 2026. Another takes other times.
 */
import { costs } from '../ir/cost.js';
import type { Network } from '../ir/ir.js';

/** What a training step or a window costs, forward; the rule accounts for the way back. */
export interface Work {
  readonly macs: number;
  /** Float32 bytes that a training step keeps from forward to backward. */
  readonly activationBytes: number;
  readonly params: number;
  readonly ops: number;
}

/** Seconds. */
export interface TimeEstimate {
  /** A training step: forward, backward, clip, AdamW. */
  readonly step: number;
  /** A window of a sliding-window prediction, one case. */
  readonly window: number;
  /** The first step of a process: it is recorded and compiled. */
  readonly firstStep: number;
}

/** A rule's seconds for each unit of work, with one thread. */
interface Rule {
  readonly macs: number;
  readonly activationBytes: number;
  readonly params: number;
  readonly ops: number;
}

/** Fitted to 20 measurements: DALight-3D and the four baselines, widths 8 to 24, 16^3 to 64^3; 0.81 to 1.20 of each. */
const stepRule: Rule = { macs: 7.57e-11, activationBytes: 1.61e-9, params: 2.44e-8, ops: 6.2e-5 };
/** The same networks and patches; 0.73 to 1.33 of each. */
const windowRule: Rule = { macs: 3.04e-11, activationBytes: 5.32e-10, params: 2.87e-9, ops: 1.43e-5 };
/** On top of a step, and hardly shorter with more threads; 0.82 to 1.24 of each. */
const recordingRule: Rule = { macs: 1.52e-11, activationBytes: 0, params: 0, ops: 7.02e-3 };

/**
 * Share of the work that more threads do not shorten: by the steps of DALight-3D and the Standard U-Net at 64^3 with two
 * threads on that machine (docs/performance.md), 0.33 and 0.24. For more than two it is an extrapolation.
 */
const serialShare = 0.3;

/** What was measured lies within this factor of the estimate, either way, on the machine it was fitted on. */
export const timeFactor = 1.5;

/** The work at a patch, for a batch of `cases`; `patch` gives the size of each free axis. */
export function workOf(network: Network, patch: ReadonlyMap<string, number>, cases = 1): Work {
  const all = costs(network, patch);
  const sum = (of: (each: (typeof all)[number]) => number): number => all.reduce((total, each) => total + of(each), 0);
  return {
    macs: cases * sum(({ macs }) => macs),
    activationBytes: cases * sum(({ activationBytes }) => activationBytes),
    params: sum(({ params }) => params.total),
    ops: network.ops.length,
  };
}

/** @param threads of the engine, in one process; processes beside each other need cores of their own */
export function estimateTime(work: Work, threads = 1): TimeEstimate {
  const shorter = serialShare + (1 - serialShare) / threads;
  const step = shorter * applyRule(stepRule, work);
  return { step, window: shorter * applyRule(windowRule, work), firstStep: step + applyRule(recordingRule, work) };
}

/** Seconds to predict a volume of so many windows, without reading and scoring it. `work` is that of one window. */
export function estimateVolume(work: Work, windows: number, threads = 1): number {
  return windows * estimateTime(work, threads).window;
}

/** Two digits: `0.14 s`, `3.2 s`, `14 min`, `2.6 h`. */
export function formatSeconds(seconds: number): string {
  const [amount, unit] =
    seconds < 99.5 ? [seconds, 's'] : seconds < 99.5 * 60 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${amount >= 99.5 ? Math.round(amount).toLocaleString('en-US') : Number(amount.toPrecision(2))} ${unit}`;
}

function applyRule(rule: Rule, work: Work): number {
  return (
    rule.macs * work.macs +
    rule.activationBytes * work.activationBytes +
    rule.params * work.params +
    rule.ops * work.ops
  );
}
