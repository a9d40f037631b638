/**
 * Estimates how long training steps and predicted windows take on the onnx engine from the network's computation. The
 * rule is fitted to processor time with one thread as measured by `npm run bench -- time` (excluding other work on the
 * machine), on one virtual machine: 2 cores of an AMD EPYC with AVX-512, 25 November 2026. Times on other machines
 * differ.
 */
import { costs } from '../ir/cost.js';
import type { Network } from '../ir/ir.js';

/** The forward cost of a training step or a window; the rule accounts for the backward pass. */
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

/** Seconds per unit of work, with one thread. */
interface Rule {
  readonly macs: number;
  readonly activationBytes: number;
  readonly params: number;
  readonly ops: number;
}

/**
 * Fitted to 20 measurements: DALight-3D and the four baselines, widths 8 to 24, 16^3 to 64^3; estimates are 0.81 to
 * 1.20 of the measurements.
 */
const stepRule: Rule = { macs: 7.57e-11, activationBytes: 1.61e-9, params: 2.44e-8, ops: 6.2e-5 };
/** The same networks and patches; 0.73 to 1.33 of the measurements. */
const windowRule: Rule = { macs: 3.04e-11, activationBytes: 5.32e-10, params: 2.87e-9, ops: 1.43e-5 };
/** In addition to a step; additional threads hardly shorten it; 0.82 to 1.24 of the measurements. */
const recordingRule: Rule = { macs: 1.52e-11, activationBytes: 0, params: 0, ops: 7.02e-3 };

/**
 * The fraction of the work that additional threads do not shorten. From steps of DALight-3D and the Standard U-Net at
 * 64^3 with two threads on that machine (docs/performance.md): 0.33 and 0.24. For more than two threads it is an
 * extrapolation.
 */
const serialShare = 0.3;

/** Measurements on the machine it was fitted on are within this factor of the estimate, in both directions. */
export const timeFactor = 1.5;

/** The work at a patch, for a batch of `cases`; `patch` specifies the size of each free axis. */
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

/** @param threads of the engine in one process; parallel processes need cores of their own */
export function estimateTime(work: Work, threads = 1): TimeEstimate {
  const shorter = serialShare + (1 - serialShare) / threads;
  const step = shorter * applyRule(stepRule, work);
  return { step, window: shorter * applyRule(windowRule, work), firstStep: step + applyRule(recordingRule, work) };
}

/** Seconds to predict a volume of N windows, without reading and scoring it. `work` is that of one window. */
export function estimateVolume(work: Work, windows: number, threads = 1): number {
  return windows * estimateTime(work, threads).window;
}

/** Formats with two digits: `0.14 s`, `3.2 s`, `14 min`, `2.6 h`. */
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
