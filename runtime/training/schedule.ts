import type { Protocol } from '../../contract/protocol.js';

/** The parts of a protocol that determine the learning rate. */
export type RateProtocol = Pick<Protocol, 'optimizer' | 'schedule' | 'warmup'>;

/**
 * The learning rate of a step, according to the protocol's warm-up and schedule. It changes with every step, also where
 * the peers change theirs once an epoch.
 * - `warmup: linear(n, from: f)`: lr * (f + (1 - f) * step / n) for the first n steps (PyTorch's LinearLR); the schedule
 *   follows, over the remaining steps.
 * - `constant`: the optimiser's rate.
 * - `cosine`: to + (lr - to) * (1 + cos(pi * step / total)) / 2 (Loshchilov & Hutter 2017, without restarts).
 * - `poly`: lr * (1 - step / total) ^ power.
 * - `step(n, by: f)`: lr * f ^ (number of completed groups of n epochs) (StepLR); `multistep(at: [...], by: f)`: lr * f ^
 *   (number of the given epochs that are completed) (MultiStepLR).
 * - `restarts(n, factor: m, to: t)`: the cosine over a cycle of n epochs, then over one of n * m, and so on.
 *
 * @param step number of completed steps, 0 .. total - 1
 * @param total number of steps of the whole training
 * @param stepsPerEpoch number of steps of an epoch
 */
export function learningRate(protocol: RateProtocol, step: number, total: number, stepsPerEpoch: number): number {
  const { optimizer, warmup } = protocol;
  if (warmup === null) return scheduled(protocol, step, total, stepsPerEpoch);
  const { steps, from } = warmup;
  if (step < steps) return optimizer.lr * (from + (1 - from) * (step / steps));
  return scheduled(protocol, step - steps, total - steps, stepsPerEpoch);
}

function scheduled({ optimizer: { lr }, schedule }: RateProtocol, step: number, total: number, epoch: number): number {
  const done = Math.min(1, step / total);
  switch (schedule.kind) {
    case 'constant':
      return lr;
    case 'cosine':
      return cosine(lr, schedule.to, done);
    case 'poly':
      return lr * (1 - done) ** schedule.power;
    case 'step':
      return lr * schedule.by ** Math.floor(step / (epoch * schedule.every));
    case 'multistep':
      return lr * schedule.by ** schedule.at.filter((each) => step >= each * epoch).length;
    case 'restarts':
      return cosine(lr, schedule.to, partOfCycle(step, schedule.first * epoch, schedule.factor));
  }
}

function cosine(from: number, to: number, part: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;
}

/** The part of the current cycle that is done, in [0, 1). */
function partOfCycle(step: number, first: number, factor: number): number {
  let [start, length] = [0, first];
  while (step >= start + length) {
    start += length;
    length *= factor;
  }
  return (step - start) / length;
}
