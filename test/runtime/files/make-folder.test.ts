import type * as Files from 'node:fs/promises';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { fileDigest } from '../../../runtime/data/file-digest.js';
import { makeFolder } from '../../../runtime/files/make-folder.js';
import { makeArrayFolder } from '../../../runtime/study/slurm/array-folder.js';

/** The folder that lies on a read-only file system, `''` for none. */
const readOnly = vi.hoisted(() => ({ folder: '' }));

// As Linux and Node do: a recursive `mkdir` reports ENOENT there, a plain one EROFS.
vi.mock('node:fs/promises', async (original) => {
  const files = await original<typeof Files>();
  const mkdir = (folder: string, options?: { readonly recursive?: boolean }): unknown => {
    if (readOnly.folder === '' || !folder.startsWith(readOnly.folder)) return files.mkdir(folder, options);
    const code = options?.recursive === true ? 'ENOENT' : 'EROFS';
    return Promise.reject(Object.assign(new Error(code), { code }));
  };
  return { ...files, mkdir };
});

const root = mkdtempSync(path.join(tmpdir(), 'unet-folders-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => {
  readOnly.folder = '';
});

describe('a read-only file system', () => {
  it('is reported as that, not as a missing folder', async () => {
    readOnly.folder = root;
    const refused = { code: 'UNET6058', message: expect.stringContaining('the file system is read-only') as string };
    await expect(makeFolder(path.join(root, 'a', 'b'))).rejects.toMatchObject(refused);
    await expect(makeArrayFolder(path.join(root, 'study'))).rejects.toMatchObject(refused);
  });

  it('is named where digests are remembered', async () => {
    const file = path.join(root, 'file');
    writeFileSync(file, 'x');
    vi.useFakeTimers({ now: Date.now() + 60_000, toFake: ['Date'] });
    readOnly.folder = path.join(root, 'cache');
    await expect(fileDigest(readOnly.folder, { file })).rejects.toMatchObject({
      code: 'UNET6020',
      message: expect.stringContaining('the file system is read-only') as string,
    });
    vi.useRealTimers();
  });

  it('leaves no outer folder behind when an inner one cannot be created', async () => {
    readOnly.folder = path.join(root, 'outer', 'inner');
    await expect(makeFolder(readOnly.folder)).rejects.toMatchObject({ code: 'UNET6058' });
    expect(existsSync(path.join(root, 'outer'))).toBe(false);
    readOnly.folder = '';
    expect(await makeFolder(path.join(root, 'outer', 'inner'))).toEqual([
      path.join(root, 'outer'),
      path.join(root, 'outer', 'inner'),
    ]);
  });
});
