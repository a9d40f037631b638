import { costs } from '../ir/cost.js';
import type { Network } from '../ir/ir.js';

export interface Work {
  readonly macs: number;
  readonly activationBytes: number;
  readonly params: number;
  readonly ops: number;
}

export function workOf(network: Network, patch: ReadonlyMap<string, number>): Work {
  const all = costs(network, patch);
  const sum = (of: (each: (typeof all)[number]) => number): number => all.reduce((total, each) => total + of(each), 0);
  return {
    macs: sum(({ macs }) => macs),
    activationBytes: sum((each) => each.activationBytes),
    params: sum(({ params }) => params.trainable),
    ops: network.ops.length,
  };
}

export function estimateTime(work: Work): { step: number; window: number; firstStep: number } {
  return { step: work.macs / 1e10, window: 1, firstStep: 1 };
}
