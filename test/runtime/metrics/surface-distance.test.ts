import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { euclideanDistances } from '../../../runtime/metrics/distance-transform.js';
import { hausdorff95, percentile, surfaceDistances, surfaceOf } from '../../../runtime/metrics/hausdorff.js';
import { averageSurfaceDistance } from '../../../runtime/metrics/assd.js';
import { elementDistances, elementPercentile } from '../../../runtime/metrics/element-distances.js';
import { LESION_SETTINGS, lesionScores } from '../../../runtime/metrics/lesions.js';
import { surfaceDice } from '../../../runtime/metrics/nsd.js';
import { contourLengths, surfaceAreas } from '../../../runtime/metrics/surface-elements.js';
import { evaluateCase } from '../../../runtime/metrics/evaluate.js';
import { ellipsoid, ONE, speckle, type Shape } from './support.js';

const shape: Shape = [11, 14, 17];
const spacing: Shape = [1.3, 0.9, 1.1];
const truth = ellipsoid(shape, [5, 6, 8], [4, 1, 1], 30);
const prediction = ellipsoid(shape, [6, 8, 7], [3, 2, 1], 40);

function distance95(...masks: Parameters<typeof surfaceDistances>): number | undefined {
  const distances = surfaceDistances(...masks);
  return distances && hausdorff95(distances);
}

const python = '/usr/bin/python3';
const script = path.join(import.meta.dirname, 'scipy_reference.py');
const hasScipy = spawnSync(python, ['-c', 'import scipy.ndimage']).status === 0;

interface Reference {
  readonly dice: number;
  readonly hd95: number;
  readonly assd: number;
  readonly lesions: { readonly dice: number; readonly counted: number; readonly false_positives: number };
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
    expect(distance95(truth, prediction, shape, ONE, spacing)).toBeCloseTo(2.751363298439521, 12);
    expect(distance95(truth, prediction, shape, ONE, [1, 1, 1])).toBeCloseTo(3, 12);
  });

  it('is symmetric, 0 for equal masks, undefined for an empty one', () => {
    const there = distance95(truth, prediction, shape, ONE, spacing);
    expect(distance95(prediction, truth, shape, ONE, spacing)).toBe(there);
    expect(distance95(truth, truth, shape, ONE, spacing)).toBe(0);
    expect(distance95(truth, new Uint8Array(truth.length), shape, ONE, spacing)).toBeUndefined();
  });

  it('takes the larger direction, not the pool of both', () => {
    // One stray voxel 10 away: 1 of 2 surface voxels of the prediction, so its own 95th percentile is near 10.
    const line = (...voxels: number[]): Uint8Array =>
      Uint8Array.from({ length: 12 }, (_, i) => (voxels.includes(i) ? 1 : 0));
    expect(distance95(line(0), line(0, 10), [1, 1, 12], ONE, [1, 1, 1])).toBeCloseTo(9.5, 12);
  });

  it('interpolates percentiles as numpy does', () => {
    expect(percentile(Float64Array.of(4, 1, 3, 2), 95)).toBeCloseTo(3.85, 12);
    expect(percentile(Float64Array.of(7), 95)).toBe(7);
  });
});

