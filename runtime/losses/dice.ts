import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../contract/protocol.js';
import type { Loss, Prediction } from './loss.js';
import { alongChannels, throughProbabilities, type LossSlopes, type Overlap } from './loss-volumes.js';

type DiceTerm = Extract<LossTerm, { readonly kind: 'dice' }>;

/** The weight of each class in the mean over cases and classes, `[C]`; class 0 is the background. */
function classWeights({ kind, overlap }: Prediction, term: DiceTerm): tf.Tensor {
  const [cases, labels] = overlap.both.shape as [number, number];
  const skipsBackground = kind === 'classes' && term.classes === 'foreground';
  const counted = skipsBackground ? labels - 1 : labels;
  const weights = new Array<number>(labels).fill(1 / (cases * counted));
  if (skipsBackground) weights[0] = 0;
  return tf.tensor1d(weights);
}

/** 2 * sum(p * t) + smooth and sum(p) + sum(t) + smooth, `[N, C]`. */
function diceParts({ both, either }: Overlap, { smooth }: DiceTerm) {
  return { numerator: tf.add(tf.mul(both, 2), smooth), denominator: tf.add(either, smooth) };
}

/** d(dice loss)/dp = a * t + b with a = -2 w / denominator and b = w * numerator / denominator^2. */
function diceSlopes(prediction: Prediction, term: DiceTerm): LossSlopes {
  const { numerator, denominator } = diceParts(prediction.overlap, term);
  const scaled = tf.div(classWeights(prediction, term), denominator);
  return { a: tf.mul(scaled, -2), b: tf.div(tf.mul(scaled, numerator), denominator), k: tf.scalar(0) };
}

/**
 * Soft Dice loss: 1 - mean over classes and cases of (2 * sum(p * t) + s) / (sum(p) + sum(t) + s), with sums over the
 * voxels of one case (Milletari et al. 2016 without the squares; for one case that of the DALight-3D release).
 * `classes: foreground` leaves class 0 out; regions have no background.
 */
export const dice: Loss<DiceTerm> = (prediction, target, term) => ({
  value: () => {
    const { numerator, denominator } = diceParts(prediction.overlap, term);
    return tf.sub(1, tf.sum(tf.mul(classWeights(prediction, term), tf.div(numerator, denominator))));
  },
  gradient: () => {
    const { a, b } = diceSlopes(prediction, term);
    const { probabilities, kind } = prediction;
    const slope = tf.add(tf.mul(alongChannels(a, target.rank), target), alongChannels(b, target.rank));
    return throughProbabilities(slope, probabilities, kind);
  },
  slopes: () => diceSlopes(prediction, term),
});
