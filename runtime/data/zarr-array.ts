import { gunzipSync, gzipSync } from 'node:zlib';
import FileSystemStore from '@zarrita/storage/fs';
import * as zarr from 'zarrita';
import type { StoredArray } from './decode.js';
import type { Box } from './box.js';
import type { TakeRun } from './voxel-source.js';

/**
 * Approximate chunk size in bytes: small enough to read little more than a patch, but large enough to keep the number
 * of files low.
 */
const CHUNK_BYTES = 2 ** 17;
/** Level 1 compresses images nearly as well as level 6 and is nearly twice as fast. */
const CODECS = [
  { name: 'bytes', configuration: { endian: 'little' } },
  { name: 'gzip', configuration: { level: 1 } },
];

/** Zarr's `gzip` with Node's zlib: zarrita's cannot compress, and gunzipSync with a known size is fastest. */
class Gzip {
  readonly kind = 'bytes_to_bytes';

  private constructor(
    private readonly level: number,
    private readonly bytes: number,
  ) {}

  static fromConfig(configuration: unknown, meta: { dataType: string; shape: number[] }): Gzip {
    const width = Number(/\d+$/.exec(meta.dataType)?.[0] ?? 64) / 8;
    const bytes = meta.shape.reduce((product, size) => product * size, width);
    return new Gzip((configuration as { level: number }).level, bytes);
  }

  encode(data: Uint8Array): Uint8Array {
    return gzipSync(data, { level: this.level });
  }

  /** Verifies the CRC-32 and the length stored by gzip. */
  decode(data: Uint8Array): Uint8Array {
    return gunzipSync(data, { chunkSize: Math.max(64, this.bytes), maxOutputLength: this.bytes });
  }
}

zarr.registry.set('gzip', () => Promise.resolve(Gzip));

/** Zarr reads a missing chunk as zeros; here every chunk is written, so a missing one is an error. */
class WholeStore {
  private readonly files: FileSystemStore;

  constructor(directory: string) {
    this.files = new FileSystemStore(directory);
  }

  async get(key: `/${string}`): Promise<Uint8Array> {
    const bytes = await this.files.get(key);
    if (bytes === undefined) throw new Error(`${key} is missing`);
    return bytes;
  }
}

/** Disk usage of a file is counted in blocks of this size. */
const BLOCK = 4096;

/** Counts the space that is written. */
class CountingStore extends FileSystemStore {
  bytes = 0;

  override async set(key: `/${string}`, value: Uint8Array): Promise<void> {
    await super.set(key, value);
    this.bytes += Math.ceil(value.byteLength / BLOCK) * BLOCK;
  }
}

export type Element = 'uint8' | 'int8' | 'int16' | 'uint16' | 'float32';

/** An array whose last axes are [D, H, W]; chunks contain the whole of all axes before them. */
export type ZarrArray = zarr.Array<Element, WholeStore>;
export type ZarrWriter = CountingStore;

function elementOf(data: StoredArray): Element {
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Int16Array) return 'int16';
  return data instanceof Uint16Array ? 'uint16' : 'float32';
}

/** A quarter as deep as wide: patches are cubes, but those of 2-D networks are slices. */
function chunkShape(shape: readonly number[], bytesPerElement: number): number[] {
  const [leading, spatial] = [shape.slice(0, -3), shape.slice(-3)];
  const voxels = CHUNK_BYTES / leading.reduce((product, size) => product * size, bytesPerElement);
  const eights = (length: number): number => Math.max(8, 8 * Math.round(length / 8));
  const edge = eights(Math.cbrt(4 * voxels));
  return [...leading, ...[eights(edge / 4), edge, edge].map((size, axis) => Math.min(size, spatial[axis] as number))];
}

/** Sequentially: after an error nothing more is written, and only one chunk is in memory. */
function inOrder(): { add: (run: () => Promise<void>) => void; onIdle: () => Promise<void[]> } {
  let last: Promise<void> = Promise.resolve();
  return {
    add: (run) => {
      last = last.then(run);
      last.catch(() => undefined);
    },
    onIdle: async () => [await last],
  };
}

/** Opens a folder for writing a Zarr hierarchy. */
export function zarrWriter(directory: string): ZarrWriter {
  return new CountingStore(directory);
}

