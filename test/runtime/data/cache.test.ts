import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { truncateSync, utimesSync, writeFileSync } from 'node:fs';
import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openPrepared } from '../../../runtime/data/cache.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { encodeNifti } from '../../../runtime/data/nifti-write.js';
import { holdsForeground } from '../../../runtime/data/patch.js';
import type { Box } from '../../../runtime/data/box.js';
import type { Dataset } from '../../../runtime/data/types.js';
import { memorySource, type VoxelSource } from '../../../runtime/data/voxel-source.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { type Shape, intensity, readAll, temporaryFolder, tinySet, userErrorOf, plainGeometry } from './make.js';

const root = temporaryFolder();
const shape: Shape = [6, 8, 10];
/** Several chunks along every axis. */
const large: Shape = [20, 90, 100];
let count = 0;

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

interface Setting {
  readonly dataset: Dataset;
  readonly cache: string;
  readonly open: (k?: number) => Promise<VoxelSource>;
}

async function setting(own: Shape = shape, cases = 1): Promise<Setting> {
  const dataset = await openDataset(tinySet(join(root, `set${count}`), { cases, shape: own }));
  const cache = join(root, `cache${count++}`);
  return { dataset, cache, open: (k = 0) => openPrepared(cache, dataset, dataset.cases[k]!) };
}

function entries(cache: string): string[] {
  return readdirSync(cache).filter((name) => name !== 'digests');
}

/** All files of the one prepared case there is. */
function filesOf(cache: string): string[] {
  const [entry = ''] = entries(cache);
  const names = readdirSync(join(cache, entry), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(cache, entry, name)).filter((path) => statSync(path).isFile());
}

async function voxel(source: VoxelSource): Promise<number | undefined> {
  return (await readAll(source, { origin: [2, 3, 4], size: [1, 1, 1] }, [1])).image[0];
}

function randomBox(seed: number, within: Shape, longest: number): Box {
  const random = randomStream(seed, 'box');
  const size = within.map((length) => 1 + random.integer(Math.min(length, longest))) as [number, number, number];
  const origin = within.map((length, axis) => random.integer(length - (size[axis] ?? 0) + 1)) as Shape;
  return { origin, size };
}

