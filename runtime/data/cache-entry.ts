import { contentBox, cropTo } from './crop.js';
import type { DecodedCase } from './decode.js';
import type { ChannelStatistics } from './voxel-facts.js';
import { textDigest } from './file-digest.js';
import { type ForegroundBlocks, blockShape, countBlocks } from './foreground.js';
import type { Box } from './box.js';
import type { Geometry } from './types.js';
import {
  type ZarrArray,
  openArray,
  readAttributes,
  readWhole,
  writeArray,
  writeGroup,
  zarrWriter,
} from './zarr-array.js';

/** Attributes of a prepared case: everything known about it except its voxels. */
export interface EntryInfo {
  /** SHA-256 of the source files. */
  readonly sources: { readonly image: string; readonly label?: string };
  /** Disk usage of its files, without these attributes. */
  readonly bytes: number;
  readonly geometry: Geometry;
  readonly channels: number;
  /** The part of the volume that is stored; every voxel outside it is 0. */
  readonly box: Box;
  readonly statistics: readonly ChannelStatistics[];
  readonly labelCounts: DecodedCase['labelCounts'];
}

/** A prepared case, open for reading. */
export interface Entry {
  readonly info: EntryInfo;
  readonly image: ZarrArray;
  readonly label?: ZarrArray;
  /** Foreground counts of the stored part. */
  readonly foreground?: ForegroundBlocks;
}

/** Writes a case into a folder of its own as a Zarr v3 group: `image`, `label`, `foreground`, and `EntryInfo`. */
export async function writeEntry(
  directory: string,
  decoded: DecodedCase,
  sources: EntryInfo['sources'],
): Promise<void> {
  const { geometry, channels, statistics, labelCounts } = decoded;
  const box = contentBox(decoded);
  const store = zarrWriter(directory);
  const image = cropTo(decoded.image, geometry.shape, box);
  await writeArray(store, 'image', image, [channels, ...box.size], ['c', 'z', 'y', 'x']);
  if (decoded.label !== undefined) {
    const label = cropTo(decoded.label, geometry.shape, box);
    const blocks = countBlocks(label, box.size);
    await writeArray(store, 'label', label, box.size, ['z', 'y', 'x']);
    await writeArray(store, 'foreground', blocks.counts, blocks.shape, ['z', 'y', 'x']);
  }
  const info: EntryInfo = { sources, bytes: store.bytes, geometry, channels, box, statistics, labelCounts };
  await writeGroup(store, { case: info, sha256: textDigest(JSON.stringify(info)) });
}

/** @throws Error if there is no complete prepared case */
export async function readInfo(directory: string): Promise<EntryInfo> {
  const { case: info, sha256 } = await readAttributes(directory);
  if (textDigest(JSON.stringify(info) ?? '') !== sha256) throw new Error('the attributes are damaged');
  return info as EntryInfo;
}

/** @throws Error if there is no complete prepared case; voxels are checked when they are read */
export async function openEntry(directory: string): Promise<Entry> {
  const info = await readInfo(directory);
  const { size } = info.box;
  const image = await openArray(directory, 'image', [info.channels, ...size]);
  if (info.sources.label === undefined) return { info, image };
  const label = await openArray(directory, 'label', size);
  const shape = blockShape(size);
  const counts = await readWhole(await openArray(directory, 'foreground', shape));
  if (!(counts instanceof Uint16Array)) throw new Error('the foreground is damaged');
  return { info, image, label, foreground: { counts, shape } };
}
