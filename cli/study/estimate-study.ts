import { patchValues } from '../../compiler/ir/patch.js';
import { estimateTime, estimateVolume, workOf } from '../../compiler/study/estimate-time.js';
import { windowOrigins } from '../../runtime/inference/windows.js';
import { totalSteps } from '../../runtime/training/train.js';
import type { StudyPlan } from './plan-study.js';

/** What a row is expected to take; all numbers are estimates. */
export interface RowEstimate {
  readonly name: string;
  readonly secondsPerStep: number;
  /** Of all its jobs together, seconds. */
  readonly trainingSeconds: number;
  /** Of all its jobs together: prediction of their test cases, without reading and scoring them. */
  readonly predictionSeconds: number;
}

/** The time a study's rows are expected to take, each job with its own cores. */
export function estimateRows({ compiled, protocol, threads }: StudyPlan): readonly RowEstimate[] {
  const { protocol: shared, folds, seeds, data } = protocol;
  const steps = folds.reduce((sum, { train }) => sum + totalSteps(shared, Math.ceil(train.length / shared.batch)), 0);
  const shapes = folds.flatMap(({ test }) => test.map((id) => data.cases.find((each) => each.id === id)!.shape));
  return compiled.study.models.map(({ name, network, patch }) => {
    const sizes = patchValues(network, patch);
    const time = estimateTime(workOf(network, sizes, shared.batch), threads);
    const window = workOf(network, sizes);
    const tile = { size: patch, offset: patch.map(() => 0) };
    const windows = shapes.reduce((sum, shape) => {
      const extents = shape.slice(-patch.length).map((extent, axis) => Math.max(extent, patch[axis]!));
      const slices = shape.slice(0, shape.length - patch.length).reduce((product, size) => product * size, 1);
      return sum + slices * windowOrigins(extents, tile, shared.validate.overlap).length;
    }, 0);
    return {
      name,
      secondsPerStep: time.step,
      trainingSeconds: seeds.length * (steps * time.step + folds.length * (time.firstStep - time.step)),
      predictionSeconds: seeds.length * estimateVolume(window, windows, threads),
    };
  });
}

/**
 * Seconds that jobs are expected to take together, without reading and scoring: no less than the longest of them.
 * @param left jobs to do of each row
 * @param ofRow jobs of a row in all, which `rows` is about
 */
export function estimateJobs(
  rows: readonly RowEstimate[],
  { left, ofRow, atATime }: { readonly left: readonly number[]; readonly ofRow: number; readonly atATime: number },
): number {
  const ofJob = rows.map(({ trainingSeconds, predictionSeconds }) => (trainingSeconds + predictionSeconds) / ofRow);
  const sum = ofJob.reduce((total, seconds, index) => total + left[index]! * seconds, 0);
  return Math.max(sum / atATime, ...ofJob.filter((_, index) => left[index]! > 0));
}