describe('a prepared case', () => {
  it('gives any box of any channels as the files have it', async () => {
    const { dataset, open } = await setting(large);
    const [kept, whole] = [await open(), memorySource(await decodeCase(dataset, dataset.cases[0]!))];
    expect([kept.geometry, kept.statistics]).toEqual([whole.geometry, whole.statistics]);
    for (let seed = 0; seed < 30; seed++) {
      const box = randomBox(seed, large, 60);
      const channels = [[0, 1, 2, 3], [3], [2, 0]][seed % 3] ?? [];
      const [own, other] = [await readAll(kept, box, channels), await readAll(whole, box, channels)];
      const equal = Buffer.from(own.image.buffer).equals(Buffer.from(other.image.buffer));
      expect([equal, Buffer.from(own.label).equals(Buffer.from(other.label))]).toEqual([true, true]);
    }
  });

  it('reads the chunks that a box touches, and for most draws of a patch none', async () => {
    const { open } = await setting(large);
    const source = await open();
    const read = vi.spyOn(fs.promises, 'readFile');
    const keys = (): string[] => read.mock.calls.map(([file]) => (file as string).replace(/^.*\.zarr\//, '')).sort();
    // A chunk of the image is 8 x 40 x 40, one of the label 20 x 80 x 80.
    await readAll(source, { origin: [6, 10, 70], size: [4, 32, 10] }, [1]);
    expect(keys()).toEqual([
      'image/c/0/0/0/1',
      'image/c/0/0/1/1',
      'image/c/0/1/0/1',
      'image/c/0/1/1/1',
      'label/c/0/0/0',
    ]);
    read.mockClear();
    expect(await holdsForeground(source, { origin: [0, 0, 60], size: [20, 40, 40] }, 100)).toBe(true);
    expect(await holdsForeground(source, { origin: [0, 0, 0], size: [20, 90, 40] }, 0)).toBe(false);
    expect(keys()).toEqual([]);
  });

  it('knows where foreground is as well as its label does', async () => {
    const { dataset, open } = await setting(large);
    const [kept, whole] = [await open(), memorySource(await decodeCase(dataset, dataset.cases[0]!))];
    for (let seed = 0; seed < 60; seed++) {
      const box = randomBox(seed, large, 24);
      const exact = (await readAll(whole, box, [])).label.filter((value) => value !== 0).length;
      const { atLeast, atMost } = kept.foreground(box);
      expect([atLeast <= exact, exact <= atMost]).toEqual([true, true]);
      for (const above of [0, exact - 1, exact, exact + 1]) {
        expect(await holdsForeground(kept, box, above)).toBe(exact > above);
        expect(await holdsForeground(whole, box, above)).toBe(exact > above);
      }
    }
  });

  it('is a Zarr v3 group that needs nothing of ours to be read', async () => {
    const { cache, open } = await setting(large);
    await open();
    const [entry = ''] = entries(cache);
    const json = (name: string) =>
      JSON.parse(readFileSync(join(cache, entry, name), 'utf8')) as Record<string, unknown>;
    expect(json('zarr.json')).toMatchObject({ zarr_format: 3, node_type: 'group' });
    expect(json('image/zarr.json')).toMatchObject({
      zarr_format: 3,
      node_type: 'array',
      shape: [4, 20, 90, 100],
      data_type: 'int16',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: [4, 8, 40, 40] } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      codecs: [
        { name: 'bytes', configuration: { endian: 'little' } },
        { name: 'gzip', configuration: { level: 1 } },
      ],
      fill_value: 0,
      dimension_names: ['c', 'z', 'y', 'x'],
    });
    const chunk = gunzipSync(readFileSync(join(cache, entry, 'image/c/0/1/2/2')));
    expect(chunk.length).toBe(2 * 4 * 8 * 40 * 40);
    // Channel 3, slice 1, row 5, column 6 of chunk (1, 2, 2).
    expect(chunk.readInt16LE(2 * (((3 * 8 + 1) * 40 + 5) * 40 + 6))).toBe(intensity(0, 3, 9, 85, 86));
  });

  const python = '/usr/bin/python3';
  it.skipIf(!existsSync(python))('is decoded by Python alike', async () => {
    const { cache, open } = await setting(large);
    const box: Box = { origin: [7, 30, 35], size: [3, 20, 20] };
    const { image } = await readAll(await open(), box, [0, 1, 2, 3]);
    const script = join(import.meta.dirname, 'read_zarr.py');
    const flags = [join(cache, entries(cache)[0] ?? '', 'image'), '0:4', '7:10', '30:50', '35:55'];
    const { stdout, stderr } = spawnSync(python, [script, ...flags], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([...image]);
  });
});

describe('the folder of prepared cases', () => {
  it('uses a case again, also for a copy of the data set and after a touch', async () => {
    const { dataset, cache, open } = await setting();
    const made = intensity(0, 1, 2, 3, 4);
    expect(await voxel(await open())).toBe(made);
    const names = entries(cache);
    expect(names).toHaveLength(1);
    expect(names.join()).not.toContain('CASE');
    const { ino } = statSync(join(cache, names[0] ?? ''));
    utimesSync(dataset.cases[0]!.images[0]!, 1, 1);
    expect(await voxel(await open())).toBe(made);
    cpSync(dataset.dir, `${dataset.dir}copy`, { recursive: true });
    const copy = await openDataset(`${dataset.dir}copy`);
    expect(await voxel(await openPrepared(cache, copy, copy.cases[0]!))).toBe(made);
    expect(entries(cache)).toEqual(names);
    expect(statSync(join(cache, names[0] ?? '')).ino).toBe(ino);
  });

  it('notices a changed file, also one of the same size and time', async () => {
    const { dataset, open } = await setting();
    const {
      images: [image = ''],
    } = dataset.cases[0]!;
    // Not packed, so that two contents have one size.
    const overwrite = (value: number): void => {
      writeFileSync(image, encodeNifti(new Int16Array(4 * 480).fill(value), plainGeometry(shape), 4));
      utimesSync(image, 1, 1);
    };
    overwrite(9);
    expect(await voxel(await open())).toBe(9);
    overwrite(8);
    expect(await voxel(await open())).toBe(8);
  });

  it('reads a file that has not changed for a while once', async () => {
    const { cache, open } = await setting();
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now + 5000);
    await open();
    const read = vi.spyOn(fs, 'createReadStream');
    const digests = readdirSync(join(cache, 'digests'));
    expect(digests).toHaveLength(2);
    for (const name of digests) expect(readFileSync(join(cache, 'digests', name), 'utf8')).toMatch(/"[0-9a-f]{64}"/);
    await open();
    expect(read).not.toHaveBeenCalled();
  });

  it('tells labels that a changed dataset.json no longer has', async () => {
    const { dataset, cache, open } = await setting();
    await open();
    const fewer = { ...dataset, labels: dataset.labels.slice(0, 3) };
    const error = await userErrorOf(() => openPrepared(cache, fewer, dataset.cases[0]!));
    expect([error.code, error.message.includes('CASE_00')]).toEqual(['UNET6012', true]);
  });

  it('is written whole by several at once', async () => {
    const { dataset, cache, open } = await setting(large);
    const script = join(import.meta.dirname, 'prepare-case.ts');
    const other = spawn(process.execPath, ['--import', 'tsx', script, dataset.dir, cache], { stdio: 'pipe' });
    const exit = once(other, 'exit');
    await once(other.stdout, 'data');
    const sources = await Promise.all([open(), open(), open()]);
    for (const source of sources) expect(await voxel(source)).toBe(intensity(0, 1, 2, 3, 4));
    expect((await exit)[0]).toBe(0);
    expect(entries(cache)).toHaveLength(1);
    expect(entries(cache).join()).not.toContain('tmp');
  });

  it('holds no half case after a kill, and loses what was left of it later', async () => {
    const { dataset, cache, open } = await setting([64, 160, 160]);
    const script = join(import.meta.dirname, 'prepare-case.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, dataset.dir, cache], { stdio: 'pipe' });
    const exit = once(child, 'exit');
    while (!existsSync(cache) || entries(cache).length === 0) await setTimeout(2);
    child.kill('SIGKILL');
    await exit;
    const [left = ''] = entries(cache);
    expect(entries(cache)).toHaveLength(1);
    expect(left).toMatch(/\.tmp$/);
    expect(await voxel(await open())).toBe(intensity(0, 1, 2, 3, 4));
    expect(entries(cache)).toHaveLength(2);
    utimesSync(join(cache, left), 1, 1);
    writeFileSync(
      dataset.cases[0]!.images[0]!,
      encodeNifti(new Int16Array(4 * 64 * 160 * 160), plainGeometry([64, 160, 160]), 4),
    );
    await open();
    expect(entries(cache).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('damage', () => {
  const flip = (file: string): void => {
    const bytes = readFileSync(file);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };
  const damages: [string, (file: string) => void][] = [
    ['a changed bit', flip],
    ['a cut file', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['an empty file', (file) => writeFileSync(file, '')],
    ['a missing file', (file) => rmSync(file)],
  ];

  it.each(damages)('of any file, %s, is noticed and repaired', async (_, damage) => {
    const { dataset, cache, open } = await setting();
    const whole = memorySource(await decodeCase(dataset, dataset.cases[0]!));
    const all: Box = { origin: [0, 0, 0], size: shape };
    const truth = await readAll(whole, all, [0, 1, 2, 3]);
    await open();
    const sound = filesOf(cache).map((file) => [file, readFileSync(file)] as const);
    expect(sound.length).toBe(7);
    for (const [file] of sound) {
      damage(file);
      const source = await open();
      expect(await readAll(source, all, [0, 1, 2, 3])).toEqual(truth);
      expect(source.statistics).toEqual(whole.statistics);
      for (const [each, bytes] of sound) expect(readFileSync(each)).toEqual(bytes);
    }
  });

  it('of a case that is open is repaired, also where it was removed', async () => {
    const { cache, open } = await setting();
    const source = await open();
    for (const damage of [flip, (file: string) => rmSync(file)]) {
      damage(filesOf(cache).find((file) => file.includes('/image/c/')) ?? '');
      expect(await voxel(source)).toBe(intensity(0, 1, 2, 3, 4));
    }
    rmSync(join(cache, entries(cache)[0] ?? ''), { recursive: true });
    expect(await voxel(source)).toBe(intensity(0, 1, 2, 3, 4));
  });

  it('of a label counts no foreground twice', async () => {
    const { cache, open } = await setting(large);
    const source = await open();
    const box: Box = { origin: [3, 61, 50], size: [9, 23, 37] };
    const exact = (await readAll(source, box, [])).label.filter((value) => value !== 0).length;
    const { atLeast, atMost } = source.foreground(box);
    expect([atLeast <= exact, exact < atMost]).toEqual([true, true]);
    for (const chunk of ['label/c/0/0/0', 'label/c/0/1/0', 'label/c/0/1/1']) {
      flip(join(cache, entries(cache)[0] ?? '', chunk));
      expect(await holdsForeground(source, box, exact)).toBe(false);
    }
  });

  it('where the data has changed meanwhile is an error', async () => {
    const { dataset, cache, open } = await setting();
    const source = await open();
    writeFileSync(dataset.cases[0]!.images[0]!, encodeNifti(new Int16Array(4 * 480), plainGeometry(shape), 4));
    rmSync(join(cache, entries(cache)[0] ?? ''), { recursive: true });
    const error = await userErrorOf(() => voxel(source));
    expect([error.code, error.message.includes('CASE_00')]).toEqual(['UNET6003', true]);
  });
});

describe('the bound of the folder', () => {
  const sizeOf = (cache: string): number => {
    const text = readFileSync(join(cache, entries(cache)[0] ?? '', 'zarr.json'), 'utf8');
    return (JSON.parse(text) as { attributes: { case: { bytes: number } } }).attributes.case.bytes;
  };
  const age = (path: string, seconds: number): void => utimesSync(path, 1e9 - seconds, 1e9 - seconds);

  it('removes the cases longest unused, and nothing that is not ours', async () => {
    const { cache, open } = await setting(shape, 4);
    await open(0);
    const one = sizeOf(cache);
    const first = entries(cache)[0] ?? '';
    await open(1);
    const second = entries(cache).find((name) => name !== first) ?? '';
    mkdirSync(join(cache, 'mine.zarr'));
    age(join(cache, first), 10);
    age(join(cache, second), 20);
    vi.stubEnv('UNET_CACHE_SIZE', `${3 * one - 1}`);
    await open(1);
    age(join(cache, first), 10);
    await open(2);
    expect(entries(cache)).not.toContain(first);
    expect(entries(cache)).toContain(second);
    expect(entries(cache)).toHaveLength(3);
    expect(existsSync(join(cache, 'mine.zarr'))).toBe(true);
  });

  it('never removes the case just made, and warns where cases of one run push each other out', async () => {
    const { cache, open } = await setting(shape, 2);
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    vi.stubEnv('UNET_CACHE_SIZE', '1kB');
    for (const k of [0, 1, 0]) {
      expect(await voxel(await open(k))).toBe(intensity(k, 1, 2, 3, 4));
      expect(entries(cache)).toHaveLength(1);
    }
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([expect.stringMatching(/UNET_CACHE_SIZE/)]);
  });

  it('refuses a size it cannot read', async () => {
    const { open } = await setting();
    for (const bad of ['lots', '-1GB', '20 apples', 'GB']) {
      vi.stubEnv('UNET_CACHE_SIZE', bad);
      expect((await userErrorOf(() => open())).code).toBe('UNET6030');
    }
    for (const good of ['20GB', '1.5 tib', '100000000']) {
      vi.stubEnv('UNET_CACHE_SIZE', good);
      await open();
    }
  });
});

describe('a disk that cannot be written', () => {
  it('full, it is one message, and nothing half-written stays', async () => {
    const { dataset, cache } = await setting();
    const write = fs.promises.writeFile;
    let left = 3;
    vi.spyOn(fs.promises, 'writeFile').mockImplementation(async (file, data) => {
      if (left-- > 0) return write(file, data);
      await write(file, (data as Uint8Array).slice(0, 5));
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    });
    const error = await userErrorOf(() => openPrepared(cache, dataset, dataset.cases[0]!));
    expect([error.code, error.message]).toEqual(['UNET6020', expect.stringMatching(/the disk is full/)]);
    expect(entries(cache)).toEqual([]);
  });

  it('no folder, it is told where', async () => {
    const { dataset } = await setting();
    const file = join(root, 'file');
    copyFileSync(dataset.cases[0]!.images[0]!, file);
    const error = await userErrorOf(() => openPrepared(join(file, 'x'), dataset, dataset.cases[0]!));
    expect([error.code, error.message.includes(file)]).toEqual(['UNET6020', true]);
  });
});
