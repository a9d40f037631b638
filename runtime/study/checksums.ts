import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { readTextFile } from '../files/read-file.js';
import { readDigest } from '../data/file-digest.js';
import { writeFileAtomic } from '../files/atomic-file.js';

/** The file with the checksums of all others in a folder. */
export const CHECKSUMS = 'checksums.json';

const schema = z.strictObject({ format: z.literal(1), files: z.record(z.string(), z.string()) });

/** SHA-256 by path relative to the folder, with `/` as separator. */
export type Checksums = Readonly<Record<string, string>>;

/** Files that come and go while a folder is in use, and the journal, which grows and is verified separately. */
function isPassing(name: string): boolean {
  return name === 'journal.jsonl' || name.endsWith('.lock') || name.endsWith('.tmp');
}

/** The files below a folder, relative to it, sorted. A subfolder with checksums of its own is represented by these. */
export async function sealableFiles(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (below: string): Promise<void> => {
    const entries = await readdir(path.join(folder, below), { withFileTypes: true });
    if (below !== '' && entries.some(({ name }) => name === CHECKSUMS)) {
      found.push(`${below}/${CHECKSUMS}`);
      return;
    }
    for (const entry of entries) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) await walk(name);
      else if (name !== CHECKSUMS && !isPassing(entry.name)) found.push(name);
    }
  };
  await walk('');
  return found.sort();
}

/** Writes the checksums of everything below a folder that `select` accepts. */
export async function sealFolder(folder: string, select: (file: string) => boolean = () => true): Promise<void> {
  const files: Record<string, string> = {};
  for (const name of await sealableFiles(folder)) {
    if (select(name)) files[name] = await readDigest(path.join(folder, name));
  }
  await writeFileAtomic(path.join(folder, CHECKSUMS), `${JSON.stringify({ format: 1, files }, null, 2)}\n`);
}

/** The checksums of a folder; undefined if they are missing or unreadable. */
export async function readChecksums(folder: string): Promise<Checksums | undefined> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readTextFile(path.join(folder, CHECKSUMS))));
    return parsed.success ? parsed.data.files : undefined;
  } catch {
    return undefined;
  }
}

/** The problem with a file that does not match a folder's checksums. */
export interface SealProblem {
  /** Relative to the folder. */
  readonly file: string;
  readonly fault: 'missing' | 'changed' | 'unlisted';
}

/** Compares a folder with its checksums, file by file. */
export async function checkSeal(folder: string, checksums: Checksums): Promise<readonly SealProblem[]> {
  const present = new Set(await sealableFiles(folder));
  const faults: SealProblem[] = [];
  for (const [file, checksum] of Object.entries(checksums)) {
    if (!present.has(file)) faults.push({ file, fault: 'missing' });
    else if ((await readDigest(path.join(folder, file))) !== checksum) faults.push({ file, fault: 'changed' });
  }
  for (const file of present) if (!(file in checksums)) faults.push({ file, fault: 'unlisted' });
  return faults.sort((a, b) => (a.file < b.file ? -1 : 1));
}
