import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { geometryOf, plainGeometry } from '../../../runtime/data/geometry.js';
import { readNifti, readNiftiHeader } from '../../../runtime/data/nifti.js';
import { encodeNifti, writeNifti } from '../../../runtime/data/nifti-write.js';
import type { SpatialHeader } from '../../../runtime/data/types.js';
import { temporaryFolder, userErrorOf } from './make.js';

const dir = temporaryFolder();
const at = (name: string): string => join(dir, name);

/** A NIfTI-1 file of 2 x 3 x 4 voxels (x, y, z) in any type and byte order. */
function rawFile(
  code: number,
  bytes: number,
  little: boolean,
  values: readonly number[],
  slope = 0,
  inter = 0,
): Buffer {
  const buffer = Buffer.alloc(352 + bytes * values.length);
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  view.setInt32(0, 348, little);
  [3, 2, 3, 4, 1, 1, 1, 1].forEach((size, k) => view.setInt16(40 + 2 * k, size, little));
  view.setInt16(70, code, little);
  view.setInt16(72, 8 * bytes, little);
  [1, 1.5, 2, 3].forEach((size, k) => view.setFloat32(76 + 4 * k, size, little));
  view.setFloat32(108, 352, little);
  view.setFloat32(112, slope, little);
  view.setFloat32(116, inter, little);
  buffer.write('n+1\0', 344, 'latin1');
  const write: Record<number, (offset: number, value: number) => void> = {
    2: (offset, value) => view.setUint8(offset, value),
    4: (offset, value) => view.setInt16(offset, value, little),
    8: (offset, value) => view.setInt32(offset, value, little),
    16: (offset, value) => view.setFloat32(offset, value, little),
    64: (offset, value) => view.setFloat64(offset, value, little),
    256: (offset, value) => view.setInt8(offset, value),
    512: (offset, value) => view.setUint16(offset, value, little),
    768: (offset, value) => view.setUint32(offset, value, little),
    1024: (offset, value) => view.setBigInt64(offset, BigInt(value), little),
  };
  values.forEach((value, k) => write[code]?.(352 + bytes * k, value));
  return buffer;
}

const counting = Array.from({ length: 24 }, (_, k) => k);

describe('readNifti', () => {
  const types: [string, number, number, number][] = [
    ['uint8', 2, 1, 200],
    ['int8', 256, 1, -100],
    ['int16', 4, 2, -30000],
    ['uint16', 512, 2, 60000],
    ['int32', 8, 4, -2000000000],
    ['uint32', 768, 4, 4000000000],
    ['int64', 1024, 8, -5],
    ['float32', 16, 4, 0.25],
    ['float64', 64, 8, 0.1],
  ];
  for (const little of [true, false]) {
    it.each(types)(`reads %s, ${little ? 'little' : 'big'}-endian`, async (name, code, bytes, extreme) => {
      const values = [...counting.slice(0, 23), extreme];
      writeFileSync(at('a.nii'), rawFile(code, bytes, little, values));
      const { header, data } = await readNifti({ file: at('a.nii') });
      expect(header.element).toBe(name);
      expect(header.geometry.shape).toEqual([4, 3, 2]);
      expect(header.geometry.spacing).toEqual([3, 2, 1.5]);
      expect([...data]).toEqual(values);
    });
  }

  it('applies slope and intercept, and takes slope 0 as none', async () => {
    writeFileSync(at('a.nii'), rawFile(4, 2, true, counting, 0.5, -3));
    expect([...(await readNifti({ file: at('a.nii') })).data]).toEqual(counting.map((k) => k * 0.5 - 3));
    writeFileSync(at('a.nii'), rawFile(4, 2, true, counting, 0, 7));
    expect([...(await readNifti({ file: at('a.nii') })).data]).toEqual(counting);
  });

  it('tells packed from plain by content, not by name', async () => {
    writeFileSync(at('plain.nii.gz'), rawFile(2, 1, true, counting));
    writeFileSync(at('packed.nii'), gzipSync(rawFile(2, 1, true, counting)));
    for (const name of ['plain.nii.gz', 'packed.nii']) {
      expect([...(await readNifti({ file: at(name) })).data]).toEqual(counting);
    }
  });

  it('reads the array behind header extensions', async () => {
    const raw = rawFile(2, 1, false, counting);
    const extended = Buffer.concat([raw.subarray(0, 352), Buffer.alloc(1008, 9), raw.subarray(352)]);
    extended.writeFloatBE(352 + 1008, 108);
    writeFileSync(at('a.nii.gz'), gzipSync(extended));
    expect([...(await readNifti({ file: at('a.nii.gz') })).data]).toEqual(counting);
  });

  it('reads the header of a file whose array is cut off, and only that', async () => {
    const packed = gzipSync(rawFile(8, 4, true, [...Array(24).keys()]), { level: 0 });
    writeFileSync(at('cut.nii.gz'), packed.subarray(0, packed.length - 20));
    const plain = rawFile(8, 4, true, counting);
    writeFileSync(at('cut.nii'), plain.subarray(0, 360));
    expect((await readNiftiHeader({ file: at('cut.nii') })).geometry.shape).toEqual([4, 3, 2]);
    expect((await userErrorOf(() => readNifti({ file: at('cut.nii') }))).code).toBe('UNET6005');
    expect((await userErrorOf(() => readNifti({ file: at('cut.nii.gz') }))).code).toBe('UNET6005');
  });
});

