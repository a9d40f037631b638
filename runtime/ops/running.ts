/**
 * Running statistics: variables that a forward pass in training moves towards what it measured, without a gradient. By
 * default they move at once, as `model.fit` of tfjs expects; a training step collects the movements and assigns the new
 * values together with those of the weights.
 */
import * as tf from '@tensorflow/tfjs';

/** A step of each variable towards a row of `measured`: the new value is (1 - momentum) old + momentum measured. */
export interface Movement {
  readonly variables: readonly tf.Variable[];
  /** `[variables, ...shape]`; kept, to be disposed of by whoever collected it. */
  readonly measured: tf.Tensor;
  readonly momentum: number;
}

type Collector = Movement[] | 'none' | 'at once';

let collector: Collector = 'at once';

/** Moves variables towards the rows of a tensor, which is computed only if they are moved. */
export function moveTowards(variables: readonly tf.Variable[], measure: () => tf.Tensor, momentum: number): void {
  if (collector === 'none') return;
  if (collector !== 'at once') {
    collector.push({ variables, measured: tf.keep(measure()), momentum });
    return;
  }
  tf.tidy(() => {
    for (const [variable, value] of movedValues([{ variables, measured: measure(), momentum }])) variable.assign(value);
  });
}

/** Variables that never move: the statistics of frozen batch norms. */
const held = new WeakSet<tf.Variable>();

/** Keeps a running statistic as it is from now on; its layer then uses it in training, too. */
export function holdStatistic(variable: tf.Variable): void {
  held.add(variable);
}

/** Whether `holdStatistic` was called for it. */
export function isHeld(variable: tf.Variable): boolean {
  return held.has(variable);
}

/** Runs a forward pass whose movements are added to `movements`, or dropped if it is undefined. */
export function collectingMovements<T>(movements: Movement[] | undefined, pass: () => T): T {
  const before = collector;
  collector = movements ?? 'none';
  try {
    return pass();
  } finally {
    collector = before;
  }
}

/** The new values of all variables that moved; one that moved twice, in a shared layer, moves from its new value. */
export function movedValues(movements: readonly Movement[]): (readonly [tf.Variable, tf.Tensor])[] {
  const values = new Map<tf.Variable, tf.Tensor>();
  for (const { variables, measured, momentum } of movements) {
    for (const [row, variable] of variables.entries()) {
      const towards = tf.slice(measured, [row], [1]).reshape(variable.shape);
      const from = values.get(variable) ?? variable;
      values.set(variable, tf.add(tf.mul(from, 1 - momentum), tf.mul(towards, momentum)));
    }
  }
  return [...values];
}
