import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readDigest, textDigest } from '../data/file-digest.js';
import { UserError } from '../errors/user-error.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import type { StudyJob } from './evidence.js';
import { jobPaths, jobsOf } from './jobs.js';
import type { StudyFolder } from './study-folder.js';

/** The file in which a study records the seal of each finished run once. */
export const JOURNAL = 'journal.jsonl';

const entrySchema = z.strictObject({
  /** `removed`: a finished run was missing when the study was run again, which repeats it. */
  event: z.enum(['created', 'sealed', 'removed']),
  /** The run folder, relative to the study's; null for `created`. */
  run: z.string().nullable(),
  /** SHA-256 of the run's `checksums.json`; only for `sealed`. */
  checksums: z.string().nullable(),
  time: z.iso.datetime(),
  /** SHA-256 of the previous line; null in the first. */
  previous: z.string().nullable(),
});
type Entry = z.infer<typeof entrySchema>;

/** A journal as read: its lines, and the seal of each finished run. */
interface Journal {
  readonly lines: readonly string[];
  readonly seals: ReadonlyMap<string, string>;
}

type Place = Pick<StudyFolder, 'directory'>;

function journalFile({ directory }: Place): string {
  return path.join(directory, JOURNAL);
}

/** The seal of a finished run; undefined while it is not finished. */
async function sealOf({ directory }: Place, job: Pick<StudyJob, 'run'>): Promise<string | undefined> {
  const { checksums } = jobPaths(directory, job);
  return existsSync(checksums) ? readDigest(checksums) : undefined;
}

function parseEntry(line: string): Entry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** @throws UserError UNET6140 for a line that does not continue the previous one */
function parseJournal(text: string, file: string): Journal {
  const lines = text.split('\n').filter((line) => line !== '');
  const seals = new Map<string, string>();
  let previous: string | null = null;
  for (const [index, line] of lines.entries()) {
    const entry = parseEntry(line);
    if (entry?.previous !== previous) {
      throw new UserError(
        'UNET6140',
        `\`${file}\` was changed: line ${index + 1} does not match the line before it.`,
        'Restore the file; without it, there is no evidence that the finished runs are unchanged.',
      );
    }
    if (entry.event === 'sealed' && entry.run !== null) seals.set(entry.run, entry.checksums ?? '');
    if (entry.event === 'removed' && entry.run !== null) seals.delete(entry.run);
    previous = textDigest(line);
  }
  return { lines, seals };
}

async function readJournal(study: Place): Promise<Journal | undefined> {
  const file = journalFile(study);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined || text === '' ? undefined : parseJournal(text, file);
}

function missing(study: Place): UserError {
  return new UserError(
    'UNET6140',
    `\`${journalFile(study)}\` is missing, but the study has finished runs.`,
    'Restore the file; without it, there is no evidence that the finished runs are unchanged.',
  );
}

async function append(study: Place, { lines }: Journal, events: readonly Pick<Entry, 'event' | 'run' | 'checksums'>[]) {
  const all = [...lines];
  for (const event of events) {
    const last = all.at(-1);
    const entry: Entry = {
      ...event,
      time: new Date().toISOString(),
      previous: last === undefined ? null : textDigest(last),
    };
    all.push(JSON.stringify(entry));
  }
  if (all.length > lines.length) await writeFileAtomic(journalFile(study), `${all.join('\n')}\n`);
}

/** The runs of a study whose seal differs from the one in its journal. */
function contradictions(
  { seals }: Journal,
  found: ReadonlyMap<string, string>,
): { readonly resealed: readonly string[]; readonly unrecorded: readonly string[]; readonly gone: readonly string[] } {
  const runs = [...found.keys()];
  return {
    resealed: runs.filter((run) => seals.has(run) && seals.get(run) !== found.get(run)),
    unrecorded: runs.filter((run) => !seals.has(run)),
    gone: [...seals.keys()].filter((run) => !found.has(run)),
  };
}

async function sealsOf(study: Place, jobs: readonly Pick<StudyJob, 'run'>[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const job of jobs) {
    const seal = await sealOf(study, job);
    if (seal !== undefined) found.set(job.run, seal);
  }
  return found;
}

function resealed({ directory }: Place, run: string): UserError {
  return new UserError(
    'UNET6141',
    `\`${path.join(directory, run, 'checksums.json')}\` was written again after the study had recorded the run as finished.`,
    'Restore the run, or remove its folder and run the study again to repeat it.',
  );
}

/**
 * Records the finished runs of a study, and runs that have disappeared. For the process that holds the study's lock.
 * @throws UserError UNET6141 for a run that was sealed again since, UNET6140 for a journal that is missing or was
 * changed
 */
export async function recordRuns(study: Pick<StudyFolder, 'directory' | 'record'>): Promise<void> {
  const found = await sealsOf(study, jobsOf(study.record));
  const known = await readJournal(study);
  if (known === undefined && found.size > 0) throw missing(study);
  const journal = known ?? { lines: [], seals: new Map() };
  const { resealed: changed, unrecorded, gone } = contradictions(journal, found);
  if (changed[0] !== undefined) throw resealed(study, changed[0]);
  await append(study, journal, [
    ...(known === undefined ? [{ event: 'created', run: null, checksums: null } as const] : []),
    ...gone.map((run) => ({ event: 'removed', run, checksums: null }) as const),
    ...unrecorded.map((run) => ({ event: 'sealed', run, checksums: found.get(run)! }) as const),
  ]);
}

/**
 * Rejects runs that were sealed again after the study recorded them. Runs that are not recorded yet are accepted.
 * @throws UserError UNET6141, or UNET6140 for a journal that is missing or was changed
 */
export async function refuseResealed(study: Place, runs: readonly Pick<StudyJob, 'run'>[]): Promise<void> {
  if (runs.length === 0) return;
  const journal = await readJournal(study);
  if (journal === undefined) throw missing(study);
  const [first] = contradictions(journal, await sealsOf(study, runs)).resealed;
  if (first !== undefined) throw resealed(study, first);
}

/** A sentence for each run that contradicts the journal, or for the journal itself. */
export async function verifyJournal(study: Pick<StudyFolder, 'directory' | 'record'>): Promise<readonly string[]> {
  const found = await sealsOf(study, jobsOf(study.record));
  try {
    const journal = await readJournal(study);
    if (journal === undefined) return found.size === 0 ? [] : [`\`${JOURNAL}\` is missing`];
    const { resealed: changed, unrecorded, gone } = contradictions(journal, found);
    return [
      ...changed.map(
        (run) =>
          `\`${run}/checksums.json\` differs from the one recorded in \`${JOURNAL}\`: the checksums were written again`,
      ),
      ...unrecorded.map((run) => `\`${run}\` is not in \`${JOURNAL}\`: run the study again`),
      ...gone.map((run) => `\`${run}\` is missing, but \`${JOURNAL}\` records it as finished`),
    ];
  } catch (error) {
    if (error instanceof UserError) return [error.message.replace(/\.$/, '')];
    throw error;
  }
}
