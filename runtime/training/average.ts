import * as tf from '@tensorflow/tfjs';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { perStep } from '../ops/per-step.js';

/**
 * The exponential moving average of a network's weights, running statistics included: after the first step a copy of
 * them, then decay * average + (1 - decay) * weights (as PyTorch's `AveragedModel` with `get_ema_multi_avg_fn`, which
 * leaves buffers out by default).
 */
export class WeightAverage {
  /** By weight id; variables without a name in tfjs's registry. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  private steps = 0;

  constructor(
    private readonly network: TrainableNetwork,
    private readonly decay: number,
  ) {
    this.variables = new Map(
      network.weights.map(({ id, variable }) => [id, tf.variable(tf.zeros(variable.shape), false)]),
    );
  }

  /** Whether it contains weights: after the first step. */
  get hasBegun(): boolean {
    return this.steps > 0;
  }

  /** The factor of the average in its next update, a scalar. */
  get factor(): number {
    return this.steps === 0 ? 0 : this.decay;
  }

  /**
   * Computes the new averages without assigning them.
   * @param values new values of the weights that a step changes
   * @param factor reads `factor` at each run of the computation
   */
  updates(
    values: readonly (readonly [tf.Variable, tf.Tensor])[],
    factor: () => number,
  ): (readonly [tf.Variable, tf.Tensor])[] {
    const changed = new Map(values);
    const kept = perStep({ shape: [], type: 'float32', values: () => Float32Array.of(factor()) });
    const rest = tf.sub(1, kept);
    return this.network.weights.map(({ id, variable }) => {
      const average = this.variables.get(id)!;
      return [average, tf.add(tf.mul(average, kept), tf.mul(changed.get(variable) ?? variable, rest))] as const;
    });
  }

  /** Counts an update, after its values were assigned. */
  advance(): void {
    this.steps++;
  }

  /** Replaces the averages, from a checkpoint. */
  restore(values: ReadonlyMap<string, tf.Tensor>): void {
    for (const [id, variable] of this.variables) variable.assign(values.get(id)!);
    this.steps = 1;
  }

  /** Uses the averages as the network's weights while something runs; the weights are the same bits afterwards. */
  async during<T>(use: () => Promise<T>): Promise<T> {
    if (!this.hasBegun) return use();
    const { weights } = this.network;
    const own = weights.map(({ variable }) => tf.clone(variable));
    try {
      for (const { id, variable } of weights) variable.assign(this.variables.get(id)!);
      return await use();
    } finally {
      weights.forEach(({ variable }, index) => variable.assign(own[index]!));
      tf.dispose(own);
    }
  }

  dispose(): void {
    tf.dispose([...this.variables.values()]);
  }
}
