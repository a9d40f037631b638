import { describe, expect, it } from 'vitest';
import { geometryOf } from '../../../runtime/data/geometry.js';
import { sameSpacing, spacingText } from '../../../runtime/data/grid.js';
import { parseHeader } from '../../../runtime/data/nifti-header.js';
import { checkLabelGeometry } from '../../../runtime/data/label-geometry.js';
import { placementOf } from '../../../runtime/data/placement.js';
import type { Geometry, SpatialHeader } from '../../../runtime/data/types.js';
import type { UserError } from '../../../runtime/errors/user-error.js';
import { userErrorOf, plainGeometry } from './make.js';
import { type Fields, rawFile, withFields } from './nifti-bytes.js';

const place = { file: 'scan.nii', caseId: 'CASE_7' };
const file = rawFile(2, 1, true, new Array<number>(24).fill(0));

/** An sform with these voxel sizes, turned by 30 degrees about z so that no entry of it is a voxel size. */
function turned([dx, dy, dz]: readonly [number, number, number]): number[] {
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  return [c * dx, -s * dy, 0, 5, s * dx, c * dy, 0, 6, 0, 0, dz, 7];
}

const sound: Fields = { pixdim: [1, 0.5, 0.5, 3], sformCode: 1, rows: turned([0.5, 0.5, 3]), units: 2 };

function read(fields: Fields): Geometry {
  return parseHeader(withFields(file, { ...sound, ...fields }), place).geometry;
}

function expectSpacing(fields: Fields, spacing: readonly number[]): void {
  read(fields).spacing.forEach((size, axis) => expect(size / (spacing[axis] ?? NaN)).toBeCloseTo(1, 6));
}

function warningsOf(fields: Fields): string[] {
  return read(fields).warnings.map(({ code, fault }) => `${code} ${fault}`);
}

describe('the voxel size', () => {
  it('is that of the affine in use', () => {
    expectSpacing({}, [3, 0.5, 0.5]);
    expectSpacing({ pixdim: [1, 1, 1, 1] }, [3, 0.5, 0.5]);
    expectSpacing({ pixdim: [NaN, 0, NaN, Infinity] }, [3, 0.5, 0.5]);
    const qform = { sformCode: 0, qformCode: 1, quaternion: [0, 0, 0.5, 1, 2, 3] };
    expectSpacing({ ...qform, pixdim: [1, 0.7, 0.8, 4] }, [4, 0.8, 0.7]);
    expectSpacing({ ...qform, pixdim: [0, -0.7, 0.8, 4] }, [4, 0.8, 0.7]);
    expectSpacing({ sformCode: 0, pixdim: [1, 0.7, 0.8, 4] }, [4, 0.8, 0.7]);
  });

  it('is in millimetres, whatever the unit of the file', () => {
    expectSpacing({ units: 1 }, [3000, 500, 500]);
    expectSpacing({ units: 3 + 8 }, [3e-3, 5e-4, 5e-4]);
    expectSpacing({ units: 0 }, [3, 0.5, 0.5]);
    expect(read({ units: 3 }).affine[3]).toBeCloseTo(5e-3, 9);
    expect(read({ units: 3 }).header.pixdim).toEqual([1, 0.5, 0.5, 3]);
  });

  it('of a quaternion that rounding made too long is not larger', () => {
    const quaternion = [0.70712, 0.70712, 0, 1, 2, 3];
    expectSpacing({ sformCode: 0, qformCode: 1, quaternion }, [3, 0.5, 0.5]);
  });

  it('along an axis that a 2-D file does not have is 1', () => {
    expectSpacing({ sformCode: 0, dims: [2, 2, 3, 0, 0, 0, 0, 0], pixdim: [1, 0.7, 0.8, 0] }, [1, 0.8, 0.7]);
  });
});

