import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createFolders } from '../files/make-folder.js';
import { openRegularFile, readTextFile } from '../files/read-file.js';
import { replaceFile } from '../files/replace-file.js';
import { type Place, cannotRead, cannotWrite } from './place.js';

/** The location of remembered digests in the folder of prepared cases. */
export const DIGESTS = 'digests';
/**
 * A file that was changed this shortly before it was read may change again within the resolution of the clock; it is
 * read again.
 */
const SETTLED_MS = 2000;

const rememberedSchema = z.object({
  /** Identifies an unchanged file without reading it. */
  stamp: z.object({ size: z.number(), mtimeMs: z.number(), ctimeMs: z.number(), ino: z.number() }),
  sha256: z.string(),
});
type Remembered = z.infer<typeof rememberedSchema>;
type Stamp = Remembered['stamp'];

/** SHA-256 of a string, in hexadecimal. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of a file's content, in hexadecimal. */
export async function readDigest(file: string): Promise<string> {
  const handle = await openRegularFile(file);
  const hash = createHash('sha256');
  for await (const chunk of handle.createReadStream()) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function recall(memory: string): Promise<Remembered | undefined> {
  try {
    return rememberedSchema.parse(JSON.parse(await readTextFile(memory)));
  } catch {
    return undefined;
  }
}

function same(a: Stamp, b: Stamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino;
}

/**
 * SHA-256 of a data file's content. Remembered in `directory` with the file's size, times and inode, and computed again
 * if any of them changes.
 * @throws UserError UNET6003 (cannot be read), UNET6020 (cannot be remembered)
 */
export async function fileDigest(directory: string, place: Place): Promise<string> {
  const memory = join(directory, DIGESTS, `${textDigest(place.file).slice(0, 32)}.json`);
  let stamp: Stamp;
  let sha256: string;
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(place.file);
    stamp = { size, mtimeMs, ctimeMs, ino };
    const known = await recall(memory);
    if (known !== undefined && same(known.stamp, stamp)) return known.sha256;
    sha256 = await readDigest(place.file);
  } catch (error) {
    throw cannotRead(place, error);
  }
  if (Date.now() - Math.max(stamp.mtimeMs, stamp.ctimeMs) < SETTLED_MS) return sha256;
  try {
    await createFolders(join(directory, DIGESTS));
    await replaceFile(memory, JSON.stringify({ stamp, sha256 } satisfies Remembered), false);
  } catch (error) {
    throw cannotWrite(memory, error);
  }
  return sha256;
}