describe('bad files', () => {
  const place = (name: string) => ({ file: at(name), caseId: 'CASE_7' });
  const noise = Buffer.from(Array.from({ length: 4000 }, (_, k) => (k * 7919) % 251));

  async function expectFault(name: string, content: Buffer | undefined, code: string, part: RegExp): Promise<void> {
    if (content !== undefined) writeFileSync(at(name), content);
    const error = await userErrorOf(() => readNifti(place(name)));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(part);
    expect(error.message).toContain('CASE_7');
    expect(error.message).toContain(name);
  }

  it('truncated gzip', async () => {
    const packed = gzipSync(Buffer.concat([rawFile(2, 1, true, counting), noise]));
    await expectFault('t1.nii.gz', packed.subarray(0, packed.length - 9), 'UNET6005', /truncated/);
    await expectFault('t2.nii.gz', packed.subarray(0, 40), 'UNET6005', /truncated/);
  });

  it('damaged gzip', async () => {
    const packed = gzipSync(rawFile(2, 1, true, counting));
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 0xff;
    await expectFault('t3.nii.gz', packed, 'UNET6005', /damaged/);
  });

  it('empty file, empty gzip', async () => {
    await expectFault('t4.nii.gz', Buffer.alloc(0), 'UNET6005', /empty/);
    await expectFault('t5.nii.gz', gzipSync(Buffer.alloc(0)), 'UNET6006', /not a NIfTI/);
  });

  it('not a NIfTI', async () => {
    await expectFault('t6.nii.gz', gzipSync(noise), 'UNET6006', /not a NIfTI/);
    await expectFault('t7.nii', noise, 'UNET6006', /not a NIfTI/);
    await expectFault('t8.nii', Buffer.from('hello'), 'UNET6006', /too short/);
  });

  it('a header and image pair', async () => {
    const raw = rawFile(2, 1, true, counting);
    raw.write('ni1\0', 344, 'latin1');
    await expectFault('t9.nii', raw, 'UNET6006', /single-file/);
  });

  it('a header that promises more than the file can hold asks for no memory', async () => {
    const raw = rawFile(4, 2, true, counting);
    [3, 30000, 30000, 30000].forEach((size, k) => raw.writeInt16LE(size, 40 + 2 * k));
    await expectFault('t10.nii', raw, 'UNET6005', /promises 54000000000000 bytes/);
    await expectFault('t11.nii.gz', gzipSync(raw), 'UNET6005', /promises/);
  });

  it('five dimensions, negative sizes, complex voxels', async () => {
    const raw = rawFile(2, 1, true, counting);
    [5, 2, 3, 2, 1, 2].forEach((size, k) => raw.writeInt16LE(size, 40 + 2 * k));
    await expectFault('t12.nii', raw, 'UNET6007', /5 dimensions/);
    raw.writeInt16LE(-3, 44);
    await expectFault('t13.nii', raw, 'UNET6006', /impossible dimensions/);
    const complex = rawFile(2, 1, true, counting);
    complex.writeInt16LE(32, 70);
    await expectFault('t14.nii', complex, 'UNET6007', /data type 32/);
  });

  it('missing file, folder', async () => {
    await expectFault('none.nii.gz', undefined, 'UNET6003', /missing/);
    const error = await userErrorOf(() => readNifti({ file: dir }));
    expect(error.code).toBe('UNET6003');
  });
});

