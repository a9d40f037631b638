import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../files/atomic-file.js';
import { sealFolder } from './checksums.js';
import { collectEvidence } from './collect.js';
import type { StudyEvidence } from './evidence.js';
import type { Architecture } from './report/architecture.js';
import { buildReport } from './report/build-report.js';
import { renderReportHtml } from './report/render-html.js';
import { renderReportJson } from './report/render-json.js';
import type { StudyReport } from './report/report.js';
import { refuseResealed } from './journal.js';
import { refuseChanged } from './refuse-changed.js';
import { studyPaths, type StudyFolder } from './study-folder.js';

/** A study's table, and the evidence it was computed from. */
export interface StudyResult {
  readonly report: StudyReport;
  readonly evidence: StudyEvidence;
}

/**
 * The evidence in a study's folder, exactly as its jobs wrote it.
 * @throws UserError UNET6116 if a finished run's files differ from what its job wrote, UNET6141 if it was sealed again
 */
export async function collectUnchanged(study: StudyFolder): Promise<StudyEvidence> {
  const evidence = await collectEvidence(study);
  await refuseResealed(study, evidence.runs);
  await refuseChanged(study.directory, evidence.runs);
  return evidence;
}

/**
 * Computes the report on the current contents of a study's folder.
 * @throws UserError UNET6116 if a finished run's files differ from what its job wrote
 */
export async function readResult(study: StudyFolder): Promise<StudyResult> {
  const evidence = await collectUnchanged(study);
  return { report: buildReport(evidence), evidence };
}

/** Draws the networks of a study, which is the compiler's work. */
export type DrawArchitectures = (study: StudyFolder) => Promise<readonly Architecture[]>;

/** The HTML page of a report, with embedded pictures. */
export async function htmlOf(study: StudyFolder, result: StudyResult, draw: DrawArchitectures): Promise<string> {
  const { report, evidence } = result;
  const read = (file: string): Uint8Array | undefined => readIfThere(path.join(study.directory, file));
  return renderReportHtml(report, { evidence, architectures: await draw(study), read });
}

function readIfThere(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Whether the study itself created a file; others are not included in its checksums. */
function isOwn(file: string): boolean {
  return /^(study\.json|protocol\.json|report\.json|report\.html|(variants|runs|slurm)\/.*)$/.test(file);
}

function isOfRun(file: string): boolean {
  return file.startsWith('runs/');
}

/**
 * Writes `report.json` and `report.html` into a study's folder, and then the checksums of everything in it that is
 * finished.
 */
export async function writeReport(study: StudyFolder, draw: DrawArchitectures): Promise<StudyResult> {
  const result = await readResult(study);
  const paths = studyPaths(study.directory);
  await writeFileAtomic(paths.reportJson, renderReportJson(result.report));
  await writeFileAtomic(paths.reportHtml, await htmlOf(study, result, draw));
  const done = new Set(result.evidence.runs.map(({ run }) => run));
  await sealFolder(study.directory, (file) => isOwn(file) && (!isOfRun(file) || done.has(path.posix.dirname(file))));
  return result;
}
