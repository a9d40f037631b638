import { readTextFile } from '../files/read-file.js';
import { UserError } from '../errors/user-error.js';
import { checkSeal, CHECKSUMS, readChecksums, type SealProblem } from './checksums.js';
import { jobPaths, jobsOf } from './jobs.js';
import { verifyJournal } from './journal.js';
import { collectEvidence } from './collect.js';
import { differences } from './differences.js';
import { buildReport } from './report/build-report.js';
import { studyPaths, type StudyFolder } from './study-folder.js';

/** The result of verifying a study's folder. */
export interface Verification {
  /** The number of files whose checksum was compared. */
  readonly files: number;
  /** The number of report values that were recomputed. */
  readonly cells: number;
  /** A sentence for each incorrect file or value. */
  readonly faults: readonly string[];
}

/**
 * Compares every file of a study with its checksum, and every value of its report with the one recomputed from per-case
 * scores. Unfinished jobs have nothing to compare.
 */
export async function verifyStudy(study: StudyFolder): Promise<Verification> {
  const seals = await verifySeals(study);
  const journal = await verifyJournal(study);
  const cells = await verifyCells(study);
  return { files: seals.files, cells: cells.cells, faults: [...seals.faults, ...journal, ...cells.faults] };
}

interface SealCheck {
  readonly files: number;
  readonly faults: readonly string[];
}

async function verifySeals(study: StudyFolder): Promise<SealCheck> {
  const { directory, record } = study;
  const own = await verifyFolder(directory, '');
  const runs: SealCheck[] = [];
  for (const job of jobsOf(record)) {
    const { folder } = jobPaths(directory, job);
    if ((await readChecksums(folder)) !== undefined) runs.push(await verifyFolder(folder, `${job.run}/`));
  }
  const all = [own, ...runs];
  return { files: all.reduce((sum, { files }) => sum + files, 0), faults: all.flatMap(({ faults }) => faults) };
}

async function verifyFolder(folder: string, prefix: string): Promise<SealCheck> {
  const checksums = await readChecksums(folder);
  if (checksums === undefined) {
    const what = `\`${prefix}${CHECKSUMS}\` is missing or unreadable, so the files next to it cannot be verified`;
    return { files: 0, faults: [what] };
  }
  const faults = await checkSeal(folder, checksums);
  return { files: Object.keys(checksums).length, faults: faults.flatMap((fault) => sentenceOf(prefix, fault)) };
}

/** Describes a wrong file; files of unfinished jobs are not sealed, so they cannot be wrong. */
function sentenceOf(prefix: string, { file, fault }: SealProblem): string[] {
  const name = `\`${prefix}${file}\``;
  if (fault === 'missing') return [`${name} is missing`];
  if (fault === 'changed') return [`${name} was changed since it was written`];
  if (prefix !== '') return [`${name} was added to a finished run`];
  const finished = file.startsWith('runs/') && file.endsWith(`/${CHECKSUMS}`);
  if (finished) return [`${name} belongs to a job that the report does not include yet: run the study again`];
  return file.startsWith('runs/') ? [] : [`${name} was added by hand`];
}

async function verifyCells(study: StudyFolder): Promise<{ cells: number; faults: readonly string[] }> {
  const file = studyPaths(study.directory).reportJson;
  const stored = await readJson(file);
  if (stored === undefined) return { cells: 0, faults: ['`report.json` is missing or is not valid JSON'] };
  try {
    // Uses the existing files, whether they were changed or not: files are compared separately.
    const report = buildReport(await collectEvidence(study));
    const now: unknown = JSON.parse(JSON.stringify(report));
    const faults = differences(stored, now).map(
      ({ place, before, after }) =>
        `${cellName(stored, place)} is ${before} in the report but ${after} according to the files of the study`,
    );
    return { cells: countFigures(now), faults };
  } catch (error) {
    if (error instanceof UserError) return { cells: 0, faults: [error.message.replace(/\.$/, '')] };
    throw error;
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readTextFile(file));
  } catch {
    return undefined;
  }
}

/** The path of a value in the report for people: `NoCSA: metrics.dice.mean` for `rows.1.metrics.dice.mean`. */
function cellName(report: unknown, place: string): string {
  const [, index, rest] = /^rows\.(\d+)\.(.*)$/.exec(place) ?? [];
  const rows = (report as { readonly rows?: readonly { readonly variant?: string }[] }).rows;
  const variant = index === undefined ? undefined : rows?.[Number(index)]?.variant;
  return variant === undefined ? `\`${place}\`` : `\`${variant}\`: \`${rest}\``;
}

function countFigures(value: unknown): number {
  if (typeof value === 'number') return 1;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, each) => sum + countFigures(each), 0);
}
