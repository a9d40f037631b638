import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../runtime/errors/user-error.js';
import {
  asFloat32,
  asInt32,
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  sizeOf,
  writeSafetensors,
  type HostTensor,
} from '../../../runtime/files/safetensors.js';

function example(): Map<string, HostTensor> {
  return new Map<string, HostTensor>([
    ['bytes', { shape: [3], data: Uint8Array.of(1, 2, 255) }],
    ['plain', { shape: [2, 2], data: Float32Array.of(1, -2, 3.5, 1e-20) }],
    ['whole', { shape: [2], data: BigInt64Array.of(-5n, 2n ** 40n) }],
    ['double', { shape: [], data: Float64Array.of(Math.PI) }],
    ['int', { shape: [1, 2], data: Int32Array.of(-1, 7) }],
    ['empty', { shape: [0, 4], data: new Float32Array(0) }],
  ]);
}

/** A file with the given header, and `size` bytes of data. */
function fileOf(header: unknown, size: number): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = Buffer.alloc(8 + text.length + size);
  bytes.writeBigUInt64LE(BigInt(text.length));
  text.copy(bytes, 8);
  return bytes;
}

function hugeHeader(): Uint8Array {
  const bytes = fileOf({}, 0);
  new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, 100_000_001n, true);
  return bytes;
}

function entry(dtype: string, shape: unknown, offsets: unknown) {
  return { dtype, shape, data_offsets: offsets };
}

