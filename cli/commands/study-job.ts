import { runJobProcess } from '../../runtime/study/job-process.js';
import { jobsOf } from '../../runtime/study/jobs.js';
import { openStudy } from '../../runtime/study/study-folder.js';
import { Finished, UsageError } from '../exit.js';
import signals from '../signals.cjs';
import { ownCommand } from '../study/run-jobs.js';

/** Flags of the command. */
export interface StudyJobFlags {
  readonly worker?: boolean;
}

/**
 * `unet study job DIR RUN`: runs one job of a study; started by executors. It supervises a child process, which does
 * the work (`--worker`) and alone loads TensorFlow.js.
 */
export async function studyJob(directory: string, run: string, flags: StudyJobFlags): Promise<void> {
  const study = await openStudy(directory);
  const job = jobsOf(study.record).find((each) => each.run === run);
  if (job === undefined) throw new UsageError(`The study \`${directory}\` has no job \`${run}\`.`);
  const signal = endSignal();
  const code =
    flags.worker === true
      ? await (await import('../study/work-on-job.js')).workOnJob(study, job, signal)
      : await runJobProcess({ study, job, signal, worker: ownCommand('study', 'job', directory, run, '--worker') });
  if (code !== 0) throw new Finished(code);
}

/** Fires on a terminating signal, and when the parent process has exited. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  // A worker may receive one signal from the terminal or Slurm and another from its supervisor.
  for (const signal of signals.endingSignals) process.on(signal, abort);
  process.on('disconnect', abort);
  process.channel?.unref();
  return controller.signal;
}
