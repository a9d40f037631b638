import { mkdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { asWriteError } from './atomic-file.js';

async function exists(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}

/** Missing folders, from the outermost to `folder` itself. */
async function missingFolders(folder: string): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let place = path.resolve(folder); !(await exists(place)); place = path.dirname(place)) {
    if (place === path.dirname(place)) break;
    missing.unshift(place);
  }
  return missing;
}

async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    // Another process may have created it in the meantime.
    if (await isFolder(folder)) return false;
    throw error;
  }
}

async function isFolder(place: string): Promise<boolean> {
  return stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Removes folders that `makeFolder` created, innermost first, unless they are no longer empty. */
export async function removeEmptyFolders(created: readonly string[]): Promise<void> {
  for (const folder of [...created].reverse()) await rmdir(folder).catch(() => undefined);
}

/**
 * Creates a folder and its missing parents, or none of them. (The recursive `mkdir` of Node never returns below /proc,
 * and leaves outer folders behind when an inner one fails.)
 * @returns the folders it created, outermost first
 * @throws the system's error; ENOTDIR if the path is a file
 */
export async function createFolders(folder: string): Promise<readonly string[]> {
  const created: string[] = [];
  try {
    for (const each of await missingFolders(folder)) if (await makeOne(each)) created.push(each);
    if (!(await isFolder(folder))) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    return created;
  } catch (error) {
    await removeEmptyFolders(created);
    throw error;
  }
}

/**
 * `createFolders` for a folder that the user named.
 * @throws UserError UNET6058 if the system refuses
 */
export async function makeFolder(folder: string): Promise<readonly string[]> {
  try {
    return await createFolders(folder);
  } catch (error) {
    throw asWriteError(error, folder);
  }
}