describe('surface elements', () => {
  /** Recorded from `lookup_tables.py` of surface-distance 1f805cea: sums over all 256 codes of areas and their squares. */
  it.each([
    [[1, 1, 1], 241.34313970553745, undefined],
    [[0.5, 2, 3], 817.07726397425, 3279.905864424758],
  ] as const)('have the areas of the table of surface-distance at %j', (spacing, sum, squares) => {
    const areas = [...surfaceAreas(spacing)];
    expect(areas.reduce((total, area) => total + area)).toBeCloseTo(sum, 10);
    if (squares !== undefined) expect(areas.reduce((total, area) => total + area ** 2, 0)).toBeCloseTo(squares, 9);
  });

  it('have the same area for the complement of a neighbourhood', () => {
    for (const table of [surfaceAreas([0.5, 2, 3]), contourLengths(0.5, 2)])
      table.forEach((area, code) => expect(table[table.length - 1 - code]).toBeCloseTo(area, 12));
  });

  // Recorded from surface-distance 1f805cea on the same masks.
  const sparse: Shape = [7, 13, 9];
  it.each([
    [
      'ellipsoids',
      shape,
      spacing,
      truth,
      prediction,
      2.7,
      [0.33458241412767403, 0.5591036797242424, 0.8366655587681073],
    ],
    [
      'speckles',
      sparse,
      [0.5, 2, 1.25],
      speckle(sparse, 0.05, 1),
      speckle(sparse, 0.2, 2),
      2.5,
      [0.5770764779351585, 0.7257933260318644, 0.8977679814945746],
    ],
    [
      'dense',
      [8, 8, 8],
      [1, 1, 1],
      speckle([8, 8, 8], 0.8, 3),
      speckle([8, 8, 8], 0.9, 4),
      1,
      [0.9248323491996502, 0.9971390782983506, 1],
    ],
  ] as const)('give HD95 and NSD of surface-distance on %s', (_, shape, spacing, truth, prediction, hd95, nsd) => {
    const both = elementDistances(truth, prediction, shape, ONE, spacing)!;
    expect(elementPercentile(both, 95)).toBeCloseTo(hd95, 12);
    [0.5, 1.25, 2].forEach((tolerance, index) => expect(surfaceDice(both, tolerance)).toBeCloseTo(nsd[index]!, 7));
  });

  it('are a contour in one slice', () => {
    const slice = (inside: (y: number, x: number) => boolean): Uint8Array =>
      Uint8Array.from({ length: 42 }, (_, at) => (inside(Math.floor(at / 7), at % 7) ? 1 : 0));
    const first = slice((y, x) => y >= 1 && y < 4 && x >= 2 && x < 6 && !(y === 2 && x === 5));
    const second = slice((y, x) => y >= 2 && y < 5 && x >= 1 && x < 5);
    const both = elementDistances(first, second, [1, 6, 7], ONE, [9, 0.5, 2])!;
    expect(both[0].areas.reduce((sum, area) => sum + area)).toBeCloseTo(21.246211251235323, 10);
    expect(elementPercentile(both, 95)).toBeCloseTo(2.0615528128088303, 12);
    expect(surfaceDice(both, 1)).toBeCloseTo(0.8175061441655171, 12);
  });

  it('counts a distance that equals the tolerance up to the rounding of a header', () => {
    const line = (at: number): Uint8Array => Uint8Array.from({ length: 27 }, (_, voxel) => (voxel === at ? 1 : 0));
    const both = elementDistances(line(13), line(14), [3, 3, 3], ONE, [1, 1, Math.fround(1.0000001)])!;
    expect(surfaceDice(both, 1)).toBe(1);
    expect(surfaceDice(both, 0.999)).toBeLessThan(1);
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
    ['scattered lesions', [20, 24, 22], [2, 1, 1], speckle([20, 24, 22], 0.002, 5), speckle([20, 24, 22], 0.003, 6)],
    [
      'two lesions, one of them missed',
      [12, 40, 30],
      [1, 1, 1],
      Uint8Array.from(ellipsoid([12, 40, 30], [6, 8, 8], [1, 1, 1], 16), (value, index) =>
        Math.max(value, ellipsoid([12, 40, 30], [6, 30, 20], [1, 1, 1], 9)[index]!),
      ),
      ellipsoid([12, 40, 30], [6, 9, 9], [1, 1, 1], 12),
    ],
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
      const assd = averageSurfaceDistance(surfaceDistances(truth, prediction, shape, ONE, spacing)!);
      expect(assd).toBeCloseTo(reference.assd, 10);
      const lesions = lesionScores(truth, prediction, shape, ONE, spacing, LESION_SETTINGS.gli);
      expect(lesions.dice).toBeCloseTo(reference.lesions.dice, 12);
      expect([lesions.counted, lesions.falsePositives]).toEqual([
        reference.lesions.counted,
        reference.lesions.false_positives,
      ]);
      const distances = euclideanDistances(truth, shape, spacing);
      reference.distances.forEach((value, index) => expect(Math.abs(distances[index]! - value)).toBeLessThan(1e-10));
    });
});
