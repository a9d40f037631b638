import type * as tf from '@tensorflow/tfjs';
import type { LabelKind, LossSlopes, Overlap } from './loss-volumes.js';

/** What a network predicts at one output, in memory order: `[N, C, ...spatial]`. */
export interface Prediction {
  readonly kind: LabelKind;
  readonly logits: tf.Tensor;
  /** Softmax over classes, or a sigmoid for each region. */
  readonly probabilities: tf.Tensor;
  /** Its overlap with the target. */
  readonly overlap: Overlap;
  /** Mean cross entropy over voxels (and regions); a scalar. */
  readonly crossEntropy: () => tf.Tensor;
}

/** A term of the loss for one prediction and its target. Nothing is computed before it is asked for. */
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
 * A loss: its value and its gradient for a prediction and a target (0 or 1, of the logits' shape; one 1 a voxel for
 * classes). The value and the gradient are asked for at different times, so both use only what they are given.
 */
export type Loss<Settings> = (prediction: Prediction, target: tf.Tensor, settings: Settings) => TermValue;
