/** The terms of a protocol's loss, computed from logits, with explicit gradients. */
import * as tf from '@tensorflow/tfjs';
import type { LossTerm, Protocol } from '../../contract/protocol.js';
import type { Loss, Prediction, TermValue } from './loss.js';
import { lossTable } from './loss-table.js';
import { physicalAxis } from '../ops/layout.js';
import {
  labelsOf,
  lossVolumes,
  type LabelKind,
  type LossSlopes,
  type LossVolumes,
  type Overlap,
} from './loss-volumes.js';

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
  /** The names of classes or regions, by which terms may weigh them. */
  readonly labels?: readonly string[];
  /** Whether the target may have voxels to ignore; false by default. */
  readonly ignores?: boolean;
}

function termOf(term: LossTerm, prediction: Prediction): TermValue {
  // The table has the loss of each kind; TypeScript cannot express that for a lookup by a union.
  return (lossTable[term.kind] as Loss<LossTerm>)(prediction, term);
}

/** A prediction and all terms on it. */
interface Terms {
  readonly prediction: Prediction;
  readonly values: readonly TermValue[];
}

/** The sum of `gradient * dy` over terms; `dy` is `[terms]`. */
function totalGradient({ values, prediction }: Terms, dy: tf.Tensor, volumes: LossVolumes, fused: boolean): tf.Tensor {
  const factors = values.map((_, index) => tf.reshape(tf.slice(dy, [index], [1]), []));
  const slopes: LossSlopes[] = [];
  const gradients: tf.Tensor[] = [];
  values.forEach((term, index) => {
    const factor = factors[index]!;
    if (fused && term.slopes !== undefined) slopes.push(scaled(term.slopes(), factor));
    else gradients.push(tf.mul(term.gradient(), factor));
  });
  if (slopes.length > 0) {
    gradients.unshift(volumes.gradient(prediction.probabilities, prediction.target, sumOf(slopes), prediction.kind));
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

/** The mask of a target in which the voxels to ignore are -1, `[N, 1, ...spatial]`. */
function maskOf(target: tf.Tensor): tf.Tensor {
  return tf.add(tf.minimum(tf.min(target, physicalAxis(1, target.rank), true), 0), 1);
}

/**
 * The terms of a protocol's loss, without their weights.
 *
 * The gradient is explicit: autodiff through softmax, logarithm and quotient would keep and traverse several more
 * volumes.
 * @param logits `[N, C, ...spatial]` in memory order
 * @param target 0 or 1, of the same shape; exactly one 1 per voxel for classes. With `ignores`, -1 in all channels of the
 * voxels that count neither in sums nor in means
 * @returns `[terms]`, differentiable with respect to `logits`
 */
export function lossTerms(
  logits: tf.Tensor,
  target: tf.Tensor,
  kind: LabelKind,
  terms: readonly LossTerm[],
  { volumes = lossVolumes(), fused = true, labels = [], ignores = false }: LossOptions = {},
): tf.Tensor {
  const names = Array.from({ length: labelsOf(logits) }, (_, index) => labels[index] ?? '');
  const termsOf = (saved: Saved): Terms => {
    const { x, probabilities, target: t, both, either, mask } = saved;
    const crossEntropy = (): tf.Tensor => volumes.crossEntropy(x, probabilities, t, kind);
    const overlap = { both, either };
    const prediction = { kind, logits: x, probabilities, target: t, labels: names, mask, overlap, crossEntropy };
    return { prediction, values: terms.map((term) => termOf(term, prediction)) };
  };
  const differentiable = tf.customGrad((input, save) => {
    const x = input as tf.Tensor;
    const mask = ignores ? maskOf(target) : undefined;
    const counted = (volume: tf.Tensor): tf.Tensor => (mask === undefined ? volume : tf.mul(volume, mask));
    const probabilities = counted(volumes.probabilities(x, kind));
    const t = counted(target);
    const { both, either } = volumes.overlap(probabilities, t);
    const kept = [x, probabilities, t, both, either, ...(mask === undefined ? [] : [mask])];
    (save as tf.GradSaveFunc)(kept);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor =>
      totalGradient(termsOf(fromSaved(saved)), dy, volumes, fused);
    return { value: tf.stack(termsOf(fromSaved(kept)).values.map(({ value }) => value())), gradFunc };
  });
  return differentiable(logits);
}

/** What the gradient needs of the forward pass. */
interface Saved extends Overlap {
  readonly x: tf.Tensor;
  readonly probabilities: tf.Tensor;
  readonly target: tf.Tensor;
  readonly mask: tf.Tensor | undefined;
}

function fromSaved(saved: readonly tf.Tensor[]): Saved {
  const [x, probabilities, target, both, either] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return { x, probabilities, target, both, either, mask: saved[5] };
}

/**
 * The weights of an output and its `auxiliary` deep-supervision predictions, the output first: 1, 1/2, 1/4, ..., all
 * equal, or those of a list, normalised to sum to 1. nnU-Net (Isensee et al. 2021) has the first, but sets the weight of
 * the coarsest prediction to 0 before it normalises: `[1, 0.5, 0.25, 0]` for four predictions.
 * @param deep if a list, of `auxiliary + 1` weights (see `lossProblem`)
 */
export function deepWeights(auxiliary: number, deep: Protocol['deep']): readonly number[] {
  const raw = typeof deep === 'string' ? namedWeights(auxiliary + 1, deep) : deep;
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => weight / sum);
}

function namedWeights(count: number, deep: Extract<Protocol['deep'], string>): number[] {
  const weights = Array.from({ length: count }, (_, level) => (deep === 'equal' ? 1 : 0.5 ** level));
  if (deep === 'nnunet' && count > 1) weights[count - 1] = 0;
  return weights;
}
