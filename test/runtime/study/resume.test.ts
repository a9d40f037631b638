/** Studies whose processes are killed, by the command line: workers and parents, in mid-step. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { readCheckpoint } from '../../../runtime/training/checkpoint.js';
import type { MetricsLine } from '../../../runtime/training/events.js';
import { expectNoStack, scratch, startUnet, succeeds, unet } from '../../cli/run-unet.js';
import { makeStudyData, readJson, runArguments, tinyModels } from '../../cli/tiny-study.js';
import { writeSpec } from '../../cli/tiny.js';

/** An epoch, and so a checkpoint, every two steps. */
const steps = 240;
const runs = ['runs/Tiny/seed-1-fold-0', 'runs/Slim/seed-1-fold-0'] as const;
let spec: string;
let data: string;
let whole: Awaited<ReturnType<typeof resultOf>>[];

beforeAll(async () => {
  const long = tinyModels.replace('steps: 3', `steps: ${steps}`);
  spec = writeSpec(
    'long.unet',
    `${long}study Long { protocol: Steps, seeds: 1, folds: [0], base: Tiny, variants: [Slim] }\n`,
  );
  data = await makeStudyData();
  const folder = path.join(scratch(), 'whole');
  await succeeds(runArguments(spec, data, folder));
  whole = await resultsOf(folder);
}, 300_000);

/** What a job leaves that does not depend on the clock: the lines of `metrics.jsonl` hold seconds. */
async function resultOf(run: string) {
  const { weights, moments, progress } = await readCheckpoint(path.join(run, 'checkpoints', 'last.safetensors'));
  return {
    weights: [...weights],
    moments: [...moments],
    progress: { ...progress, metricsBytes: 0 },
    scores: readFileSync(path.join(run, 'scores.json'), 'utf8'),
    curve: linesOf(run).map(({ epoch, step, lr, loss, gradientNorm }) => ({ epoch, step, lr, loss, gradientNorm })),
  };
}

function resultsOf(folder: string) {
  return Promise.all(runs.map((run) => resultOf(path.join(folder, run))));
}

function linesOf(run: string): MetricsLine[] {
  const file = path.join(run, 'metrics.jsonl');
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as MetricsLine);
}

function stepOf(run: string): number {
  return linesOf(run).at(-1)?.step ?? 0;
}

/** The process that trains a run, once it has done some epochs. */
async function workerOf(run: string): Promise<number> {
  await vi.waitFor(() => expect(stepOf(run)).toBeGreaterThanOrEqual(4), { timeout: 120_000, interval: 5 });
  return readJson<{ pid: number }>(run, 'run.lock').pid;
}

/** The process that started another, by Linux. */
function parentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\s*(\d+)$/m.exec(status)![1]);
}

function runsNow(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('a job killed in mid-step is told, stops no other, and ends as one that ran through', async () => {
  const folder = path.join(scratch(), 'killed');
  const running = startUnet(runArguments(spec, data, folder));
  const killed = path.join(folder, runs[0]);
  process.kill(await workerOf(killed), 'SIGKILL');
  const { code, stderr } = await running.ended;
  expect(code).toBe(1);
  expectNoStack(stderr);
  expect(stderr).toContain('failed  Tiny, seed 1, fold 0: The process was killed (SIGKILL)');
  expect(stderr).toMatch(/done \d\/2 {2}Slim/);
  expect(stepOf(killed)).toBeLessThan(steps);
  expect(existsSync(path.join(killed, 'checksums.json'))).toBe(false);
  const again = await unet(runArguments(spec, data, folder));
  expect(again.code).toBe(0);
  expect(again.stderr).not.toContain('started Slim');
  expect(await resultsOf(folder)).toEqual(whole);
  expect(await succeeds(['study', 'verify', folder])).toContain('files match their checksums');
}, 300_000);

it.runIf(process.platform === 'linux')(
  'a study killed itself takes its jobs with it, and the next run goes on to the same end',
  async () => {
    const folder = path.join(scratch(), 'orphans');
    const folders = runs.map((run) => path.join(folder, run));
    const running = startUnet(runArguments(spec, data, folder));
    const workers = await Promise.all(folders.map(workerOf));
    const processes = [...workers, ...workers.map(parentOf)];
    running.child.kill('SIGKILL');
    await running.ended;
    await vi.waitFor(() => expect(processes.filter(runsNow)).toEqual([]), { timeout: 60_000 });
    for (const run of folders) {
      expect(stepOf(run)).toBeLessThan(steps);
      expect(existsSync(path.join(run, 'scores.json'))).toBe(false);
    }
    const status = await succeeds(['study', 'status', folder]);
    expect(status).toContain('Long: 2 interrupted of 2 jobs');
    expect((await unet(runArguments(spec, data, folder))).code).toBe(0);
    expect(await resultsOf(folder)).toEqual(whole);
  },
  300_000,
);

it.runIf(process.platform === 'linux')(
  'a study killed and run again at once waits for its old jobs, and comes to the same end',
  async () => {
    const folder = path.join(scratch(), 'at-once');
    const running = startUnet(runArguments(spec, data, folder));
    const workers = await Promise.all(runs.map((run) => workerOf(path.join(folder, run))));
    // Of one job the watching process is killed as well, so that its worker is alone.
    const watcher = parentOf(workers[0]!);
    running.child.kill('SIGKILL');
    process.kill(watcher, 'SIGKILL');
    expect(await unet(runArguments(spec, data, folder))).toMatchObject({ code: 0 });
    expect(await resultsOf(folder)).toEqual(whole);
    expect(await succeeds(['study', 'verify', folder])).toContain('files match their checksums');
  },
  300_000,
);
