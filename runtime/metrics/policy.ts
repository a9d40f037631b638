import { REGION_THRESHOLD } from '../inference/decide.js';

/**
 * What the figures mean where they could mean several things. It is printed with every report, and chosen so that a
 * missed lesion never improves a mean.
 */
export const METRIC_POLICY = {
  rows: 'one for each case and class; the first class, the background, has none; regions each have one',
  both_empty:
    'class in neither truth nor prediction: null except specificity; left out of means, counted in denominators.rows',
  truth_empty:
    'class predicted but not in truth: dice, iou and precision 0, sensitivity null, hd95 the diagonal of the image',
  prediction_empty: 'class missed: dice, iou, sensitivity and precision 0, hd95 the diagonal of the image',
  hd95: 'mm, by the voxel size of the image’s affine; the larger of the two directed 95th percentiles (linear interpolation) of distances between surface voxels, as in MONAI and Metrics Reloaded',
  surface: 'voxels of the mask with a face neighbour outside it (6-connectivity)',
  mean: 'of values that are not null. By `unet evaluate` over all rows, each row counting once, and denominators tell how many; in a study per case over its classes, then over seeds, then over cases',
  confusion: 'voxels summed over cases; confusion[truth][prediction] in the order of classes',
  ece: 'expected calibration error over all voxels of all cases, 15 bins of equal width',
  ece_foreground: 'the same over voxels where truth or prediction is not the background',
  region_threshold: REGION_THRESHOLD,
} as const;

export type MetricPolicy = typeof METRIC_POLICY;
