/**
 * The optimisers and the gradient norm as coarse kernels (`UnetMovingMean`, `UnetAdamWMove`, `UnetSgdVelocity`,
 * `UnetSgdMove`, `UnetSquareSum`), so that a network with hundreds of small weights does not spend its time on calls: one
 * loop each if tensors are in our own memory, a few stock operations elsewhere. A backend may provide kernels that process
 * all weights at once, `UnetAdamW`, `UnetSgd` and `UnetGlobalNorm`. Numbers that change from step to step are passed as tensors, so that a backend can compile a kernel
 * once. Weights have the same order in every layout, so the layout passed to the kernels does not matter.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, hasOwnKernel } from '../ops/kernel.js';
import { computeTyped, hasTypedArrays } from '../ops/typed.js';

interface MovingMean {
  readonly beta: number;
  /** Whether to average the squares of the gradient. */
  readonly squared: boolean;
}

const movingMeanKernel = defineKernel<MovingMean>({
  name: 'UnetMovingMean',
  spatial: [],
  saved: [],
  lowered: ({ mean, gradient, scale }, { beta, squared }) => {
    if (!hasTypedArrays()) return composed.movingMean(mean!, gradient!, scale!, beta, squared);
    return computeTyped([mean!, gradient!, scale!], mean!.shape, (output, m, g, [factor]) => {
      for (let i = 0; i < output.length; i++) {
        const value = g[i]! * factor!;
        output[i] = beta * m[i]! + (1 - beta) * (squared ? value * value : value);
      }
    });
  },
});

interface Move {
  readonly epsilon: number;
}

const moveKernel = defineKernel<Move>({
  name: 'UnetAdamWMove',
  spatial: [],
  saved: [],
  lowered: ({ parameter, first, second, rates }, { epsilon }) => {
    if (!hasTypedArrays()) return composed.move(parameter!, first!, second!, rates!, epsilon);
    return computeTyped(
      [parameter!, first!, second!, rates!],
      parameter!.shape,
      (output, p, m, v, [keep, rate, root]) => {
        for (let i = 0; i < output.length; i++) {
          output[i] = p[i]! * keep! - (rate! * m[i]!) / (Math.sqrt(v[i]!) * root! + epsilon);
        }
      },
    );
  },
});

/** What the velocity and the direction of SGD depend on besides tensors. */
export interface SgdSettings {
  readonly momentum: number;
  readonly decay: number;
  readonly nesterov: boolean;
}

const sgdVelocityKernel = defineKernel<SgdSettings>({
  name: 'UnetSgdVelocity',
  spatial: [],
  saved: [],
  lowered: ({ parameter, velocity, gradient, scale }, { momentum, decay }) => {
    if (!hasTypedArrays()) return composed.sgdVelocity(parameter!, velocity!, gradient!, scale!, momentum, decay);
    const inputs = [parameter!, velocity!, gradient!, scale!];
    return computeTyped(inputs, parameter!.shape, (output, p, v, g, [factor]) => {
      for (let i = 0; i < output.length; i++) output[i] = momentum * v[i]! + (g[i]! * factor! + decay * p[i]!);
    });
  },
});

const sgdMoveKernel = defineKernel<SgdSettings>({
  name: 'UnetSgdMove',
  spatial: [],
  saved: [],
  lowered: ({ parameter, velocity, gradient, scale, rates }, settings) => {
    if (!hasTypedArrays()) {
      return composed.sgdMove(parameter!, velocity!, gradient!, scale!, rates!, settings);
    }
    const { momentum, decay, nesterov } = settings;
    const inputs = [parameter!, velocity!, gradient!, scale!, rates!];
    return computeTyped(inputs, parameter!.shape, (output, p, v, g, [factor], [, rate]) => {
      for (let i = 0; i < output.length; i++) {
        const direction = nesterov ? g[i]! * factor! + decay * p[i]! + momentum * v[i]! : v[i]!;
        output[i] = p[i]! - rate! * direction;
      }
    });
  },
});

