import { crc32 } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import type { OpenFile } from '../files/byte-source.js';
import { unreadable } from './pickled-values.js';

/** Entries of the largest archive that is listed. */
const mostEntries = 200_000;

/** A ZIP archive, whose entries are unpacked on demand. */
export interface ZipArchive {
  readonly names: readonly string[];
  /** The size of an entry once unpacked, as the archive states it; undefined if there is none of that name. */
  sizeOf(name: string): number | undefined;
  /**
   * The bytes of an entry.
   * @throws UserError UNET6170 for an entry that is missing, damaged, encrypted or larger than `limit`
   */
  read(name: string, limit?: number): Promise<Buffer>;
  /** At most the first `most` bytes of an entry, whose checksum is not compared. */
  readStart(name: string, most: number): Promise<Buffer>;
}

/**
 * Lists a ZIP archive. The file is closed by the caller.
 * @throws UserError UNET6170 if it is truncated or malformed
 */
export async function openZip(source: OpenFile, file: string): Promise<ZipArchive> {
  const options = { autoClose: false, lazyEntries: true };
  const zip = await fromFdPromise(source.descriptor, options).catch((error: unknown) => {
    throw damaged(file, error);
  });
  const entries = await listEntries(zip, file);
  return {
    names: [...entries.keys()],
    sizeOf: (name) => entries.get(name)?.uncompressedSize,
    read: (name, limit = Infinity) => readEntry(zip, entries.get(name), { file, name, limit }),
    readStart: async (name, most) => {
      const chunks: Buffer[] = [];
      let length = 0;
      await readChunks(zip, entries.get(name), { file, name }, (chunk) => {
        chunks.push(chunk);
        length += chunk.length;
        return length < most;
      });
      return Buffer.concat(chunks).subarray(0, most);
    },
  };
}

function damaged(file: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const isCut = /end of central directory record signature not found/i.test(reason);
  return unreadable(file, isCut ? 'its end is missing (the file is truncated)' : `the archive is damaged (${reason})`);
}

async function listEntries(zip: ZipFile, file: string): Promise<Map<string, Entry>> {
  if (zip.entryCount > mostEntries) throw unreadable(file, `it has ${zip.entryCount} entries`);
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) throw new Error(`${entry.fileName} occurs twice`);
      entries.set(entry.fileName, entry);
    }
  } catch (error) {
    throw damaged(file, error);
  }
  return entries;
}

interface Place {
  readonly file: string;
  readonly name: string;
}

/** Unpacks an entry until `take` returns false. */
async function readChunks(
  zip: ZipFile,
  entry: Entry | undefined,
  { file, name }: Place,
  take: (chunk: Buffer) => boolean,
): Promise<void> {
  if (entry === undefined) throw unreadable(file, `\`${name}\` is missing in it`);
  if (entry.relativeOffsetOfLocalHeader + entry.compressedSize > zip.fileSize) {
    throw unreadable(file, `\`${name}\` ends beyond the end of the file (the file is truncated)`);
  }
  try {
    // Sizes are compared with the entry's as the bytes arrive, so that no archive unpacks to more than it states.
    for await (const chunk of await zip.openReadStreamPromise(entry)) if (!take(chunk as Buffer)) return;
  } catch (error) {
    throw damaged(file, error);
  }
}

interface Wanted extends Place {
  readonly limit: number;
}

async function readEntry(zip: ZipFile, entry: Entry | undefined, { file, name, limit }: Wanted): Promise<Buffer> {
  const size = entry?.uncompressedSize ?? 0;
  if (size > limit) throw unreadable(file, `\`${name}\` in it has ${size} bytes; the maximum is ${limit}`);
  const chunks: Buffer[] = [];
  let checksum = 0;
  await readChunks(zip, entry, { file, name }, (chunk) => {
    checksum = crc32(chunk, checksum);
    chunks.push(chunk);
    return true;
  });
  if (checksum !== entry?.crc32) {
    throw unreadable(
      file,
      `\`${name}\` in it does not match its checksum`,
      'Copy or download the file again. PyTorch writes no valid checksums after `torch.serialization.set_crc32_options(False)`; save the file again without it.',
    );
  }
  return Buffer.concat(chunks);
}
