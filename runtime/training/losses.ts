import * as tf from '@tensorflow/tfjs';
import { physicalAxis } from '../layout.js';
import type { Protocol } from '../protocol.js';

export type LossTerm = Protocol['loss'][number];

type Labels = 'classes' | 'regions';

function spatialAxes(rank: number): number[] {
  return Array.from({ length: rank - 2 }, (_, index) => physicalAxis(index + 2, rank));
}

/** A tensor `[N, C]` or `[C]` that broadcasts against `[N, C, ...spatial]` in memory order. */
function alongChannels(values: tf.Tensor, rank: number): tf.Tensor {
  const shape = new Array<number>(rank).fill(1);
  if (values.rank === 2) shape[0] = values.shape[0]!;
  shape[physicalAxis(1, rank)] = values.shape.at(-1)!;
  return tf.reshape(values, shape);
}

interface Probabilities {
  readonly probabilities: tf.Tensor;
  /** Mean cross entropy over voxels (and regions); made only on demand. */
  readonly crossEntropy: (target: tf.Tensor) => tf.Tensor;
}

/** Softmax over the channels, shifted by the largest logit so that nothing overflows. */
function softmax(logits: tf.Tensor): Probabilities {
  const axis = physicalAxis(1, logits.rank);
  const shifted = tf.sub(logits, tf.max(logits, axis, true));
  const exponentials = tf.exp(shifted);
  const sums = tf.sum(exponentials, axis, true);
  const crossEntropy = (target: tf.Tensor): tf.Tensor =>
    tf.sub(tf.mean(tf.log(sums)), tf.div(tf.sum(tf.mul(target, shifted)), sums.size));
  return { probabilities: tf.div(exponentials, sums), crossEntropy };
}

/** Sigmoid per region; -log p in the form max(x, 0) - x t + log(1 + exp(-|x|)), which never overflows. */
function sigmoid(logits: tf.Tensor): Probabilities {
  const crossEntropy = (target: tf.Tensor): tf.Tensor => {
    const tail = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
    return tf.mean(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, target)), tail));
  };
  return { probabilities: tf.sigmoid(logits), crossEntropy };
}

/** The probabilities of logits in memory order: softmax over the channels, or a sigmoid for each region. */
export function probabilitiesOf(logits: tf.Tensor, kind: Labels): tf.Tensor {
  return (kind === 'classes' ? softmax(logits) : sigmoid(logits)).probabilities;
}

interface DiceSums {
  /** 2 * sum(p * t) + smooth and sum(p) + sum(t) + smooth, `[N, C]`. */
  readonly numerator: tf.Tensor;
  readonly denominator: tf.Tensor;
}

function diceSums(probabilities: tf.Tensor, target: tf.Tensor, smooth: number): DiceSums {
  const axes = spatialAxes(probabilities.rank);
  const both = tf.sum(tf.mul(probabilities, target), axes);
  const either = tf.sum(tf.add(probabilities, target), axes);
  return { numerator: tf.add(tf.mul(both, 2), smooth), denominator: tf.add(either, smooth) };
}

/** What each class's Dice weighs in the mean over cases and classes, `[C]`; the background is class 0. */
function diceWeights(cases: number, labels: number, kind: Labels, term: LossTerm & { kind: 'dice' }): tf.Tensor {
  const skipsBackground = kind === 'classes' && term.classes === 'foreground';
  const counted = skipsBackground ? labels - 1 : labels;
  const weights = new Array<number>(labels).fill(1 / (cases * counted));
  if (skipsBackground) weights[0] = 0;
  return tf.tensor1d(weights);
}

function diceLoss(sums: DiceSums, weights: tf.Tensor): tf.Tensor {
  return tf.sub(1, tf.sum(tf.mul(weights, tf.div(sums.numerator, sums.denominator))));
}

/** d(dice loss)/dp = a * t + b with a = -2 w / denominator and b = w * numerator / denominator^2, both `[N, C]`. */
function diceSlopes(sums: DiceSums, weights: tf.Tensor, dy: tf.Tensor): { a: tf.Tensor; b: tf.Tensor } {
  const scaled = tf.div(tf.mul(weights, dy), sums.denominator);
  return { a: tf.mul(scaled, -2), b: tf.div(tf.mul(scaled, sums.numerator), sums.denominator) };
}

/** From dL/dp to dL/dlogits: p * (g - sum_c p g) under softmax, p * (1 - p) * g under sigmoid. */
function throughProbabilities(gradient: tf.Tensor, probabilities: tf.Tensor, kind: Labels): tf.Tensor {
  const product = tf.mul(probabilities, gradient);
  if (kind === 'regions') return tf.sub(product, tf.mul(product, probabilities));
  const inner = tf.sum(product, physicalAxis(1, product.rank), true);
  return tf.sub(product, tf.mul(probabilities, inner));
}

