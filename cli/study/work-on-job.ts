import { UserError } from '../../runtime/errors/user-error.js';
import type { Engine } from '../../runtime/engine/engines.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import type { ModelModule } from '../../runtime/run/load-module.js';
import { currentVersions } from '../../runtime/run/run-info.js';
import { openNetwork } from '../../runtime/run/open-network.js';
import { trainRun } from '../../runtime/run/train-run.js';
import type { StudyJob } from '../../runtime/study/evidence.js';
import { checkFingerprint } from '../../runtime/study/fingerprint.js';
import { openJob } from '../../runtime/study/open-job.js';
import { scoreJob, type ScoreOptions } from '../../runtime/study/score-job.js';
import { readRow, rowNamed, type StudyFolder } from '../../runtime/study/study-folder.js';
import { startEngine } from '../engine.js';
import { exitCodes } from '../exit.js';
import { progressBar } from '../progress.js';
import { moduleOf, networkOf } from '../run-network.js';
import { trainingDisplay } from '../training-display.js';
import { tell } from '../terminal.js';

/** Trains and scores a job, resuming it if it was started before. @returns the exit code */
export async function workOnJob(study: StudyFolder, job: StudyJob, signal: AbortSignal): Promise<number> {
  const { engine: wanted } = study.protocol;
  const dataset = await openDataset(study.record.data);
  const engine = await startEngine({
    engine: wanted.name,
    ...(wanted.threads === null ? {} : { threads: wanted.threads }),
  });
  const module = await rowModule(study, job);
  const opened = await openJob(study, job, dataset, module.description, {
    signal,
    onWait: (message) => tell(`${message} Waiting for it to finish.\n`),
  });
  if (signal.aborted) {
    opened.lock.release();
    return exitCodes.interrupted;
  }
  const { train, validation, test } = opened.fold;
  try {
    await checkFingerprint(dataset, study.protocol.data, [...train, ...validation, ...test], defaultCacheDirectory());
    const training = { run: opened.run, module, dataset, resume: opened.resume, signal };
    const { status } = await trainAnew(training, engine);
    if (status === 'interrupted') return exitCodes.interrupted;
    const versions = { ...currentVersions(), ...engine.versions };
    return (await score({ study, job, opened, dataset, versions, signal }, module))
      ? exitCodes.success
      : exitCodes.interrupted;
  } finally {
    opened.lock.release();
  }
}

/** The code of a row's network, generated from the row's sealed spec. */
export async function rowModule(study: StudyFolder, job: StudyJob): Promise<ModelModule> {
  const row = rowNamed(study, job.variant);
  const { spec } = await readRow(study, row);
  const version = study.protocol.versions['unet-lang'] ?? 'unknown';
  return moduleOf(networkOf({ spec, model: row.model, graph: row.graph, directory: study.directory, version }));
}

type Training = Omit<Parameters<typeof trainRun>[0], 'onEvent'>;

/** What damage to a run's files a training from the start repairs: its checkpoint or its metrics. */
const repairable = ['UNET6059', 'UNET6066', 'UNET6067'];

/** Trains; from the start if the files to resume from are damaged, which gives the same result. */
async function trainAnew(training: Training, engine: Engine): ReturnType<typeof trainRun> {
  const attempt = (resume: boolean): ReturnType<typeof trainRun> => {
    const display = trainingDisplay(training.run, engine);
    return trainRun({ ...training, resume, onEvent: (event) => display.show(event) }).finally(() => display.stop());
  };
  try {
    return await attempt(training.resume);
  } catch (error) {
    if (!training.resume || !(error instanceof UserError) || !repairable.includes(error.code)) throw error;
    tell(`${error.message} The job restarts from the first step.\n`);
    return attempt(false);
  }
}

async function score(options: Omit<ScoreOptions, 'network' | 'onCase'>, module: ModelModule): Promise<boolean> {
  const network = await openNetwork(options.opened.run, module);
  const bar = progressBar('scoring');
  const onCase = (done: number, of: number, id: string): void => bar.update(done, of, id);
  return scoreJob({ ...options, network, onCase }).finally(() => bar.stop());
}
