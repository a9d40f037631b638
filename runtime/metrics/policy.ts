import { REGION_THRESHOLD } from '../inference/decide.js';

/**
 * Conventions for undefined and ambiguous cases of the metrics. Printed with every report, and chosen so that a missed
 * lesion never improves a mean.
 */
export const METRIC_POLICY = {
  rows: 'one per case and class, except the first class (background); one per case and region',
  both_empty:
    'class in neither truth nor prediction: null except specificity; excluded from means, counted in denominators.rows',
  truth_empty:
    'class predicted but not in truth: dice, iou and precision 0, sensitivity null, hd95 the diagonal of the image',
  prediction_empty: 'class missed: dice, iou, sensitivity and precision 0, hd95 the diagonal of the image',
  hd95: 'mm, using the voxel size from the affine of the image; the larger of the two directed 95th percentiles (linear interpolation) of distances between surface voxels, as in MONAI and Metrics Reloaded',
  surface: 'voxels of the mask with a face neighbour outside it (6-connectivity)',
  mean: 'over values that are not null. In `unet evaluate`, over all rows with equal weight (see denominators for their number); in a study, per case over its classes, then over seeds, then over cases',
  confusion: 'voxels summed over cases; confusion[truth][prediction] in the order of classes',
  ece: 'expected calibration error over all voxels of all cases, 15 bins of equal width',
  ece_foreground: 'the same over voxels that are not background in the truth or the prediction',
  region_threshold: REGION_THRESHOLD,
} as const;

export type MetricPolicy = typeof METRIC_POLICY;
