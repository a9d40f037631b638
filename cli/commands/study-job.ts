import { runJobProcess } from '../../runtime/study/job-process.js';
import { jobsOf } from '../../runtime/study/jobs.js';
import { openStudy } from '../../runtime/study/study-folder.js';
import { Finished, UsageError } from '../exit.js';
import signals from '../signals.cjs';
import { ownCommand } from '../study/run-jobs.js';

/** Its flags. */
export interface StudyJobFlags {
  readonly worker?: boolean;
}

/**
 * `unet study job DIR RUN`: one job of a study, as executors start it. It watches over a process of its own, which does
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

/** Fires on a signal that ends commands, and when the process that started this one is gone. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  // A worker may get one from the terminal or from Slurm and another from the process that watches over it.
  for (const signal of signals.endingSignals) process.on(signal, abort);
  process.on('disconnect', abort);
  process.channel?.unref();
  return controller.signal;
}
