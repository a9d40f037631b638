import type { Preparation } from './preparation-types.js';
import { rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { UserError } from '../errors/user-error.js';
import { createFolders } from '../files/make-folder.js';
import { type Entry, type EntryInfo, openEntry, readInfo, writeEntry } from './cache-entry.js';
import { givenBound, makeRoom, markUsed, removeEntry } from './cache-room.js';
import { imageDigest, imagePlace, labelPlace } from './case-files.js';
import { type DecodedCase, checkLabelValues, decodeCase } from './decode.js';
import { fileDigest, textDigest } from './file-digest.js';
import { foregroundBounds } from './foreground.js';
import type { Box } from './box.js';
import { cannotWrite, errorAt } from './place.js';
import { keepsGrid } from './grid-plan.js';
import { prepareOnGrid } from './prepare-grid.js';
import type { DataCase, Dataset } from './types.js';
import type { VoxelSource } from './voxel-source.js';
import { readBox } from './zarr-array.js';

/** Increased when the format of prepared cases changes, so that older ones are created again. */
const FORMAT = 7;
const ENTRY = /^[0-9a-f]{40}\.zarr$/;
/** The interval after which a case in use is marked as used again. */
const MARK_MS = 600e3;

/** `$UNET_CACHE`, else `unet-lang` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function defaultCacheDirectory(): string {
  const own = process.env['UNET_CACHE'];
  if (own !== undefined && own !== '') return own;
  const base = process.env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'unet-lang', 'prepared');
}

/** A case of a data set, and the path of its prepared version. */
interface Job {
  readonly directory: string;
  readonly dataset: Dataset;
  readonly each: DataCase;
  /** For a case on another grid than its file's. */
  readonly preparation?: Preparation | undefined;
}

async function sourcesOf({ directory, each }: Job): Promise<EntryInfo['sources']> {
  const label = labelPlace(each);
  return {
    image: await imageDigest(directory, each),
    ...(label === undefined ? {} : { label: await fileDigest(directory, label) }),
  };
}

/** What the voxels of a prepared case depend on besides its files, as one line; empty on the file's own grid. */
function gridText(preparation: Preparation | undefined): string {
  if (preparation === undefined) return '';
  const { orient, spacing, resample, normalize } = preparation;
  return JSON.stringify([orient, spacing, resample, normalize]);
}

/** A name derived from the content of the files: neither case ids nor paths become file names. */
function pathOf(
  { directory, dataset, preparation }: Omit<Job, 'each'>,
  { image, label = '' }: EntryInfo['sources'],
): string {
  const content = [FORMAT, image, label, dataset.modalities.length, gridText(preparation)].join('\n');
  return join(directory, `${textDigest(content).slice(0, 40)}.zarr`);
}

function unreadable(path: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(
    'UNET6020',
    `\`${path}\` was written but cannot be read back: ${reason}.`,
    'Check the disk, or set `UNET_CACHE` to a folder on another disk.',
  );
}

let written = 0;

/**
 * Moves a folder to its destination. If several processes prepare the same case, the first one wins; a damaged one is
 * replaced.
 */
async function place(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path);
  } catch (error) {
    const whole = await openEntry(path).catch(() => undefined);
    if (whole === undefined) {
      await removeEntry(path);
      await rename(temporary, path).catch(() => {
        throw error;
      });
    }
  }
}

async function readCase({ dataset, each, preparation }: Job): Promise<DecodedCase> {
  const decoded = await decodeCase(dataset, each);
  return preparation === undefined ? decoded : prepareOnGrid(imagePlace(each), decoded, preparation);
}

