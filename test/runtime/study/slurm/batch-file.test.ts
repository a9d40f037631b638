import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { batchFile, requestedMemory, type ArrayJob } from '../../../../runtime/study/slurm/batch-file.js';
import { parseSlurmOption } from '../../../../runtime/study/slurm/options.js';

const scratch = mkdtempSync(path.join(tmpdir(), 'unet-batch-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const study = '/home/ada/quickstart study';
const node = ['/usr/bin/node', '/opt/unet/dist/cli/main.cjs', 'study', 'job'];
const array: ArrayJob = {
  study,
  folder: `${study}/slurm/array-1`,
  tasks: ['runs/DALight3D/seed-1-fold-0', 'runs/NoCSA/seed-1-fold-0'].map((run) => ({
    run,
    command: [...node, study, run],
  })),
  jobs: 2,
  cpus: 4,
  memory: 3.1 * 2 ** 30,
  options: [],
};

function text(change: Partial<ArrayJob> = {}): string {
  return batchFile({ ...array, ...change });
}

function directives(change: Partial<ArrayJob>): readonly string[] {
  const lines = text(change).split('\n');
  return lines.filter((line) => line.startsWith('#SBATCH')).map((line) => line.slice('#SBATCH --'.length));
}

describe('batchFile', () => {
  it('is what a person would write', async () => {
    const options = ['partition=gpu', 'gres=gpu:1', 'time=4:00:00', 'exclusive'].map(parseSlurmOption);
    await expect(text({ options })).toMatchFileSnapshot('expected.sbatch');
  });

  it("lets the user's options replace ours", () => {
    const ours = directives({});
    expect(ours).toEqual(expect.arrayContaining(['mem=4096M', 'cpus-per-task=4', 'requeue', 'signal=B:USR1@120']));
    const given = ['mem-per-gpu=20G', '--no-requeue', 'signal=B:USR1@600', 'comment=a "b" $(c) \\d'];
    const theirs = directives({ options: given.map(parseSlurmOption) });
    expect(theirs).toEqual([
      ...ours.filter((line) => !/^(mem|requeue|signal)\b/.test(line)),
      'mem-per-gpu=20G',
      'no-requeue',
      'signal=B:USR1@600',
      'comment="a \\"b\\" $(c) \\\\d"',
    ]);
  });

  it('asks for the estimate and a quarter, in steps of half a GiB', () => {
    expect([0, 1, 409, 410, 1638, 1639].map((mebibytes) => requestedMemory(mebibytes * 2 ** 20))).toEqual([
      512, 512, 512, 1024, 2048, 2560,
    ]);
  });

  it('refuses a study below a path that Slurm cannot be told', () => {
    for (const folder of ['/a\\b', '/a\nb', '/a\u007fb']) {
      expect(() => text({ folder })).toThrow(expect.objectContaining({ code: 'UNET6104' }) as Error);
    }
  });

  it('has no line of its own for what a name says', () => {
    const run = 'runs/a\n#SBATCH --uid=0\n$(touch x)';
    const hostile = text({ study: '/s\n#SBATCH --wrap=x', tasks: [{ run, command: ['x\n#SBATCH --y', run] }] });
    expect(hostile.split('\n').filter((line) => /^#SBATCH --(uid|wrap|y)|^\$\(/.test(line))).toEqual([]);
  });
});

describe('parseSlurmOption', () => {
  it.each([
    ['partition=gpu', { name: 'partition', value: 'gpu' }],
    ['--gres=gpu:a100:1', { name: 'gres', value: 'gpu:a100:1' }],
    ['exclusive', { name: 'exclusive', value: null }],
    ['comment=', { name: 'comment', value: '' }],
    ['constraint=a=b&c', { name: 'constraint', value: 'a=b&c' }],
  ])('%s', (given, option) => expect(parseSlurmOption(given)).toEqual(option));

  it.each([
    '-p gpu',
    '',
    'p',
    'Partition=x',
    'time 4:00',
    'a=b\n#SBATCH --wrap=x',
    'array=0-9',
    '--output=x',
    'clusters=b',
  ])('refuses %j', (given) =>
    expect(() => parseSlurmOption(given)).toThrow(expect.objectContaining({ code: 'UNET6102' }) as Error),
  );
});

/** Runs a task of the batch file as slurmd does. */
function runTask(change: Pick<ArrayJob, 'study' | 'tasks'>, task: number) {
  const folder = mkdtempSync(path.join(scratch, 'array-'));
  const file = path.join(folder, 'array.sbatch');
  writeFileSync(file, text({ ...change, folder }));
  const env = {
    PATH: process.env['PATH'],
    SLURM_ARRAY_TASK_ID: String(task),
    SLURM_JOB_ID: '7',
    SLURMD_NODENAME: 'n1',
  };
  const { stdout } = spawnSync('/bin/bash', [file], { env, cwd: folder, encoding: 'buffer' });
  return { folder, stdout, exit: readFileSync(path.join(folder, `exit-${task}`), 'utf8') };
}

describe('as bash runs it', () => {
  const hostile = fc.string({ unit: fc.constantFrom(...`ab '"\\$(){}\`!*?~#;&|<>%=,-\n\r\t\u0001\u007fü→𝒰`) });
  const anything = fc.string({ unit: 'binary' });
  const word = fc
    .oneof(hostile, anything)
    .map((each) => Buffer.from(each.replaceAll('\0', ''), 'utf8').toString('utf8'));

  it('every task gets its own words, whatever characters they hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(word, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        (lists, which) => {
          const tasks = lists.map((words) => ({
            run: `runs/${words.join('')}`,
            command: ['/usr/bin/printf', '%s\\0', ...words, 'end'],
          }));
          const task = which % tasks.length;
          const { stdout, exit } = runTask({ study: lists.flat().join(''), tasks }, task);
          // The first line names the run, which may be many lines long; the job's own words come after it.
          const printed = stdout.toString('utf8');
          expect(printed.slice(printed.indexOf('start 1 ==\n') + 'start 1 ==\n'.length)).toBe(
            [...lists[task]!, 'end', ''].join('\0'),
          );
          expect(exit).toBe('0\n');
        },
      ),
      { numRuns: 40 },
    );
  });

  it('hands USR1 on to the job as TERM, once, and waits for its end', () => {
    const job = `trap 'echo told >>told; sleep 0.2; exit 130' TERM
      for try in 1 2 3; do kill -USR1 "$PPID"; done
      for try in {1..100}; do sleep 0.1; done`;
    const { folder, exit } = runTask({ study, tasks: [{ run: 'runs/a', command: ['/bin/bash', '-c', job] }] }, 0);
    expect(exit).toBe('130 asked\n');
    expect(readFileSync(path.join(folder, 'told'), 'utf8')).toBe('told\n');
  });

  it('waits for the end of a job that TERM has reached as well', () => {
    const job = `trap 'sleep 0.2; exit 130' TERM
      kill -TERM "$PPID" "$$"
      for try in {1..100}; do sleep 0.1; done`;
    expect(runTask({ study, tasks: [{ run: 'runs/a', command: ['/bin/bash', '-c', job] }] }, 0).exit).toBe('130\n');
  });

  it('leaves the exit code of the job, and runs nothing that a path says', () => {
    const evil = `$(touch pwned) \`touch pwned\` '; touch pwned; ' "`;
    const { folder, exit } = runTask(
      { study: evil, tasks: [{ run: evil, command: ['/bin/bash', '-c', 'exit 3', evil] }] },
      0,
    );
    expect(exit).toBe('3\n');
    expect(existsSync(path.join(folder, 'pwned'))).toBe(false);
  });
});
