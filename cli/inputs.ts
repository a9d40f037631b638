import { join } from 'node:path';
import type { Program } from '../compiler/program/program.js';
import { openDataset } from '../runtime/data/dataset.js';
import { runPaths } from '../runtime/training/run-paths.js';
import { sealedFiles } from '../runtime/run/run-info.js';

/** Flags of commands that may overwrite the output file. */
export interface OutputFlags {
  readonly force?: boolean | undefined;
}

/** Returns the files that a spec was read from. */
export function filesOfSpec(program: Program): readonly string[] {
  return [...program.files.keys()];
}

/** The files that a command reads of a run; links may lead out of the run's folder. */
export function filesOfRun(directory: string): readonly string[] {
  const { last, best } = runPaths(directory);
  return [...['run.json', ...sealedFiles].map((name) => join(directory, name)), last, best];
}

/** The files of a data set; links may lead out of its folder. If it is not a data set, only the path; opening it reports the error. */
export async function filesOfDataset(directory: string): Promise<readonly string[]> {
  const dataset = await openDataset(directory, () => undefined).catch(() => undefined);
  const cases = dataset === undefined ? [] : [...dataset.cases, ...dataset.unlabelled];
  const files = cases.flatMap(({ images, label }) => (label === undefined ? images : [...images, label]));
  const descriptions = dataset?.descriptions ?? [join(directory, 'dataset.json'), join(directory, 'cases.csv')];
  return [...descriptions, ...files];
}
