/**
 * Recorded by SciPy's `ndimage.zoom(x, to / from, order, mode='nearest', grid_mode=True)`, cubic clipped to the range of x:
 * what scikit-image's `resize` and thus nnU-Net compute. x: integers 0 to 99 of `default_rng(3)`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resampleChannel } from '../../../../runtime/data/resample/resample.js';

type Shape = readonly [number, number, number];

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'scipy.json'), 'utf8')) as {
  readonly from: Shape;
  readonly to: Shape;
  readonly source: readonly number[];
  readonly cubic: readonly number[];
  readonly linear: readonly number[];
};

describe('resampling that SciPy recorded', () => {
  it.each(['cubic', 'linear'] as const)('is matched by %s interpolation', (interpolation) => {
    const found = resampleChannel(Float32Array.from(recorded.source), recorded, interpolation);
    const expected = recorded[interpolation];
    expect(found.length).toBe(expected.length);
    const differences = expected.map((value, k) => Math.abs(value - found[k]!));
    // The recorded values have four decimals.
    expect(Math.max(...differences)).toBeLessThan(1e-3);
  });
});
