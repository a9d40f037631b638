import path from 'node:path';
import { didYouMean, listNames } from '../../runtime/data/names.js';
import { jobsOf, jobState } from '../../runtime/study/jobs.js';
import { openStudy } from '../../runtime/study/study-folder.js';
import { UsageError } from '../exit.js';

/**
 * The run folders of an ensemble: those given, or all seeds and folds of a row of a study.
 * @throws UsageError for an unknown row, a row that is not finished, or a run that is given twice
 */
export async function memberFolders(given: readonly string[], row: string | undefined): Promise<readonly string[]> {
  if (row !== undefined) return foldersOfRow(given, row);
  const twice = given.find(
    (each, index) => given.findIndex((other) => path.resolve(other) === path.resolve(each)) < index,
  );
  if (twice !== undefined)
    throw new UsageError(`The run \`${twice}\` is given twice, so it would count twice in the mean.`);
  return given;
}

async function foldersOfRow(given: readonly string[], row: string): Promise<readonly string[]> {
  const [directory, ...others] = given;
  if (others.length > 0) throw new UsageError('--row takes one study folder.');
  const study = await openStudy(directory!);
  const names = study.record.rows.map(({ name }) => name);
  if (!names.includes(row)) {
    const help = didYouMean(row, names, `Its rows are ${listNames(names)}.`);
    throw new UsageError(`The study \`${directory}\` has no row \`${row}\`.`, help);
  }
  const jobs = jobsOf(study.record).filter(({ variant }) => variant === row);
  const states = await Promise.all(jobs.map((job) => jobState(study, job)));
  const open = states.filter(({ kind }) => kind !== 'done').length;
  if (open > 0) {
    const message = `${open} of ${jobs.length} jobs of the row \`${row}\` are not finished.`;
    throw new UsageError(message, 'Run the study to its end, or give the folders of finished runs.');
  }
  return jobs.map(({ run }) => path.join(directory!, run));
}
