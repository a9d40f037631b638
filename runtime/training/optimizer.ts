import * as tf from '@tensorflow/tfjs';
import type { Protocol } from '../protocol.js';
import { adamWMove, movingMean, squareSum } from './adamw-kernels.js';

/** A trainable tensor under its stable id. */
export interface Parameter {
  readonly id: string;
  readonly variable: tf.Variable;
}

/** What the optimiser knows of one parameter. */
export interface Moments {
  /** Running means of the gradient and of its square, in the parameter's shape. */
  readonly first: tf.Variable;
  readonly second: tf.Variable;
  /** How often it was updated: the exponent of the bias corrections. */
  steps: number;
}

/**
 * AdamW (Loshchilov & Hutter 2019) as torch.optim.AdamW computes it: p -= lr * decay * p; then
 * m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon),
 * t counted for each parameter. A parameter without a gradient in a step is left alone: not updated, not decayed, not
 * counted.
 */
export interface AdamW {
  /** Moments by parameter id, made at a parameter's first update. */
  readonly moments: ReadonlyMap<string, Moments>;
  /**
   * One update.
   * @param gradients by parameter id, in the parameters' shapes; ids left out have no gradient
   * @param scale every gradient is multiplied by it first (the clip's factor); a scalar
   */
  apply(
    parameters: readonly Parameter[],
    gradients: ReadonlyMap<string, tf.Tensor>,
    lr: number,
    scale: tf.Tensor,
  ): void;
  /** Replaces all moments, from a checkpoint. */
  restore(moments: ReadonlyMap<string, { first: tf.Tensor; second: tf.Tensor; steps: number }>): void;
  dispose(): void;
}

type Options = Pick<Protocol['optimizer'], 'beta1' | 'beta2' | 'epsilon' | 'weightDecay'>;

/** Variables without a name of their own in tfjs's registry: ids may be used by several models at once. */
function unnamed(value: tf.Tensor): tf.Variable {
  return tf.variable(value, false);
}

function momentsOf(moments: Map<string, Moments>, { id, variable }: Parameter): Moments {
  const known = moments.get(id);
  if (known !== undefined) return known;
  const made = tf.tidy(() => ({
    first: unnamed(tf.zeros(variable.shape)),
    second: unnamed(tf.zeros(variable.shape)),
    steps: 0,
  }));
  moments.set(id, made);
  return made;
}

function ratesOf(steps: number, lr: number, { beta1, beta2, weightDecay }: Options): tf.Tensor {
  return tf.tensor1d([1 - lr * weightDecay, lr / (1 - beta1 ** steps), 1 / Math.sqrt(1 - beta2 ** steps)]);
}

function update(
  parameter: tf.Variable,
  state: Moments,
  gradient: tf.Tensor,
  scale: tf.Tensor,
  lr: number,
  options: Options,
): void {
  state.steps++;
  state.first.assign(movingMean(state.first, gradient, scale, options.beta1, false));
  state.second.assign(movingMean(state.second, gradient, scale, options.beta2, true));
  const rates = ratesOf(state.steps, lr, options);
  parameter.assign(adamWMove(parameter, state.first, state.second, rates, options.epsilon));
}

export function adamW(options: Options): AdamW {
  const moments = new Map<string, Moments>();
  const dispose = (): void => {
    for (const { first, second } of moments.values()) tf.dispose([first, second]);
    moments.clear();
  };
  return {
    moments,
    dispose,
    apply(parameters, gradients, lr, scale) {
      for (const parameter of parameters) {
        const gradient = gradients.get(parameter.id);
        if (gradient === undefined) continue;
        const state = momentsOf(moments, parameter);
        tf.tidy(() => update(parameter.variable, state, gradient, scale, lr, options));
      }
    },
    restore(saved) {
      dispose();
      for (const [id, { first, second, steps }] of saved) {
        moments.set(id, { first: unnamed(first), second: unnamed(second), steps });
      }
    },
  };
}

/** The norm of all gradients taken together, sqrt(sum of squares); a scalar. */
export function globalNorm(gradients: Iterable<tf.Tensor>): tf.Tensor {
  return tf.tidy(() => {
    const squares = [...gradients].map(squareSum);
    return squares.length === 0 ? tf.scalar(0) : tf.sqrt(tf.addN(squares));
  });
}

/** The factor that brings gradients of that norm to at most `clipNorm`, as torch's clip_grad_norm_; 1 for null. */
export function clipFactor(norm: tf.Tensor, clipNorm: number | null): tf.Tensor {
  if (clipNorm === null) return tf.scalar(1);
  return tf.tidy(() => tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1));
}