const squareSumKernel = defineKernel<object>({
  name: 'UnetSquareSum',
  spatial: [],
  saved: [],
  lowered: ({ x }) => {
    if (!hasTypedArrays()) return tf.sum(tf.square(x!));
    return computeTyped([x!], [], (output, values) => {
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
      output[0] = sum;
    });
  },
});

/** The same from stock operations, for backends with memory of their own. */
export const composed = {
  movingMean(mean: tf.Tensor, gradient: tf.Tensor, scale: tf.Tensor, beta: number, squared: boolean): tf.Tensor {
    const scaled = tf.mul(gradient, scale);
    return tf.add(tf.mul(mean, beta), tf.mul(squared ? tf.square(scaled) : scaled, 1 - beta));
  },
  move(parameter: tf.Tensor, first: tf.Tensor, second: tf.Tensor, rates: tf.Tensor, epsilon: number): tf.Tensor {
    const [keep, rate, root] = tf.unstack(rates) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const denominator = tf.add(tf.mul(tf.sqrt(second), root), epsilon);
    return tf.sub(tf.mul(parameter, keep), tf.mul(tf.div(first, denominator), rate));
  },
  sgdVelocity(
    parameter: tf.Tensor,
    velocity: tf.Tensor,
    gradient: tf.Tensor,
    scale: tf.Tensor,
    momentum: number,
    decay: number,
  ): tf.Tensor {
    return tf.add(tf.mul(velocity, momentum), tf.add(tf.mul(gradient, scale), tf.mul(parameter, decay)));
  },
  sgdMove(
    parameter: tf.Tensor,
    velocity: tf.Tensor,
    gradient: tf.Tensor,
    scale: tf.Tensor,
    rates: tf.Tensor,
    { momentum, decay, nesterov }: SgdSettings,
  ): tf.Tensor {
    const [, rate] = tf.unstack(rates) as [tf.Tensor, tf.Tensor];
    const decayed = (): tf.Tensor => tf.add(tf.mul(gradient, scale), tf.mul(parameter, decay));
    const direction = nesterov ? tf.add(decayed(), tf.mul(velocity, momentum)) : velocity;
    return tf.sub(parameter, tf.mul(direction, rate));
  },
};

/** beta * mean + (1 - beta) * g, or of g^2, with g = scale * gradient; `scale` is a scalar. */
export function movingMean(
  mean: tf.Tensor,
  gradient: tf.Tensor,
  scale: tf.Tensor,
  beta: number,
  squared: boolean,
): tf.Tensor {
  return movingMeanKernel.applyAs({ mean, gradient, scale }, { beta, squared, layout: 'channels-last' });
}

/**
 * p * keep - rate * first / (sqrt(second) * root + epsilon).
 * @param rates `[keep, rate, root]`: 1 - lr * decay, lr / (1 - beta1^t), 1 / sqrt(1 - beta2^t)
 */
export function adamWMove(
  parameter: tf.Tensor,
  first: tf.Tensor,
  second: tf.Tensor,
  rates: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  return moveKernel.applyAs({ parameter, first, second, rates }, { epsilon, layout: 'channels-last' });
}

/** The new velocity, momentum * velocity + g with g = scale * gradient + decay * parameter; `scale` is a scalar. */
export function sgdVelocity(
  parameter: tf.Tensor,
  velocity: tf.Tensor,
  gradient: tf.Tensor,
  scale: tf.Tensor,
  settings: SgdSettings,
): tf.Tensor {
  return sgdVelocityKernel.applyAs({ parameter, velocity, gradient, scale }, { ...settings, layout: 'channels-last' });
}

/**
 * parameter - lr * velocity, or with Nesterov momentum parameter - lr * (g + momentum * velocity), with the new velocity
 * and g as in `sgdVelocity`.
 * @param rates `[_, lr, _]`
 */
export function sgdMove(
  parameter: tf.Tensor,
  velocity: tf.Tensor,
  gradient: tf.Tensor,
  scale: tf.Tensor,
  rates: tf.Tensor,
  settings: SgdSettings,
): tf.Tensor {
  const inputs = { parameter, velocity, gradient, scale, rates };
  return sgdMoveKernel.applyAs(inputs, { ...settings, layout: 'channels-last' });
}

