import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { readdir } from 'node:fs/promises';
import { UserError } from '../../errors/user-error.js';
import { listNames, normalizeName } from '../names.js';
import type { DataCase } from '../types.js';
import type { OnProblem } from './layout.js';

/** Removes `.nii.gz` or `.nii` from a file's name. */
export function stemOf(path: string): string {
  return basename(path).replace(/\.nii(\.gz)?$/i, '');
}

/** Whether a file is data by its name. Archives created on a Mac contain a `._x` next to each `x`, which is not. */
export function isImageName(name: string): boolean {
  return /\.nii(\.gz)?$/i.test(name) && !isMacShadow(name);
}

export function isMacShadow(path: string): boolean {
  return basename(path).startsWith('._');
}

/**
 * Resolves a listed path in the folder.
 * @param file that lists the path
 * @throws UserError UNET6004 for a path outside the folder
 */
export function inside(file: string, dir: string, path: string): string {
  const full = resolve(dir, path);
  const step = relative(dir, full);
  if (isAbsolute(path) || step === '..' || step.startsWith(`..${sep}`) || isAbsolute(step)) {
    throw new UserError(
      'UNET6004',
      `\`${file}\` lists \`${path}\`, which lies outside its folder.`,
      'Move the file into the folder and list it by a relative path.',
    );
  }
  return full;
}

/**
 * Names and types of a folder's entries, sorted.
 * @param unreadable called if the folder cannot be read; by default it then has no entries
 */
export async function entriesOf(
  dir: string,
  unreadable: (error: unknown) => never[] = () => [],
): Promise<{ readonly files: string[]; readonly folders: string[] }> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(unreadable);
  const names = (keep: (entry: (typeof entries)[number]) => boolean): string[] =>
    entries
      .filter((entry) => keep(entry))
      .map(({ name }) => name)
      .sort();
  return {
    files: names((entry) => entry.isFile() || entry.isSymbolicLink()),
    folders: names((entry) => entry.isDirectory() || entry.isSymbolicLink()),
  };
}

/** Rejects names that differ only in case, spaces, hyphens or underscores: they could not be matched by name. */
export function refuseSimilarNames(file: string, field: string, names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const twin = seen.get(normalizeName(name));
    if (twin !== undefined) {
      throw new UserError(
        'UNET6002',
        `\`${file}\`: \`${field}\` contains both \`${twin}\` and \`${name}\`.`,
        'Choose names that differ in more than case, spaces, hyphens and underscores.',
      );
    }
    seen.set(normalizeName(name), name);
  }
}

/** The error for a case of which some contrasts have no file. */
export function missingChannels(source: string, id: string, missing: readonly string[], expected: string): UserError {
  return new UserError(
    'UNET6186',
    `\`${source}\`: case \`${id}\` has no file for ${listNames(missing)}: expected ${expected}.`,
    'Add the file, or remove the case from the data set; every case needs the same channels.',
  );
}

/** Runs a step for one entry; its error is reported, and the entry is omitted. */
export function attempt<T>(onProblem: OnProblem, step: () => T): T[] {
  try {
    return [step()];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    onProblem(error);
    return [];
  }
}

/**
 * Keeps the first case of each id, sorted, and reports the others, and ids that cannot be file names: masks are named
 * after cases.
 * @param seen ids of cases kept before
 */
export function distinct(
  source: string,
  cases: readonly DataCase[],
  seen: Set<string>,
  onProblem: OnProblem,
): DataCase[] {
  const kept: DataCase[] = [];
  for (const each of cases) {
    if (!isPlainName(each.id)) {
      const message = `\`${source}\` lists the case \`${each.id}\`, which cannot be the name of a file.`;
      onProblem(new UserError('UNET6189', message, 'Name cases without slashes.'));
    } else if (seen.has(each.id)) {
      const message = `\`${source}\` lists case \`${each.id}\` twice.`;
      onProblem(new UserError('UNET6021', message, 'Remove one of the entries, or rename its image.'));
    } else {
      seen.add(each.id);
      kept.push(each);
    }
  }
  return kept.sort(byId);
}

function isPlainName(id: string): boolean {
  return id !== '.' && id !== '..' && id.length <= 200 && !/[/\\\0]/.test(id);
}

function byId(a: DataCase, b: DataCase): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
