import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobEvent, JobProcess } from '../../../../runtime/study/executor.js';
import { slurmExecutor } from '../../../../runtime/study/slurm/slurm-executor.js';
import { startCluster, whyNoCluster, type Cluster } from './one-node-cluster.js';

const script = path.join(import.meta.dirname, 'job.mjs');
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'unet-study-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** A study's folder, by a name that would do harm where it is not quoted. */
async function makeStudy(name: string): Promise<string> {
  const study = path.join(scratch, `${name} "q" 'r' $(touch pwned) %j;&`);
  await mkdir(study);
  return study;
}

function jobProcess(study: string, variant: string, what: string): JobProcess {
  const job = { variant, seed: 1, fold: 0, run: `runs/${variant}/seed-1-fold-0` };
  const command = [process.execPath, script, path.join(study, variant), what];
  return { job, command, memory: 200 * 2 ** 20, cpus: 1 };
}

/** Events of a job in order: `started`, then what it ended with. */
function told(events: readonly JobEvent[], variant: string) {
  return events.flatMap((event) => {
    if (event.job.variant !== variant) return [];
    return [event.kind === 'started' ? 'started' : { code: event.code, reason: event.reason }];
  });
}

interface Running {
  readonly events: readonly JobEvent[];
  readonly notes: readonly string[];
  readonly ended: Promise<void>;
  stop(): void;
}

