import { blendWeights, type Blend } from './blend.js';
import { outputOffset } from './windows.js';

/** An output of the network, as the sliding window uses it. */
export interface WindowOutput {
  /** For messages. */
  readonly name: string;
  readonly kind: 'classes' | 'regions';
  /** The number of labels, which is the number of channels. */
  readonly labels: number;
  /** Spatial size of the output for one window; defaults to that of the patch. */
  readonly size?: readonly number[];
}

/** The weighted mean of an output's windows over a volume. */
export interface Accumulator {
  /**
   * Adds a window's logits, [labels, ...size] from index `at` of `logits` on; voxels outside the volume are ignored.
   * @returns false if a value is not finite
   */
  add(logits: Float32Array, at: number, origin: readonly number[]): boolean;
  /** Returns the mean logits, [labels, ...extents], and ends the accumulator. */
  mean(): Float32Array;
}

/** The range [from, to) of a tile that is inside the volume. */
function inside(start: number, size: number, extent: number): readonly [number, number] {
  return [Math.max(0, -start), Math.min(size, extent - start)];
}

/**
 * Sums in float32, in place: 4 bytes for each label and voxel, and 4 more for each voxel's weight.
 * @param patch and `extents` of the same rank as `output.size`
 */
export function accumulate(
  output: WindowOutput,
  patch: readonly number[],
  extents: readonly number[],
  blend: Blend,
): Accumulator {
  const size = output.size ?? patch;
  const offset = outputOffset(patch, size);
  const weights = blendWeights(size, blend);
  const tileVoxels = weights.length;
  const voxels = extents.reduce((product, extent) => product * extent, 1);
  const sums = new Float32Array(output.labels * voxels);
  const total = new Float32Array(voxels);
  const lastAxis = size.length - 1;

  /**
   * Calls `take` for each run of voxels along the last axis with the first voxel in the tile, the first in the volume,
   * and the count.
   */
  const eachRun = (origin: readonly number[], take: (tile: number, volume: number, length: number) => void): void => {
    const starts = origin.map((value, axis) => value + offset[axis]!);
    const walk = (axis: number, tile: number, volume: number): void => {
      const [from, to] = inside(starts[axis]!, size[axis]!, extents[axis]!);
      const tileBase = tile * size[axis]!;
      const volumeBase = volume * extents[axis]! + starts[axis]!;
      if (axis === lastAxis) take(tileBase + from, volumeBase + from, Math.max(0, to - from));
      else for (let i = from; i < to; i++) walk(axis + 1, tileBase + i, volumeBase + i);
    };
    walk(0, 0, 0);
  };

  const add = (logits: Float32Array, at: number, origin: readonly number[]): boolean => {
    let check = 0;
    eachRun(origin, (tile, volume, length) => {
      for (let i = 0; i < length; i++) total[volume + i]! += weights[tile + i]!;
      for (let label = 0; label < output.labels; label++) {
        const from = at + label * tileVoxels + tile;
        const to = label * voxels + volume;
        for (let i = 0; i < length; i++) {
          const value = logits[from + i]!;
          check += value * 0;
          sums[to + i]! += weights[tile + i]! * value;
        }
      }
    });
    // Zero times a finite number is zero; times infinity or NaN it is NaN.
    return check === 0;
  };

  const mean = (): Float32Array => {
    for (let i = 0; i < sums.length; i++) sums[i]! /= total[i % voxels]!;
    return sums;
  };
  return { add, mean };
}
