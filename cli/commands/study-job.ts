import { rm } from 'node:fs/promises';
import { UserError } from '../../runtime/errors.js';
import type { Engine } from '../../runtime/engine/engines.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import { openNetwork } from '../../runtime/run/open-network.js';
import { runPaths } from '../../runtime/run/run-folder.js';
import { trainRun } from '../../runtime/run/train-run.js';
import type { StudyJob } from '../../runtime/study/evidence.js';
import { checkFingerprint } from '../../runtime/study/fingerprint.js';
import { runJobProcess } from '../../runtime/study/job-process.js';
import { jobsOf } from '../../runtime/study/jobs.js';
import { openJob } from '../../runtime/study/open-job.js';
import { scoreJob, type ScoreOptions } from '../../runtime/study/score-job.js';
import { openStudy, type StudyFolder } from '../../runtime/study/study-folder.js';
import { startEngine } from '../engine.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import { progressBar } from '../progress.js';
import { ownCommand } from '../study/run-jobs.js';
import { trainingDisplay } from '../training-display.js';

/** Its flags. */
export interface StudyJobFlags {
  readonly worker?: boolean;
}

/**
 * `unet study job DIR RUN`: one job of a study, as executors start it. It watches over a process of its own, which does
 * the work (`--worker`).
 */
export async function studyJob(directory: string, run: string, flags: StudyJobFlags): Promise<void> {
  const study = await openStudy(directory);
  const job = jobsOf(study.record).find((each) => each.run === run);
  if (job === undefined) throw new UsageError(`The study \`${directory}\` has no job \`${run}\`.`);
  const signal = endSignal();
  const code =
    flags.worker === true
      ? await work(study, job, signal)
      : await runJobProcess({ study, job, signal, worker: ownCommand('study', 'job', directory, run, '--worker') });
  if (code !== 0) throw new Finished(code);
}

/** Fires on SIGINT and SIGTERM, and when the process that started this one is gone. */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.on('SIGINT', abort).on('SIGTERM', abort).on('disconnect', abort);
  process.channel?.unref();
  return controller.signal;
}

/** Trains and scores; where it was begun before, it goes on. @returns the exit code */
async function work(study: StudyFolder, job: StudyJob, signal: AbortSignal): Promise<number> {
  const { engine: wanted } = study.protocol;
  const dataset = await openDataset(study.record.data);
  const engine = await startEngine({
    engine: wanted.name,
    ...(wanted.threads === null ? {} : { threads: wanted.threads }),
  });
  const opened = await openJob(study, job, dataset, {
    signal,
    onWait: (message) => process.stderr.write(`${message} Waiting for it to end.\n`),
  });
  if (signal.aborted) {
    opened.lock.release();
    return exitCodes.interrupted;
  }
  const { train, validation, test } = opened.fold;
  try {
    await checkFingerprint(dataset, study.protocol.data, [...train, ...validation, ...test], defaultCacheDirectory());
    const training = { run: opened.run, dataset, resume: opened.resume, signal };
    const { status } = await trainAnew(training, engine);
    if (status === 'interrupted') return exitCodes.interrupted;
    return (await score({ study, job, opened, dataset, signal })) ? exitCodes.success : exitCodes.interrupted;
  } finally {
    opened.lock.release();
  }
}

type Training = Omit<Parameters<typeof trainRun>[0], 'onEvent'>;

/** Trains; where the checkpoint to go on from is damaged, from the start, which comes to the same. */
async function trainAnew(training: Training, engine: Engine): ReturnType<typeof trainRun> {
  const attempt = (): ReturnType<typeof trainRun> => {
    const display = trainingDisplay(training.run, engine);
    return trainRun({ ...training, onEvent: (event) => display.show(event) }).finally(() => display.stop());
  };
  try {
    return await attempt();
  } catch (error) {
    if (!training.resume || !(error instanceof UserError) || error.code !== 'UNET6059') throw error;
    process.stderr.write(`${error.message} The job starts anew.\n`);
    await rm(runPaths(training.run.directory).last, { force: true });
    return attempt();
  }
}

async function score(options: Omit<ScoreOptions, 'network' | 'onCase'>): Promise<boolean> {
  const network = await openNetwork(options.opened.run);
  const bar = progressBar('scoring');
  const onCase = (done: number, of: number, id: string): void => bar.update(done, of, id);
  return scoreJob({ ...options, network, onCase }).finally(() => bar.stop());
}