describe('an affine that cannot be used is an error', () => {
  const none = { sformCode: 0, qformCode: 0 };
  const quaternion = { sformCode: 0, qformCode: 1 };
  it.each<[string, Fields, string, RegExp]>([
    ['a column of zeros', { rows: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }, 'UNET6121', /size of 0 along x .*\(sform\)/],
    ['zeros alone', { rows: new Array<number>(12).fill(0) }, 'UNET6121', /size of 0 along x/],
    ['an almost vanishing column', { rows: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1e-9, 0] }, 'UNET6121', /size of 0 along z/],
    ['NaN', { rows: [1, 0, 0, NaN, 0, 1, 0, 0, 0, 0, 1, 0] }, 'UNET6121', /\(sform\) that contains NaN/],
    ['two equal columns', { rows: [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0] }, 'UNET6122', /axes x and y meet at 0\.0°/],
    ['coplanar columns', { rows: [1, 1, 0, 0, 1, -1, 1, 0, 0, 0, 0, 0] }, 'UNET6122', /axes x and z meet at 45\.0°/],
    ['a shear', { rows: [1, 0.1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }, 'UNET6122', /axes x and y meet at 84\.3°/],
    ['a qform with a pixdim of 0', { ...quaternion, pixdim: [1, 1, 0, 1] }, 'UNET6121', /size of 0 along y .*qform/],
    [
      'a qform with a pixdim of NaN',
      { ...quaternion, pixdim: [1, 1, 1, NaN] },
      'UNET6121',
      /\(qform\) that contains NaN/,
    ],
    ['a long quaternion', { ...quaternion, quaternion: [1, 1, 0, 0, 0, 0] }, 'UNET6121', /quaternion \(1, 1, 0\)/],
    ['no transform and a pixdim of 0', { ...none, pixdim: [1, 0, 1, 1] }, 'UNET6121', /size of 0 along x .*pixdim/],
  ])('%s', async (_, fields, code, message) => {
    const error = await userErrorOf(() => read(fields));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('CASE_7');
    expect(error.help, 'a remedy, as a sentence').toMatch(/^[A-Z].{10,}[.?]$/s);
  });

  it('but a shear within rounding is not', () => {
    expect(warningsOf({ rows: [0.5, 0.001, 0, 0, 0, 0.5, 0, 0, 0, 0, 3, 0] })).toEqual([]);
  });
});

describe('a contradictory or incomplete header is a warning', () => {
  it.each<[string, Fields, RegExp]>([
    [
      'pixdim of another length',
      { pixdim: [1, 1, 1, 1] },
      /^UNET6123 .* 3 x 0\.5 x 0\.5 mm .* 1 x 1 x 1 mm by `pixdim`; the affine is used/,
    ],
    ['pixdim of 0', { pixdim: [1, 0, 0.5, 3] }, /^UNET6123 .* 3 x 0\.5 x 0 mm by `pixdim`/],
    ['pixdim of NaN', { pixdim: [1, NaN, 0.5, 3] }, /^UNET6123 .* 3 x 0\.5 x NaN mm by `pixdim`/],
    ['tiny sizes that differ', { pixdim: [1, 5e-4, 5e-4, 3e-3], rows: turned([1e-3, 5e-4, 3e-3]) }, /^UNET6123/],
    [
      'a qform elsewhere',
      { qformCode: 1, quaternion: [0, 0, 0.2588190451, 5, 6, 60] },
      /^UNET6123 .* to different places; the sform/,
    ],
    [
      'a qform along other axes',
      { qformCode: 2, quaternion: [1, 0, 0, 5, 6, 7] },
      /^UNET6123 .* along different axes \(RAS and RPI\)/,
    ],
    ['a qform of NaN', { qformCode: 1, quaternion: [NaN, 0, 0, 5, 6, 7] }, /^UNET6123 .* sform is used/],
    ['no transform', { sformCode: 0 }, /^UNET6124 .* assumed to point to RAS/],
    ['a size of metres', { units: 1 }, /^UNET6125 has voxels of 3000 x 500 x 500 mm \(its unit of length: metre\)/],
    ['an invalid unit', { units: 5 }, /^UNET6125 .* invalid unit of length 5/],
  ])('%s', (_, fields, message) => {
    const warnings = warningsOf(fields);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(message);
  });

  it.each<[string, Fields]>([
    ['a sound header', {}],
    ['rounded sizes', { pixdim: [1, 0.5001, 0.4999, 3.001] }],
    ['negative sizes', { pixdim: [1, -0.5, 0.5, 3] }],
    ['an equal qform', { qformCode: 1, quaternion: [0, 0, 0.2588190451, 5, 6, 7] }],
    ['a qform for another space', { qformCode: 2, quaternion: [0, 0, 0, 50, 60, 70] }],
    ['a qform that is not in use', { qformCode: 0, quaternion: [1, 0, 0, 5, 6, 7] }],
    ['micrometres', { units: 3 }],
    ['no unit', { units: 0 }],
  ])('%s has none', (_, fields) => {
    expect(warningsOf(fields)).toEqual([]);
  });
});

describe('sameSpacing', () => {
  it('is relative', () => {
    expect(sameSpacing([0.004, 1, 1], [0.001, 1, 1])).toBe(false);
    expect(sameSpacing([4e-6, 1, 1], [4.001e-6, 1, 1])).toBe(true);
    expect(sameSpacing([0.9766, 1, 3], [0.9765625, 1, 3])).toBe(true);
    expect(sameSpacing([3000, 1, 1], [3001, 1, 1])).toBe(true);
    expect(sameSpacing([3000, 1, 1], [3100, 1, 1])).toBe(false);
    expect(sameSpacing([1, 1], [1, 1, 1])).toBe(false);
    expect(sameSpacing([NaN, 1, 1], [NaN, 1, 1])).toBe(false);
  });

  it('has a text with four digits, of small sizes too', () => {
    expect(spacingText([3, 0.9765625, 0.00045])).toBe('3 x 0.9766 x 0.00045');
  });
});