/** What the gradient of one term needs besides probabilities and target. */
type Saved = readonly tf.Tensor[];

interface TermResult {
  readonly value: tf.Tensor;
  readonly saved: Saved;
}

function diceTerm(
  probabilities: tf.Tensor,
  target: tf.Tensor,
  kind: Labels,
  term: LossTerm & { kind: 'dice' },
): TermResult {
  const rank = probabilities.rank;
  const labels = probabilities.shape[physicalAxis(1, rank)]!;
  const weights = diceWeights(probabilities.shape[0], labels, kind, term);
  const sums = diceSums(probabilities, target, term.smooth);
  return { value: diceLoss(sums, weights), saved: [weights, sums.numerator, sums.denominator] };
}

/** A Dice term's dL/dlogits. */
function diceGradient(dy: tf.Tensor, p: tf.Tensor, t: tf.Tensor, kind: Labels, saved: Saved): tf.Tensor {
  const [weights, numerator, denominator] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
  const { a, b } = diceSlopes({ numerator, denominator }, weights, dy);
  const gradient = tf.add(tf.mul(alongChannels(a, p.rank), t), alongChannels(b, p.rank));
  return throughProbabilities(gradient, p, kind);
}

/** The cross entropy's dL/dlogits, (p - t) / count. */
function crossEntropyGradient(dy: tf.Tensor, p: tf.Tensor, t: tf.Tensor, kind: Labels): tf.Tensor {
  const count = kind === 'classes' ? p.size / p.shape[physicalAxis(1, p.rank)]! : p.size;
  return tf.mul(tf.sub(p, t), tf.div(dy, count));
}

function evaluateTerms(x: tf.Tensor, target: tf.Tensor, kind: Labels, terms: readonly LossTerm[]) {
  const { probabilities, crossEntropy } = kind === 'classes' ? softmax(x) : sigmoid(x);
  const results = terms.map((term): TermResult =>
    term.kind === 'dice' ? diceTerm(probabilities, target, kind, term) : { value: crossEntropy(target), saved: [] },
  );
  return {
    probabilities,
    value: tf.stack(results.map((each) => each.value)),
    saved: results.flatMap((each) => each.saved),
  };
}

/**
 * The terms of a protocol's loss, without their weights.
 *
 * `dice`: 1 - mean over classes and cases of (2 * sum(p * t) + s) / (sum(p) + sum(t) + s), sums over the voxels of one
 * case (for one case this is the DALight-3D release's; a batch is averaged over its cases; Milletari et al. 2016
 * without the squares). `classes: foreground` leaves class 0 out; regions have no background.
 * `cross_entropy`: mean over voxels of -log p(class); for regions, over voxels and regions, of the binary form.
 *
 * The gradient is written out: autodiff through softmax, logarithm and quotient would keep and traverse several
 * volumes more.
 * @param logits `[N, C, ...spatial]` in memory order
 * @param target 0 or 1, of the same shape; one 1 a voxel for classes
 * @returns `[terms]`, differentiable by `logits`
 */
export function lossTerms(logits: tf.Tensor, target: tf.Tensor, kind: Labels, terms: readonly LossTerm[]): tf.Tensor {
  const differentiable = tf.customGrad((x, save) => {
    const { probabilities, value, saved } = evaluateTerms(x as tf.Tensor, target, kind, terms);
    (save as tf.GradSaveFunc)([probabilities, target, ...saved]);
    const gradFunc = (dy: tf.Tensor, kept: tf.Tensor[]): tf.Tensor => {
      const [p, t, ...rest] = kept as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
      const parts = terms.map((term, index) => {
        const slope = tf.reshape(tf.slice(dy, [index], [1]), []);
        if (term.kind === 'dice') return diceGradient(slope, p, t, kind, rest.splice(0, 3));
        return crossEntropyGradient(slope, p, t, kind);
      });
      return tf.addN(parts);
    };
    return { value, gradFunc };
  });
  return differentiable(logits);
}

/**
 * How an output and its `auxiliary` deep-supervision predictions weigh, the output first: 1, 1/2, 1/4, ... or all
 * alike, made to sum to 1 (nnU-Net's, Isensee et al. 2021).
 */
export function deepWeights(auxiliary: number, deep: Protocol['deep']): readonly number[] {
  const raw = Array.from({ length: auxiliary + 1 }, (_, level) => (deep === 'halving' ? 0.5 ** level : 1));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => weight / sum);
}
