import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  asFloat32,
  asInt32,
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
  type HostTensor,
} from '../../runtime/safetensors.js';

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

function entry(dtype: string, shape: unknown, offsets: unknown) {
  return { dtype, shape, data_offsets: offsets };
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

  it('turns values into float32 and int32', () => {
    expect(asFloat32({ shape: [2], data: BigInt64Array.of(3n, -1n) })).toEqual(Float32Array.of(3, -1));
    expect(asInt32({ shape: [2], data: Float32Array.of(3, -1) })).toEqual(Int32Array.of(3, -1));
    expect(asInt32({ shape: [1], data: BigInt64Array.of(-1n) })).toEqual(Int32Array.of(-1));
  });

  it.each([
    ['an empty file', new Uint8Array(0), /no header/],
    ['a header beyond the end', fileOf({}, 0).subarray(0, 9), /header is longer/],
    ['a header that is no JSON', fileOf('{"a": ', 4), /not a JSON object/],
    ['a header that is a list', fileOf('[]', 0), /not a JSON object/],
    ['a malformed entry', fileOf({ a: { dtype: 'F32' } }, 4), /tensor `a` is malformed/],
    ['a negative offset', fileOf({ a: entry('F32', [1], [-4, 0]) }, 4), /tensor `a` is malformed/],
    ['a fractional size', fileOf({ a: entry('F32', [1.5], [0, 6]) }, 8), /tensor `a` is malformed/],
    ['an unknown type', fileOf({ a: entry('F8_E4M3', [1], [0, 1]) }, 1), /`a` is of the unsupported type F8_E4M3/],
    ['bytes that do not fit the shape', fileOf({ a: entry('F32', [2], [0, 4]) }, 4), /`a` has 4 bytes for F32 \[2\]/],
    ['a cut file', fileOf({ a: entry('F32', [2], [0, 8]) }, 4), /`a` ends at byte 8 of 4 present/],
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
      refusal(`\`${tmpdir()}\` cannot be read: it is a folder.`),
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
    await expect(readSafetensors(file)).rejects.toThrow(/cut short/);
  });
});

const weights = path.resolve(import.meta.dirname, '../../../shared/parity/dalight3d/weights.safetensors');

describe.skipIf(!existsSync(weights))('recorded references', () => {
  it('holds the 2,219,074 parameters of DALight-3D', async () => {
    const { tensors, metadata } = await readSafetensors(weights);
    expect([...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)).toBe(2_219_074);
    expect(metadata['network']).toBe('dalight3d');
    expect([...tensors.values()].every(({ data }) => data.every((value) => Number.isFinite(Number(value))))).toBe(true);
  });
});
