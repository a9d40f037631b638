import type { Parameter } from '../network/parameter.js';
import * as tf from '@tensorflow/tfjs';
import { forgetComputations } from '../engine/computation.js';
import type { Protocol } from '../../contract/protocol.js';
import { adamWUpdate } from './adamw-kernels.js';

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
  /** Moments by id of the parameters that were updated. */
  readonly moments: ReadonlyMap<string, Moments>;
  /** What the next update of each parameter is computed with, `[parameters, 3]`: see `adamWMove`. */
  rates(parameters: readonly Parameter[], lr: number): Float32Array;
  /**
   * The values that an update gives to parameters and moments; nothing is assigned.
   * @param gradients in the parameters' order and shapes
   * @param scale every gradient is multiplied by it first (the clip's factor); a scalar
   * @param rates `rates(parameters, lr)` as a tensor
   */
  updates(
    parameters: readonly Parameter[],
    gradients: readonly tf.Tensor[],
    scale: tf.Tensor,
    rates: tf.Tensor,
  ): (readonly [tf.Variable, tf.Tensor])[];
  /** Counts an update of these parameters, once its values are assigned. */
  advance(parameters: readonly Parameter[]): void;
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

function ratesOf(steps: number, lr: number, { beta1, beta2, weightDecay }: Options): number[] {
  return [1 - lr * weightDecay, lr / (1 - beta1 ** steps), 1 / Math.sqrt(1 - beta2 ** steps)];
}

export function adamW(options: Options): AdamW {
  const moments = new Map<string, Moments>();
  const forgetMoments = (): void => {
    for (const { first, second } of moments.values()) tf.dispose([first, second]);
    moments.clear();
  };
  const optimizer: AdamW = {
    get moments() {
      return new Map([...moments].filter(([, { steps }]) => steps > 0));
    },
    dispose: () => {
      forgetComputations(optimizer);
      forgetMoments();
    },
    rates: (parameters, lr) =>
      Float32Array.from(parameters.flatMap(({ id }) => ratesOf((moments.get(id)?.steps ?? 0) + 1, lr, options))),
    updates(parameters, gradients, scale, rates) {
      if (parameters.length === 0) return [];
      const variables = parameters.map(({ variable }) => variable);
      const states = parameters.map((parameter) => momentsOf(moments, parameter));
      const [first, second] = [states.map((state) => state.first), states.map((state) => state.second)];
      const next = adamWUpdate({ parameters: variables, first, second, gradients }, scale, rates, options);
      return [
        ...variables.map((variable, i) => [variable, next.parameters[i]!] as const),
        ...first.map((variable, i) => [variable, next.first[i]!] as const),
        ...second.map((variable, i) => [variable, next.second[i]!] as const),
      ];
    },
    advance(parameters) {
      for (const parameter of parameters) momentsOf(moments, parameter).steps++;
    },
    restore(saved) {
      forgetComputations(optimizer);
      forgetMoments();
      for (const [id, { first, second, steps }] of saved) {
        moments.set(id, { first: unnamed(first), second: unnamed(second), steps });
      }
    },
  };
  return optimizer;
}

/** The factor that brings gradients of that norm to at most `clipNorm`, as torch's clip_grad_norm_; 1 for null. */
export function clipFactor(norm: tf.Tensor, clipNorm: number | null): tf.Tensor {
  if (clipNorm === null) return tf.scalar(1);
  return tf.tidy(() => tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1));
}
