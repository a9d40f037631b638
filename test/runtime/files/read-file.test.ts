import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { diskHost } from '../../../cli/disk-host.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { readDigest } from '../../../runtime/data/file-digest.js';
import { readRegularFile, readTextFile } from '../../../runtime/files/read-file.js';
import { readSafetensors } from '../../../runtime/files/safetensors.js';

const folder = mkdtempSync(path.join(tmpdir(), 'unet-read-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => path.join(folder, name);

/** A pipe that nobody writes to, which blocks whoever opens it as a file. */
const pipe = at('pipe');
const piped = spawnSync('mkfifo', [pipe]).status === 0;
symlinkSync('/dev/zero', at('dataset.json'));

describe.skipIf(!piped)('what is not a regular file', () => {
  it.each([['/dev/zero'], [pipe], [at('dataset.json')]])('%s is refused at once', async (file) => {
    const code = { code: 'UNET6155' };
    await expect(readTextFile(file)).rejects.toMatchObject(code);
    await expect(readSafetensors(file)).rejects.toMatchObject(code);
    await expect(readDigest(file)).rejects.toMatchObject(code);
    expect(diskHost.readFile(file)).toBeUndefined();
  });

  it('is refused as part of a data set', async () => {
    await expect(openDataset(folder)).rejects.toMatchObject({ code: 'UNET6155' });
  });
});

describe('a regular file', () => {
  it('is read as it is, and refused beyond a limit', async () => {
    writeFileSync(at('text'), 'äb');
    expect(await readTextFile(at('text'))).toBe('äb');
    await expect(readRegularFile(at('text'), 2)).rejects.toMatchObject({ code: 'UNET6155' });
    await expect(readTextFile(at('missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('of many gigabytes costs a spec no more than the limit', () => {
    writeFileSync(at('large.unet'), '');
    truncateSync(at('large.unet'), 2 ** 36);
    expect(diskHost.readFile(at('large.unet'))).toHaveLength(16 * 2 ** 20 + 1);
  });
});
