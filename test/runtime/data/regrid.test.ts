import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Box } from '../../../runtime/data/box.js';
import { openPrepared } from '../../../runtime/data/cache.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { geometryOf } from '../../../runtime/data/geometry.js';
import { boxOnGrid, planGrid, restoreProbabilities } from '../../../runtime/data/grid-plan.js';
import { loadCase } from '../../../runtime/data/load-case.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { prepareOnGrid } from '../../../runtime/data/prepare-grid.js';
import { inverseOrder, orderToRas, reorder, reorderedShape } from '../../../runtime/data/resample/axis-order.js';
import { resampleLabels } from '../../../runtime/data/resample/resample.js';
import type { Geometry, SpatialHeader } from '../../../runtime/data/types.js';
import { describeModel, readAll, storedGrid, temporaryFolder, tinySet, userErrorOf } from './make.js';

const root = temporaryFolder();
const zscore = { kind: 'zscore', over: 'nonzero' } as const;

/** The geometry of a volume whose axes are rotated by 20 degrees and stored in an unusual order and direction. */
function oblique(shape: Geometry['shape'], [d, h, w]: readonly [number, number, number]): Geometry {
  const [c, s] = [Math.cos(0.35), Math.sin(0.35)];
  // x runs to the left and up, y to inferior, z to anterior.
  const columns = [
    [-c * w, -s * w, 0],
    [0, 0, -h],
    [-s * d, c * d, 0],
  ];
  const origin = [31.5, -22.25, 104];
  const rows = [0, 1, 2].flatMap((row) => [...columns.map((column) => column[row]!), origin[row]!]);
  const header: SpatialHeader = {
    pixdim: [1, w, h, d],
    qformCode: 0,
    sformCode: 1,
    quaternion: [0, 0, 0, 0, 0, 0],
    rows,
    units: 2,
  };
  return geometryOf(shape, header);
}

function positionOf({ affine }: Pick<Geometry, 'affine'>, [z, y, x]: readonly number[]): number[] {
  return [0, 1, 2].map(
    (r) => affine[4 * r]! * x! + affine[4 * r + 1]! * y! + affine[4 * r + 2]! * z! + affine[4 * r + 3]!,
  );
}

/** An ellipsoid in voxels of a volume. */
function ellipsoid([depth, height, width]: readonly [number, number, number]): Uint8Array {
  return Uint8Array.from({ length: depth * height * width }, (_, k) => {
    const [z, y, x] = [Math.floor(k / (height * width)), Math.floor(k / width) % height, k % width];
    const radius = Math.hypot(z / depth - 0.48, y / height - 0.52, x / width - 0.5);
    return radius < 0.36 ? 1 : 0;
  });
}

function dice(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [both, sum] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    both += a[k]! > 0 && b[k]! > 0 ? 1 : 0;
    sum += (a[k]! > 0 ? 1 : 0) + (b[k]! > 0 ? 1 : 0);
  }
  return (2 * both) / sum;
}

const place = { file: '/data/a.nii.gz', caseId: 'a' };

describe('orderToRas', () => {
  it.each(['RAS', 'LPS', 'SRA', 'ARI', 'PIL', 'IPR'])('turns %s to RAS and back', (orientation) => {
    const order = orderToRas(orientation);
    const shape = [2, 3, 4] as const;
    const source = Uint8Array.from({ length: 24 }, (_, k) => k);
    const turned = reorder(source, shape, order);
    const back = reorder(turned, reorderedShape(shape, order), inverseOrder(order));
    expect(back).toEqual(source);
    // The letters of [D, H, W] in the file, moved as the axes are.
    const letters = [...orientation].reverse();
    expect(order.axes.map((axis) => ['IS', 'PA', 'LR'].findIndex((pair) => pair.includes(letters[axis]!)))).toEqual([
      0, 1, 2,
    ]);
    expect(order.reversed).toEqual(order.axes.map((axis) => 'IPL'.includes(letters[axis]!)));
  });
});

describe('planGrid', () => {
  const geometry = oblique([9, 40, 30], [4, 1, 1.2]);
  const plan = planGrid(place, geometry, {
    ...storedGrid,
    orient: 'ras',
    spacing: { kind: 'fixed', size: [2, 2, 2] },
  });

  it('points the axes to RAS and keeps the extent of the volume', () => {
    expect(geometry.orientation).toBe('LIA');
    expect(plan.geometry.orientation).toBe('RAS');
    expect(plan.geometry.shape).toEqual([20, 18, 18]);
    // Both volumes have the same corners, half a voxel outside the first and last voxel centres.
    const low = positionOf(plan.geometry, [-0.5, -0.5, -0.5]);
    const same = positionOf(geometry, [-0.5, 39.5, 29.5]);
    low.forEach((value, axis) => expect(value).toBeCloseTo(same[axis]!, 9));
    const high = positionOf(plan.geometry, [19.5, 17.5, 17.5]);
    const far = positionOf(geometry, [8.5, -0.5, -0.5]);
    high.forEach((value, axis) => expect(value).toBeCloseTo(far[axis]!, 9));
  });

  it('covers a box of the file', () => {
    // D of the network is H of the file reversed, halved; H is D doubled; W is W of the file reversed, times 0.6.
    const box = boxOnGrid({ origin: [1, 4, 3], size: [2, 11, 10] }, plan);
    expect(box).toEqual({ origin: [12, 2, 10], size: [6, 4, 7] });
    expect(boxOnGrid({ origin: [0, 0, 0], size: [0, 0, 0] }, plan).size).toEqual([0, 0, 0]);
    expect(boxOnGrid({ origin: [0, 0, 0], size: [9, 40, 30] }, plan)).toEqual({
      origin: [0, 0, 0],
      size: [20, 18, 18],
    });
  });

  it('resamples the coarsest axis separately, wherever it is in the file', () => {
    // D of the file runs to anterior: it is the second axis of RAS.
    expect(plan.there.separate).toBe(1);
    expect(plan.back.separate).toBe(1);
  });

  it.each([
    [[100, 1, 1], 'would have 0 x 40 x 36 voxels'],
    [[0.01, 0.01, 0.01], /would have 3600 x 4000 x 3600 voxels \(\d+ GB for each channel\)/],
  ] as const)('refuses a spacing of %j mm', async (size, text) => {
    const error = await userErrorOf(() =>
      planGrid(place, oblique([9, 40, 30], [4, 1, 1.2]), { ...storedGrid, spacing: { kind: 'fixed', size } }),
    );
    expect(error.code).toBe('UNET6131');
    expect(error.message).toMatch(text);
    expect(error.message).toContain('9 x 40 x 30 voxels of 4 x 1 x 1.2 mm');
  });
});

