import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { replaceFile } from '../replace-file.js';
import {
  type ChannelStatistics,
  type DecodedCase,
  type StoredArray,
  checkLabelValues,
  decodeCase,
  imagePlace,
  labelPlace,
} from './decode.js';
import { contentBox, cropTo } from './crop.js';
import { type Box, boxVolume } from './patch.js';
import { cannotRead, cannotWrite } from './place.js';
import type { DataCase, Dataset, Geometry } from './types.js';
import type { VoxelSource } from './voxel-source.js';

/** Raised when the form of prepared files changes, so that older ones are made again. */
const VERSION = 2;

interface SourceStamp {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/** The JSON beside a prepared case's arrays. */
interface Sidecar {
  readonly version: number;
  readonly modalities: readonly string[];
  readonly image: SourceStamp;
  readonly label?: SourceStamp;
  readonly element: Element;
  readonly geometry: Geometry;
  readonly channels: number;
  /** The part of the volume that is kept; every voxel outside it is 0. */
  readonly box: Box;
  readonly statistics: readonly ChannelStatistics[];
  readonly labelCounts: DecodedCase['labelCounts'];
}

const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  float32: Float32Array,
} as const;

type Element = keyof typeof ARRAYS;

function elementOf(data: StoredArray): Element {
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Int16Array) return 'int16';
  return data instanceof Uint16Array ? 'uint16' : 'float32';
}

/** `$UNET_CACHE`, else `unet-lang` in `$XDG_CACHE_HOME` or `~/.cache`. */
export function defaultCacheDirectory(): string {
  const own = process.env['UNET_CACHE'];
  if (own !== undefined && own !== '') return own;
  const base = process.env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'unet-lang', 'prepared');
}

