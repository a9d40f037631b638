import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../runtime/data/dataset.js';
import { isPresent, readIfPresent, readReason } from '../../../runtime/files/file-error.js';
import { openRun } from '../../../runtime/run/run-folder.js';
import { asWriteError } from '../../../runtime/files/atomic-file.js';
import { readSafetensors } from '../../../runtime/files/safetensors.js';
import { openStudy } from '../../../runtime/study/study-folder.js';

const folder = mkdtempSync(path.join(tmpdir(), 'unet-errors-'));
const locked = path.join(folder, 'locked');

beforeAll(() => {
  chmodSync(folder, 0o755);
  mkdirSync(locked);
  for (const name of ['run.json', 'study.json', 'dataset.json', 'w.safetensors'])
    writeFileSync(path.join(locked, name), '{}');
  chmodSync(locked, 0o000);
  writeFileSync(path.join(folder, 'file'), '');
  symlinkSync('loop', path.join(folder, 'loop'));
});
afterAll(() => {
  chmodSync(locked, 0o755);
  rmSync(folder, { recursive: true });
});

/** Does something without the rights of root, whom no permission stops. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65534);
  try {
    return await action();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

describe.skipIf(process.platform === 'win32')('a folder without permission', () => {
  it.each([
    ['run', openRun, 'run.json', 'UNET6069'],
    ['study', openStudy, 'study.json', 'UNET6069'],
    ['data set', openDataset, '', 'UNET6001'],
    ['weights', (each: string) => readSafetensors(path.join(each, 'w.safetensors')), 'w.safetensors', 'UNET6051'],
  ] as const)('of a %s is reported as such, not as missing', async (_, open, file, code) => {
    const error = await asNobody(async () =>
      open(locked).then(
        () => undefined,
        (failure: unknown) => failure,
      ),
    );
    expect(error).toMatchObject({ name: 'UserError', code });
    expect((error as Error).message).toContain(`${path.join(locked, file)}\``);
    expect((error as Error).message).toContain('cannot be read: permission denied');
  });

  it('is not taken for one without the file', async () => {
    await asNobody(async () => {
      expect(() => isPresent(path.join(locked, 'run.json'))).toThrow(expect.objectContaining({ code: 'UNET6069' }));
      await expect(readIfPresent(path.join(locked, 'run.json'))).rejects.toMatchObject({ code: 'UNET6069' });
    });
  });
});

describe('the reason that a file cannot be read', () => {
  it('is the one that the system gives', async () => {
    const reasonOf = (file: string): Promise<string> =>
      readSafetensors(file).then(String, (error: Error) => error.message);
    expect(await reasonOf(path.join(folder, 'none'))).toContain('it does not exist');
    expect(await reasonOf(path.join(folder, 'file', 'below'))).toContain('part of its path is a file, not a folder');
    expect(await reasonOf(folder)).toContain('it is a folder, not a file');
    expect(await reasonOf(path.join(folder, 'loop'))).toContain('its symbolic links form a loop');
    expect(await reasonOf(path.join(folder, 'x'.repeat(300)))).toContain('its name is too long');
    expect(await readIfPresent(path.join(folder, 'none'))).toBeUndefined();
    expect(isPresent(path.join(folder, 'file', 'below'))).toBe(false);
  });

  it('is known for what cannot be brought about here', () => {
    const failed = (code: string): Error => Object.assign(new Error('failed'), { code });
    expect(readReason(failed('EROFS'))).toBe('the file system is read-only');
    expect(readReason(failed('EIO'))).toBe('the disk reported an input/output error');
    expect(readReason(failed('EXYZ'))).toBe('the system reported EXYZ');
    expect(asWriteError(failed('EROFS'), 'f')).toMatchObject({
      message: '`f` could not be written: the file system is read-only.',
    });
  });
});