describe('a rotated, anisotropic case', () => {
  it.each([
    [[30, 60, 50], [2.5, 1, 1.2], [1, 1, 1], 0.98],
    [[16, 60, 50], [4, 1, 1.2], [1, 1, 1], 0.98],
    // A coarser grid cannot hold the boundary as it was.
    [[48, 48, 48], [1, 1.5, 1], [1.5, 1.5, 1.5], 0.97],
  ] as const)('of %j voxels of %j mm keeps a mask there and back through %j mm', (shape, spacing, size, least) => {
    const grid = { ...storedGrid, orient: 'ras', spacing: { kind: 'fixed', size } } as const;
    const plan = planGrid(place, oblique(shape, spacing), grid);
    const mask = ellipsoid(shape);
    const there = resampleLabels(reorder(mask, shape, plan.order), plan.there, 'linear');
    const probabilities = new Float32Array(2 * there.length);
    there.forEach((value, k) => (probabilities[value * there.length + k] = 1));
    const restored = restoreProbabilities({ data: probabilities, shape: [2, ...plan.there.to] }, plan);
    expect(restored.shape).toEqual([2, ...shape]);
    const foreground = restored.data.subarray(mask.length).map((value) => (value > 0.5 ? 1 : 0));
    expect(dice(mask, foreground)).toBeGreaterThan(least);
    for (let k = 0; k < mask.length; k++) expect(restored.data[k]! + restored.data[mask.length + k]!).toBeCloseTo(1, 5);
  });
});

describe('prepared cases on another grid', () => {
  const grid = { ...storedGrid, spacing: { kind: 'fixed', size: [2, 1.5, 1.25] } } as const;
  const preparation = { ...grid, orient: 'ras', normalize: zscore } as const;
  const open = async (name: string) => openDataset(tinySet(join(root, name), { cases: 1, shape: [12, 14, 16] }));

  it('contain what is computed from the files, one entry for each grid and normalisation', async () => {
    const dataset = await open('entries');
    const [each] = dataset.cases;
    const cache = join(root, 'cache');
    const decoded = await prepareOnGrid(place, await decodeCase(dataset, each!), preparation);
    const prepared = await openPrepared(cache, dataset, each!, preparation);
    expect(prepared.geometry).toEqual(decoded.geometry);
    const shape = [...decoded.geometry.shape] as [number, number, number];
    const all: Box = { origin: [0, 0, 0], size: shape };
    const { image, label } = await readAll(prepared, all, [0, 1, 2, 3]);
    expect(Float32Array.from(image)).toEqual(decoded.image);
    expect(Uint8Array.from(label)).toEqual(decoded.label);
    const others = [
      { ...preparation, orient: 'as_stored' },
      { ...preparation, normalize: { kind: 'none' } },
      { ...preparation, resample: { kind: 'interpolate', images: 'linear', labels: 'linear' } },
      { ...preparation, spacing: { kind: 'fixed', size: [1.5, 1.5, 1.25] } },
    ] as const;
    for (const other of others) await openPrepared(cache, dataset, each!, other);
    await openPrepared(cache, dataset, each!, preparation);
    expect(readdirSync(cache).filter((name) => name.endsWith('.zarr'))).toHaveLength(1 + others.length);
  });

  it('leave the inputs, label and geometry of a loaded case as they are', async () => {
    const dataset = await open('loaded');
    const matching = matchInputs(dataset, describeModel());
    const plain = await loadCase(dataset, 'CASE_00', matching, { ...storedGrid, normalize: zscore });
    const loaded = await loadCase(dataset, 'CASE_00', matching, preparation, join(root, 'cache-loaded'));
    const { regridded, ...rest } = loaded;
    expect(rest).toEqual(plain);
    const decoded = await loadCase(dataset, 'CASE_00', matching, preparation);
    expect(decoded.regridded!.inputs).toEqual(regridded!.inputs);
    expect(Object.values(regridded!.inputs)[0]!.shape.slice(1)).not.toEqual([12, 14, 16]);
  });
});
