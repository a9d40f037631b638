import type { Triple } from '../metrics/box.js';

/** The mapping of intensities to greys: `low` is black, `high` white. */
export interface GreyWindow {
  readonly low: number;
  readonly high: number;
  /** The value of the background around the head, drawn black; undefined if there is none. */
  readonly background: number | undefined;
}

/** The fraction of voxels that must be equal to the corner's value for it to count as the background. */
const BACKGROUND_SHARE = 0.05;
const LOW_PERCENT = 1;
const HIGH_PERCENT = 99.5;
/** Approximate number of voxels sampled; enough for percentiles that look the same. */
const SAMPLES = 200_000;

function backgroundOf(sample: Float32Array, corner: number): number | undefined {
  const count = sample.reduce((sum, value) => sum + (value === corner ? 1 : 0), 0);
  return count > sample.length * BACKGROUND_SHARE && count < sample.length ? corner : undefined;
}

/**
 * The window from the 1st to the 99.5th percentile of non-background values, which is robust to a few bright voxels.
 */
export function greyWindow(image: Float32Array): GreyWindow {
  const stride = Math.max(1, Math.floor(image.length / SAMPLES));
  const sample = Float32Array.from({ length: Math.ceil(image.length / stride) }, (_, index) => image[index * stride]!);
  const background = backgroundOf(sample, image[0]!);
  const values = sample.filter((value) => value !== background && Number.isFinite(value)).sort();
  const at = (percent: number): number => values[Math.round((percent / 100) * (values.length - 1))] ?? 0;
  return { low: at(LOW_PERCENT), high: at(HIGH_PERCENT), background };
}

/** Grey of a value, 0 to 255. */
export function greyOf(value: number, { low, high, background }: GreyWindow): number {
  if (value === background || !Number.isFinite(value)) return 0;
  const part = high > low ? (value - low) / (high - low) : 0.5;
  return Math.round(255 * Math.min(1, Math.max(0, part)));
}

/**
 * The extent [first, end) of non-background voxels along each axis, `margin` voxels wider; the whole volume if the
 * background is unknown.
 */
export function visibleExtents(
  image: Float32Array,
  shape: Triple,
  background: number | undefined,
  margin = 3,
): readonly (readonly [number, number])[] {
  const seen = shape.map((extent) => new Uint8Array(extent));
  let at = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++) {
        if (image[at++] === background) continue;
        seen[0]![z] = 1;
        seen[1]![y] = 1;
        seen[2]![x] = 1;
      }
  return seen.map((flags, axis) => {
    if (!flags.includes(1)) return [0, shape[axis]!] as const;
    return [Math.max(0, flags.indexOf(1) - margin), Math.min(shape[axis]!, flags.lastIndexOf(1) + 1 + margin)] as const;
  });
}
