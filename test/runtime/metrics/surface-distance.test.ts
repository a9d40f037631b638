import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { euclideanDistances } from '../../../runtime/metrics/distance-transform.js';
import { hausdorff95, percentile, surfaceOf } from '../../../runtime/metrics/hausdorff.js';
import { evaluateCase } from '../../../runtime/metrics/evaluate.js';
import { ellipsoid, ONE, speckle, type Shape } from './support.js';

const shape: Shape = [11, 14, 17];
const spacing: Shape = [1.3, 0.9, 1.1];
const truth = ellipsoid(shape, [5, 6, 8], [4, 1, 1], 30);
const prediction = ellipsoid(shape, [6, 8, 7], [3, 2, 1], 40);

const python = '/usr/bin/python3';
const script = path.join(import.meta.dirname, 'scipy_reference.py');
const hasScipy = spawnSync(python, ['-c', 'import scipy.ndimage']).status === 0;

interface Reference {
  readonly dice: number;
  readonly hd95: number;
  readonly distances: readonly number[];
}

function scipy(shape: Shape, spacing: Shape, truth: Uint8Array, prediction: Uint8Array): Reference {
  const input = JSON.stringify({ shape, spacing, truth: [...truth], prediction: [...prediction] });
  const { stdout, stderr, status } = spawnSync(python, [script], { input, encoding: 'utf8', maxBuffer: 1e9 });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return JSON.parse(stdout) as Reference;
}

describe('distances', () => {
  it('are those of scipy.ndimage.distance_transform_edt 1.10.1, recorded', () => {
    const distances = euclideanDistances(truth, shape, spacing);
    expect(distances.reduce((sum, value) => sum + value)).toBeCloseTo(7679.776566108034, 8);
    expect(distances[0]).toBeCloseTo(7.327346040688949, 12);
    expect(distances.at(-1)).toBeCloseTo(7.704544113703289, 12);
    expect(distances[(2 * 14 + 9) * 17 + 3]).toBeCloseTo(2.7092434368288134, 12);
  });

  it('are infinite without a feature and 0 on features', () => {
    expect([...euclideanDistances(Uint8Array.of(0, 0), [2], [1])]).toEqual([Infinity, Infinity]);
    expect([...euclideanDistances(Uint8Array.of(0, 1, 0, 0), [4], [2])]).toEqual([2, 0, 2, 4]);
  });
});

describe('surface', () => {
  it('is a mask without the voxels all of whose face neighbours are in it', () => {
    const cube = new Uint8Array(27).fill(1);
    expect([...surfaceOf(cube, [3, 3, 3], [false, false, false])]).toEqual([...cube.with(13, 0)]);
  });

  it('ignores an axis of one voxel', () => {
    const slice = new Uint8Array(9).fill(1);
    expect([...surfaceOf(slice, [1, 3, 3], [true, false, false])]).toEqual([...slice.with(4, 0)]);
  });
});

describe('HD95', () => {
  it('is what SciPy and numpy give, recorded', () => {
    expect(hausdorff95(truth, prediction, shape, ONE, spacing)).toBeCloseTo(2.751363298439521, 12);
    expect(hausdorff95(truth, prediction, shape, ONE, [1, 1, 1])).toBeCloseTo(3, 12);
  });

  it('is symmetric, 0 for equal masks, undefined for an empty one', () => {
    const there = hausdorff95(truth, prediction, shape, ONE, spacing);
    expect(hausdorff95(prediction, truth, shape, ONE, spacing)).toBe(there);
    expect(hausdorff95(truth, truth, shape, ONE, spacing)).toBe(0);
    expect(hausdorff95(truth, new Uint8Array(truth.length), shape, ONE, spacing)).toBeUndefined();
  });

  it('takes the larger direction, not the pool of both', () => {
    // One stray voxel 10 away: 1 of 2 surface voxels of the prediction, so its own 95th percentile is near 10.
    const line = (...voxels: number[]): Uint8Array =>
      Uint8Array.from({ length: 12 }, (_, i) => (voxels.includes(i) ? 1 : 0));
    expect(hausdorff95(line(0), line(0, 10), [1, 1, 12], ONE, [1, 1, 1])).toBeCloseTo(9.5, 12);
  });

  it('interpolates percentiles as numpy does', () => {
    expect(percentile(Float64Array.of(4, 1, 3, 2), 95)).toBeCloseTo(3.85, 12);
    expect(percentile(Float64Array.of(7), 95)).toBe(7);
  });
});

describe.skipIf(!hasScipy)('SciPy of this machine', () => {
  const cases: readonly [string, Shape, Shape, Uint8Array, Uint8Array][] = [
    ['ellipsoids', shape, spacing, truth, prediction],
    [
      'far apart, thick slices',
      [9, 20, 20],
      [5, 0.7, 0.7],
      ellipsoid([9, 20, 20], [2, 4, 4], [3, 1, 1], 9),
      ellipsoid([9, 20, 20], [7, 15, 16], [3, 1, 1], 12),
    ],
    ['speckles', [7, 13, 9], [0.5, 2, 1.25], speckle([7, 13, 9], 0.05, 1), speckle([7, 13, 9], 0.2, 2)],
    ['dense', [8, 8, 8], [1, 1, 1], speckle([8, 8, 8], 0.8, 3), speckle([8, 8, 8], 0.9, 4)],
  ];
  for (const [name, shape, spacing, truth, prediction] of cases)
    it(`agrees on ${name}`, () => {
      const reference = scipy(shape, spacing, truth, prediction);
      const [row] = evaluateCase({
        case: name,
        truth: { data: truth, shape },
        prediction: { data: prediction, shape },
        spacing,
        output: {
          kind: 'classes',
          labels: [
            { name: 'none', values: [0] },
            { name: 'tumour', values: [1] },
          ],
        },
      }).rows;
      expect(row!.dice).toBeCloseTo(reference.dice, 12);
      expect(row!.hd95).toBeCloseTo(reference.hd95, 10);
      const distances = euclideanDistances(truth, shape, spacing);
      reference.distances.forEach((value, index) => expect(Math.abs(distances[index]! - value)).toBeLessThan(1e-10));
    });
});
