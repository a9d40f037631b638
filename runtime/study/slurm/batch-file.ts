import path from 'node:path';
import type { SlurmOption } from './options.js';
import { commentText, directiveValue, jobName, outputPath, shellWord } from './quoting.js';

/** A task of an array: a job of the study. */
export interface ArrayTask {
  /** Its run folder, relative to the study's. */
  readonly run: string;
  /** Program and arguments. */
  readonly command: readonly string[];
}

export interface ArrayJob {
  /** The study's folder, absolute. */
  readonly study: string;
  /** The array's own folder, absolute: what its tasks print (`task-N.log`) and how they end (`exit-N`) goes there. */
  readonly folder: string;
  readonly tasks: readonly ArrayTask[];
  /** Most tasks at a time. */
  readonly jobs: number;
  /** Needs of the largest task: processor cores, and bytes of memory as estimated. */
  readonly cpus: number;
  readonly memory: number;
  /** The user's; they replace ours. */
  readonly options: readonly SlurmOption[];
}

/** Seconds before its time limit in which a job writes a checkpoint: a step, and a large network's file on a slow disk. */
export const secondsToCheckpoint = 120;

/** Memory to ask for, in MiB: the estimate and a quarter, rounded up to half a GiB. */
export function requestedMemory(estimate: number): number {
  return 512 * Math.max(1, Math.ceil((1.25 * estimate) / 2 ** 20 / 512));
}

/** Names of options of which only one can be given. */
const alternatives: readonly (readonly string[])[] = [
  ['mem', 'mem-per-cpu', 'mem-per-gpu'],
  ['cpus-per-task', 'cpus-per-gpu'],
  ['requeue', 'no-requeue'],
];

function isReplaced(name: string, options: readonly SlurmOption[]): boolean {
  const names = alternatives.find((group) => group.includes(name)) ?? [name];
  return options.some((option) => names.includes(option.name));
}

function directive({ name, value }: SlurmOption): string {
  return value === null ? `#SBATCH --${name}` : `#SBATCH --${name}=${directiveValue(value)}`;
}

function directives({ study, folder, tasks, jobs, cpus, memory, options }: ArrayJob): readonly string[] {
  const fixed = {
    'job-name': jobName(path.basename(study)),
    array: `0-${tasks.length - 1}%${Math.max(1, jobs)}`,
    output: `${outputPath(folder)}/task-%a.log`,
    'open-mode': 'append',
  };
  const defaults: Readonly<Record<string, readonly [comment: string, value: string | null]>> = {
    ntasks: ['', '1'],
    'cpus-per-task': ['', String(cpus)],
    mem: ['The largest estimate, and a quarter:', `${requestedMemory(memory)}M`],
    requeue: ['A task whose node fails is queued again and goes on from its last checkpoint:', null],
    signal: [
      `${secondsToCheckpoint} seconds before the time limit the job is told to write a checkpoint and end:`,
      `B:USR1@${secondsToCheckpoint}`,
    ],
  };
  const kept = Object.entries(defaults).filter(([name]) => !isReplaced(name, options));
  return [
    ...Object.entries(fixed).map(([name, value]) => directive({ name, value })),
    ...kept.flatMap(([name, [comment, value]]) => [
      ...(comment === '' ? [] : [`# ${comment}`]),
      directive({ name, value }),
    ]),
    ...(options.length === 0 ? [] : ['# Given with --slurm-option:']),
    ...options.map(directive),
  ];
}

function taskArm({ run, command }: ArrayTask, index: number): string {
  return `  ${index})
    run=${shellWord(run)}
    command=(${command.map(shellWord).join(' ')})
    ;;`;
}

/**
 * The text of an sbatch file that runs each task as one of a job array. Whatever names and paths hold, they are words of
 * bash and never code. A task ends with its job's exit code and leaves it in `exit-N`, followed by `asked` where the job had
 * been told to end; USR1, sent to the script, tells it so by TERM.
 * @throws UserError UNET6104 where Slurm cannot be told the folder's path
 */
export function batchFile(array: ArrayJob): string {
  return `#!/bin/bash
# A job array of the study ${commentText(array.study)}, written by \`unet study run --executor slurm\`.
# Each task trains and scores one network on one fold from one seed; a task that is run again goes on from its checkpoint.
#
${directives(array).join('\n')}

study=${shellWord(array.study)}
array=${shellWord(array.folder)}
task=$SLURM_ARRAY_TASK_ID

case $task in
${array.tasks.map(taskArm).join('\n')}
  *)
    echo "this array has no task $task" >&2
    exit 2
    ;;
esac

echo "== $run: job $SLURM_JOB_ID on $SLURMD_NODENAME, start $((\${SLURM_RESTART_COUNT:-0} + 1)) =="
rm -f -- "$array/exit-$task"
# After its node failed, a task may start on another one, where nobody can see that the lock's holder is gone.
if ((\${SLURM_RESTART_COUNT:-0} > 0)); then rm -f -- "$study/$run/run.lock"; fi

# Told to end, by Slurm before the time limit or by scancel --signal=USR1 --batch: hand it on to the job, once.
# A plain scancel sends TERM to the job itself; this shell only waits then for its end.
asked='' told='' woken=''
tell_job() {
  if [[ $asked && $! && ! $told ]]; then
    told=yes
    kill -TERM "$!"
  fi
}
trap 'asked=" asked" woken=yes; tell_job' USR1
trap 'woken=yes' TERM

"\${command[@]}" &
tell_job
while :; do
  woken=''
  wait "$!"
  code=$?
  # A signal ends \`wait\` before the job has ended.
  if [[ ! $woken ]]; then break; fi
done

echo "$code$asked" >"$array/exit-$task.tmp" && mv -f -- "$array/exit-$task.tmp" "$array/exit-$task"
exit "$code"
`;
}
