import { appendFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asWriteError, writeFileAtomic } from '../../../runtime/files/atomic-file.js';
import { appendJsonLine, cutMetrics, readMetrics } from '../../../runtime/training/metrics-log.js';
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

describe('the metrics of a run', () => {
  const line = {
    epoch: 1,
    step: 4,
    lr: 0.001,
    loss: 0.5,
    terms: { dice: 0.5 },
    gradientNorm: 1,
    validation: { dice: { edema: null }, mean: null },
    seconds: 1,
    waitedSeconds: 0,
    memory: 100,
  };
  const later = { ...line, epoch: 2, step: 8, validation: undefined };

  it('are appended, cut off at a length, and read without an unfinished last line', async () => {
    const first = await appendJsonLine(file, line);
    await appendJsonLine(file, later);
    await appendFile(file, '{"epoch":');
    expect(await readMetrics(file)).toEqual([line, later]);
    await cutMetrics(file, first);
    expect(await readMetrics(file)).toEqual([line]);
    await cutMetrics(file, 0);
    expect(await readFile(file, 'utf8')).toBe('');
    await cutMetrics(path.join(directory, 'none'), 0);
  });

  it('that are missing, too short or damaged are named', async () => {
    const refusal = (message: RegExp) => ({ code: 'UNET6066', message: expect.stringMatching(message) as string });
    await expect(readMetrics(file)).rejects.toMatchObject(refusal(/file` are missing/));
    await expect(cutMetrics(file, 10)).rejects.toMatchObject(refusal(/are missing/));
    const bytes = await appendJsonLine(file, line);
    await expect(cutMetrics(file, bytes + 1)).rejects.toMatchObject(refusal(/have \d+ bytes/));
    for (const [garbage, message] of [
      ['garbage', /line 2, which is not valid JSON/],
      ['null', /line 2, which must be an object, got null/],
      [JSON.stringify({ ...line, step: '8' }), /line 2, which has an invalid `step`: expected a number, got "8"/],
      [JSON.stringify({ ...line, loss: undefined }), /line 2, which is missing the field `loss`/],
    ] as const) {
      await writeFile(file, `${JSON.stringify(line)}\n${garbage}\n`);
      await expect(readMetrics(file)).rejects.toMatchObject(refusal(message));
      await expect(cutMetrics(file, bytes + garbage.length + 1)).rejects.toMatchObject(refusal(message));
      // What lies beyond the checkpoint may be anything.
      await cutMetrics(file, bytes);
      expect(await readMetrics(file)).toEqual([line]);
    }
  });

  it('tell of a folder that is gone', async () => {
    await expect(appendJsonLine(path.join(directory, 'no', 'file'), {})).rejects.toMatchObject({ code: 'UNET6058' });
  });
});