/** Writes under a temporary name and then renames, so that a prepared case is either complete or absent. */
async function write(job: Job, sources: EntryInfo['sources'], path: string): Promise<void> {
  const decoded = await readCase(job);
  const temporary = `${path}.${process.pid}.${threadId}.${++written}.tmp`;
  try {
    await writeEntry(temporary, decoded, sources);
    await place(temporary, path);
  } catch (error) {
    throw cannotWrite(path, error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function prepare(job: Job): Promise<{ path: string; entry: Entry }> {
  const sources = await sourcesOf(job);
  const path = pathOf(job, sources);
  await write(job, sources, path);
  // If a file was changed between its digest and its decoding, it is prepared again.
  if (pathOf(job, await sourcesOf(job)) !== path) {
    await removeEntry(path);
    return prepare(job);
  }
  await makeRoom(job.directory, ENTRY, path);
  const entry = await openEntry(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return { path, entry };
}

/** A prepared case; prepares it again if it is damaged or was removed (by another process that needed space). */
class PreparedCase implements VoxelSource {
  private marked = Date.now();

  constructor(
    private readonly job: Job,
    private readonly path: string,
    private entry: Entry,
  ) {}

  get geometry(): VoxelSource['geometry'] {
    return this.entry.info.geometry;
  }

  get statistics(): VoxelSource['statistics'] {
    return this.entry.info.statistics;
  }

  get labelCounts(): VoxelSource['labelCounts'] {
    return this.entry.info.labelCounts;
  }

  async image(...[box, channels, take]: Parameters<VoxelSource['image']>): Promise<void> {
    await this.read(({ image }) => readBox(image, this.toKept(box), channels, take));
  }

  async label(...[box, take]: Parameters<VoxelSource['label']>): Promise<void> {
    await this.read(async ({ label }) => {
      if (label !== undefined) await readBox(label, this.toKept(box), [0], (_, ...run) => take(...run));
    });
  }

  foreground(box: Box): ReturnType<VoxelSource['foreground']> {
    const { foreground } = this.entry;
    if (foreground === undefined) return { atLeast: 0, atMost: 0 };
    return foregroundBounds(foreground, this.toKept(box));
  }

  /** The box relative to the corner of the stored part; it may extend beyond it. */
  private toKept({ origin, size }: Box): Box {
    const corner = this.entry.info.box.origin;
    return { origin: [origin[0] - corner[0], origin[1] - corner[1], origin[2] - corner[2]], size };
  }

  private async read(use: (entry: Entry) => Promise<void>): Promise<void> {
    if (Date.now() - this.marked > MARK_MS) {
      this.marked = Date.now();
      await markUsed(this.path);
    }
    try {
      await use(this.entry);
    } catch {
      this.entry = await this.again();
      await use(this.entry).catch((error: unknown) => {
        throw unreadable(this.path, error);
      });
    }
  }

  private async again(): Promise<Entry> {
    await removeEntry(this.path);
    const { path, entry } = await prepare(this.job);
    if (path === this.path) return entry;
    throw errorAt(imagePlace(this.job.each), 'UNET6003', 'was changed while in use', 'Start again.');
  }
}

/**
 * Opens a case in the folder of prepared cases, and prepares it first if necessary: a Zarr v3 group of its image and
 * label in the files' own type, cropped to the box of nonzero voxels, in chunks, with geometry, each channel's mean,
 * standard deviation and range, and foreground counts. It does not depend on the network or the protocol, so all runs
 * share it. `docs/formats.md` describes the folder.
 * @param preparation if it changes the grid, the case is stored normalised on the new grid, for all runs that prepare
 * it in the same way
 * @throws UserError for invalid data (see `decodeCase`), UNET6020 if the folder cannot be written, UNET6030
 */
export async function openPrepared(
  directory: string,
  dataset: Dataset,
  each: DataCase,
  preparation?: Preparation,
): Promise<VoxelSource> {
  const changes = preparation !== undefined && !keepsGrid(preparation);
  const job: Job = { directory, dataset, each, preparation: changes ? preparation : undefined };
  givenBound();
  await createFolders(directory).catch((error: unknown) => {
    throw cannotWrite(directory, error);
  });
  const path = pathOf(job, await sourcesOf(job));
  const known = await openEntry(path).catch(() => undefined);
  if (known === undefined) {
    const made = await prepare(job);
    return new PreparedCase(job, made.path, made.entry);
  }
  const label = labelPlace(each);
  if (label !== undefined) checkLabelValues(label, known.info.labelCounts, dataset.labels, dataset.ignore);
  await markUsed(path);
  return new PreparedCase(job, path, known);
}

/**
 * The stored facts about a case; undefined if it has not been prepared.
 * @param sources SHA-256 of the case's files
 */
export async function recallPrepared(
  directory: string,
  dataset: Dataset,
  sources: EntryInfo['sources'],
): Promise<EntryInfo | undefined> {
  return readInfo(pathOf({ directory, dataset }, sources)).catch(() => undefined);
}