describe('writeNifti', () => {
  const header: SpatialHeader = {
    pixdim: [-1, 0.9375, 1.25, 3],
    qformCode: 1,
    sformCode: 2,
    quaternion: [0.5, -0.5, 0.5, 10, -20, 30],
    rows: [0, 0, -3, 12, 0.9375, 0, 0, -7, 0, 1.25, 0, 5],
    units: 10,
  };
  const geometry = geometryOf([4, 3, 2], header);

  it('keeps mask, geometry and units through a round trip', async () => {
    await writeNifti(at('m.nii.gz'), Uint8Array.from(counting), geometry);
    const read = await readNifti({ file: at('m.nii.gz') });
    expect([...read.data]).toEqual(counting);
    expect(read.data).toBeInstanceOf(Uint8Array);
    expect(read.header.geometry).toEqual(geometry);
    expect(read.header.channels).toBe(1);
  });

  it('writes 4-D probabilities and plain .nii', async () => {
    const data = Float32Array.from({ length: 72 }, (_, k) => k / 72);
    await writeNifti(at('deep/er/p.nii'), data, geometry, 3);
    const read = await readNifti({ file: at('deep/er/p.nii') });
    expect(read.data).toEqual(data);
    expect(read.header.channels).toBe(3);
  });

  it('gives the same bytes each time and leaves no temporary file', async () => {
    await writeNifti(at('same/a.nii.gz'), Uint8Array.from(counting), geometry);
    const first = readFileSync(at('same/a.nii.gz'));
    await writeNifti(at('same/a.nii.gz'), Uint8Array.from(counting), geometry);
    expect(readFileSync(at('same/a.nii.gz')).equals(first)).toBe(true);
    expect(readdirSync(at('same'))).toEqual(['a.nii.gz']);
  });

  it('refuses a shape that is not the array’s, and tells where it cannot write', async () => {
    expect(() => encodeNifti(new Uint8Array(23), geometry)).toThrow(RangeError);
    writeFileSync(at('file'), '');
    const error = await userErrorOf(() => writeNifti(at('file/a.nii.gz'), Uint8Array.from(counting), geometry));
    expect(error.code).toBe('UNET6020');
    expect(error.message).toContain(at('file/a.nii.gz'));
  });

  it('tells a full disk', async () => {
    // /dev/full is Linux's; elsewhere there is nothing to try it on.
    const probe = spawnSync('test', ['-e', '/dev/full']);
    if (probe.status !== 0) return;
    const { cannotWrite } = await import('../../../runtime/data/place.js');
    let caught: unknown;
    try {
      writeFileSync('/dev/full', 'x');
    } catch (error) {
      caught = error;
    }
    expect(cannotWrite('mask.nii.gz', caught).message).toBe('`mask.nii.gz` cannot be written: the disk is full.');
  });
});

const python = spawnSync('/usr/bin/python3', ['-c', 'import nibabel, numpy'], { stdio: 'ignore' }).status === 0;

