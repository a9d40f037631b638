import { SingleBar } from 'cli-progress';
import type { StudyJob } from '../../runtime/study/evidence.js';
import { colours } from '../colours.js';
import { duration } from '../progress.js';

/** Shows the jobs of a study as they go: a bar on a terminal, a line a job in a log; on standard error. */
export interface JobsDisplay {
  started(job: StudyJob): void;
  done(job: StudyJob, meanDice: number | null): void;
  interrupted(job: StudyJob): void;
  failed(job: StudyJob, how: string): void;
  say(line: string): void;
  stop(): void;
}

/**
 * @param total jobs of the study
 * @param before jobs that were done before
 * @param atATime jobs that run together
 */
export function jobsDisplay(total: number, before: number, atATime: number): JobsDisplay {
  const startedAt = new Map<string, number>();
  const took: number[] = [];
  let done = before;
  let failures = 0;
  const bar = process.stderr.isTTY ? terminalBar() : undefined;
  const left = (): string => {
    if (took.length === 0) return '?';
    const mean = took.reduce((sum, value) => sum + value, 0) / took.length;
    return duration((mean * (total - done - failures)) / Math.min(atATime, Math.max(1, total - done - failures)));
  };
  const refresh = (): void => bar?.update(done, { running: startedAt.size, left: left() });
  bar?.start(total, done, { running: 0, left: '?' });
  const write = (line: string): void => {
    // The bar is drawn anew below the line.
    if (bar !== undefined) process.stderr.write('\r\u001b[K');
    process.stderr.write(`${line}\n`);
    refresh();
  };
  const end = (job: StudyJob): string => {
    const begun = startedAt.get(job.run) ?? Date.now();
    startedAt.delete(job.run);
    const milliseconds = Date.now() - begun;
    took.push(milliseconds);
    return duration(milliseconds);
  };
  if (before > 0) write(`${before} of ${total} jobs were done before`);
  return {
    started: (job) => {
      startedAt.set(job.run, Date.now());
      if (bar === undefined) write(`started ${nameOf(job)}`);
      else refresh();
    },
    done: (job, meanDice) => {
      const time = end(job);
      done++;
      const score = meanDice === null ? '' : `, mean Dice ${meanDice.toFixed(4)}`;
      write(`done ${done}/${total}  ${nameOf(job)} in ${time}${score}; ${left()} left`);
    },
    interrupted: (job) => {
      startedAt.delete(job.run);
      write(`stopped ${nameOf(job)}; it goes on where it stopped`);
    },
    failed: (job, how) => {
      startedAt.delete(job.run);
      failures++;
      write(`${colours.red('failed')}  ${nameOf(job)}: ${how}`);
    },
    say: write,
    stop: () => bar?.stop(),
  };
}

/** A job as a person names it. */
export function nameOf({ variant, seed, fold }: StudyJob): string {
  return `${variant}, seed ${seed}, fold ${fold}`;
}

function terminalBar(): SingleBar {
  return new SingleBar({
    format: 'jobs {bar} {value}/{total}  {running} running  {left} left',
    barCompleteChar: '#',
    barIncompleteChar: '.',
    hideCursor: true,
    stream: process.stderr,
  });
}
