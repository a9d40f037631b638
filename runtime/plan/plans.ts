import { medians, targetSpacingOf } from '../data/target-spacing.js';
import { type Conditions, type Configuration, planConfiguration } from './configuration.js';
import type { Fingerprint } from './fingerprint.js';
import { product, roundHalfToEven } from './numbers.js';
import { type Preset } from './preset.js';

/** A configuration of lower resolution is planned if the patch covers less than this share of the median case. */
const LARGE_IMAGE = 0.25;
const COARSER = 1.03;

/** nnU-Net's plans for a data set; axes of 3-D configurations are in `order`, those of the 2-D one without the first. */
export interface Plans {
  /** The axis of [D, H, W] at each place: the one with the coarsest spacing first. */
  readonly order: readonly number[];
  /** Millimetres along [D, H, W]. */
  readonly targetSpacing: readonly number[];
  /** Whether the coarsest axis takes the 10th percentile of its spacings instead of their median. */
  readonly refined: boolean;
  readonly configurations: {
    readonly '2d': Configuration;
    readonly '3d_fullres'?: Configuration;
    readonly '3d_lowres'?: Configuration;
  };
}

const AXES = [0, 1, 2] as const;

/** Plans for larger spacings until a patch covers a quarter of the median case; nothing if that hardly differs. */
function planLowResolution(full: Configuration, conditions: Conditions): Configuration | undefined {
  const { spacing: fine, medianSize } = full;
  const share = (patch: readonly number[], voxels: number): number => product(patch) / voxels;
  let spacing = [...fine];
  let voxels = product(medianSize);
  let plan: Configuration | undefined;
  while (share((plan ?? full).patch, voxels) < LARGE_IMAGE) {
    const coarsest = Math.max(...spacing);
    const finer = spacing.map((each) => coarsest / each > 2);
    spacing = spacing.map((each, axis) => (!finer.includes(true) || finer[axis] === true ? each * COARSER : each));
    const size = medianSize.map((extent, axis) => (fine[axis]! / spacing[axis]!) * extent);
    voxels = product(size);
    plan = planConfiguration(conditions, spacing, size.map(roundHalfToEven), voxels * conditions.cases);
  }
  return product(medianSize) / voxels < 2 ? undefined : plan;
}

/**
 * Plans as nnU-Net 2 does (Isensee et al. 2021, 2024).
 * @param memory gigabytes of GPU memory; defaults to the preset's
 * @throws RangeError if the memory only fits patches too small for a single pooling
 */
export function planNetworks(fingerprint: Fingerprint, preset: Preset, memory: number = preset.memory): Plans {
  const { spacing: target, refined } = targetSpacingOf(fingerprint);
  const coarsest = target.indexOf(Math.max(...target));
  const order = [coarsest, ...AXES.filter((axis) => axis !== coarsest)];
  const cases = fingerprint.shapes.length;
  const sizes = fingerprint.shapes.map((shape, index) =>
    shape.map((extent, axis) => roundHalfToEven((fingerprint.spacings[index]![axis]! / target[axis]!) * extent)),
  );
  const inOrder = (values: readonly number[]): number[] => order.map((axis) => values[axis]!);
  const medianSize = inOrder(medians(sizes));
  const spacing = inOrder(target);
  const voxels = product(medianSize) * cases;
  const conditions: Conditions = { preset, memory, labels: fingerprint.labels, cases };
  const flat = planConfiguration(conditions, spacing.slice(1), medianSize.slice(1), voxels);
  if (medianSize[0] === 1) return { order, targetSpacing: target, refined, configurations: { '2d': flat } };
  const full = planConfiguration(conditions, spacing, medianSize, voxels);
  const low = planLowResolution(full, conditions);
  const configurations = { '2d': flat, '3d_fullres': full, ...(low === undefined ? {} : { '3d_lowres': low }) };
  return { order, targetSpacing: target, refined, configurations };
}
