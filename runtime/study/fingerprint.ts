import path from 'node:path';
import { imagePlaces, labelPlace, readCaseHeader } from '../data/case-files.js';
import { findCase } from '../data/dataset.js';
import { fileDigest, textDigest } from '../data/file-digest.js';
import type { DataCase, Dataset } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import type { StudyProtocol } from './study-record.js';

type Fingerprint = StudyProtocol['data'];
type CaseFingerprint = Fingerprint['cases'][number];

/** A digest of the parts of a data set's description that a run depends on. */
function describe({ modalities, labels, regions, ignore, cases, columns }: Dataset): string {
  const rows = cases.map(({ id, columns: values }) => [id, values]);
  return textDigest(JSON.stringify({ modalities, labels, regions, ignore, columns, rows }));
}

async function fingerprintCase(dataset: Dataset, each: DataCase, cacheDirectory: string): Promise<CaseFingerprint> {
  const places = [...imagePlaces(each), labelPlace(each)].filter((place) => place !== undefined);
  const files: Record<string, string> = {};
  for (const place of places) {
    const name = path.relative(dataset.dir, place.file).split(path.sep).join('/');
    files[name] = await fileDigest(cacheDirectory, place);
  }
  const header = await readCaseHeader(dataset, each);
  const { shape, spacing } = header.geometry;
  return { id: each.id, files, shape: [...shape], spacing: [...spacing] };
}

/**
 * The fingerprint of a study's cases: the content of their files, their grids, and their data in the data set.
 * @param cacheDirectory where digests of files are remembered
 * @throws UserError UNET6003 and similar for a file that cannot be read
 */
export async function fingerprint(
  dataset: Dataset,
  ids: readonly string[],
  cacheDirectory: string,
  onProgress: (done: number, of: number) => void = () => undefined,
): Promise<Fingerprint> {
  const cases: CaseFingerprint[] = [];
  for (const [index, id] of ids.entries()) {
    cases.push(await fingerprintCase(dataset, findCase(dataset, id), cacheDirectory));
    onProgress(index + 1, ids.length);
  }
  return { name: dataset.name, description: describe(dataset), cases };
}

/**
 * Rejects a data set that differs, for the given cases, from the one that a study was created with.
 * @throws UserError UNET6112 that names the first file that differs
 */
export async function checkFingerprint(
  dataset: Dataset,
  known: Fingerprint,
  ids: readonly string[],
  cacheDirectory: string,
): Promise<void> {
  const help = 'Restore the data, or run the study on the changed data in another folder.';
  if (describe(dataset) !== known.description) {
    const what = `The list of cases and classes of \`${dataset.dir}\``;
    throw new UserError('UNET6112', `${what} has changed since the study was created.`, help);
  }
  for (const id of ids) {
    const now = await fingerprintCase(dataset, findCase(dataset, id), cacheDirectory);
    const before = known.cases.find((each) => each.id === id);
    const changed = Object.keys(now.files).find((file) => before?.files[file] !== now.files[file]);
    if (changed === undefined) continue;
    throw new UserError(
      'UNET6112',
      `Case \`${id}\`: \`${path.join(dataset.dir, changed)}\` differs from the file that the study was created with.`,
      help,
    );
  }
}
