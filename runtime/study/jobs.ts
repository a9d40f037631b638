import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { cautionSchema } from '../data/cautions/caution.js';
import { readTextFile } from '../files/read-file.js';
import { isLocked } from '../run/lock.js';
import type { JobOutcome, StudyJob } from './evidence.js';
import type { StudyFolder } from './study-folder.js';
import type { StudyRecord } from './study-record.js';

/** The jobs of a study, row by row, then by seed, then by fold. */
export function jobsOf({
  rows,
  seeds,
  folds,
}: {
  readonly rows: readonly Pick<StudyRecord['rows'][number], 'name' | 'folder'>[];
  readonly seeds: readonly number[];
  readonly folds: readonly number[];
}): readonly StudyJob[] {
  return rows.flatMap(({ name, folder }) =>
    seeds.flatMap((seed) =>
      folds.map((fold) => ({ variant: name, seed, fold, run: `runs/${folder}/seed-${seed}-fold-${fold}` })),
    ),
  );
}

/**
 * The same in execution order: all rows of a seed and fold together, so that comparisons remain paired if the study is
 * stopped early.
 */
export function inRunningOrder(record: StudyRecord): readonly StudyJob[] {
  const { seeds, folds } = record;
  const place = ({ seed, fold }: StudyJob): number => seeds.indexOf(seed) * folds.length + folds.indexOf(fold);
  return [...jobsOf(record)].sort((a, b) => place(a) - place(b));
}

/** The files that a job adds to its run folder. */
export function jobPaths(directory: string, { run }: Pick<StudyJob, 'run'>) {
  const folder = path.join(directory, run);
  return {
    folder,
    scores: path.join(folder, 'scores.json'),
    outcome: path.join(folder, 'outcome.json'),
    /** Scores of cases while the job is running, one file each. */
    evaluation: path.join(folder, 'evaluation'),
    overlays: path.join(folder, 'overlays'),
    slices: path.join(folder, 'slices'),
    log: path.join(folder, 'log.txt'),
    failure: path.join(folder, 'failure.json'),
    checksums: path.join(folder, 'checksums.json'),
  };
}

export const outcomeSchema = z.strictObject({
  steps: z.int().nonnegative(),
  secondsPerStep: z.number().nonnegative(),
  trainingSeconds: z.number().nonnegative(),
  evaluationSeconds: z.number().nonnegative(),
  peakMemory: z.number().nonnegative(),
  ece: z.number().nullable(),
  eceForeground: z.number().nullable(),
  environment: z.strictObject({
    finished: z.iso.datetime(),
    machine: z.strictObject({
      processor: z.string(),
      cores: z.int().positive(),
      memory: z.int().nonnegative(),
      system: z.string(),
    }),
    versions: z.record(z.string(), z.string()),
  }),
  digest: z.string(),
  cautions: z.array(cautionSchema),
}) satisfies z.ZodType<JobOutcome>;

const failureSchema = z.strictObject({
  /** Exit code of the job's process; null if a signal ended it. */
  code: z.int().nullable(),
  signal: z.string().nullable(),
});

/** How a job failed. */
export type JobFailure = z.infer<typeof failureSchema>;

export type JobState =
  | { readonly kind: 'done' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly failure: JobFailure }
  /** Started and interrupted; it resumes where it stopped. */
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'waiting' };

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readTextFile(file));
  } catch {
    return undefined;
  }
}

/** The state of a job, as recorded in its folder. */
export async function jobState({ directory }: Pick<StudyFolder, 'directory'>, job: StudyJob): Promise<JobState> {
  const paths = jobPaths(directory, job);
  if (existsSync(paths.checksums)) return { kind: 'done' };
  if ((await isLocked(paths.folder, 'job')) || (await isLocked(paths.folder))) return { kind: 'running' };
  const failure = failureSchema.safeParse(await readJson(paths.failure));
  if (failure.success) return { kind: 'failed', failure: failure.data };
  return existsSync(path.join(paths.folder, 'run.json')) ? { kind: 'interrupted' } : { kind: 'waiting' };
}
