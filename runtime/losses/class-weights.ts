import * as tf from '@tensorflow/tfjs';
import type { LabelWeight } from '../../contract/protocol.js';
import type { Prediction } from './loss.js';

/** The weight of each class or region, in their order; 1 for one that is not named. */
export function labelWeights(labels: readonly string[], weights: readonly LabelWeight[] | null): number[] {
  return labels.map((label, index) => {
    const own = weights?.find((each, position) => (each.label === null ? position === index : each.label === label));
    return own?.weight ?? 1;
  });
}

/** Which classes a loss counts, and their weights. */
export interface ClassSettings {
  readonly classes: 'foreground' | 'all';
  readonly weights: readonly LabelWeight[] | null;
}

/** The weight of each class or region, 0 for one that is not counted: `foreground` leaves class 0 out. */
export function countedWeights({ kind, labels }: Prediction, { classes, weights }: ClassSettings): number[] {
  const counted = labelWeights(labels, weights);
  if (kind === 'classes' && classes === 'foreground') counted[0] = 0;
  return counted;
}

/** The weight of each class in the mean over `rows` and classes, `[C]`; they sum to 1 over all rows. */
export function meanWeights(prediction: Prediction, settings: ClassSettings, rows: number): tf.Tensor {
  const weights = countedWeights(prediction, settings);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return tf.tensor1d(weights.map((weight) => weight / (rows * total)));
}