/** Writes a Zarr v3 array in gzip-packed chunks. */
export async function writeArray(
  store: ZarrWriter,
  name: string,
  data: StoredArray,
  shape: readonly number[],
  axes: readonly string[],
): Promise<void> {
  const array = await zarr.create(zarr.root(store).resolve(name), {
    shape: [...shape],
    chunkShape: chunkShape(shape, data.BYTES_PER_ELEMENT),
    dtype: elementOf(data),
    codecs: CODECS,
    fillValue: 0,
    dimensionNames: [...axes],
  });
  const stride = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  // A view into a larger buffer would be read from the start of the buffer.
  const own = data.byteLength === data.buffer.byteLength ? data : data.slice();
  await zarr.set(array, null, { data: own as never, shape: [...shape], stride }, { createQueue: inOrder });
}

/** Writes the group that the arrays of a folder belong to, with its attributes. */
export async function writeGroup(store: ZarrWriter, attributes: Record<string, unknown>): Promise<void> {
  await zarr.create(zarr.root(store), { attributes });
}

/** @throws Error if there is no complete Zarr v3 group */
export async function readAttributes(directory: string): Promise<Record<string, unknown>> {
  const group = await zarr.open.v3(zarr.root(new WholeStore(directory)), { kind: 'group' });
  return group.attrs;
}

/** @throws Error unless there is an array of this shape */
export async function openArray(directory: string, name: string, shape: readonly number[]): Promise<ZarrArray> {
  const array = await zarr.open.v3(zarr.root(new WholeStore(directory)).resolve(name), { kind: 'array' });
  if (array.shape.join() !== shape.join()) throw new Error(`${name} has the shape ${array.shape.join(' x ')}`);
  return array as ZarrArray;
}

async function readChunk(array: ZarrArray, at: readonly number[]): Promise<StoredArray> {
  const leading = array.shape.slice(0, -3).map(() => 0);
  const { data } = await array.getChunk([...leading, ...at]);
  if (data.length !== array.chunks.reduce((product, size) => product * size, 1)) throw new Error('a chunk is cut off');
  return data;
}

/** A whole array, for small ones. */
export async function readWhole(array: ZarrArray): Promise<StoredArray> {
  const { data } = await zarr.get(array);
  return data;
}

/** The chunks along an axis that overlap a range, each with its part of the range. */
function chunksOf(
  origin: number,
  size: number,
  edge: number,
  length: number,
): { chunk: number; from: number; to: number }[] {
  const [begin, end] = [Math.max(0, origin), Math.min(length, origin + size)];
  const first = Math.floor(begin / edge);
  return Array.from({ length: Math.max(0, Math.ceil(end / edge) - first) }, (_, k) => {
    const chunk = first + k;
    return { chunk, from: Math.max(begin, chunk * edge), to: Math.min(end, (chunk + 1) * edge) };
  });
}

/**
 * Passes on the voxels in the intersection of a box and an array, run by run, for some of the array's channels ([C, D,
 * H, W]; a [D, H, W] array is one channel). Reads only the chunks that overlap the box.
 * @throws Error for a chunk that is missing or damaged
 */
export async function readBox(
  array: ZarrArray,
  { origin, size }: Box,
  channels: readonly number[],
  take: (position: number, ...run: Parameters<TakeRun>) => void,
): Promise<void> {
  const [depth, height, width] = array.chunks.slice(-3) as [number, number, number];
  const shape = array.shape.slice(-3) as [number, number, number];
  type Part = ReturnType<typeof chunksOf>[number];
  const copy = (data: StoredArray, z: Part, y: Part, x: Part): void => {
    channels.forEach((channel, position) => {
      for (let slice = z.from; slice < z.to; slice++) {
        for (let row = y.from; row < y.to; row++) {
          const stored = (channel * depth + slice - z.chunk * depth) * height + row - y.chunk * height;
          const own = (slice - origin[0]) * size[1] + row - origin[1];
          const from = stored * width + x.from - x.chunk * width;
          take(position, data, from, x.to - x.from, own * size[2] + x.from - origin[2]);
        }
      }
    });
  };
  const read: Promise<void>[] = [];
  for (const z of chunksOf(origin[0], size[0], depth, shape[0])) {
    for (const y of chunksOf(origin[1], size[1], height, shape[1])) {
      for (const x of chunksOf(origin[2], size[2], width, shape[2])) {
        read.push(readChunk(array, [z.chunk, y.chunk, x.chunk]).then((data) => copy(data, z, y, x)));
      }
    }
  }
  // All are awaited, so that none still writes into the caller's arrays after an error.
  const failed = (await Promise.allSettled(read)).find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
