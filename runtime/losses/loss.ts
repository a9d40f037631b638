import type * as tf from '@tensorflow/tfjs';
import type { LabelKind, LossSlopes, Overlap } from './loss-volumes.js';

/** A network's prediction for one output, in memory order: `[N, C, ...spatial]`. */
export interface Prediction {
  readonly kind: LabelKind;
  readonly logits: tf.Tensor;
  /** Softmax over classes, or a sigmoid per region. */
  readonly probabilities: tf.Tensor;
  /** 0 or 1, in the shape of the logits. */
  readonly target: tf.Tensor;
  /** The names of its classes or regions. */
  readonly labels: readonly string[];
  /**
   * 1, or 0 at voxels that are ignored, `[N, 1, ...spatial]`; undefined if none is. Probabilities and target are 0
   * there, so they count in no sum, and no gradient reaches their logits.
   */
  readonly mask: tf.Tensor | undefined;
  /** Its overlap with the target. */
  readonly overlap: Overlap;
  /** Mean cross entropy over voxels (and regions) of a prediction without a mask; a scalar. */
  readonly crossEntropy: () => tf.Tensor;
}

/** A term of the loss for one prediction and its target. Nothing is computed until it is requested. */
export interface TermValue {
  /** A scalar, the mean over the batch. */
  readonly value: () => tf.Tensor;
  /** The gradient of the value with respect to the logits, in their shape. */
  readonly gradient: () => tf.Tensor;
  /**
   * The same gradient as coefficients, if it has that form: the gradients of all such terms are computed in one pass
   * over the volume. It must equal `gradient`.
   */
  readonly slopes?: () => LossSlopes;
}

/**
 * A loss: its value and its gradient for a prediction. The value and the gradient are requested at different times, so
 * both use only their arguments.
 */
export type Loss<Settings> = (prediction: Prediction, settings: Settings) => TermValue;
