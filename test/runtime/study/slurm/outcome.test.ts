import { describe, expect, it } from 'vitest';
import { parseQueue, taskList } from '../../../../runtime/study/slurm/commands.js';
import { taskOutcome, type TaskEnd } from '../../../../runtime/study/slurm/outcome.js';

const nothing: TaskEnd = { state: undefined, exit: undefined, slurmExit: undefined, log: '', stopping: false };

function exit(code: number, asked = false): Pick<TaskEnd, 'exit'> {
  return { exit: { code, asked } };
}

describe('taskOutcome', () => {
  it.each<[string, Partial<TaskEnd>, object]>([
    ['done', { state: 'COMPLETED', ...exit(0) }, { code: 0 }],
    ['done, its exit code not to be seen yet', { state: 'COMPLETED' }, { code: 0 }],
    ['done, and forgotten by Slurm', exit(0), { code: 0 }],
    ['done, and then cancelled', { state: 'CANCELLED', ...exit(0) }, { code: 0 }],
    ['failed', { state: 'FAILED', ...exit(3) }, { code: 3 }],
    ['failed, and forgotten by Slurm', exit(3), { code: 3 }],
    ['failed on a full disk', { state: 'FAILED', slurmExit: { code: 4, signal: 0 } }, { code: 4 }],
    ['interrupted by itself', { state: 'FAILED', ...exit(130) }, { code: 130 }],
    ['killed', { state: 'FAILED', ...exit(137) }, { code: null, reason: 'killed by SIGKILL' }],
    [
      'killed with its script',
      { state: 'FAILED', slurmExit: { code: 0, signal: 9 } },
      { code: null, reason: 'killed by SIGKILL' },
    ],
    ['stopped', { state: 'FAILED', stopping: true, ...exit(130, true) }, { code: 130, reason: 'stopped' }],
    ['stopped while waiting', { stopping: true }, { code: null, reason: 'stopped' }],
    ['cancelled', { state: 'CANCELLED' }, { code: null, reason: 'it was cancelled' }],
    ['cancelled with time to end', { state: 'CANCELLED', ...exit(130) }, { code: 130, reason: 'it was cancelled' }],
    ['gone', {}, { code: null, reason: 'it left the queue without an exit code: it was cancelled or killed' }],
    ['node', { state: 'NODE_FAIL' }, { code: null, reason: 'its node failed' }],
  ])('%s', (_, end, outcome) => expect(taskOutcome({ ...nothing, ...end })).toEqual(outcome));

  it('names the remedy for limits', () => {
    expect(taskOutcome({ ...nothing, state: 'TIMEOUT' }).reason).toContain('--slurm-option time=');
    expect(taskOutcome({ ...nothing, state: 'FAILED', ...exit(130, true) }).reason).toContain('time limit');
    expect(taskOutcome({ ...nothing, state: 'OUT_OF_MEMORY', ...exit(137) })).toMatchObject({
      code: null,
      reason: expect.stringContaining('--slurm-option mem=') as string,
    });
    const log =
      'slurmstepd-n1: error: Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks have been OOM Killed.';
    expect(taskOutcome({ ...nothing, state: 'FAILED', log, ...exit(137) }).reason).toContain('request more');
    expect(taskOutcome({ ...nothing, state: 'FAILED', slurmExit: { code: 0, signal: 53 } }).reason).toContain('nodes');
  });
});

it('the queue is read line by line', () => {
  const rows = parseQueue(
    '12|0|RUNNING|None|/a b/x|y.sbatch\n12|N/A|CANCELLED|None|(null)\nslurm is slow today\n12|7|PENDING|launch failed requeued held|/x\n',
  );
  expect(rows).toEqual([
    { array: '12', index: 0, state: 'RUNNING', reason: 'None', batch: '/a b/x|y.sbatch' },
    { array: '12', index: null, state: 'CANCELLED', reason: 'None', batch: '(null)' },
    { array: '12', index: 7, state: 'PENDING', reason: 'launch failed requeued held', batch: '/x' },
  ]);
});

it('tasks are listed in ranges', () => {
  expect(taskList('12', [5, 0, 2, 1, 7, 8])).toBe('12_[0-2,5,7-8]');
});
