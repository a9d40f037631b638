import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { checkSeal, readChecksums } from '../../../runtime/study/checksums.js';
import { runJobProcess } from '../../../runtime/study/job-process.js';
import { jobState } from '../../../runtime/study/jobs.js';
import { lockRun } from '../../../runtime/run/lock.js';
import { waitForLock } from '../../../runtime/run/wait-for-lock.js';

const directory = mkdtempSync(path.join(tmpdir(), 'unet-job-'));
afterAll(() => rmSync(directory, { recursive: true }));

const signal = new AbortController().signal;

function job(fold: number) {
  const run = `runs/A/seed-1-fold-${fold}`;
  return { variant: 'A', seed: 1, fold, run, folder: path.join(directory, run) };
}

/** A worker that writes its process id at its beginning and its end. */
function worker(folder: string): string[] {
  const work = `
    const { appendFileSync } = require('node:fs');
    const write = () => appendFileSync(process.argv[1] + '/scores.json', process.pid + '\\n');
    write();
    setTimeout(write, 300);`;
  return [process.execPath, '-e', work, folder];
}

it('a job that two runners start at a time is done once, and its seal holds', async () => {
  const twice = job(0);
  const options = { study: { directory }, job: twice, worker: worker(twice.folder), signal };
  // As after a kill of the runner: its job still works while the next runner starts the same one.
  expect(await Promise.all([runJobProcess(options), runJobProcess(options)])).toEqual([0, 0]);
  expect(readFileSync(path.join(twice.folder, 'scores.json'), 'utf8').trim().split('\n')).toHaveLength(2);
  expect(await checkSeal(twice.folder, (await readChecksums(twice.folder))!)).toEqual([]);
  expect(await jobState({ directory }, twice)).toEqual({ kind: 'done' });
});

it('a job is running while the process that watches over it holds its lock', async () => {
  const watched = job(1);
  mkdirSync(watched.folder, { recursive: true });
  const lock = await lockRun(watched.folder, 'job');
  expect(await jobState({ directory }, watched)).toEqual({ kind: 'running' });
  lock.release();
  expect(await jobState({ directory }, watched)).toEqual({ kind: 'waiting' });
});

it('a lock is waited for while its holder runs on this machine, and no longer than asked', async () => {
  const held = job(2);
  mkdirSync(held.folder, { recursive: true });
  const lock = await lockRun(held.folder, 'job');
  const messages: string[] = [];
  const take = () => lockRun(held.folder, 'job');
  const onWait = (message: string) => void messages.push(message);
  await expect(waitForLock(take, { milliseconds: 50, onWait })).rejects.toMatchObject({ code: 'UNET6057' });
  expect(messages).toEqual([`The job \`${held.folder}\` is in use by process ${process.pid}.`]);
  const second = waitForLock(take);
  lock.release();
  (await second).release();
  writeFileSync(`${held.folder}.lock`, JSON.stringify({ pid: 1, host: 'elsewhere', started: null }));
  await expect(waitForLock(take)).rejects.toMatchObject({ code: 'UNET6057', isHere: false });
});
