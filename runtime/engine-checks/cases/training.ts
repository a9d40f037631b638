import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../../contract/protocol.js';
import { toPhysical } from '../../ops/layout.js';
import { adamWMove, movingMean, sgdMove, sgdVelocity, squareSum } from '../../training/optimizer-kernels.js';
import { lossTerms } from '../../losses/loss-terms.js';
import { image, plain, positive, type OpCase } from '../op-case.js';

const overlapAndEntropy: readonly LossTerm[] = [
  { kind: 'dice', weight: 1, smooth: 1, classes: 'foreground', over: 'case', denominator: 'sums', weights: null },
  { kind: 'cross_entropy', weight: 0.5, weights: null },
];

const shape = [2, 3, 2, 3, 4] as const;
const voxels = 24;

/** One label per voxel in turn, `[N, 3, ...spatial]`. */
function target(): tf.Tensor {
  const values = new Float32Array(2 * 3 * voxels);
  for (let n = 0; n < 2; n++) for (let v = 0; v < voxels; v++) values[(3 * n + ((v + n) % 3)) * voxels + v] = 1;
  return toPhysical(tf.tensor(values, [...shape]));
}

const focal: readonly LossTerm[] = [{ kind: 'focal', weight: 1, gamma: 2, alpha: 0.75, weights: null }];

const weights = [1, 2, 0.5].map((weight) => ({ label: null, weight }));
const overlaps: readonly LossTerm[] = [
  { kind: 'dice', weight: 1, smooth: 1, classes: 'all', over: 'batch', denominator: 'squares', weights },
  { kind: 'tversky', weight: 1, alpha: 0.3, beta: 0.7, smooth: 1, classes: 'foreground', over: 'case', weights: null },
  { kind: 'generalized_dice', weight: 1, volume: 'square', smooth: 1, classes: 'all', over: 'batch', weights },
  { kind: 'cross_entropy', weight: 0.5, weights },
  { ...focal[0]!, weights },
];

/** A target with voxels to ignore. */
function holedTarget(): tf.Tensor {
  return tf.tidy(() => {
    const holes = Float32Array.from({ length: 2 * voxels }, (_, voxel) => Number(voxel % 5 === 0));
    const ignored = toPhysical(tf.tensor(holes, [shape[0], 1, ...shape.slice(2)]));
    return tf.sub(tf.mul(target(), tf.sub(1, ignored)), ignored);
  });
}

const lossWithHoles = (kind: 'classes' | 'regions'): OpCase => ({
  ...lossOf('overlap and entropy with weights and ignored voxels', overlaps, kind),
  run: (logits) => lossTerms(logits, holedTarget(), kind, overlaps, { ignores: true }),
});

const lossOf = (names: string, terms: readonly LossTerm[], kind: 'classes' | 'regions'): OpCase => ({
  op: 'loss',
  about: `${names} of ${kind}`,
  operands: [image(...shape)],
  run: (logits) => lossTerms(logits, target(), kind, terms),
  spatial: false,
});

const nesterov = { momentum: 0.99, decay: 0.01, nesterov: true };

const step = { spatial: false, differentiable: false };

/** Computations of a training step besides the network. */
export const training: readonly OpCase[] = [
  lossOf('dice and cross entropy', overlapAndEntropy, 'classes'),
  lossOf('dice and cross entropy', overlapAndEntropy, 'regions'),
  lossOf('focal', focal, 'classes'),
  lossOf('focal', focal, 'regions'),
  lossOf('overlap and entropy with weights', overlaps, 'classes'),
  lossOf('overlap and entropy with weights', overlaps, 'regions'),
  lossWithHoles('classes'),
  lossWithHoles('regions'),
  {
    op: 'adamw',
    about: 'moments',
    operands: [plain(4, 3, 3), plain(4, 3, 3)],
    run: (mean, gradient) => movingMean(mean, gradient, tf.scalar(0.5), 0.9, true),
    ...step,
  },
  {
    op: 'sgd',
    about: 'velocity',
    operands: [plain(4, 3, 3), plain(4, 3, 3), plain(4, 3, 3)],
    run: (p, velocity, gradient) => sgdVelocity(p, velocity, gradient, tf.scalar(0.5), nesterov),
    ...step,
  },
  {
    op: 'sgd',
    about: 'update',
    operands: [plain(4, 3, 3), plain(4, 3, 3), plain(4, 3, 3)],
    run: (p, velocity, gradient) => sgdMove(p, velocity, gradient, tf.scalar(0.5), tf.tensor1d([1, 1e-2, 1]), nesterov),
    ...step,
  },
  {
    op: 'adamw',
    about: 'update',
    operands: [plain(4, 3, 3), plain(4, 3, 3), positive(plain(4, 3, 3))],
    run: (p, first, second) => adamWMove(p, first, second, tf.tensor1d([0.999, 1e-2, 1.5]), 1e-8),
    ...step,
  },
  { op: 'gradient_norm', operands: [plain(4, 3, 3)], run: (x) => squareSum(x), ...step },
];
