import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, createGzip, gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { readNifti, readNiftiHeader } from '../../../runtime/data/nifti.js';
import { temporaryFolder, userErrorOf } from './make.js';
import { rawFile } from './nifti-bytes.js';

const MIB = 2 ** 20;
const folder = temporaryFolder();
const image = rawFile(
  2,
  1,
  true,
  Array.from({ length: 24 }, (_, k) => k),
);

/** A gzip stream of an image and 300 MiB of zeros after it. */
async function bomb(): Promise<Buffer> {
  const gzip = createGzip();
  const zeros = Buffer.alloc(MIB);
  const packed: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => packed.push(chunk));
  gzip.write(image);
  for (let count = 0; count < 299; count++) gzip.write(zeros);
  await new Promise<void>((done) => {
    gzip.on('end', done);
    gzip.end(zeros);
  });
  return Buffer.concat(packed);
}

/** Bytes that gzip streams give while something runs. */
async function unpackedDuring(run: () => Promise<unknown>): Promise<number> {
  let bytes = 0;
  const Gunzip = createGunzip().constructor;
  const push = Reflect.get(Readable.prototype, 'push') as (this: Readable, ...part: readonly unknown[]) => boolean;
  const spy = vi.spyOn(Readable.prototype, 'push').mockImplementation(function (this: Readable, chunk, encoding) {
    if (this instanceof Gunzip && chunk !== null) bytes += (chunk as Buffer).byteLength;
    return push.call(this, chunk, encoding);
  });
  await run().finally(() => spy.mockRestore());
  return bytes;
}

function write(name: string, ...parts: readonly Buffer[]): string {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

describe('bytes after the voxels', () => {
  it('are a warning up to 64 KiB', async () => {
    for (const file of [
      write('few.nii', image, Buffer.alloc(65536)),
      write('few.nii.gz', gzipSync(image), gzipSync(Buffer.alloc(65536))),
    ]) {
      const { header, data } = await readNifti({ file });
      expect([data[23], header.warnings.some(({ fault }) => fault.includes('65536 bytes after the voxels'))]).toEqual([
        23,
        true,
      ]);
    }
  });

  it('are refused beyond that, whether packed or not', async () => {
    const zeros = Buffer.alloc(65537);
    for (const file of [
      write('more.nii', image, zeros),
      write('more.nii.gz', gzipSync(Buffer.concat([image, zeros]))),
      write('member.nii.gz', gzipSync(image), gzipSync(zeros)),
      write('members.nii.gz', gzipSync(image), ...Array.from({ length: 9 }, () => gzipSync(Buffer.alloc(8192)))),
    ]) {
      const error = await userErrorOf(() => readNifti({ file }));
      expect([error.code, error.message]).toEqual(['UNET6005', expect.stringContaining('more than 65536 bytes after')]);
    }
  });

  it('that unpack to hundreds of megabytes are not unpacked', async () => {
    const packed = await bomb();
    expect(packed.byteLength).toBeLessThan(MIB);
    for (const file of [write('bomb.nii.gz', packed), write('second.nii.gz', gzipSync(image), packed)]) {
      const unpacked = await unpackedDuring(async () => {
        expect((await userErrorOf(() => readNifti({ file }))).code).toBe('UNET6005');
      });
      expect(unpacked).toBeGreaterThan(65536);
      expect(unpacked).toBeLessThan(8 * MIB);
    }
  });
});

const pipe = join(folder, 'pipe.nii.gz');
describe.skipIf(spawnSync('mkfifo', [pipe]).status !== 0)('an image that is not a regular file', () => {
  it.each([[pipe], ['/dev/zero']])('%s is reported as what it is', async (file) => {
    for (const read of [readNifti, readNiftiHeader]) {
      const error = await userErrorOf(() => read({ file }));
      expect([error.code, error.message]).toEqual(['UNET6155', expect.stringContaining('a device, a pipe')]);
    }
  });
});
