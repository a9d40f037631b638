/**
 * The computations of losses on whole volumes: probabilities, sums over voxels, and the gradient with respect to the
 * logits. As loops if tensors are in our own memory, channels last; from stock operations elsewhere.
 */
import * as tf from '@tensorflow/tfjs';
import { layout, physicalAxis } from '../ops/layout.js';
import { computeTyped, hasTypedArrays } from '../ops/typed.js';
import {
  binaryCrossEntropyLoop,
  crossEntropyLoop,
  overlapLoop,
  sigmoidGradientLoop,
  sigmoidLoop,
  softmaxGradientLoop,
  softmaxLoop,
} from './loss-loops.js';

/** Classes exclude each other (softmax), regions overlap (sigmoid). */
export type LabelKind = 'classes' | 'regions';

/** dL/dp = a t + b, both `[N, C]`, plus k (p - t) directly for the logits, where k is a scalar. */
export interface LossSlopes {
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
  readonly k: tf.Tensor;
}

/** Sums over the voxels of each case: sum(p * t) and sum(p) + sum(t), both `[N, C]`. */
export interface Overlap {
  readonly both: tf.Tensor;
  readonly either: tf.Tensor;
}

/** All volumes are `[N, C, ...spatial]` in memory order. */
export interface LossVolumes {
  probabilities(logits: tf.Tensor, kind: LabelKind): tf.Tensor;
  overlap(probabilities: tf.Tensor, target: tf.Tensor): Overlap;
  /** Mean cross entropy over voxels (and regions); a scalar. */
  crossEntropy(logits: tf.Tensor, probabilities: tf.Tensor, target: tf.Tensor, kind: LabelKind): tf.Tensor;
  /** dL/dlogits. */
  gradient(probabilities: tf.Tensor, target: tf.Tensor, slopes: LossSlopes, kind: LabelKind): tf.Tensor;
}

/** The number of classes or regions. */
export function labelsOf(volume: tf.Tensor): number {
  return volume.shape[physicalAxis(1, volume.rank)]!;
}

const looped: LossVolumes = {
  probabilities: (logits, kind) =>
    computeTyped([logits], logits.shape, (p, x) =>
      kind === 'classes' ? softmaxLoop(p, x, labelsOf(logits)) : sigmoidLoop(p, x),
    ),
  overlap: (probabilities, target) => {
    const [cases, labels] = [probabilities.shape[0], labelsOf(probabilities)];
    const sums = computeTyped([probabilities, target], [2, cases, labels], (output, p, t) =>
      overlapLoop(output, p, t, cases, labels),
    );
    const [both, either] = tf.unstack(sums) as [tf.Tensor, tf.Tensor];
    return { both, either };
  },
  crossEntropy: (logits, probabilities, target, kind) =>
    computeTyped([logits, probabilities, target], [], (output, x, p, t) => {
      output[0] = kind === 'classes' ? crossEntropyLoop(x, p, t, labelsOf(logits)) : binaryCrossEntropyLoop(x, p, t);
    }),
  gradient: (probabilities, target, { a, b, k }, kind) =>
    computeTyped([probabilities, target, a, b, k], probabilities.shape, (dx, p, t, slopes, offsets, factor) => {
      const loop = kind === 'classes' ? softmaxGradientLoop : sigmoidGradientLoop;
      loop(dx, p, t, { a: slopes, b: offsets, k: factor[0]! }, labelsOf(probabilities));
    }),
};

/** The number of values in a mean over voxels: every region counts. */
export function entropyCount(volume: tf.Tensor, kind: LabelKind): number {
  return kind === 'classes' ? volume.size / labelsOf(volume) : volume.size;
}

/** Reshapes a tensor `[N, C]` so that it broadcasts against `[N, C, ...spatial]` in memory order. */
export function alongChannels(values: tf.Tensor, rank: number): tf.Tensor {
  const shape = new Array<number>(rank).fill(1);
  shape[0] = values.shape[0]!;
  shape[physicalAxis(1, rank)] = values.shape[1]!;
  return tf.reshape(values, shape);
}

/** The axes of voxels in memory order. */
export function spatialAxes(rank: number): number[] {
  return Array.from({ length: rank - 2 }, (_, index) => physicalAxis(index + 2, rank));
}

/** Logits minus the largest of their voxel, so that nothing overflows. */
export function shifted(logits: tf.Tensor): tf.Tensor {
  return tf.sub(logits, tf.max(logits, physicalAxis(1, logits.rank), true));
}

function softmax(logits: tf.Tensor): tf.Tensor {
  const exponentials = tf.exp(shifted(logits));
  return tf.div(exponentials, tf.sum(exponentials, physicalAxis(1, logits.rank), true));
}

/** The largest probability of a voxel is 1 / sum_c exp(x_c - max x): no exponential is computed twice. */
function softmaxCrossEntropy(logits: tf.Tensor, probabilities: tf.Tensor, target: tf.Tensor): tf.Tensor {
  const largest = tf.max(probabilities, physicalAxis(1, logits.rank));
  const atTarget = tf.div(tf.sum(tf.mul(target, shifted(logits))), largest.size);
  return tf.neg(tf.add(tf.mean(tf.log(largest)), atTarget));
}

/** max(x, 0) - x t + log(1 + exp(-|x|)); the last is -log of the larger of p and 1 - p. */
function binaryCrossEntropy(logits: tf.Tensor, probabilities: tf.Tensor, target: tf.Tensor): tf.Tensor {
  const tail = tf.log(tf.maximum(probabilities, tf.sub(1, probabilities)));
  return tf.mean(tf.sub(tf.sub(tf.relu(logits), tf.mul(logits, target)), tail));
}

/** From dL/dp to dL/dlogits: p (g - sum_c p g) under softmax, p (1 - p) g under sigmoid. */
export function throughProbabilities(gradient: tf.Tensor, probabilities: tf.Tensor, kind: LabelKind): tf.Tensor {
  const product = tf.mul(probabilities, gradient);
  if (kind === 'regions') return tf.sub(product, tf.mul(product, probabilities));
  return tf.sub(product, tf.mul(probabilities, tf.sum(product, physicalAxis(1, product.rank), true)));
}

/** From stock operations, in either layout. */
export const composed: LossVolumes = {
  probabilities: (logits, kind) => (kind === 'classes' ? softmax(logits) : tf.sigmoid(logits)),
  overlap: (probabilities, target) => {
    const axes = spatialAxes(probabilities.rank);
    return { both: tf.sum(tf.mul(probabilities, target), axes), either: tf.sum(tf.add(probabilities, target), axes) };
  },
  crossEntropy: (logits, probabilities, target, kind) =>
    (kind === 'classes' ? softmaxCrossEntropy : binaryCrossEntropy)(logits, probabilities, target),
  gradient: (probabilities, target, { a, b, k }, kind) => {
    const { rank } = probabilities;
    const gradient = tf.add(tf.mul(alongChannels(a, rank), target), alongChannels(b, rank));
    return tf.add(throughProbabilities(gradient, probabilities, kind), tf.mul(tf.sub(probabilities, target), k));
  },
};

/** The implementation for the current engine. */
export function lossVolumes(): LossVolumes {
  return hasTypedArrays() && layout() === 'channels-last' ? looped : composed;
}
