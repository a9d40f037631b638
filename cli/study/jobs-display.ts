import { printable } from '../../text/printable.js';
import type { StudyJob } from '../../runtime/study/evidence.js';
import { colours, isColoured } from '../colours.js';
import { duration } from '../progress.js';
import { barText, canRedraw, statusLine, type TerminalStream } from '../status-line.js';
import { isQuiet, shown } from '../terminal.js';

/**
 * Shows the jobs of a study while they run: a progress bar below the lines of ended jobs on a terminal, only lines in a
 * log.
 */
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
 * @param stream where they are shown
 */
export function jobsDisplay(
  total: number,
  before: number,
  atATime: number,
  stream: TerminalStream = process.stderr,
): JobsDisplay {
  const startedAt = new Map<string, number>();
  const took: number[] = [];
  let done = before;
  let failures = 0;
  const status = canRedraw(stream) && !isQuiet() ? statusLine(stream) : undefined;
  const left = (): string => {
    if (took.length === 0) return '?';
    const mean = took.reduce((sum, value) => sum + value, 0) / took.length;
    return duration((mean * (total - done - failures)) / Math.min(atATime, Math.max(1, total - done - failures)));
  };
  const refresh = (): void =>
    status?.show(`jobs ${barText(done, total)} ${done}/${total}  ${startedAt.size} running, ${left()} left`);
  const report = (line: string): void => (isQuiet() ? undefined : write(line));
  const write = (line: string): void => {
    if (status === undefined) stream.write(`${shown(line, isColoured(2))}\n`);
    else status.print(line);
    refresh();
  };
  const end = (job: StudyJob): string => {
    const begun = startedAt.get(job.run) ?? Date.now();
    startedAt.delete(job.run);
    const milliseconds = Date.now() - begun;
    took.push(milliseconds);
    return duration(milliseconds);
  };
  if (before > 0) report(`${before} of ${total} jobs were already done`);
  return {
    started: (job) => {
      startedAt.set(job.run, Date.now());
      if (status === undefined) report(`started ${nameOf(job)}`);
      else refresh();
    },
    done: (job, meanDice) => {
      const time = end(job);
      done++;
      const score = meanDice === null ? '' : `, mean Dice ${meanDice.toFixed(4)}`;
      report(`done ${done}/${total}  ${nameOf(job)} in ${time}${score}; ${left()} left`);
    },
    interrupted: (job) => {
      startedAt.delete(job.run);
      write(`stopped ${nameOf(job)}; run the study again to resume it`);
    },
    failed: (job, how) => {
      startedAt.delete(job.run);
      failures++;
      write(`${colours.red('failed')}  ${nameOf(job)}: ${how}`);
    },
    say: write,
    stop: () => status?.stop(),
  };
}

/** The name of a job for people. */
export function nameOf({ variant, seed, fold }: StudyJob): string {
  return `${printable(variant)}, seed ${seed}, fold ${fold}`;
}
