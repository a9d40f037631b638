import type { Parameter } from '../network/parameter.js';
import * as tf from '@tensorflow/tfjs';
import { forgetComputations } from '../engine/computation.js';
import type { Protocol } from '../../contract/protocol.js';
import { adamWUpdate } from './adamw-kernels.js';

/** The optimiser state of one parameter. */
export interface Moments {
  /** Moving averages of the gradient and its square, in the shape of the parameter. */
  readonly first: tf.Variable;
  readonly second: tf.Variable;
  /** The number of updates: the exponent of the bias corrections. */
  steps: number;
}

/**
 * AdamW (Loshchilov & Hutter 2019) as torch.optim.AdamW computes it: p -= lr * decay * p; then m = b1 m + (1 - b1) g, v
 * = b2 v + (1 - b2) g^2, p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon), with t counted for each
 * parameter. A parameter without a gradient in a step is left unchanged: no update, no decay, no count.
 */
export interface AdamW {
  /** Moments of the parameters that were updated, by id. */
  readonly moments: ReadonlyMap<string, Moments>;
  /** The factors for the next update of each parameter, `[parameters, 3]`: see `adamWMove`. */
  rates(parameters: readonly Parameter[], lr: number): Float32Array;
  /**
   * Computes the new values of parameters and moments without assigning them.
   * @param gradients in the order and shapes of the parameters
   * @param scale factor applied to every gradient first (from clipping); a scalar
   * @param rates `rates(parameters, lr)` as a tensor
   */
  updates(
    parameters: readonly Parameter[],
    gradients: readonly tf.Tensor[],
    scale: tf.Tensor,
    rates: tf.Tensor,
  ): (readonly [tf.Variable, tf.Tensor])[];
  /** Counts an update of these parameters, after its values were assigned. */
  advance(parameters: readonly Parameter[]): void;
  /** Replaces all moments, from a checkpoint. */
  restore(moments: ReadonlyMap<string, { first: tf.Tensor; second: tf.Tensor; steps: number }>): void;
  dispose(): void;
}

type Options = Pick<Protocol['optimizer'], 'beta1' | 'beta2' | 'epsilon' | 'weightDecay'>;

/** Creates variables without a name in tfjs's registry, because several models may use the same ids at once. */
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

/** The factor that scales gradients with this norm to at most `clipNorm`, like torch's clip_grad_norm_; 1 for null. */
export function clipFactor(norm: tf.Tensor, clipNorm: number | null): tf.Tensor {
  if (clipNorm === null) return tf.scalar(1);
  return tf.tidy(() => tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1));
}
