import { statSync } from 'node:fs';
import { UserError } from '../errors/user-error.js';
import { readTextFile } from './read-file.js';

/** The `code` of an error of Node's file system, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'part of its path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ELOOP: 'its symbolic links form a loop',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this system',
  EIO: 'the disk reported an input/output error',
  ESTALE: 'the network file system no longer has it',
};

/**
 * The reason why the system refused to open or read a file or folder: completes the sentence "... cannot be read: ...".
 */
export function readReason(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return reasons[code] ?? `the system reported ${code}`;
  return error instanceof Error ? error.message : String(error);
}

/** Whether a path does not exist, as opposed to something that cannot be read. */
export function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unreadable(file: string, error: unknown): unknown {
  if (error instanceof UserError) return error;
  return new UserError(
    'UNET6069',
    `\`${file}\` cannot be read: ${readReason(error)}.`,
    'Check the permissions of the file and of the folders above it, and the disk.',
  );
}

/**
 * The content of a file of a run or study; undefined if it does not exist.
 * @throws UserError UNET6069 if it cannot be read, UNET6155 if it is not a regular file
 */
export async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readTextFile(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(file, error);
  }
}

/**
 * Whether a file of a run or study exists.
 * @throws UserError UNET6069 if the system cannot determine it, for example for lack of permission
 */
export function isPresent(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw unreadable(file, error);
  }
}