interface Start {
  readonly study: string;
  readonly processes: readonly JobProcess[];
  readonly jobs?: number;
  readonly options?: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

function start({ study, processes, jobs = 8, options = [], environment }: Start): Running {
  const [events, notes]: [JobEvent[], string[]] = [[], []];
  const controller = new AbortController();
  const executor = slurmExecutor({ options, environment, interval: [300, 1000], onNote: (note) => notes.push(note) });
  const onEvent = (event: JobEvent): number => events.push(event);
  const ended = executor(processes, { directory: study, jobs, onEvent, signal: controller.signal });
  return { events, notes, ended, stop: () => controller.abort() };
}

/** What a stand-in noted of itself. */
async function noted(study: string, variant: string): Promise<readonly string[]> {
  const text = await readFile(path.join(study, variant), 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
}

/** Lets a stand-in that is held end. */
async function letGo(study: string, variant: string): Promise<void> {
  await writeFile(path.join(study, `${variant}.go`), '');
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await setTimeout(100);
}

describe('without Slurm', () => {
  it('says so, and leaves nothing behind', async () => {
    const study = await makeStudy('none');
    const { ended } = start({ study, processes: [jobProcess(study, 'a', 'done')], environment: { PATH: scratch } });
    await expect(ended).rejects.toMatchObject({ code: 'UNET6100' });
    expect(await readdir(path.join(study, 'slurm'))).toEqual([]);
  });

  it('refuses options that are not for users before anything is done', () => {
    expect(() => slurmExecutor({ options: ['output=x'] })).toThrow(
      expect.objectContaining({ code: 'UNET6102' }) as Error,
    );
  });

  it('does nothing without jobs', async () => {
    await start({ study: '/nowhere', processes: [], environment: { PATH: scratch } }).ended;
  });
});

const why = whyNoCluster();

describe.skipIf(why !== undefined)(`on a one-node Slurm${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let cluster: Cluster;
  let limited: Running;
  let limitedStudy: string;

  beforeAll(async () => {
    // Jobs here mostly sleep, so that more of them than cores run at a time.
    cluster = await startCluster({ cpus: 16 });
    // Slurm looks at time limits twice a minute, so this one comes first and is awaited last.
    limitedStudy = await makeStudy('limited');
    limited = run(limitedStudy, { late: 'long' }, { options: ['time=1'] });
  });
  afterAll(() => cluster?.stop());

  type Kinds = Readonly<Record<string, string>>;

  function run(study: string, kinds: Kinds, more: Partial<Start> = {}): Running {
    const processes = Object.entries(kinds).map(([variant, what]) => jobProcess(study, variant, what));
    return start({ study, processes, environment: cluster.env, ...more });
  }

  function slurm(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, { env: cluster.env, encoding: 'utf8' });
  }

  async function arrayId(study: string, number = 1): Promise<string> {
    const text = await readFile(path.join(study, `slurm/array-${number}/array.json`), 'utf8');
    return (JSON.parse(text) as { id: string }).id;
  }

  /** Whether Slurm's helper beside a batch script is still there, which tells of the script's end. */
  function isStepThere(job: string): boolean {
    return spawnSync('pgrep', ['-f', `^slurmstepd: \\[${job}\\.batch\\]`]).status === 0;
  }

  it.concurrent('tells how each job ended, and stops none for another', async () => {
    const study = await makeStudy('ends');
    const kinds = { one: 'done', fails: 'fails', killed: 'killed', greedy: 'greedy', cancelled: 'long', two: 'done' };
    const running = run(study, kinds);
    await until(async () => (await noted(study, 'cancelled')).length > 0);
    slurm('scancel', `${await arrayId(study)}_4`);
    await running.ended;
    const { events } = running;
    expect(told(events, 'one')).toEqual(['started', { code: 0 }]);
    expect(told(events, 'two')).toEqual(['started', { code: 0 }]);
    expect(told(events, 'fails')).toEqual(['started', { code: 3 }]);
    expect(told(events, 'killed')).toEqual(['started', { code: null, reason: 'killed by SIGKILL' }]);
    const [, greedy] = told(events, 'greedy');
    expect(greedy).toMatchObject({ code: null, reason: expect.stringContaining('more memory') as string });
    expect(told(events, 'cancelled').at(-1)).toEqual({ code: 130, reason: 'it was cancelled' });
    expect(await noted(study, 'cancelled')).toEqual(['started', 'checkpoint']);
    expect(events.length).toBe(12);
    const log = await readFile(path.join(study, 'slurm/array-1/task-1.log'), 'utf8');
    expect(log).toMatch(/^== runs\/fails\/seed-1-fold-0: job \d+ on \S+, start 1 ==\n/);
    expect([process.cwd(), scratch, study].filter((folder) => existsSync(path.join(folder, 'pwned')))).toEqual([]);
  });

  it.concurrent('stopped, lets jobs write a checkpoint and starts no more', async () => {
    const study = await makeStudy('stopped');
    const running = run(study, { a: 'long', b: 'long', c: 'long', d: 'long' }, { jobs: 2 });
    await until(async () => (await noted(study, 'a')).length > 0 && (await noted(study, 'b')).length > 0);
    running.stop();
    await running.ended;
    for (const variant of ['a', 'b']) {
      expect(await noted(study, variant)).toEqual(['started', 'checkpoint']);
      expect(told(running.events, variant)).toEqual(['started', { code: 130, reason: 'stopped' }]);
    }
    for (const variant of ['c', 'd']) {
      expect(await noted(study, variant)).toEqual([]);
      expect(told(running.events, variant)).toEqual([{ code: null, reason: 'stopped' }]);
    }
    expect(slurm('squeue', '--noheader', `--name=${path.basename(study).replaceAll(/[^A-Za-z0-9._-]+/g, '-')}`)).toBe(
      '',
    );
  });

  it.concurrent('started again while jobs run, watches them and submits the others alone', async () => {
    const study = await makeStudy('again');
    const first = run(study, { a: 'held', b: 'held' });
    await until(() => first.events.length > 0);
    const second = run(study, { a: 'held', b: 'held', c: 'done' });
    // As where the process was killed between sbatch and writing down what it said.
    await until(() => second.notes.length > 0);
    const file = path.join(study, 'slurm/array-1/array.json');
    await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), id: null }));
    const third = run(study, { a: 'held', b: 'held' });
    await until(() => third.notes.length > 0);
    for (const variant of ['a', 'b']) await letGo(study, variant);
    await Promise.all([first.ended, second.ended, third.ended]);
    expect(second.notes.slice(0, 2)).toEqual([
      '2 jobs from an earlier submission found in the queue',
      `array ${await arrayId(study, 2)} submitted: 1 job`,
    ]);
    expect(third.notes[0]).toBe('2 jobs from an earlier submission found in the queue');
    for (const { events } of [first, second, third]) {
      for (const variant of ['a', 'b']) expect(told(events, variant)).toEqual(['started', { code: 0 }]);
    }
    expect(told(second.events, 'c')).toEqual(['started', { code: 0 }]);
    for (const variant of ['a', 'b']) expect(await noted(study, variant)).toEqual(['started', 'done']);
    expect((await readdir(path.join(study, 'slurm'))).sort()).toEqual(['array-1', 'array-2']);
  });

  it.concurrent('a task that Slurm runs again is one job that starts and ends once', async () => {
    const study = await makeStudy('requeued');
    const running = run(study, { a: 'held' });
    await until(async () => (await noted(study, 'a')).length > 0);
    await mkdir(path.join(study, 'runs/a/seed-1-fold-0'), { recursive: true });
    const lock = path.join(study, 'runs/a/seed-1-fold-0/run.lock');
    await writeFile(lock, '{}');
    const id = await arrayId(study);
    const task = `${id}_0`;
    slurm('scontrol', 'requeue', task);
    // Slurm would start it after two minutes, in which the end of the first start has surely become known. Known late, it
    // would be taken for that of the second: on a busy machine the controller needs some seconds. The
    // test of the time limit takes longer anyway.
    await until(() => !isStepThere(id));
    await setTimeout(12_000);
    await letGo(study, 'a');
    await until(() => slurm('squeue', '--noheader', `--jobs=${task}`, '--format=%r').includes('BeginTime'));
    slurm('scontrol', 'update', `JobId=${task}`, 'StartTime=now');
    await running.ended;
    expect(told(running.events, 'a')).toEqual(['started', { code: 0 }]);
    expect(await noted(study, 'a')).toEqual(['started', 'checkpoint', 'started', 'done']);
    expect(existsSync(lock)).toBe(false);
  });

  it.concurrent('shows what Slurm says where it refuses, and leaves nothing behind', async () => {
    const study = await makeStudy('refused');
    const { ended } = run(study, { a: 'done' }, { options: ['partition=nowhere'] });
    await expect(ended).rejects.toMatchObject({
      code: 'UNET6101',
      message: expect.stringContaining('invalid partition specified: nowhere') as string,
    });
    expect(await readdir(path.join(study, 'slurm'))).toEqual([]);
  });

  it('a job near its time limit writes a checkpoint first', async () => {
    await limited.ended;
    expect(await noted(limitedStudy, 'late')).toEqual(['started', 'checkpoint']);
    const [, end] = told(limited.events, 'late');
    expect(end).toMatchObject({ code: 130, reason: expect.stringContaining('time limit') as string });
  });
});
