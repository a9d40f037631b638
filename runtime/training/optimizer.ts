import type { Parameter } from '../network/parameter.js';
import * as tf from '@tensorflow/tfjs';
import { forgetComputations } from '../engine/computation.js';
import type { Protocol } from '../../contract/protocol.js';
import { adamWUpdate, sgdUpdate } from './optimizer-kernels.js';

/** The optimiser state of one parameter. */
export interface Moments {
  /** The moving average of the gradient, or the velocity of SGD, in the shape of the parameter. */
  readonly first: tf.Variable;
  /** The moving average of the squared gradient; null for SGD. */
  readonly second: tf.Variable | null;
  /** The number of updates: the exponent of Adam's bias corrections. */
  steps: number;
}

/** Moments as a checkpoint keeps them. */
export interface SavedMoments {
  readonly first: tf.Tensor;
  readonly second: tf.Tensor | null;
  readonly steps: number;
}

/**
 * An optimiser as PyTorch computes it. With g the gradient after clipping and t the number of updates of a parameter:
 * - AdamW (Loshchilov & Hutter 2019): p -= lr * decay * p; then m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
 *   p -= lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon).
 * - Adam (Kingma & Ba 2015): the same with g + decay * p for g, and without the first step.
 * - SGD: g' = g + decay * p, v = momentum * v + g' (the first v is g'), p -= lr * v; with Nesterov momentum
 *   p -= lr * (g' + momentum * v).
 *
 * A parameter without a gradient in a step is left unchanged: no update, no decay, no count.
 */
export interface Optimizer {
  /** Moments of the parameters that were updated, by id. */
  readonly moments: ReadonlyMap<string, Moments>;
  /** The factors for the next update of each parameter, `[parameters, 3]`: see `adamWMove` and `sgdMove`. */
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
  restore(moments: ReadonlyMap<string, SavedMoments>): void;
  dispose(): void;
}

type Options = Protocol['optimizer'];

/** Creates variables without a name in tfjs's registry, because several models may use the same ids at once. */
function unnamed(value: tf.Tensor): tf.Variable {
  return tf.variable(value, false);
}

/** Returns the factors of a parameter's update number `steps`. */
function ratesOf(steps: number, lr: number, options: Options): number[] {
  if (options.kind === 'sgd') return [1, lr, 1];
  const keep = options.kind === 'adamw' ? 1 - lr * options.weightDecay : 1;
  return [keep, lr / (1 - options.beta1 ** steps), 1 / Math.sqrt(1 - options.beta2 ** steps)];
}

type Update = (readonly [tf.Variable, tf.Tensor])[];

/** Creates an optimiser without moments. */
export function createOptimizer(options: Options): Optimizer {
  const moments = new Map<string, Moments>();
  const forgetMoments = (): void => {
    for (const { first, second } of moments.values()) tf.dispose(second === null ? [first] : [first, second]);
    moments.clear();
  };
  const momentsOf = ({ id, variable }: Parameter): Moments => {
    const known = moments.get(id);
    if (known !== undefined) return known;
    const zeros = (): tf.Variable => tf.tidy(() => unnamed(tf.zeros(variable.shape)));
    const made = { first: zeros(), second: options.kind === 'sgd' ? null : zeros(), steps: 0 };
    moments.set(id, made);
    return made;
  };
  const optimizer: Optimizer = {
    get moments() {
      return new Map([...moments].filter(([, { steps }]) => steps > 0));
    },
    dispose: () => {
      forgetComputations(optimizer);
      forgetMoments();
    },
    rates: (parameters, lr) =>
      Float32Array.from(parameters.flatMap(({ id }) => ratesOf((moments.get(id)?.steps ?? 0) + 1, lr, options))),
    updates(parameters, gradients, scale, rates): Update {
      if (parameters.length === 0) return [];
      const variables = parameters.map(({ variable }) => variable);
      const states = parameters.map(momentsOf);
      const first = states.map((state) => state.first);
      const pair = (targets: readonly tf.Variable[], values: readonly tf.Tensor[]): Update =>
        targets.map((variable, i) => [variable, values[i]!] as const);
      if (options.kind === 'sgd') {
        const settings = { momentum: options.momentum, decay: options.weightDecay, nesterov: options.nesterov };
        const next = sgdUpdate({ parameters: variables, first, gradients }, scale, rates, settings);
        return [...pair(variables, next.parameters), ...pair(first, next.first)];
      }
      const second = states.map((state) => state.second!);
      const [given, factor] =
        options.kind === 'adam' && options.weightDecay > 0
          ? [decayed(variables, gradients, scale, options.weightDecay), tf.scalar(1)]
          : [gradients, scale];
      const next = adamWUpdate({ parameters: variables, first, second, gradients: given }, factor, rates, options);
      return [...pair(variables, next.parameters), ...pair(first, next.first), ...pair(second, next.second)];
    },
    advance(parameters) {
      for (const parameter of parameters) momentsOf(parameter).steps++;
    },
    restore(saved) {
      forgetComputations(optimizer);
      forgetMoments();
      for (const [id, { first, second, steps }] of saved) {
        moments.set(id, { first: unnamed(first), second: second === null ? null : unnamed(second), steps });
      }
    },
  };
  return optimizer;
}

/** scale * gradient + decay * parameter of each parameter: Adam's weight decay, which its moments contain. */
function decayed(
  parameters: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
  scale: tf.Tensor,
  decay: number,
): tf.Tensor[] {
  return gradients.map((gradient, i) => tf.add(tf.mul(gradient, scale), tf.mul(parameters[i]!, decay)));
}

/** The factor that scales gradients with this norm to at most `clipNorm`, like torch's clip_grad_norm_; 1 for null. */
export function clipFactor(norm: tf.Tensor, clipNorm: number | null): tf.Tensor {
  if (clipNorm === null) return tf.scalar(1);
  return tf.tidy(() => tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1));
}
