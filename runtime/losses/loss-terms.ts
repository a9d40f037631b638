/** The terms of a protocol's loss, computed from logits, with explicit gradients. */
import * as tf from '@tensorflow/tfjs';
import type { LossTerm, Protocol } from '../../contract/protocol.js';
import type { Loss, Prediction, TermValue } from './loss.js';
import { lossTable } from './loss-table.js';
import { lossVolumes, type LabelKind, type LossSlopes, type LossVolumes, type Overlap } from './loss-volumes.js';

/** Returns the probabilities of logits in memory order: softmax over the channels, or a sigmoid per region. */
export function probabilitiesOf(logits: tf.Tensor, kind: LabelKind): tf.Tensor {
  return lossVolumes().probabilities(logits, kind);
}

/** How terms are computed. */
export interface LossOptions {
  /** Defaults to the engine's own implementation. */
  readonly volumes?: LossVolumes;
  /** Whether the gradients of terms that have slopes are computed in one pass; true by default. */
  readonly fused?: boolean;
}

function termOf(term: LossTerm, prediction: Prediction, target: tf.Tensor): TermValue {
  // The table has the loss of each kind; TypeScript cannot express that for a lookup by a union.
  return (lossTable[term.kind] as Loss<LossTerm>)(prediction, target, term);
}

/** A prediction and all terms on it. */
interface Terms {
  readonly prediction: Prediction;
  readonly target: tf.Tensor;
  readonly values: readonly TermValue[];
}

/** The sum of `gradient * dy` over terms; `dy` is `[terms]`. */
function totalGradient(
  { values, prediction, target }: Terms,
  dy: tf.Tensor,
  volumes: LossVolumes,
  fused: boolean,
): tf.Tensor {
  const factors = values.map((_, index) => tf.reshape(tf.slice(dy, [index], [1]), []));
  const slopes: LossSlopes[] = [];
  const gradients: tf.Tensor[] = [];
  values.forEach((term, index) => {
    const factor = factors[index]!;
    if (fused && term.slopes !== undefined) slopes.push(scaled(term.slopes(), factor));
    else gradients.push(tf.mul(term.gradient(), factor));
  });
  if (slopes.length > 0) {
    gradients.unshift(volumes.gradient(prediction.probabilities, target, sumOf(slopes), prediction.kind));
  }
  return gradients.length === 1 ? gradients[0]! : tf.addN(gradients);
}

function scaled({ a, b, k }: LossSlopes, factor: tf.Tensor): LossSlopes {
  return { a: tf.mul(a, factor), b: tf.mul(b, factor), k: tf.mul(k, factor) };
}

function sumOf(slopes: readonly LossSlopes[]): LossSlopes {
  const total = (key: keyof LossSlopes): tf.Tensor => tf.addN(slopes.map((each) => each[key]));
  return { a: total('a'), b: total('b'), k: total('k') };
}

/**
 * The terms of a protocol's loss, without their weights.
 *
 * The gradient is explicit: autodiff through softmax, logarithm and quotient would keep and traverse several more
 * volumes.
 * @param logits `[N, C, ...spatial]` in memory order
 * @param target 0 or 1, of the same shape; exactly one 1 per voxel for classes
 * @returns `[terms]`, differentiable with respect to `logits`
 */
export function lossTerms(
  logits: tf.Tensor,
  target: tf.Tensor,
  kind: LabelKind,
  terms: readonly LossTerm[],
  { volumes = lossVolumes(), fused = true }: LossOptions = {},
): tf.Tensor {
  const termsOf = (x: tf.Tensor, probabilities: tf.Tensor, t: tf.Tensor, overlap: Overlap): Terms => {
    const crossEntropy = (): tf.Tensor => volumes.crossEntropy(x, probabilities, t, kind);
    const prediction = { kind, logits: x, probabilities, overlap, crossEntropy };
    return { prediction, target: t, values: terms.map((term) => termOf(term, prediction, t)) };
  };
  const differentiable = tf.customGrad((input, save) => {
    const x = input as tf.Tensor;
    const probabilities = volumes.probabilities(x, kind);
    const overlap = volumes.overlap(probabilities, target);
    (save as tf.GradSaveFunc)([x, probabilities, target, overlap.both, overlap.either]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [savedX, p, t, both, either] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      return totalGradient(termsOf(savedX, p, t, { both, either }), dy, volumes, fused);
    };
    const { values } = termsOf(x, probabilities, target, overlap);
    return { value: tf.stack(values.map(({ value }) => value())), gradFunc };
  });
  return differentiable(logits);
}

/**
 * The weights of an output and its `auxiliary` deep-supervision predictions, the output first: 1, 1/2, 1/4, ... or all
 * equal, normalised to sum to 1 (as in nnU-Net, Isensee et al. 2021).
 */
export function deepWeights(auxiliary: number, deep: Protocol['deep']): readonly number[] {
  const raw = Array.from({ length: auxiliary + 1 }, (_, level) => (deep === 'halving' ? 0.5 ** level : 1));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => weight / sum);
}
