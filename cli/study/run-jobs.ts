import type { StudyJob } from '../../runtime/study/evidence.js';
import type { Executor, JobEvent, JobProcess } from '../../runtime/study/executor.js';
import { logEnd, meanDice } from '../../runtime/study/collect.js';
import { endText } from '../../runtime/study/job-process.js';
import { inRunningOrder, jobState, type JobState } from '../../runtime/study/jobs.js';
import { recordRuns } from '../../runtime/study/journal.js';
import { rowNamed, type StudyFolder } from '../../runtime/study/study-folder.js';
import { printableLines } from '../../text/printable.js';
import signals from '../signals.cjs';
import { jobsDisplay } from './jobs-display.js';
import { counted } from '../../text/count.js';
import { tellMessage } from '../message.js';

/** The outcome of a study's jobs. */
export interface JobsOutcome {
  readonly failed: readonly StudyJob[];
  readonly interrupted: boolean;
}

/** This command line, for running it again with other arguments. */
export function ownCommand(...rest: readonly string[]): readonly string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...rest];
}

/** Runs the unfinished jobs of a study and shows their progress. Ctrl-C stops them; they remain resumable. */
export async function runJobs(
  study: StudyFolder,
  executorFor: (say: (line: string) => void) => Executor,
  { jobs, threads }: { readonly jobs: number; readonly threads: number },
): Promise<JobsOutcome> {
  const all = inRunningOrder(study.record);
  const left: StudyJob[] = [];
  for (const job of all) if ((await jobState(study, job)).kind !== 'done') left.push(job);
  const display = jobsDisplay(all.length, all.length - left.length, jobs);
  const controller = new AbortController();
  const stopListening = signals.onEndingSignal((signal) => {
    controller.abort();
    display.say(`Stopping (${signal}): running jobs are writing checkpoints. Press Ctrl-C again to stop immediately.`);
  });
  const failed: StudyJob[] = [];
  const ends: Promise<void>[] = [];
  let recorded = Promise.resolve();
  const onEvent = (event: JobEvent): void => {
    if (event.kind === 'started') display.started(event.job);
    else {
      ends.push(tellEnd(study, event, display, controller.signal.aborted ? undefined : failed));
      recorded = recorded.then(() => recordRuns(study));
      // The error is thrown after the jobs have ended.
      recorded.catch(() => undefined);
    }
  };
  try {
    const processes = left.map((job) => processOf(study, job, threads));
    const executor = executorFor((line) => display.say(line));
    await executor(processes, { directory: study.directory, jobs, onEvent, signal: controller.signal });
    await Promise.all([...ends, recorded]);
  } finally {
    display.stop();
    stopListening();
  }
  return { failed, interrupted: controller.signal.aborted };
}

function processOf(study: StudyFolder, job: StudyJob, cpus: number): JobProcess {
  const command = ownCommand('study', 'job', study.directory, job.run);
  return { job, command, memory: rowNamed(study, job.variant).memory, cpus };
}

type Display = ReturnType<typeof jobsDisplay>;

async function tellEnd(
  study: StudyFolder,
  { job, reason }: Extract<JobEvent, { kind: 'ended' }>,
  display: Display,
  failed: StudyJob[] | undefined,
): Promise<void> {
  const state = await jobState(study, job);
  if (state.kind === 'done') return display.done(job, await meanDice(study, job));
  // A job that was asked to stop may be ended before it can react; it has not failed.
  if (failed === undefined || (state.kind === 'interrupted' && reason === undefined)) return display.interrupted(job);
  failed.push(job);
  const how = state.kind === 'failed' ? endText(state.failure) : (reason ?? withoutResult(state));
  const end = await logEnd(study.directory, job);
  display.failed(job, `${how}\n    ${printableLines(end).replaceAll('\n', '\n    ')}`);
}

/** The reason why a job ended without scores or a failure. */
function withoutResult({ kind }: JobState): string {
  return kind === 'running'
    ? 'Another process is still working on this job; run the study again when it has finished.'
    : 'The job ended without a result.';
}

/** Prints the failed jobs and how to retry them. */
export function tellFailures(directory: string, failed: readonly StudyJob[]): void {
  if (failed.length === 0) return;
  const names = failed.map(({ run }) => run).join(', ');
  tellMessage({
    severity: 'error',
    text: `${counted(failed.length, 'job')} of \`${directory}\` failed: ${names}.`,
    help: 'See log.txt in these folders; run the same command again to retry these jobs.',
  });
}