/** A name made of a digest: neither case ids nor paths become names of files. */
function stem(directory: string, each: DataCase): string {
  return join(
    directory,
    createHash('sha256')
      .update(`${each.image}\0${each.label ?? ''}`)
      .digest('hex')
      .slice(0, 32),
  );
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function fresh(stamp: SourceStamp | undefined, path: string | undefined): Promise<boolean> {
  if (stamp === undefined || path === undefined) return stamp === path;
  const now = await stat(path);
  return stamp.path === path && stamp.size === now.size && stamp.mtimeMs === now.mtimeMs;
}

async function stampOf(path: string): Promise<SourceStamp> {
  const { size, mtimeMs } = await stat(path);
  return { path, size, mtimeMs, sha256: await digest(path) };
}

/** The sidecar, if it is there, whole, and of the files as they are now. */
async function readSidecar(path: string, dataset: Dataset, each: DataCase): Promise<Sidecar | undefined> {
  try {
    const sidecar = JSON.parse(await readFile(path, 'utf8')) as Sidecar;
    const current = sidecar.version === VERSION && sidecar.modalities.join('\n') === dataset.modalities.join('\n');
    if (!current) return undefined;
    return (await fresh(sidecar.image, each.image)) && (await fresh(sidecar.label, each.label)) ? sidecar : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(data: StoredArray): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** Arrays first and the sidecar last, each whole or not at all, so that what a sidecar speaks of is there. */
async function writePrepared(base: string, dataset: Dataset, each: DataCase): Promise<Sidecar> {
  const decoded = await decodeCase(dataset, each);
  const box = contentBox(decoded);
  const { shape } = decoded.geometry;
  const keep = async (name: string, data: StoredArray): Promise<void> =>
    replaceFile(name, bytesOf(cropTo(data, shape, box)), false);
  const sidecar: Sidecar = {
    version: VERSION,
    modalities: dataset.modalities,
    image: await stampOf(each.image),
    ...(each.label === undefined ? {} : { label: await stampOf(each.label) }),
    element: elementOf(decoded.image),
    geometry: decoded.geometry,
    channels: decoded.channels,
    box,
    statistics: decoded.statistics,
    labelCounts: decoded.labelCounts,
  };
  try {
    await keep(`${base}.image`, decoded.image);
    if (decoded.label !== undefined) await keep(`${base}.label`, decoded.label);
    await replaceFile(`${base}.json`, JSON.stringify(sidecar), false);
  } catch (error) {
    throw cannotWrite(base, error);
  }
  return sidecar;
}

/** Opens a file that must have a given length; a shorter one (a copy cut off) counts as none. */
function openWhole(path: string, bytes: number): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return undefined;
  }
  if (fstatSync(descriptor).size === bytes) return descriptor;
  closeSync(descriptor);
  return undefined;
}

/** Reads spans of a prepared case by position; the system's page cache is what holds cases in memory. */
class FileSource implements VoxelSource {
  readonly geometry: Geometry;
  readonly statistics: readonly ChannelStatistics[];

  constructor(
    private readonly sidecar: Sidecar,
    private readonly imageFile: number,
    private readonly labelFile: number | undefined,
  ) {
    this.geometry = sidecar.geometry;
    this.statistics = sidecar.statistics;
  }

  image(channel: number, z: number, y: number, rows: number): StoredArray {
    const make = (length: number): StoredArray => new ARRAYS[this.sidecar.element](length);
    return this.span(this.imageFile, make, channel, z, y, rows);
  }

  label(z: number, y: number, rows: number): Uint8Array {
    const make = (length: number): Uint8Array => new Uint8Array(length);
    return this.labelFile === undefined
      ? make(rows * this.geometry.shape[2])
      : this.span(this.labelFile, make, 0, z, y, rows);
  }

  close(): void {
    closeSync(this.imageFile);
    if (this.labelFile !== undefined) closeSync(this.labelFile);
  }

  /** Whole rows of the volume, from what is kept of them; 0 elsewhere. */
  private span<T extends StoredArray>(
    file: number,
    make: (length: number) => T,
    channel: number,
    z: number,
    y: number,
    rows: number,
  ): T {
    const { origin, size } = this.sidecar.box;
    const width = this.geometry.shape[2];
    const out = make(rows * width);
    const [first, last] = [Math.max(y, origin[1]), Math.min(y + rows, origin[1] + size[1])];
    if (z < origin[0] || z >= origin[0] + size[0] || first >= last) return out;
    const kept = make((last - first) * size[2]);
    const start = ((channel * size[0] + z - origin[0]) * size[1] + first - origin[1]) * size[2];
    readSync(file, kept, 0, kept.byteLength, start * kept.BYTES_PER_ELEMENT);
    for (let row = 0; row < last - first; row++) {
      out.set(kept.subarray(row * size[2], (row + 1) * size[2]), (first - y + row) * width + origin[2]);
    }
    return out;
  }
}

function openSource(base: string, sidecar: Sidecar): FileSource | undefined {
  const voxels = boxVolume(sidecar.box);
  const bytes = voxels * sidecar.channels * ARRAYS[sidecar.element].BYTES_PER_ELEMENT;
  const image = openWhole(`${base}.image`, bytes);
  if (image === undefined) return undefined;
  const label = sidecar.label === undefined ? undefined : openWhole(`${base}.label`, voxels);
  if (sidecar.label !== undefined && label === undefined) {
    closeSync(image);
    return undefined;
  }
  return new FileSource(sidecar, image, label);
}

async function prepare(base: string, directory: string, dataset: Dataset, each: DataCase): Promise<FileSource> {
  await mkdir(directory, { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(directory, error);
  });
  const source = openSource(base, await writePrepared(base, dataset, each));
  if (source === undefined) throw new UserError('UNET6020', `\`${base}\` vanished while it was written.`);
  return source;
}

/**
 * A case from the folder of prepared cases, put there first if it is not there or its files have changed since (size
 * or time of change): raw little-endian arrays in the files' own type, cut to the box of what is not 0, beside a JSON with source digests, geometry and
 * each channel's mean and deviation. Nothing of the network or the protocol is in it, so all runs share it.
 * @throws UserError for faulty data (see `decodeCase`), UNET6020 where the folder cannot be written
 */
export async function openPrepared(directory: string, dataset: Dataset, each: DataCase): Promise<VoxelSource> {
  for (const place of [imagePlace(each), labelPlace(each)]) {
    if (place === undefined) continue;
    await stat(place.file).catch((error: unknown) => {
      throw cannotRead(place, error);
    });
  }
  const base = stem(directory, each);
  const sidecar = await readSidecar(`${base}.json`, dataset, each);
  const place = labelPlace(each);
  if (sidecar !== undefined && place !== undefined) checkLabelValues(place, sidecar.labelCounts, dataset.labels);
  const source = sidecar === undefined ? undefined : openSource(base, sidecar);
  return source ?? (await prepare(base, directory, dataset, each));
}
