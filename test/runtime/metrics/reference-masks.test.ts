import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNifti } from '../../../runtime/data/nifti.js';
import { evaluateCase } from '../../../runtime/metrics/evaluate.js';

const folder = resolve(import.meta.dirname, '../../../../shared/measures');

/** A pair of binary masks with what MedPy's distances give under our convention, and what MONAI gives. */
interface Pair {
  readonly id: string;
  /** Axes x, y, z; two of a 2-D pair. */
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly voxels_ref: number;
  readonly voxels_pred: number;
  readonly derived: { readonly hd95_max_of_directed: number | null };
  readonly monai: { readonly dice_keep_empty: number; readonly hd95: number | string };
  readonly medpy: { readonly dice: number };
}

const pairs = existsSync(folder)
  ? (JSON.parse(readFileSync(join(folder, 'masks.json'), 'utf8')) as { pairs: Pair[] }).pairs
  : [];

const output = {
  kind: 'classes',
  labels: [
    { name: 'background', values: [0] },
    { name: 'mask', values: [1] },
  ],
} as const;

async function readMask(id: string, which: 'ref' | 'pred') {
  const { header, data } = await readNifti({ file: join(folder, 'nifti', `${id}_${which}.nii.gz`) });
  return { geometry: header.geometry, labels: { data: Uint8Array.from(data), shape: header.geometry.shape } };
}

async function score(id: string) {
  const [truth, prediction] = [await readMask(id, 'ref'), await readMask(id, 'pred')];
  const { spacing, shape } = truth.geometry;
  const { rows } = evaluateCase({
    case: id,
    truth: truth.labels,
    prediction: prediction.labels,
    output,
    spacing,
  });
  return { row: rows[0]!, spacing, shape };
}

/** Diagonal of the volume from corner to corner: our distance of a mask that was missed or invented. */
function diagonal({ shape, spacing }: Pick<Pair, 'shape' | 'spacing'>): number {
  return Math.hypot(...shape.map((size, axis) => size * spacing[axis]!));
}

describe.skipIf(pairs.length === 0)('masks read from NIfTI score as recorded', () => {
  it('has pairs of all kinds', () => {
    expect(pairs).toHaveLength(44);
    expect(pairs.filter(({ spacing }) => new Set(spacing).size > 1).length).toBeGreaterThan(5);
    expect(pairs.filter(({ voxels_ref, voxels_pred }) => voxels_ref * voxels_pred === 0)).toHaveLength(4);
  });

  it.each(pairs.map((pair) => [pair.id, pair] as const))('%s', async (id, pair) => {
    const { row, spacing, shape } = await score(id);
    const [dx, dy, dz = spacing[0]] = pair.spacing;
    [dz, dy!, dx!].forEach((size, axis) => expect(spacing[axis]).toBeCloseTo(size, 6));
    expect([row.tp + row.fn, row.tp + row.fp]).toEqual([pair.voxels_ref, pair.voxels_pred]);
    if (pair.voxels_ref === 0 && pair.voxels_pred === 0) {
      expect([row.dice, row.hd95]).toEqual([null, null]);
    } else if (pair.voxels_ref === 0 || pair.voxels_pred === 0) {
      expect([row.dice, row.hd95]).toEqual([0, diagonal({ shape, spacing })]);
      expect(pair.medpy.dice).toBe(0);
    } else {
      expect(row.dice).toBeCloseTo(pair.medpy.dice, 12);
      expect(row.dice).toBeCloseTo(pair.monai.dice_keep_empty, 6);
      expect(row.hd95).toBeCloseTo(pair.derived.hd95_max_of_directed!, 5);
      // MONAI computes in float32.
      expect(row.hd95).toBeCloseTo(Number(pair.monai.hd95), 3);
    }
  });
});
