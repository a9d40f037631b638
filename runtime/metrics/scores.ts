/** Voxel counts of one class in one case. */
export interface Counts {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

/** Null if undefined; excluded from means. */
export interface Scores {
  readonly dice: number | null;
  readonly iou: number | null;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  readonly precision: number | null;
  /** Millimetres. */
  readonly hd95: number | null;
}

export const SCORE_NAMES = ['dice', 'iou', 'sensitivity', 'specificity', 'precision', 'hd95'] as const;

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/**
 * Dice 2tp / (2tp + fp + fn), IoU tp / (tp + fp + fn), sensitivity tp / (tp + fn), specificity tn / (tn + fp), precision
 * tp / (tp + fp), under `METRIC_POLICY`: precision is 0, not undefined, where a class that is there was missed.
 */
export function overlapScores({ tp, fp, fn, tn }: Counts): Omit<Scores, 'hd95'> {
  return {
    dice: ratio(2 * tp, 2 * tp + fp + fn),
    iou: ratio(tp, tp + fp + fn),
    sensitivity: ratio(tp, tp + fn),
    specificity: ratio(tn, tn + fp),
    precision: tp + fp === 0 && fn > 0 ? 0 : ratio(tp, tp + fp),
  };
}

/** Length of the image's diagonal, from corner to corner: the distance that a missed lesion counts as. */
export function imageDiagonal(shape: readonly number[], spacing: readonly number[]): number {
  return Math.hypot(...shape.map((size, axis) => size * (spacing[axis] ?? 1)));
}