describe.skipIf(!python)('against nibabel (python3-nibabel of Debian)', () => {
  function run(script: string): string {
    return execFileSync('/usr/bin/python3', ['-c', `import json, numpy as np, nibabel as nib\n${script}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  const affine = '[[0,-1.5,0,4],[2,0,0.1,-3],[0,0,2.5,7],[0,0,0,1]]';
  const kinds: [string, string][] = [
    ['int16 scaled', "i = nib.Nifti1Image(a.astype('<i2'), A); i.header.set_slope_inter(0.5, 2)"],
    ['big-endian float32', "i = nib.Nifti1Image(a.astype('f4'), A, nib.Nifti1Header(endianness='>'))"],
    ['float64', "i = nib.Nifti1Image(a.astype('f8'), A)"],
    ['NIfTI-2 int32', "i = nib.Nifti2Image(a.astype('i4'), A)"],
    ['qform alone', "i = nib.Nifti1Image(a.astype('u1'), None); i.set_qform(R, 1); i.set_sform(None, 0)"],
    ['mirrored qform alone', "i = nib.Nifti1Image(a.astype('u1'), None); i.set_qform(R @ M, 1); i.set_sform(None, 0)"],
    ['sform alone', "i = nib.Nifti1Image(a.astype('u2'), A); i.set_qform(None, 0)"],
  ];

  it.each(kinds)('reads as nibabel does: %s', async (_, make) => {
    const out = run(`
a = np.arange(2*3*4*2).reshape(2,3,4,2)
A = np.array(${affine}, float)
c, s = np.cos(.3), np.sin(.3)
R = np.array([[-c,-s,0,4],[s,-c,0,-3],[0,0,1,7],[0,0,0,1]], float) @ np.diag([2,1.5,2.5,1])
M = np.diag([1,1,-1,1])
${make}
i.to_filename(${JSON.stringify(at('nib.nii.gz'))})
i = nib.load(${JSON.stringify(at('nib.nii.gz'))})
print(json.dumps({'affine': i.affine.ravel().tolist(), 'zooms': [float(z) for z in i.header.get_zooms()[:3]],
  'axes': ''.join(nib.aff2axcodes(i.affine)), 'data': i.get_fdata().transpose(3,2,1,0).ravel().tolist()}))`);
    const theirs = JSON.parse(out) as { affine: number[]; zooms: number[]; axes: string; data: number[] };
    const { header, data } = await readNifti({ file: at('nib.nii.gz') });
    expect([...data]).toEqual(theirs.data);
    expect(header.geometry.orientation).toBe(theirs.axes);
    [...header.geometry.spacing].reverse().forEach((size, k) => expect(size).toBeCloseTo(theirs.zooms[k] ?? 0, 5));
    header.geometry.affine.forEach((entry, k) => expect(entry).toBeCloseTo(theirs.affine[k] ?? 0, 5));
  });

  it('is read by nibabel with the source’s affines and units', async () => {
    run(`
A = np.array(${affine}, float)
i = nib.Nifti1Image(np.zeros((2,3,4), 'i2'), A)
i.set_qform(np.diag([2,1.5,2.5,1]), 1); i.header.set_xyzt_units('mm', 'sec')
i.to_filename(${JSON.stringify(at('source.nii.gz'))})`);
    const { geometry } = await readNiftiHeader({ file: at('source.nii.gz') });
    const data = Float32Array.from({ length: 48 }, (_, k) => k / 10);
    await writeNifti(at('ours.nii.gz'), data, geometry, 2);
    const out = run(`
s, o = nib.load(${JSON.stringify(at('source.nii.gz'))}), nib.load(${JSON.stringify(at('ours.nii.gz'))})
same = lambda f: bool(np.allclose(f(s.header), f(o.header), atol=1e-6))
print(json.dumps({'sform': same(lambda h: h.get_sform()), 'qform': same(lambda h: h.get_qform()),
  'codes': [int(o.header['qform_code']) == int(s.header['qform_code']), int(o.header['sform_code']) == int(s.header['sform_code'])],
  'units': o.header.get_xyzt_units(), 'zooms': same(lambda h: h.get_zooms()[:3]), 'shape': o.shape,
  'data': o.get_fdata().transpose(3,2,1,0).ravel().tolist()}))`);
    expect(JSON.parse(out)).toEqual({
      sform: true,
      qform: true,
      codes: [true, true],
      units: ['mm', 'sec'],
      zooms: true,
      shape: [2, 3, 4, 2],
      data: [...data],
    });
  });
});

it('a plain geometry has no offset and unit directions', () => {
  expect(plainGeometry([2, 2, 2], [3, 2, 1]).affine).toEqual([1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]);
  expect(plainGeometry([2, 2, 2]).orientation).toBe('RAS');
});
