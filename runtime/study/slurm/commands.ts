import { execFile } from 'node:child_process';
import { UserError } from '../../errors/user-error.js';

/** The output of a Slurm program. */
interface Answer {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A task as the queue lists it. */
export interface QueueRow {
  readonly array: string;
  /** Null for a row that stands for all tasks of the array that have no row of their own. */
  readonly index: number | null;
  /** Slurm's name of the state: `PENDING`, `RUNNING`, `COMPLETED`, `OUT_OF_MEMORY`, ... */
  readonly state: string;
  /** The reason for the state, such as `Priority`; `None` if Slurm gives none. */
  readonly reason: string;
  /** The batch file; `(null)` for an array cancelled before any task started. */
  readonly batch: string;
}

/** The Slurm programs that a study uses. */
export interface SlurmCommands {
  /**
   * Submits a batch file.
   * @returns the id of its job
   * @throws UserError UNET6100 without sbatch, UNET6101 if it is rejected; SlurmSilence if it may have been submitted
   */
  submit(file: string): Promise<string>;
  /**
   * Rows of the arrays with these ids that Slurm still knows.
   * @throws SlurmSilence
   */
  queue(arrays: readonly string[]): Promise<readonly QueueRow[]>;
  /**
   * The id of the array with a batch file, among this user's; undefined if Slurm knows none.
   * @throws SlurmSilence
   */
  find(batch: string): Promise<string | undefined>;
  /** The exit code and signal of a task, as far as Slurm knows them. */
  exitCode(array: string, index: number): Promise<{ code: number; signal: number } | undefined>;
  /** Asks running tasks to write a checkpoint and stop. */
  askToEnd(array: string, indices: readonly number[]): Promise<void>;
  /** Removes tasks from the queue; running ones get TERM, and KILL after the cluster's `KillWait`. */
  cancel(array: string, indices: readonly number[]): Promise<void>;
}

/** Slurm's controller did not respond; the message is that of squeue. */
export class SlurmSilence extends Error {}

/** A signal to array tasks is delivered at once, but scancel may then retry for minutes (22.05 does). */
const signalTimeout = 5000;
const timeout = 120_000;

/** Variables that would change the programs' output or behaviour; see INPUT ENVIRONMENT VARIABLES in their manuals. */
const disturbing =
  /^(SQUEUE_|SCANCEL_|SBATCH_(ARRAY_INX|CLUSTERS|ERROR|INPUT|OPEN_MODE|OUTPUT|SIGNAL|WAIT)$|SLURM_CLUSTERS$)/;

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv, limit = timeout): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: limit, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}

/** A program's error message in one line, without the program's name. */
function complaint({ stderr, stdout, code }: Answer): string {
  const lines = `${stderr}\n${stdout}`.split('\n').map((line) => line.replace(/^\w+: (error: )?/, '').trim());
  return lines.filter((line) => line !== '').join('; ') || `it exited with ${code ?? 'no answer in time'}`;
}

/** Task indices in the syntax of scancel: `12_[0-2,5]`. */
export function taskList(array: string, indices: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && index === last[1] + 1) last[1] = index;
    else ranges.push([index, index]);
  }
  return `${array}_[${ranges.map(([first, last]) => (first === last ? first : `${first}-${last}`)).join(',')}]`;
}

/** @param text lines `array|index|state|reason|batch` */
export function parseQueue(text: string): readonly QueueRow[] {
  return text.split('\n').flatMap((line) => {
    const [, array, index, state, reason, batch] = /^(\d+)\|([^|]*)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line) ?? [];
    if (array === undefined) return [];
    const number = /^\d+$/.test(index!) ? Number(index) : null;
    return [{ array, index: number, state: state!, reason: reason!, batch: batch! }];
  });
}

/** The programs on the `PATH` of `environment`. */
export function slurmCommands(environment: NodeJS.ProcessEnv): SlurmCommands {
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !disturbing.test(name)));

  async function squeue(args: readonly string[]): Promise<string> {
    const answer = await run('squeue', ['--noheader', '--states=all', ...args], env);
    if (answer.code === 'ENOENT') throw missingProgram('squeue');
    // Printed instead of an empty result for a single job that is long gone.
    if (/Invalid job id/i.test(answer.stderr)) return '';
    if (answer.code !== 0) throw new SlurmSilence(complaint(answer));
    return answer.stdout;
  }

  return {
    async submit(file) {
      const answer = await run('sbatch', ['--parsable', file], env);
      if (answer.code === 'ENOENT') throw missingProgram('sbatch');
      const id = /^(\d+)(;.*)?$/m.exec(answer.stdout)?.[1];
      if (answer.code === 0 && id !== undefined) return id;
      // After `Socket timed out on send/recv operation` the job may or may not exist.
      if (answer.code === null || /timed out|contact slurm controller/i.test(answer.stderr)) {
        throw new SlurmSilence(complaint(answer));
      }
      throw new UserError(
        'UNET6101',
        `Slurm rejected the jobs of the study: ${complaint(answer)}.`,
        'Change the request with `--slurm-option name=value` (`partition`, `account`, `time`, `mem`, ...; `sinfo` lists partitions).',
      );
    },
    async queue(arrays) {
      if (arrays.length === 0) return [];
      return parseQueue(await squeue(['--array', `--jobs=${arrays.join(',')}`, '--format=%F|%K|%T|%r|%o']));
    },
    async find(batch) {
      const text = await squeue([`--user=${process.getuid?.() ?? ''}`, '--format=%F|%o']);
      const line = text.split('\n').find((each) => each.slice(each.indexOf('|') + 1) === batch);
      return line?.slice(0, line.indexOf('|'));
    },
    async exitCode(array, index) {
      const { stdout } = await run('scontrol', ['--oneliner', 'show', 'job', `${array}_${index}`], env);
      const [, code, signal] = / ExitCode=(\d+):(\d+) /.exec(stdout) ?? [];
      return code === undefined ? undefined : { code: Number(code), signal: Number(signal) };
    },
    async askToEnd(array, indices) {
      await run('scancel', ['--batch', '--signal=USR1', taskList(array, indices)], env, signalTimeout);
    },
    async cancel(array, indices) {
      await run('scancel', [taskList(array, indices)], env);
    },
  };
}

function missingProgram(program: string): UserError {
  return new UserError(
    'UNET6100',
    `Slurm is not available on this machine: \`${program}\` was not found on the PATH.`,
    'Run the study from a login node of the cluster, or on this machine with `--executor local`.',
  );
}
