import { REGION_THRESHOLD } from '../inference/decide.js';
import { labelMap, type LabelScheme } from './label-map.js';

export const CALIBRATION_BINS = 15;

/** Sums over the voxels of each bin of confidence. */
export interface Bins {
  readonly count: number[];
  readonly confidence: number[];
  readonly correct: number[];
}

/** Bins over all voxels, and over those in which truth or prediction is not the background. */
export interface Calibration {
  readonly all: Bins;
  readonly foreground: Bins;
}

export function emptyBins(): Bins {
  const zeros = (): number[] => new Array<number>(CALIBRATION_BINS).fill(0);
  return { count: zeros(), confidence: zeros(), correct: zeros() };
}

/** Bin m of M holds confidences in ((m - 1) / M, m / M]. */
function binOf(confidence: number): number {
  return Math.min(CALIBRATION_BINS - 1, Math.max(0, Math.ceil(confidence * CALIBRATION_BINS) - 1));
}

/** Adds one prediction. */
export function addToBins(bins: Bins, confidence: number, correct: boolean): void {
  const bin = binOf(confidence);
  bins.count[bin]! += 1;
  bins.confidence[bin]! += confidence;
  if (correct) bins.correct[bin]! += 1;
}

/** Adds the sums of `more` to `bins`. */
export function mergeBins(bins: Bins, more: Bins): void {
  for (const key of ['count', 'confidence', 'correct'] as const)
    for (let bin = 0; bin < CALIBRATION_BINS; bin++) bins[key][bin]! += more[key][bin]!;
}

/**
 * Expected calibration error: the mean over predictions of |accuracy - confidence| of their bin (Guo et al. 2017,
 * arXiv:1706.04599). Null without predictions.
 */
export function expectedCalibrationError({ count, confidence, correct }: Bins): number | null {
  const total = count.reduce((sum, value) => sum + value, 0);
  if (total === 0) return null;
  return count.reduce<number>((sum, _, bin) => sum + Math.abs(correct[bin]! - confidence[bin]!), 0) / total;
}

function calibrateClasses(probabilities: Float32Array, truth: Uint8Array, scheme: LabelScheme): Calibration {
  const { cellOf } = labelMap(scheme);
  const result = { all: emptyBins(), foreground: emptyBins() };
  const voxels = truth.length;
  for (let voxel = 0; voxel < voxels; voxel++) {
    let best = 0;
    let confidence = probabilities[voxel]!;
    for (let label = 1; label < scheme.labels.length; label++) {
      const probability = probabilities[label * voxels + voxel]!;
      if (probability > confidence) {
        confidence = probability;
        best = label;
      }
    }
    const actual = cellOf[truth[voxel]!]!;
    addToBins(result.all, confidence, best === actual);
    if (best !== 0 || actual !== 0) addToBins(result.foreground, confidence, best === actual);
  }
  return result;
}

function calibrateRegions(probabilities: Float32Array, truth: Uint8Array, scheme: LabelScheme): Calibration {
  const result = { all: emptyBins(), foreground: emptyBins() };
  const voxels = truth.length;
  labelMap(scheme).rows.forEach(({ selected }, region) => {
    for (let voxel = 0; voxel < voxels; voxel++) {
      const probability = probabilities[region * voxels + voxel]!;
      const predicted = probability > REGION_THRESHOLD;
      const actual = selected[truth[voxel]!] === 1;
      const confidence = predicted ? probability : 1 - probability;
      addToBins(result.all, confidence, predicted === actual);
      if (predicted || actual) addToBins(result.foreground, confidence, predicted === actual);
    }
  });
  return result;
}

/**
 * Confidence against accuracy in one case. For classes the confidence is the largest probability; for regions each
 * region of each voxel is a separate prediction, whose confidence is the larger of the probabilities of being inside
 * and outside.
 * @param probabilities [labels, ...spatial]
 * @param truth values of [...spatial]
 */
export function calibrate(probabilities: Float32Array, truth: Uint8Array, scheme: LabelScheme): Calibration {
  return scheme.kind === 'classes'
    ? calibrateClasses(probabilities, truth, scheme)
    : calibrateRegions(probabilities, truth, scheme);
}
