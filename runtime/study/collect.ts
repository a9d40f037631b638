import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { z } from 'zod';
import { readTextFile } from '../files/read-file.js';
import { UserError } from '../errors/user-error.js';
import { readIfPresent } from '../files/file-error.js';
import { readJson, type ProblemError } from '../files/read-json.js';
import { casePictureName } from '../pictures/case-picture.js';
import { caseSliceName } from '../pictures/case-slice.js';
import { openRun } from '../run/run-folder.js';
import { runPaths } from '../training/run-paths.js';
import { readDigest } from '../data/file-digest.js';
import { meanOverCases } from './case-dice.js';
import { readMetrics } from '../training/metrics-log.js';
import type { JobOutcome, RunEvidence, StudyEvidence, StudyJob } from './evidence.js';
import { jobPaths, jobState, jobsOf, outcomeSchema } from './jobs.js';
import { checkRun, foldOf } from './open-job.js';
import { scoresSchema, type JobScores } from './scores-file.js';
import type { StudyFolder } from './study-folder.js';

async function readAs<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const errorOf: ProblemError = ({ fault, help }) =>
    new UserError(
      'UNET6114',
      `\`${file}\` ${fault}.`,
      help ?? 'Remove its run folder and run the study again to repeat the job.',
    );
  const text = await readIfPresent(file);
  if (text === undefined) throw errorOf({ fault: 'is missing' });
  return readJson(schema, text, errorOf);
}

/**
 * The scores of a finished job.
 * @throws UserError UNET6114 if the file is malformed or a test case is missing
 */
async function readScores(study: StudyFolder, job: StudyJob): Promise<JobScores> {
  const { scores } = jobPaths(study.directory, job);
  const found = await readAs(scores, scoresSchema);
  const lacking = foldOf(study, job).test.find((id) => !found.classes.some((row) => row.case === id));
  if (lacking === undefined) return found;
  throw new UserError(
    'UNET6114',
    `\`${scores}\` does not contain a score for the case \`${lacking}\`.`,
    'Remove its run folder and run the study again to repeat the job.',
  );
}

/** The files of cases in one of a run's folders, relative to the study's folder. */
async function filesOfCases(
  folder: string,
  place: string,
  cases: readonly string[],
  nameOf: (id: string, cases: readonly string[]) => string,
): Promise<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const files = new Set(await readdir(folder));
  const names = cases.map((id) => [id, nameOf(id, cases)] as const);
  const present = names.filter(([, name]) => files.has(name));
  return Object.fromEntries(present.map(([id, name]) => [id, `${place}/${name}`]));
}

async function readRun(study: StudyFolder, job: StudyJob): Promise<RunEvidence> {
  const { directory } = study;
  const paths = jobPaths(directory, job);
  checkRun(study, job, await openRun(paths.folder));
  const scores = await readScores(study, job);
  const outcome: JobOutcome = await readAs(paths.outcome, outcomeSchema);
  if (outcome.digest !== study.record.digest) {
    throw new UserError(
      'UNET6113',
      `The run \`${paths.folder}\` does not belong to the study: it was trained under a different protocol.`,
      'Move the folder elsewhere; the study creates its own run.',
    );
  }
  const { test } = foldOf(study, job);
  return {
    ...job,
    checksum: await readDigest(paths.scores),
    scores: scores.classes,
    regions: scores.regions,
    calibration: scores.calibration,
    outcome,
    curve: await readMetrics(runPaths(paths.folder).metrics),
    overlays: await filesOfCases(paths.overlays, `${job.run}/overlays`, test, casePictureName),
    slices: await filesOfCases(paths.slices, `${job.run}/slices`, test, caseSliceName),
  };
}

/** Whether a failed job failed because its training diverged. */
async function hasDiverged({ directory }: StudyFolder, job: StudyJob): Promise<boolean> {
  try {
    return (await openRun(jobPaths(directory, job).folder)).info.status === 'diverged';
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/**
 * Collects the evidence for a report from the folder of a study. Unfinished jobs are skipped.
 * @throws UserError UNET6113 for a run that does not belong to the study, UNET6114 for malformed scores
 */
export async function collectEvidence(study: StudyFolder): Promise<StudyEvidence> {
  const jobs = jobsOf(study.record);
  const runs: RunEvidence[] = [];
  const diverged: StudyJob[] = [];
  for (const job of jobs) {
    const { kind } = await jobState(study, job);
    if (kind === 'done') runs.push(await readRun(study, job));
    if (kind === 'failed' && (await hasDiverged(study, job))) diverged.push(job);
  }
  return { record: study.record, protocol: study.protocol, jobs, runs, diverged };
}

/** Mean Dice of a finished job by the report's rule; null if no case has one. */
export async function meanDice(study: StudyFolder, job: StudyJob): Promise<number | null> {
  return meanOverCases((await readScores(study, job)).classes);
}

/** The end of a job's log, for a message. */
export async function logEnd(directory: string, job: StudyJob, lines = 8): Promise<string> {
  const text = await readTextFile(jobPaths(directory, job).log).catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
