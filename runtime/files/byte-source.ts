import { closeSync, fstatSync } from 'node:fs';
import { openRegularFileSync, readBytesSync } from './read-file.js';

/** Bytes of known length that are read piece by piece, so that a large file need not fit in memory. */
export interface ByteSource {
  readonly size: number;
  /** A copy of `length` bytes from `offset` on; fewer if the source ends before. */
  read(offset: number, length: number): Buffer;
}

/** A file open for reading at any position; the caller closes it. */
export interface OpenFile extends ByteSource {
  readonly descriptor: number;
  close(): void;
}

/**
 * Opens a regular file.
 * @throws UserError UNET6155; the system's error if the file cannot be opened
 */
export function openFile(file: string): OpenFile {
  const descriptor = openRegularFileSync(file);
  const { size } = fstatSync(descriptor);
  const read = (offset: number, length: number): Buffer =>
    readBytesSync(descriptor, offset, Math.max(0, Math.min(length, size - offset)));
  return { descriptor, size, read, close: () => closeSync(descriptor) };
}

/** Bytes in memory as a source. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => Buffer.from(bytes.subarray(offset, Math.min(bytes.length, offset + length))),
  };
}