/** A header with an sform alone. */
function header(rows: readonly number[]): SpatialHeader {
  return { pixdim: [1, 1, 1, 1], qformCode: 0, sformCode: 1, quaternion: [0, 0, 0, 0, 0, 0], rows, units: 2 };
}

describe('how a label lies on its image', () => {
  // 10 x 8 x 6 voxels (x, y, z) of 1 x 2 x 3 mm, axes to LPS.
  const image = geometryOf([6, 8, 10], header([-1, 0, 0, 9, 0, -2, 0, 14, 0, 0, 3, 0]));
  const grids: [string, Geometry, ReturnType<typeof placementOf>][] = [
    ['the same grid', image, 'same'],
    ['a rounded origin', geometryOf([6, 8, 10], header([-1, 0, 0, 9.05, 0, -2, 0, 14.1, 0, 0, 3, -0.1])), 'same'],
    ['a flipped x', geometryOf([6, 8, 10], header([1, 0, 0, 0, 0, -2, 0, 14, 0, 0, 3, 0])), 'reoriented'],
    ['flipped x and y', geometryOf([6, 8, 10], header([1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0])), 'reoriented'],
    ['x and z swapped', geometryOf([10, 8, 6], header([0, 0, -1, 9, 0, -2, 0, 14, 3, 0, 0, 0])), 'reoriented'],
    [
      'flipped about another centre',
      geometryOf([6, 8, 10], header([1, 0, 0, -9, 0, -2, 0, 14, 0, 0, 3, 0])),
      'orientation',
    ],
    ['the header lost', plainGeometry([6, 8, 10], [3, 2, 1]), 'reoriented'],
    ['the header lost, and the size', plainGeometry([6, 8, 10]), 'orientation'],
    ['another shape', geometryOf([6, 8, 9], header([-1, 0, 0, 9, 0, -2, 0, 14, 0, 0, 3, 0])), 'shape'],
    ['another size', geometryOf([6, 8, 10], header([-1, 0, 0, 9, 0, -2, 0, 14, 0, 0, 4, 0])), 'spacing'],
    ['a shift', geometryOf([6, 8, 10], header([-1, 0, 0, 9, 0, -2, 0, 16, 0, 0, 3, 0])), 'shift'],
    ['a rotation', geometryOf([6, 8, 10], header([-0.96, -0.56, 0, 9, 0.28, -1.92, 0, 14, 0, 0, 3, 0])), 'rotation'],
  ];
  it.each(grids)('%s', (_, label, expected) => {
    expect(placementOf(label, image)).toBe(expected);
  });

  it.each([1e-6, 1e-3, 1e3])('is decided relative to the voxel: sizes times %s', (scale) => {
    const scaled = ({ shape, affine }: Geometry): Geometry =>
      geometryOf(shape, header(affine.slice(0, 12).map((entry) => entry * scale)));
    for (const [, label, expected] of grids) expect(placementOf(scaled(label), scaled(image))).toBe(expected);
  });

  it('ignores the direction of an axis with one voxel', () => {
    const slice = geometryOf([1, 8, 10], header([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 4]));
    const mirrored = geometryOf([1, 8, 10], header([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 4]));
    expect(placementOf(mirrored, slice)).toBe('same');
  });

  async function errorOf(label: Geometry): Promise<UserError> {
    const whole = parseHeader(file, place);
    return userErrorOf(() => checkLabelGeometry(place, { ...whole, geometry: label }, { ...whole, geometry: image }));
  }

  it('is reported with advice that cannot mirror the label', async () => {
    for (const [, label, expected] of grids) {
      if (expected === 'same') continue;
      const { code, message, help } = await errorOf(label);
      expect(code).toBe(expected === 'reoriented' ? 'UNET6120' : 'UNET6009');
      expect(message).toContain('CASE_7');
      expect((help ?? '').replaceAll(/Do not copy the header/g, '')).not.toMatch(/copy/i);
    }
  });

  it.each([
    ['a flipped x', /stores its axes as RPS and the image as LPS/, /Reorient the label to LPS/],
    ['x and z swapped', /as SPL and the image as LPS/, /Reorient the label to LPS/],
    ['flipped about another centre', /RPS and its image as LPS, and the two cover different parts/, /Do not copy/],
    ['another size', /voxel size of 4 x 2 x 1 mm .* its image has 3 x 2 x 1 mm/, /Resample/],
    ['a shift', /shifted by \(0, 2, 0\) mm/, /origin/],
    ['a rotation', /rotated by 16°/, /Resample/],
    ['another shape', /6 x 8 x 9, but its image has 6 x 8 x 10 \(D x H x W\)\.$/, /Resample/],
  ])('%s', async (name, message, help) => {
    const label = grids.find(([each]) => each === name)?.[1] ?? image;
    const error = await errorOf(label);
    expect(error.message).toMatch(message);
    expect(error.help).toMatch(help);
  });
});
