import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors/user-error.js';
import { systemCode } from './file-error.js';
import { replaceFile } from './replace-file.js';

const moreSpace =
  'Free some space and try again (use `--resume` for a training run); files already written are intact.';

/** Reasons why a file cannot be written, with suggested fixes; other errors are not the user's. */
const obstacles: Readonly<Record<string, readonly [string, string]>> = {
  ENOSPC: ['the disk is full', moreSpace],
  EDQUOT: ['the disk quota is exceeded', moreSpace],
  EACCES: ['the folder is not writable', 'Change its permissions or choose another folder.'],
  EPERM: ['the folder is not writable', 'Change its permissions or choose another folder.'],
  EROFS: ['the file system is read-only', 'Choose another folder.'],
  ENOENT: ['there is no such folder', 'Create the folder, or choose another one.'],
  ENOTDIR: ['part of the path is not a folder', 'Choose another folder.'],
  EISDIR: ['is a folder', 'Choose another name.'],
  ENAMETOOLONG: ['its name is too long', 'Choose a shorter one.'],
};

/** Converts `error` to a UserError (UNET6058) if the system refused to write `file`, else returns it unchanged. */
export function asWriteError(error: unknown, file: string): unknown {
  const code = systemCode(error);
  const obstacle = code === undefined ? undefined : obstacles[code];
  if (obstacle === undefined) return error;
  return new UserError('UNET6058', `\`${file}\` could not be written: ${obstacle[0]}.`, obstacle[1]);
}

/**
 * Writes a file atomically (see `replaceFile`).
 * @throws UserError UNET6058 if the system refuses (full disk, no permission, missing folder); the previous content
 * stays
 */
export async function writeFileAtomic(file: string, data: string | Uint8Array): Promise<void> {
  try {
    await replaceFile(file, data);
  } catch (error) {
    throw asWriteError(error, file);
  }
}

/** Removes temporary files of killed processes in a folder; only for a caller that holds the folder's lock. */
export async function removeTemporaryFiles(directory: string, recursive: boolean): Promise<void> {
  const entries = await readdir(directory, { recursive });
  const left = entries.filter((entry) => /\.\d+\.\d+\.\d+\.tmp$/.test(entry));
  for (const entry of left) await rm(path.join(directory, entry), { force: true });
}
