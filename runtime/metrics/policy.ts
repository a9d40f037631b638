import type { ReportProtocol } from '../../contract/protocol.js';
import { REGION_THRESHOLD } from '../inference/decide.js';
import { LESION_SETTINGS, MISSED_LESION_HD95, type LesionChallenge } from './lesions.js';

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

/** Definitions of the measures that a protocol's `report` can add, with their rules for empty masks. */
const MEASURE_POLICY = {
  nsd: 'share of the surfaces of truth and prediction within the tolerance of the other surface, weighted by the area (in one slice, the length) of marching cubes, as in DeepMind’s surface-distance; 0 if only one of them has the class, null if neither has',
  assd: 'mm; mean distance between surface voxels, both directions pooled, as in MedPy and MONAI; the diagonal of the image if only one has the class, null if neither has',
  volume:
    'ml; voxels times the voxel size; difference is predicted minus reference, error its absolute value; always defined',
  calibration: 'confidence against accuracy in 15 bins of equal width; ECE is the mean gap, weighted by voxels',
  regions: 'a voxel belongs to a union if it belongs to any of its classes; unions are not part of means over classes',
} as const;

function lesionPolicy(challenge: LesionChallenge): string {
  const { dilation, threshold } = LESION_SETTINGS[challenge];
  return `BraTS 2023, ${challenge.toUpperCase()}: dilation ${dilation}, lesions of at most ${threshold} mm3 are not counted; a missed lesion and a false positive count as Dice 0 and HD95 ${MISSED_LESION_HD95} mm; 1 and 0 if neither has a lesion. HD95 is DeepMind’s, not that of the column HD95`;
}

/** The policy for the measures that a report adds, by measure. */
export function furtherPolicy(report: ReportProtocol): Readonly<Record<string, string>> {
  const texts = report.map(({ kind }): [string, string | undefined] => [
    kind,
    Object.hasOwn(MEASURE_POLICY, kind) ? MEASURE_POLICY[kind as keyof typeof MEASURE_POLICY] : undefined,
  ]);
  const lesions = report.flatMap((item) => (item.kind === 'lesions' ? [lesionPolicy(item.challenge)] : []));
  const known = texts.flatMap(([kind, text]) => (text === undefined ? [] : [[kind, text] as const]));
  return Object.fromEntries([...known, ...lesions.map((text) => ['lesions', text] as const)]);
}
