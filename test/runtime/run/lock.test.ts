import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockRun } from '../../../runtime/run/lock.js';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'unet-lock-'));
  file = path.join(directory, 'run.lock');
});
afterEach(() => rm(directory, { recursive: true }));

async function heldBy(pid: number, more: object = {}): Promise<void> {
  await writeFile(file, JSON.stringify({ pid, host: hostname(), started: null, ...more }));
}

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

describe('lockRun', () => {
  it('holds a folder until released', async () => {
    const lock = await lockRun(directory);
    await expect(lockRun(directory)).rejects.toMatchObject({ code: 'UNET6057' });
    await expect(lockRun(directory)).rejects.toThrow(new RegExp(`process ${process.pid}`));
    lock.release();
    expect(existsSync(file)).toBe(false);
    lock.release();
    (await lockRun(directory)).release();
  });

  it('names another process, and one on another machine, whose life cannot be checked', async () => {
    await heldBy(process.ppid);
    await expect(lockRun(directory)).rejects.toThrow(new RegExp(`process ${process.ppid}\\.`));
    await heldBy(1_000_000_000, { host: 'elsewhere' });
    await expect(lockRun(directory)).rejects.toThrow(/process 1000000000 on elsewhere/);
  });

  it('takes over from a process that ended without a word', async () => {
    await heldBy(await endedProcess());
    const lock = await lockRun(directory);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  it.skipIf(process.platform !== 'linux')('takes over from a process whose id another one has now', async () => {
    await heldBy(process.ppid, { started: '1' });
    (await lockRun(directory)).release();
  });

  it('removes temporary files that a killed process left, those of a run at any depth', async () => {
    await mkdir(path.join(directory, 'checkpoints'));
    const stray = ['run.json.1.0.1.tmp', 'checkpoints/last.safetensors.12.0.3.tmp'];
    for (const name of [...stray, 'notes.tmp']) await writeFile(path.join(directory, name), 'half a file');
    (await lockRun(directory, 'study')).release();
    expect(await readdir(directory)).toEqual(['checkpoints', 'notes.tmp']);
    (await lockRun(directory)).release();
    expect(await readdir(path.join(directory, 'checkpoints'))).toEqual([]);
  });

  it('is given back by a process that exits without doing so', async () => {
    const script = path.join(directory, 'exit.ts');
    const lock = JSON.stringify(path.resolve(import.meta.dirname, '../../../runtime/run/lock.ts'));
    await writeFile(
      script,
      `import { lockRun } from ${lock};\nlockRun(${JSON.stringify(directory)}).then(() => process.exit(3));`,
    );
    const child = spawn(process.execPath, ['--import', 'tsx', script]);
    expect(await once(child, 'exit')).toEqual([3, null]);
    expect(existsSync(file)).toBe(false);
  });

  it('takes over a file that was cut short', async () => {
    await writeFile(file, '{"pid":');
    (await lockRun(directory)).release();
  });
});
