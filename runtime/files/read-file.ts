/**
 * Reads files that users name. Only regular files are read, and only up to a limit: a device or a pipe would never end,
 * and files below /proc could hang or return anything the system holds.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { UserError } from '../errors/user-error.js';

/** The maximum size of a JSON or CSV file, in bytes. */
export const largestText = 64 * 2 ** 20;

/** Opening a pipe without a writer returns immediately with this flag. Windows does not have it. */
const flags = constants.O_RDONLY | ((constants as { readonly O_NONBLOCK?: number }).O_NONBLOCK ?? 0);

interface Kind {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

function refuse(file: string, found: Kind, limit: number): void {
  if (found.isDirectory()) {
    // The same error as reading it would give.
    throw Object.assign(new Error(`EISDIR: \`${file}\` is a folder`), { code: 'EISDIR', path: file });
  }
  if (!found.isFile()) {
    throw new UserError(
      'UNET6155',
      `\`${file}\` is not a regular file but a device, a pipe or a socket.`,
      'Copy the data to a regular file and use that.',
    );
  }
  if (found.size > limit) {
    throw new UserError(
      'UNET6155',
      `\`${file}\` is too large: ${Math.ceil(found.size / 2 ** 20)} MB; the maximum is ${Math.floor(limit / 2 ** 20)} MB.`,
      'Check that this is the intended file.',
    );
  }
}

/**
 * Opens a regular file for reading; the caller closes it.
 * @param limit the largest size in bytes; larger files are refused
 * @throws UserError UNET6155; the system's error if the file cannot be opened
 */
export async function openRegularFile(file: string, limit = Infinity): Promise<FileHandle> {
  // Checked before opening it too, because opening a device may have side effects.
  refuse(file, await stat(file), limit);
  const handle = await open(file, flags);
  try {
    refuse(file, await handle.stat(), limit);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The bytes of a regular file.
 * @param limit the largest size in bytes; larger files are refused
 * @throws UserError UNET6155; the system's error if the file cannot be opened or read
 */
export async function readRegularFile(file: string, limit = Infinity): Promise<Buffer> {
  const handle = await openRegularFile(file, limit);
  try {
    const bytes = Buffer.allocUnsafe((await handle.stat()).size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

/** The content of a regular file as UTF-8; see `readRegularFile`. */
export async function readTextFile(file: string, limit = largestText): Promise<string> {
  return (await readRegularFile(file, limit)).toString('utf8');
}

/**
 * Opens a regular file for reading, synchronously; the caller closes it.
 * @returns its descriptor
 * @throws UserError UNET6155; the system's error if the file cannot be opened
 */
export function openRegularFileSync(file: string): number {
  refuse(file, statSync(file), Infinity);
  const descriptor = openSync(file, flags);
  try {
    refuse(file, fstatSync(descriptor), Infinity);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** One call of the system reads at most 2 GiB. */
const largestRead = 2 ** 30;

/** A copy of `length` bytes of an open file; fewer if the file ends before. */
export function readBytesSync(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, Math.min(largestRead, length - filled), offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

/**
 * The first bytes of a regular file, synchronously.
 * @param most the maximum number of bytes
 * @throws as `readRegularFile`
 */
export function readStartSync(file: string, most: number): Buffer {
  const descriptor = openRegularFileSync(file);
  try {
    return readBytesSync(descriptor, 0, Math.min(fstatSync(descriptor).size, most));
  } finally {
    closeSync(descriptor);
  }
}
