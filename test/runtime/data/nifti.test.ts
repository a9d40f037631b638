import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { geometryOf } from '../../../runtime/data/geometry.js';
import { readNifti, readNiftiHeader } from '../../../runtime/data/nifti.js';
import { encodeNifti, writeNifti } from '../../../runtime/data/nifti-write.js';
import type { SpatialHeader } from '../../../runtime/data/types.js';
import { temporaryFolder, userErrorOf, plainGeometry } from './make.js';
import nibabel from './nibabel.json' with { type: 'json' };
import { rawFile, withFields } from './nifti-bytes.js';

const dir = temporaryFolder();
const at = (name: string): string => join(dir, name);

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
    ['uint64', 1280, 8, 2 ** 40],
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
    await expectFault('t10.nii', raw, 'UNET6005', /specifies 54000000000000 bytes/);
    await expectFault('t11.nii.gz', gzipSync(raw), 'UNET6005', /specifies/);
  });

  it('five dimensions, negative sizes, complex voxels', async () => {
    const raw = rawFile(2, 1, true, counting);
    [5, 2, 3, 2, 1, 2].forEach((size, k) => raw.writeInt16LE(size, 40 + 2 * k));
    await expectFault('t12.nii', raw, 'UNET6007', /5 dimensions/);
    raw.writeInt16LE(-3, 44);
    await expectFault('t13.nii', raw, 'UNET6006', /invalid dimensions/);
    const complex = rawFile(2, 1, true, counting);
    complex.writeInt16LE(32, 70);
    await expectFault('t14.nii', complex, 'UNET6007', /data type 32/);
  });

  it('names the data types that it does not read', async () => {
    const rgb = rawFile(2, 1, true, counting);
    rgb.writeInt16LE(128, 70);
    await expectFault('t15.nii', rgb, 'UNET6007', /data type 128 \(rgb24\)/);
    rgb.writeInt16LE(999, 70);
    await expectFault('t16.nii', rgb, 'UNET6007', /data type 999\.$/);
  });

  it('sizes of 0', async () => {
    const raw = withFields(rawFile(2, 1, true, counting), { dims: [4, 2, 3, 4, 0, 1, 1, 1] });
    await expectFault('t17.nii', raw, 'UNET6006', /invalid dimensions/);
  });

  it('an array that begins within the header', async () => {
    const second = gunzipSync(Buffer.from(nibabel.cases.find(({ name }) => name === 'NIfTI-2')?.file ?? '', 'base64'));
    second.writeBigInt64LE(352n, 168);
    await expectFault('t18.nii', second, 'UNET6006', /invalid array offset \(352\)/);
  });

  it.each([
    [Infinity, 0],
    [-Infinity, 0],
    [2, NaN],
    [2, Infinity],
  ])('an invalid scaling: slope %s, intercept %s', async (slope, intercept) => {
    await expectFault('t19.nii', rawFile(2, 1, true, counting, slope, intercept), 'UNET6126', /invalid scaling/);
  });

  it('bits and bytes that contradict the data type are warnings', async () => {
    const raw = rawFile(4, 2, true, counting);
    writeFileSync(at('a.nii'), Buffer.concat([withFields(raw, { bitpix: 32 }), Buffer.alloc(48)]));
    const { header } = await readNifti({ file: at('a.nii') });
    const faults = header.warnings.map(({ fault }) => fault);
    expect(faults.some((fault) => /specifies 32 bits per voxel .* int16 has 16/.test(fault))).toBe(true);
    expect(faults.some((fault) => fault.startsWith('contains 48 bytes after the voxels'))).toBe(true);
    writeFileSync(at('a.nii'), withFields(raw, { bitpix: 0 }));
    const sound = await readNifti({ file: at('a.nii') });
    expect(sound.header.warnings.filter(({ code }) => code === 'UNET6123')).toEqual([]);
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

  it('writes the spatial fields as the source has them, contradictory ones included', async () => {
    const fields = {
      pixdim: [0, 0, NaN, -7, 5, 6, 7, 8],
      sformCode: 1,
      rows: [0.5, 0, 0, 1, 0, 0.5, 0, 2, 0, 0, 2, 3],
      qformCode: 0,
      quaternion: [0.1, 0.2, 0.3, 4, 5, 6],
      units: 3 + 16,
    };
    const source = withFields(rawFile(2, 1, true, counting), fields);
    writeFileSync(at('source.nii'), source);
    const { header: read } = await readNifti({ file: at('source.nii') });
    const written = encodeNifti(Uint8Array.from(counting), read.geometry);
    expect(written.subarray(76, 92)).toEqual(source.subarray(76, 92));
    expect(written[123]).toBe(3 + 16);
    expect(written.subarray(252, 328)).toEqual(source.subarray(252, 328));
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
    expect(() => encodeNifti(new Uint8Array(40000), plainGeometry([1, 1, 40000]))).toThrow(RangeError);
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

describe('reads as nibabel does (nibabel_reference.py)', () => {
  it.each(nibabel.cases.map((each) => [each.name, each] as const))('%s', async (name, theirs) => {
    writeFileSync(at('nib.nii.gz'), Buffer.from(theirs.file, 'base64'));
    const { header, data } = await readNifti({ file: at('nib.nii.gz') });
    // nibabel leaves lengths in the file's unit.
    const unit = name === 'micrometres' ? 1000 : 1;
    expect([...data]).toEqual(theirs.data);
    expect(header.geometry.orientation).toBe(theirs.axes);
    [...header.geometry.spacing]
      .reverse()
      .forEach((size, k) => expect(size * unit).toBeCloseTo(theirs.sizes[k] ?? 0, 5));
    header.geometry.affine
      .slice(0, 12)
      .forEach((entry, k) => expect(entry * unit).toBeCloseTo(theirs.affine[k] ?? 0, 5));
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

  it('is read by nibabel with the source’s affines and units', async () => {
    run(`
A = np.array([[0,-1.5,0,4],[2,0,0,-3],[0,0,2.5,7],[0,0,0,1]], float)
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