/** The start of a ZIP archive whose first entry has this name. */
function zipOf(name: string): Uint8Array {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

describe('safetensors', () => {
  it('gives back what was written', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(example(), { b: '2', a: '1' }), 'f');
    expect(new Map([...tensors].sort())).toEqual(new Map([...example()].sort()));
    expect(metadata).toEqual({ a: '1', b: '2' });
  });

  it('writes the same bytes for the same content, data on multiples of 8', () => {
    const bytes = encodeSafetensors(example(), { b: '2', a: '1' });
    expect(encodeSafetensors(example(), { a: '1', b: '2' })).toEqual(bytes);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it('widens halves', () => {
    const bytes = fileOf({ h: entry('F16', [4], [0, 8]), b: entry('BF16', [1], [8, 10]) }, 10);
    const view = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 10);
    [0x3c00, 0xc000, 0x0001, 0x7c00, 0x3fc0].forEach((bits, at) => view.setUint16(2 * at, bits, true));
    const { tensors } = decodeSafetensors(bytes, 'f');
    expect([...tensors.get('h')!.data]).toEqual([1, -2, 2 ** -24, Infinity]);
    expect([...tensors.get('b')!.data]).toEqual([1.5]);
  });

  it('refuses a header whose length is one byte short, padded or not', () => {
    for (const padding of ['', '        ']) {
      const header = JSON.stringify({ a: entry('U8', [8], [0, 8]) }) + padding;
      const bytes = fileOf(header, 8);
      expect(decodeSafetensors(bytes, 'f').tensors.size).toBe(1);
      new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(0, BigInt(header.length - 1), true);
      expect(() => decodeSafetensors(bytes, 'f')).toThrow(expect.objectContaining({ code: 'UNET6051' }));
    }
  });

  it('of which some bytes changed is refused, or every tensor is where its header says', () => {
    const whole = encodeSafetensors(example(), { note: 'x' });
    const change = fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) });
    const mangled = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
          const bytes = Uint8Array.from(whole);
          for (const { at, value } of changes) bytes[at] = value;
          return bytes;
        }),
      },
      fc.nat(whole.length - 1).map((size) => whole.subarray(0, size)),
      fc.uint8Array({ minLength: 1, maxLength: 16 }).map((more) => Uint8Array.of(...whole, ...more)),
    );
    let read = 0;
    fc.assert(
      fc.property(mangled, (bytes) => {
        try {
          const { tensors } = decodeSafetensors(bytes, 'f');
          const size = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
          const header = Number(new DataView(Uint8Array.from(bytes).buffer).getBigUint64(0, true));
          // No half is among its types, so values take as many bytes as in the file.
          expect(size).toBe(bytes.length - 8 - header);
          for (const { shape, data } of tensors.values()) expect(data).toHaveLength(sizeOf(shape));
          read++;
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          expect(['UNET6051', 'UNET6161']).toContain(error.code);
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
    // Changed values cannot be told from others: the format has no checksum.
    expect(read).toBeGreaterThan(50);
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'is empty'],
    ['a web page', Buffer.from('<!DOCTYPE html>\n<html>'), 'is a web page (HTML)'],
    ['an LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), 'is a Git LFS pointer'],
    ['a .pt file', zipOf('archive/data.pkl'), 'is a PyTorch file'],
    ['a .npz file', zipOf('weight.npy'), 'is a NumPy archive'],
    ['another archive', zipOf('readme.txt'), 'is a ZIP archive'],
    ['a pickle', Buffer.from('\x80\x02\x8a\x0a', 'latin1'), 'is a Python pickle'],
    ['an .npy file', Buffer.from('\x93NUMPY\x01\x00', 'latin1'), 'is a NumPy array'],
    ['an HDF5 file', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), 'is an HDF5 file'],
    ['gzip', Buffer.from('\x1f\x8b\x08', 'latin1'), 'is a gzip file'],
    ['JSON', Buffer.from('{"a": 1}'), 'is a JSON file'],
  ])('reports %s as what it is', (_, bytes, what) => {
    expect(() => decodeSafetensors(bytes, 'some/file')).toThrow(
      expect.objectContaining({
        code: 'UNET6161',
        message: expect.stringContaining(`\`some/file\` ${what}`) as string,
      }),
    );
  });

  it('names the two lines of Python that convert a PyTorch file', () => {
    expect(() => decodeSafetensors(zipOf('archive/data.pkl'), 'net.pt')).toThrow(
      expect.objectContaining({ help: expect.stringMatching(/torch\.load\("net\.pt", weights_only=True\)/) as string }),
    );
  });

  it('is no gzip file for a header whose length begins with the same bytes', () => {
    const header = `${JSON.stringify({ a: entry('U8', [1], [0, 1]) })}`.padEnd(0x8b1f, ' ');
    expect(decodeSafetensors(fileOf(header, 1), 'f').tensors.size).toBe(1);
  });

  it('turns values into float32 and int32', () => {
    expect(asFloat32({ shape: [2], data: BigInt64Array.of(3n, -1n) })).toEqual(Float32Array.of(3, -1));
    expect(asInt32({ shape: [2], data: Float32Array.of(3, -1) })).toEqual(Int32Array.of(3, -1));
    expect(asInt32({ shape: [1], data: BigInt64Array.of(-1n) })).toEqual(Int32Array.of(-1));
  });

  it.each([
    ['a file of a few bytes', Uint8Array.of(1, 2, 3), /no header/],
    ['a header beyond the end', fileOf({}, 0).subarray(0, 9), /header is longer/],
    ['a header that is no JSON', fileOf('{"a": ', 4), /not a JSON object/],
    ['a header that is a list', fileOf('[]', 0), /does not begin with `\{`/],
    ['a header after a space', fileOf(' {}', 0), /does not begin with `\{`/],
    ['a malformed entry', fileOf({ a: { dtype: 'F32' } }, 4), /tensor `a` is missing the field `shape`/],
    [
      'a negative offset',
      fileOf({ a: entry('F32', [1], [-4, 0]) }, 4),
      /tensor `a` has an invalid `data_offsets.0`: expected at least 0, got -4/,
    ],
    ['a fractional size', fileOf({ a: entry('F32', [1.5], [0, 6]) }, 8), /tensor `a` has an invalid `shape.0`/],
    ['an unknown type', fileOf({ a: entry('F8_E4M3', [1], [0, 1]) }, 1), /`a` has the unsupported type F8_E4M3/],
    ['bytes that do not fit the shape', fileOf({ a: entry('F32', [2], [0, 4]) }, 4), /`a` has 4 bytes for F32 \[2\]/],
    ['a cut file', fileOf({ a: entry('F32', [2], [0, 8]) }, 4), /`a` ends at byte 8, but there are only 4 bytes/],
    [
      'a name twice',
      fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{}}', 1),
      /contains `a` twice/,
    ],
    ['an overlap', fileOf({ a: entry('U8', [4], [0, 4]), b: entry('U8', [4], [2, 6]) }, 6), /`b` overlaps another/],
    ['a gap', fileOf({ a: entry('U8', [2], [0, 2]), b: entry('U8', [2], [4, 6]) }, 6), /2 bytes before the tensor `b`/],
    ['unused bytes', fileOf({ a: entry('U8', [2], [0, 2]) }, 5), /last 3 bytes do not belong to any tensor/],
    ['sizes that overflow', fileOf({ a: entry('U8', [2 ** 50, 2 ** 50], [0, 4]) }, 4), /too large/],
    ['a header of 100 MB', hugeHeader(), /header length is 100000001 bytes/],
    ['metadata that is no table', fileOf({ __metadata__: { a: 1 } }, 0), /__metadata__/],
  ])('names file and fault for %s', (_, bytes, fault) => {
    expect(() => decodeSafetensors(bytes, 'some/file')).toThrow(fault);
    expect(() => decodeSafetensors(bytes, 'some/file')).toThrow(/`some\/file`/);
    expect(() => decodeSafetensors(bytes, 'some/file')).toThrow(expect.objectContaining({ code: 'UNET6051' }));
  });

  it('names a file that does not exist, and a folder', async () => {
    const refusal = (message: string) => ({ code: 'UNET6051', message });
    await expect(readSafetensors('/nowhere/w.safetensors')).rejects.toMatchObject(
      refusal('`/nowhere/w.safetensors` cannot be read: it does not exist.'),
    );
    await expect(readSafetensors(tmpdir())).rejects.toMatchObject(
      refusal(`\`${tmpdir()}\` cannot be read: it is a folder, not a file.`),
    );
  });

  it('writes files under their name alone', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'unet-'));
    const file = path.join(directory, 'w.safetensors');
    await writeSafetensors(file, example());
    expect(await readdir(directory)).toEqual(['w.safetensors']);
    expect((await readSafetensors(file)).tensors.get('int')).toEqual(example().get('int'));
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 1));
    await expect(readSafetensors(file)).rejects.toThrow(/truncated/);
  });
});

const weights = path.resolve(import.meta.dirname, '../../../../shared/parity/dalight3d/weights.safetensors');

describe.skipIf(!existsSync(weights))('recorded references', () => {
  it('holds the 2,219,074 parameters of DALight-3D', async () => {
    const { tensors, metadata } = await readSafetensors(weights);
    expect([...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(2_219_074);
    expect(metadata['network']).toBe('dalight3d');
    expect([...tensors.values()].every(({ data }) => data.every((value) => Number.isFinite(Number(value))))).toBe(true);
  });
});
