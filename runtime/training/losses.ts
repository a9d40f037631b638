/** Dice and cross entropy on logits, with their gradients written out. */
import * as tf from '@tensorflow/tfjs';
import { physicalAxis } from '../ops/layout.js';
import type { Protocol } from '../../contract/protocol.js';
import { lossVolumes, type LabelKind, type LossSlopes, type LossVolumes } from './loss-volumes.js';

export type LossTerm = Protocol['loss'][number];
type DiceTerm = LossTerm & { readonly kind: 'dice' };

/** The probabilities of logits in memory order: softmax over the channels, or a sigmoid for each region. */
export function probabilitiesOf(logits: tf.Tensor, kind: LabelKind): tf.Tensor {
  return lossVolumes().probabilities(logits, kind);
}

/** What each class's Dice weighs in the mean over cases and classes, `[C]`; the background is class 0. */
function diceWeights([cases, labels]: readonly [number, number], kind: LabelKind, term: DiceTerm): tf.Tensor {
  const skipsBackground = kind === 'classes' && term.classes === 'foreground';
  const counted = skipsBackground ? labels - 1 : labels;
  const weights = new Array<number>(labels).fill(1 / (cases * counted));
  if (skipsBackground) weights[0] = 0;
  return tf.tensor1d(weights);
}

/** 2 * sum(p * t) + smooth and sum(p) + sum(t) + smooth, `[N, C]`. */
function diceParts(both: tf.Tensor, either: tf.Tensor, { smooth }: DiceTerm) {
  return { numerator: tf.add(tf.mul(both, 2), smooth), denominator: tf.add(either, smooth) };
}

function diceLoss(both: tf.Tensor, either: tf.Tensor, weights: tf.Tensor, term: DiceTerm): tf.Tensor {
  const { numerator, denominator } = diceParts(both, either, term);
  return tf.sub(1, tf.sum(tf.mul(weights, tf.div(numerator, denominator))));
}

/** d(dice loss)/dp = a * t + b with a = -2 w / denominator and b = w * numerator / denominator^2. */
function diceSlopes(both: tf.Tensor, either: tf.Tensor, weights: tf.Tensor, term: DiceTerm): Omit<LossSlopes, 'k'> {
  const { numerator, denominator } = diceParts(both, either, term);
  const scaled = tf.div(weights, denominator);
  return { a: tf.mul(scaled, -2), b: tf.div(tf.mul(scaled, numerator), denominator) };
}

/** The overlap sums of one evaluation, and over how many values the cross entropy is a mean. */
interface Sums {
  readonly both: tf.Tensor;
  readonly either: tf.Tensor;
  readonly kind: LabelKind;
  readonly entropyCount: number;
}

function sizesOf({ both }: Sums): readonly [number, number] {
  return both.shape as [number, number];
}

function valueOf(term: LossTerm, sums: Sums, crossEntropy: () => tf.Tensor): tf.Tensor {
  if (term.kind === 'cross_entropy') return crossEntropy();
  return diceLoss(sums.both, sums.either, diceWeights(sizesOf(sums), sums.kind, term), term);
}

/** One term's share of the slopes, for the gradient `dy` of its value. */
function slopesOf(term: LossTerm, sums: Sums, dy: tf.Tensor): LossSlopes {
  if (term.kind === 'cross_entropy') {
    const none = tf.zerosLike(sums.both);
    return { a: none, b: none, k: tf.div(dy, sums.entropyCount) };
  }
  const weights = tf.mul(diceWeights(sizesOf(sums), sums.kind, term), dy);
  return { ...diceSlopes(sums.both, sums.either, weights, term), k: tf.zerosLike(dy) };
}

function totalSlopes(terms: readonly LossTerm[], sums: Sums, dy: tf.Tensor): LossSlopes {
  const each = terms.map((term, index) => slopesOf(term, sums, tf.reshape(tf.slice(dy, [index], [1]), [])));
  const total = (key: keyof LossSlopes): tf.Tensor => tf.addN(each.map((slopes) => slopes[key]));
  return { a: total('a'), b: total('b'), k: total('k') };
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
 * @param volumes how to compute; the engine's own way by default
 * @returns `[terms]`, differentiable by `logits`
 */
export function lossTerms(
  logits: tf.Tensor,
  target: tf.Tensor,
  kind: LabelKind,
  terms: readonly LossTerm[],
  volumes: LossVolumes = lossVolumes(),
): tf.Tensor {
  const labels = logits.shape[physicalAxis(1, logits.rank)]!;
  const entropyCount = kind === 'classes' ? logits.size / labels : logits.size;
  const differentiable = tf.customGrad((x, save) => {
    const p = volumes.probabilities(x as tf.Tensor, kind);
    const { both, either } = volumes.overlap(p, target);
    const sums = { both, either, kind, entropyCount };
    const values = terms.map((term) =>
      valueOf(term, sums, () => volumes.crossEntropy(x as tf.Tensor, p, target, kind)),
    );
    (save as tf.GradSaveFunc)([p, target, both, either]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [probabilities, t, savedBoth, savedEither] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const slopes = totalSlopes(terms, { ...sums, both: savedBoth, either: savedEither }, dy);
      return volumes.gradient(probabilities, t, slopes, kind);
    };
    return { value: tf.stack(values), gradFunc };
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