/** The sum of the squares of all values; a scalar. */
export function squareSum(x: tf.Tensor): tf.Tensor {
  return squareSumKernel.applyAs({ x }, { layout: 'channels-last' });
}

/** The tensors of an update; each list has one entry per parameter. */
export interface UpdateTensors {
  readonly parameters: readonly tf.Tensor[];
  readonly first: readonly tf.Tensor[];
  readonly second: readonly tf.Tensor[];
  readonly gradients: readonly tf.Tensor[];
}

export interface Betas {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Names as in `{ g0, g1, ... }`, because a kernel takes lists as numbered inputs. */
function numbered(name: string, tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> {
  return Object.fromEntries(tensors.map((tensor, index) => [`${name}${index}`, tensor]));
}

/**
 * New values of parameters and both moments.
 * @param scale factor applied to every gradient first; a scalar
 * @param rates `[parameters, 3]`, with rows as in `adamWMove`
 */
export function adamWUpdate(
  { parameters, first, second, gradients }: UpdateTensors,
  scale: tf.Tensor,
  rates: tf.Tensor,
  { beta1, beta2, epsilon }: Betas,
): Omit<UpdateTensors, 'gradients'> {
  const count = parameters.length;
  if (hasOwnKernel('UnetAdamW')) {
    const inputs = {
      ...numbered('p', parameters),
      ...numbered('m', first),
      ...numbered('v', second),
      ...numbered('g', gradients),
      rates,
      scale,
    };
    const results: tf.Tensor[] = tf.engine().runKernel('UnetAdamW', inputs, { count, beta1, beta2, epsilon });
    return {
      parameters: results.slice(0, count),
      first: results.slice(count, 2 * count),
      second: results.slice(2 * count),
    };
  }
  const rows = tf.unstack(rates);
  const m = first.map((mean, i) => movingMean(mean, gradients[i]!, scale, beta1, false));
  const v = second.map((mean, i) => movingMean(mean, gradients[i]!, scale, beta2, true));
  return { parameters: parameters.map((p, i) => adamWMove(p, m[i]!, v[i]!, rows[i]!, epsilon)), first: m, second: v };
}

/**
 * New values of parameters and velocities, one list of each.
 * @param scale factor applied to every gradient first; a scalar
 * @param rates `[parameters, 3]`, with rows as in `sgdMove`
 */
export function sgdUpdate(
  { parameters, first, gradients }: Omit<UpdateTensors, 'second'>,
  scale: tf.Tensor,
  rates: tf.Tensor,
  settings: SgdSettings,
): Omit<UpdateTensors, 'gradients' | 'second'> {
  const count = parameters.length;
  if (hasOwnKernel('UnetSgd')) {
    const lists = { ...numbered('p', parameters), ...numbered('v', first), ...numbered('g', gradients) };
    const results: tf.Tensor[] = tf.engine().runKernel('UnetSgd', { ...lists, rates, scale }, { count, ...settings });
    return { parameters: results.slice(0, count), first: results.slice(count) };
  }
  const rows = tf.unstack(rates);
  const v = first.map((velocity, i) => sgdVelocity(parameters[i]!, velocity, gradients[i]!, scale, settings));
  return {
    parameters: parameters.map((p, i) => sgdMove(p, v[i]!, gradients[i]!, scale, rows[i]!, settings)),
    first: v,
  };
}

/** The joint norm of all gradients, sqrt(sum of squares); a scalar. */
export function globalNorm(gradients: readonly tf.Tensor[]): tf.Tensor {
  if (gradients.length === 0) return tf.scalar(0);
  if (hasOwnKernel('UnetGlobalNorm')) {
    return tf.engine().runKernel('UnetGlobalNorm', numbered('g', gradients), { count: gradients.length });
  }
  return tf.tidy(() => tf.sqrt(tf.addN(gradients.map(squareSum))));
}
