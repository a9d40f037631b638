import { existsSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { defaultCacheDirectory } from '../data/cache.js';
import { allowances } from '../data/cautions/caution.js';
import { headerCautions, withAllowances } from '../data/cautions/cautions.js';
import { measureTraining, needsMeasuring } from '../data/measure-training.js';
import type { Dataset } from '../data/types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import type { Protocol } from '../../contract/protocol.js';
import { lockRun, type RunLock } from '../run/lock.js';
import { waitForLock, type LockWait } from '../run/wait-for-lock.js';
import { createRun, openRun, type Run } from '../run/run-folder.js';
import type { StudyJob } from './evidence.js';
import type { StudyFold } from './folds.js';
import { jobPaths } from './jobs.js';
import { foldSubject } from './study-cautions.js';
import { readRow, rowNamed, type StudyFolder } from './study-folder.js';
import type { StudyRow } from './study-record.js';

/** A job's run, locked by this process, ready to be trained or resumed. */
export interface OpenedJob {
  readonly run: Run;
  /** Released by the caller. */
  readonly lock: RunLock;
  /** Whether the run was started before. */
  readonly resume: boolean;
  readonly fold: StudyFold;
}

/** The protocol of a row: the study's, with the row's patch, which differs if the row is unmatched. */
export function rowProtocol({ protocol }: Pick<StudyFolder, 'protocol'>, row: StudyRow): Protocol {
  const shared = protocol.protocol;
  return { ...shared, patch: { ...shared.patch, size: row.patch } };
}

/** Cases that the training itself scores: those it selects on, else the test cases, of which only the curve is kept. */
export function watchedCases({ validation, test }: StudyFold): readonly string[] {
  return validation.length > 0 ? validation : test;
}

export function foldOf({ protocol }: Pick<StudyFolder, 'protocol'>, job: StudyJob): StudyFold {
  const fold = protocol.folds.find((each) => each.fold === job.fold);
  if (fold === undefined) throw new RangeError(`no fold ${job.fold}`);
  return fold;
}

/**
/**
 * Creates a job's run folder, or opens it if the job was started before. A process that still holds it is waited for.
 * @param description of the row's network
 * @throws UserError UNET6057 if another process works on it, UNET6113 if the folder contains a run of something else
 */
export function openJob(
  study: StudyFolder,
  job: StudyJob,
  dataset: Dataset,
  description: ModelDescription,
  wait: LockWait = {},
): Promise<OpenedJob> {
  return waitForLock(() => openUnlocked(study, job, dataset, description), wait);
}

async function openUnlocked(
  study: StudyFolder,
  job: StudyJob,
  dataset: Dataset,
  description: ModelDescription,
): Promise<OpenedJob> {
  const { folder } = jobPaths(study.directory, job);
  const fold = foldOf(study, job);
  const watchesTest = fold.validation.length === 0;
  if (existsSync(path.join(folder, 'run.json'))) {
    const lock = await lockRun(folder);
    try {
      const run = await openRun(folder);
      checkRun(study, job, run);
      return { run: { ...run, watchesTest }, lock, resume: true, fold };
    } catch (error) {
      lock.release();
      throw error;
    }
  }
  const row = rowNamed(study, job.variant);
  const texts = await readRow(study, row);
  const protocol = rowProtocol(study, row);
  const split = { train: fold.train, validation: [...watchedCases(fold)] };
  const training = { dataset, description, protocol, train: fold.train };
  const measured = needsMeasuring(training) ? await measureTraining(training, defaultCacheDirectory()) : undefined;
  const subject = await foldSubject({ dataset, description, protocol, fold }, defaultCacheDirectory());
  const made = await createRun(folder, {
    info: {
      model: row.model,
      spec: study.record.spec,
      knobs: row.knobs,
      graph: row.graph,
      seed: job.seed,
      fold: job.fold,
      patch: [...row.patch],
      engine: study.protocol.engine.name,
      data: { ...subject.trainedOn, ...(measured && { measured }) },
      identifiers: subject.identifiers,
      // Whether the study is allowed to run is decided when it is planned.
      cautions: withAllowances(await headerCautions(subject), allowances),
    },
    ...texts,
    protocol,
    split,
  });
  return { run: { ...made.run, watchesTest }, lock: made.lock, resume: false, fold };
}

/**
 * Rejects a run that differs from what the study's job would have created: another network, protocol, split or seed.
 * @throws UserError UNET6113 that names the difference
 */
export function checkRun(study: StudyFolder, job: StudyJob, run: Run): void {
  const row = rowNamed(study, job.variant);
  const fold = foldOf(study, job);
  // What is reported does not affect training.
  const { report } = study.protocol.protocol;
  const own = { train: fold.train, validation: watchedCases(fold) };
  const differing = [
    run.info.graph === row.graph ? [] : ['the network'],
    isDeepStrictEqual({ ...run.protocol, report }, rowProtocol(study, row)) ? [] : ['the protocol'],
    isDeepStrictEqual(run.split, own) ? [] : ['the split'],
    run.info.seed === job.seed ? [] : ['the seed'],
  ].flat();
  if (differing.length === 0) return;
  throw new UserError(
    'UNET6113',
    `The run \`${run.directory}\` does not belong to the study: ${differing.join(', ')} differ${differing.length === 1 ? 's' : ''}.`,
    'Move the folder elsewhere; the study creates its own run.',
  );
}
