import { readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.js';
import { readInfo } from './cache-entry.js';
import { DIGESTS } from './file-digest.js';

const DEFAULT_BYTES = 50e9;
const UNITS = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
/** The age at which leftovers of killed processes are removed; no case takes that long to prepare. */
const ABANDONED_MS = 3600e3;
/** Digests are removed earlier, because they take only milliseconds to recreate. */
const DIGEST_MS = 90 * 24 * 3600e3;

/**
 * The limit set by `$UNET_CACHE_SIZE`: `20GB`, `500MiB`, a number of bytes. Undefined if it is not set.
 * @throws UserError UNET6030 for any other value
 */
export function givenBound(): number | undefined {
  const text = process.env['UNET_CACHE_SIZE']?.trim() ?? '';
  if (text === '') return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = Object.entries(UNITS).find(([name]) => name.toLowerCase() === (unit ?? '').toLowerCase());
  if (number !== undefined && unit === '') return Number(number);
  if (number !== undefined && factor !== undefined) return Number(number) * factor[1];
  throw new UserError(
    'UNET6030',
    `\`UNET_CACHE_SIZE\` is \`${text}\`, which is not a valid size.`,
    'Use a value such as `20GB` or `500MiB`.',
  );
}

interface Kept {
  readonly path: string;
  readonly bytes: number;
  readonly usedMs: number;
}

/** Prepared cases in a cache, and their disk usage. */
export interface CacheContent {
  readonly cases: number;
  readonly bytes: number;
}

/** The content of a cache; empty if it does not exist. Changes nothing. */
export async function cacheContent(directory: string): Promise<CacheContent> {
  const names = await readdir(directory).catch(() => []);
  const entries = names.filter((name) => name.endsWith('.zarr'));
  const infos = await Promise.all(entries.map((name) => readInfo(join(directory, name)).catch(() => undefined)));
  const whole = infos.filter((info) => info !== undefined);
  return { cases: whole.length, bytes: whole.reduce((sum, info) => sum + info.bytes, 0) };
}

/** Marks a prepared case as in use. */
export async function markUsed(path: string): Promise<void> {
  const now = new Date();
  // Another process may have removed it, or the disk may be read-only.
  await utimes(path, now, now).catch(() => undefined);
}

/** Renames a folder first, so that nobody sees it half removed, then removes it. Another process may be faster. */
export async function removeEntry(path: string): Promise<void> {
  const away = `${path}.${process.pid}.${Date.now()}.tmp`;
  try {
    await rename(path, away);
  } catch {
    return;
  }
  await rm(away, { recursive: true, force: true });
}

async function lastChange(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity;
}

/** Removes files and folders that have not changed for some time. */
async function sweep(directory: string, names: readonly string[], ms: number): Promise<void> {
  for (const name of names) {
    const path = join(directory, name);
    if (Date.now() - (await lastChange(path)) > ms) await rm(path, { recursive: true, force: true });
  }
}

/** Prepared cases, the least recently used first. A damaged one is removed. */
async function listKept(directory: string, names: readonly string[]): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const info = await readInfo(path).catch(() => undefined);
    if (info === undefined) await removeEntry(path);
    else kept.push({ path, bytes: info.bytes, usedMs: await lastChange(path) });
  }
  return kept.sort((a, b) => a.usedMs - b.usedMs || (a.path < b.path ? -1 : 1));
}

async function boundOf(directory: string, used: number): Promise<number> {
  const given = givenBound();
  if (given !== undefined) return given;
  const { bavail, bsize } = await statfs(directory);
  return Math.min(DEFAULT_BYTES, (used + bavail * bsize) / 2);
}

let warned = false;

function warnOfThrashing(bound: number): void {
  if (warned) return;
  warned = true;
  const size = `${(bound / 1e9).toPrecision(2)} GB`;
  process.emitWarning(
    `The prepared cases of this run do not fit into ${size}, so cases are prepared repeatedly: ` +
      'set UNET_CACHE_SIZE to more, or UNET_CACHE to a folder on a larger disk.',
  );
}

/**
 * Keeps the folder of prepared cases within its limit (`$UNET_CACHE_SIZE`, else 50 GB and at most half of the free
 * space): removes the least recently used cases except `keep`, and leftovers of killed processes.
 * @param pattern of the names of prepared cases; apart from temporary folders, nothing else is touched
 * @throws UserError UNET6030
 */
export async function makeRoom(directory: string, pattern: RegExp, keep: string): Promise<void> {
  const names = await readdir(directory);
  await sweep(
    directory,
    names.filter((name) => /^[0-9a-f]+\.zarr\..*\.tmp$/.test(name)),
    ABANDONED_MS,
  );
  const digests = await readdir(join(directory, DIGESTS)).catch(() => []);
  await sweep(join(directory, DIGESTS), digests, DIGEST_MS);
  const kept = await listKept(
    directory,
    names.filter((name) => pattern.test(name)),
  );
  let used = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  const bound = await boundOf(directory, used);
  for (const each of kept) {
    if (used <= bound) return;
    if (each.path === keep) continue;
    if (each.usedMs > performance.timeOrigin) warnOfThrashing(bound);
    await removeEntry(each.path);
    used -= each.bytes;
  }
}
