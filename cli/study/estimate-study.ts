import { patchValues } from '../../compiler/ir/patch.js';
import { estimateTime, estimateVolume, workOf } from '../../compiler/study/estimate-time.js';
import { windowOrigins } from '../../runtime/inference/windows.js';
import { totalBatches } from '../../runtime/training/train.js';
import type { StudyPlan } from './plan-study.js';

/** The estimated costs of a row. */
export interface RowEstimate {
  readonly name: string;
  readonly secondsPerStep: number;
  /** Training time of all its jobs together, in seconds. */
  readonly trainingSeconds: number;
  /** Prediction time for the test cases of all its jobs together, excluding loading and scoring. */
  readonly predictionSeconds: number;
}

/** Estimates the time for the rows of a study, where each job has its own cores. */
export function estimateRows({ compiled, protocol, threads }: StudyPlan): readonly RowEstimate[] {
  const { protocol: shared, folds, seeds, data } = protocol;
  const batches = folds.reduce((sum, { train }) => {
    return sum + totalBatches(shared, Math.ceil(train.length / shared.batch));
  }, 0);
  const shapes = folds.flatMap(({ test }) => test.map((id) => data.cases.find((each) => each.id === id)!.shape));
  return compiled.study.models.map(({ name, network, patch }) => {
    const sizes = patchValues(network, patch);
    const time = estimateTime(workOf(network, sizes, shared.batch), threads);
    const window = workOf(network, sizes);
    const tile = { size: patch, offset: patch.map(() => 0) };
    const passes = 2 ** new Set(shared.validate.mirror?.axes).size;
    const windows = shapes.reduce((sum, shape) => {
      const extents = shape.slice(-patch.length).map((extent, axis) => Math.max(extent, patch[axis]!));
      const slices = shape.slice(0, shape.length - patch.length).reduce((product, size) => product * size, 1);
      return sum + slices * passes * windowOrigins(extents, tile, shared.validate.overlap).length;
    }, 0);
    return {
      name,
      secondsPerStep: time.step * shared.accumulate,
      trainingSeconds: seeds.length * (batches * time.step + folds.length * (time.firstStep - time.step)),
      predictionSeconds: seeds.length * estimateVolume(window, windows, threads),
    };
  });
}

/**
 * Estimates the seconds for all jobs together, excluding loading and scoring: at least as long as the longest job.
 * @param left remaining jobs per row
 * @param ofRow total number of jobs per row, which `rows` covers
 */
export function estimateJobs(
  rows: readonly RowEstimate[],
  { left, ofRow, atATime }: { readonly left: readonly number[]; readonly ofRow: number; readonly atATime: number },
): number {
  const ofJob = rows.map(({ trainingSeconds, predictionSeconds }) => (trainingSeconds + predictionSeconds) / ofRow);
  const sum = ofJob.reduce((total, seconds, index) => total + left[index]! * seconds, 0);
  return Math.max(sum / atATime, ...ofJob.filter((_, index) => left[index]! > 0));
}
