import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSeal, readChecksums, sealFolder } from '../../../runtime/study/checksums.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'unet-checksums-'));
  write('study.json', '{}');
  write('runs/a/scores.json', '[]');
  write('runs/a/overlays/x.png', 'x');
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}

async function sealed() {
  return (await readChecksums(folder))!;
}

describe('sealFolder', () => {
  it('vouches for every file by its SHA-256, but for those that come and go', async () => {
    write('run.lock', '1');
    write('runs/a/.scores.json.1.tmp', 'half');
    await sealFolder(folder);
    const files = await sealed();
    expect(Object.keys(files)).toEqual(['runs/a/overlays/x.png', 'runs/a/scores.json', 'study.json']);
    // printf '{}' | sha256sum
    expect(files['study.json']).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
    expect(await checkSeal(folder, files)).toEqual([]);
  });

  it('lets a sealed folder stand for its files by its own checksums', async () => {
    await sealFolder(path.join(folder, 'runs/a'));
    await sealFolder(folder);
    const files = await sealed();
    expect(Object.keys(files)).toEqual(['runs/a/checksums.json', 'study.json']);
    write('runs/a/scores.json', '[1]');
    expect(await checkSeal(folder, files)).toEqual([]);
    await sealFolder(path.join(folder, 'runs/a'));
    expect(await checkSeal(folder, files)).toEqual([{ file: 'runs/a/checksums.json', fault: 'changed' }]);
  });

  it('takes the files selected', async () => {
    await sealFolder(folder, (file) => !file.startsWith('runs/'));
    expect(Object.keys(await sealed())).toEqual(['study.json']);
  });
});

describe('checkSeal', () => {
  it('names what is changed, missing and not listed', async () => {
    await sealFolder(folder);
    const files = await sealed();
    appendFileSync(path.join(folder, 'study.json'), ' ');
    rmSync(path.join(folder, 'runs/a/overlays/x.png'));
    write('runs/b/scores.json', '[]');
    expect(await checkSeal(folder, files)).toEqual([
      { file: 'runs/a/overlays/x.png', fault: 'missing' },
      { file: 'runs/b/scores.json', fault: 'unlisted' },
      { file: 'study.json', fault: 'changed' },
    ]);
  });
});

describe('readChecksums', () => {
  it('gives none where they are missing, cut off or of another form', async () => {
    expect(await readChecksums(folder)).toBeUndefined();
    await sealFolder(folder);
    expect(Object.keys(await sealed())).toEqual(['runs/a/overlays/x.png', 'runs/a/scores.json', 'study.json']);
    for (const text of ['{"format": 1, "files": {', '{"format": 2, "files": {}}', '[]']) {
      write('checksums.json', text);
      expect(await readChecksums(folder)).toBeUndefined();
    }
  });
});
