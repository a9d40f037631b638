import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asWriteError, writeFileAtomic } from '../../../runtime/run/atomic-file.js';
import { appendJsonLine, cutFile, readJsonLines } from '../../../runtime/run/metrics-log.js';
import { failWrites } from './full-disk.js';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'unet-files-'));
  file = path.join(directory, 'file');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

describe('writeFileAtomic', () => {
  it('replaces a file and leaves nothing beside it', async () => {
    await writeFileAtomic(file, 'one');
    await writeFileAtomic(file, Uint8Array.of(0x32));
    expect(await readFile(file, 'utf8')).toBe('2');
    expect(await readdir(directory)).toEqual(['file']);
  });

  it.skipIf(process.platform !== 'linux')('keeps the former content on a full disk', async () => {
    await writeFileAtomic(file, 'former');
    await failWrites(() => true);
    const failing = writeFileAtomic(file, new Uint8Array(1000));
    await expect(failing).rejects.toMatchObject({ code: 'UNET6058' });
    await expect(failing).rejects.toThrow(/file` could not be written: the disk is full/);
    expect(await readFile(file, 'utf8')).toBe('former');
    expect(await readdir(directory)).toEqual(['file']);
  });

  it('keeps an error that is no lack of space or permission', () => {
    const error = new Error('other');
    expect(asWriteError(error, file)).toBe(error);
    expect(asWriteError(Object.assign(new Error('x'), { code: 'EROFS' }), file)).toMatchObject({ code: 'UNET6058' });
  });
});

describe('lines of JSON', () => {
  it('are appended, cut off at a length, and read without an unfinished last one', async () => {
    const first = await appendJsonLine(file, { a: 1 });
    await appendJsonLine(file, { a: 2 });
    await appendFile(file, '{"a":');
    expect(await readJsonLines(file)).toEqual([{ a: 1 }, { a: 2 }]);
    await cutFile(file, first);
    expect(await readJsonLines(file)).toEqual([{ a: 1 }]);
    await cutFile(file, 1000);
    await cutFile(path.join(directory, 'none'), 0);
    expect(await readFile(file, 'utf8')).toBe('{"a":1}\n');
  });

  it('tell of a folder that is gone', async () => {
    await expect(appendJsonLine(path.join(directory, 'no', 'file'), {})).rejects.toMatchObject({ code: 'UNET6058' });
    await writeFile(file, '');
    expect(await readJsonLines(file)).toEqual([]);
  });
});
