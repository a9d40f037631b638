import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { StudyJob } from '../../../runtime/study/evidence.js';
import type { JobEvent, JobProcess } from '../../../runtime/study/executor.js';
import { localExecutor } from '../../../runtime/study/local-executor.js';

const directory = mkdtempSync(path.join(tmpdir(), 'unet-executor-'));
afterAll(() => rmSync(directory, { recursive: true }));

function job(fold: number): StudyJob {
  return { variant: 'A', seed: 1, fold, run: `runs/A/seed-1-fold-${fold}` };
}

/** A job of a shell's line. */
function shell(fold: number, line: string, memory = 1): JobProcess {
  return { job: job(fold), command: ['/bin/sh', '-c', line], memory, cpus: 1 };
}

interface Watched {
  readonly events: readonly JobEvent[];
  /** Folds of the jobs under way after each event. */
  readonly together: readonly (readonly number[])[];
}

async function execute(
  processes: readonly JobProcess[],
  { jobs = 2, available = 100, signal = new AbortController().signal } = {},
): Promise<Watched> {
  const events: JobEvent[] = [];
  const together: number[][] = [];
  const running = new Set<number>();
  const onEvent = (event: JobEvent): void => {
    events.push(event);
    if (event.kind === 'started') running.add(event.job.fold);
    else running.delete(event.job.fold);
    together.push([...running]);
  };
  await localExecutor(available)(processes, { directory, jobs, onEvent, signal });
  return { events, together };
}

function codes({ events }: Watched): Record<number, number | null> {
  return Object.fromEntries(events.flatMap((event) => (event.kind === 'ended' ? [[event.job.fold, event.code]] : [])));
}

function started({ events }: Watched): number[] {
  return events.flatMap(({ kind, job: { fold } }) => (kind === 'started' ? [fold] : []));
}

describe('localExecutor', () => {
  it('runs all jobs in their order, so many at a time as asked', async () => {
    const watched = await execute([0, 1, 2, 3, 4].map((fold) => shell(fold, 'sleep 0.05')));
    expect(Math.max(...watched.together.map(({ length }) => length))).toBe(2);
    expect(started(watched)).toEqual([0, 1, 2, 3, 4]);
    expect(codes(watched)).toEqual({ 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 });
  });

  it('starts no job that memory is too short for, and lets a smaller one before it', async () => {
    const memory = [60, 50, 40];
    const processes = memory.map((each, fold) => shell(fold, 'sleep 0.1', each));
    const watched = await execute(processes, { jobs: 3 });
    expect(started(watched)).toEqual([0, 2, 1]);
    const taken = watched.together.map((folds) => folds.reduce((sum, fold) => sum + memory[fold]!, 0));
    expect(Math.max(...taken)).toBe(100);
  });

  it('runs a job that is larger than the memory, alone', async () => {
    const watched = await execute([shell(0, 'sleep 0.05', 500), shell(1, 'sleep 0.05')]);
    expect(codes(watched)).toEqual({ 0: 0, 1: 0 });
    expect(Math.max(...watched.together.map(({ length }) => length))).toBe(1);
  });

  it('goes on after a job that fails, is killed or cannot be started', async () => {
    const missing = { ...shell(2, ''), command: [path.join(directory, 'no-such-program')] };
    const watched = await execute([shell(0, 'exit 3'), shell(1, 'kill -9 $$'), missing, shell(3, 'true')], { jobs: 1 });
    expect(codes(watched)).toEqual({ 0: 3, 1: null, 2: null, 3: 0 });
    const reasons = watched.events.flatMap((event) => (event.kind === 'ended' ? [event.reason] : []));
    expect(reasons).toEqual([
      undefined,
      'it was terminated by SIGKILL',
      expect.stringContaining('it could not be started'),
      undefined,
    ]);
  });

  it('ends the jobs under way by SIGTERM when told to stop, waits for them and starts no more', async () => {
    const controller = new AbortController();
    const ready = path.join(directory, 'ready');
    const patient = shell(0, `trap 'sleep 0.1; exit 130' TERM; : > '${ready}'; while :; do sleep 0.02; done`);
    const execution = execute([patient, shell(1, 'true')], { jobs: 1, signal: controller.signal });
    await vi.waitFor(() => expect(existsSync(ready)).toBe(true), { timeout: 20_000 });
    controller.abort();
    const watched = await execution;
    expect(started(watched)).toEqual([0]);
    expect(codes(watched)).toEqual({ 0: 130 });
  });
});
