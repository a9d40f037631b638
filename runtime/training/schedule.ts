import type { Protocol } from '../../contract/protocol.js';

/**
 * The learning rate of a step, according to the protocol's schedule.
 * @param step number of completed steps, 0 .. total - 1
 * @param total number of steps of the whole training
 * @returns `constant`: the optimiser's rate; `cosine`: to + (lr - to) * (1 + cos(pi * step / total)) / 2 (Loshchilov &
 * Hutter 2017, without restarts); `poly`: lr * (1 - step / total) ^ power
 */
export function learningRate(protocol: Pick<Protocol, 'optimizer' | 'schedule'>, step: number, total: number): number {
  const { lr } = protocol.optimizer;
  const { schedule } = protocol;
  const done = Math.min(1, step / total);
  switch (schedule.kind) {
    case 'constant':
      return lr;
    case 'cosine':
      return schedule.to + ((lr - schedule.to) * (1 + Math.cos(Math.PI * done))) / 2;
    case 'poly':
      return lr * (1 - done) ** schedule.power;
  }
}
