import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createFolders } from '../files/make-folder.js';
import { markNifti } from '../files/marker.js';
import { replaceFile } from '../files/replace-file.js';
import { cannotWrite } from './place.js';
import type { Geometry } from './types.js';

const gzipAsync = promisify(gzip);

/** Arrays that can be written: masks, images and probabilities. */
export type WritableArray = Uint8Array | Int16Array | Float32Array;

const HEADER = 352;
/** The largest size of an axis in a NIfTI-1 file, which stores sizes in 16 bits. */
const LONGEST = 32767;

function elementOf(data: WritableArray): { code: number; bytes: number } {
  if (data instanceof Uint8Array) return { code: 2, bytes: 1 };
  return data instanceof Int16Array ? { code: 4, bytes: 2 } : { code: 16, bytes: 4 };
}

function writeGeometry(view: DataView, geometry: Geometry): void {
  const { header } = geometry;
  [...header.pixdim, 1, 1, 1, 1].forEach((size, k) => view.setFloat32(76 + 4 * k, size, true));
  view.setUint8(123, header.units);
  view.setInt16(252, header.qformCode, true);
  view.setInt16(254, header.sformCode, true);
  header.quaternion.forEach((value, k) => view.setFloat32(256 + 4 * k, value, true));
  header.rows.forEach((value, k) => view.setFloat32(280 + 4 * k, value, true));
}

/** A NIfTI-1 header of 348 bytes, followed by four that indicate no extension; little-endian, no scaling. */
function headerBytes(data: WritableArray, channels: number | undefined, geometry: Geometry): Uint8Array {
  const bytes = new Uint8Array(HEADER);
  const view = new DataView(bytes.buffer);
  const [depth, height, width] = geometry.shape;
  const element = elementOf(data);
  view.setInt32(0, 348, true);
  const dims = [channels === undefined ? 3 : 4, width, height, depth, channels ?? 1, 1, 1, 1];
  dims.forEach((size, k) => view.setInt16(40 + 2 * k, size, true));
  view.setInt16(70, element.code, true);
  view.setInt16(72, 8 * element.bytes, true);
  writeGeometry(view, geometry);
  view.setFloat32(108, HEADER, true);
  view.setFloat32(112, 1, true);
  bytes.set(Buffer.from('n+1\0'), 344);
  return bytes;
}

/**
 * Encodes a NIfTI-1 file.
 * @param data [D, H, W], or [C, D, H, W] if `channels` is given, row-major
 * @param geometry its shape is the array's; sform, qform, spacing and units are copied from it
 * @returns bytes with the mark of `runtime/files/marker.ts` in the field `descrip`
 */
export function encodeNifti(data: WritableArray, geometry: Geometry, channels?: number): Buffer {
  if (geometry.shape.some((size) => size > LONGEST)) {
    throw new RangeError(`an axis of ${Math.max(...geometry.shape)} voxels in a NIfTI-1 file`);
  }
  const voxels = geometry.shape.reduce((product, size) => product * size, channels ?? 1);
  if (voxels !== data.length) throw new RangeError(`${data.length} values for a volume of ${voxels} voxels`);
  const body = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return markNifti(Buffer.concat([headerBytes(data, channels, geometry), body]));
}

/**
 * Writes `.nii.gz` (or `.nii`, by the name) atomically; the same input gives the same bytes.
 * @param data [D, H, W], or [C, D, H, W] if `channels` is given
 * @throws UserError UNET6020 if the file cannot be written
 */
export async function writeNifti(
  path: string,
  data: WritableArray,
  geometry: Geometry,
  channels?: number,
): Promise<void> {
  const bytes = encodeNifti(data, geometry, channels);
  const packed = path.endsWith('.gz') ? await gzipAsync(bytes, { level: 6 }) : bytes;
  try {
    await createFolders(dirname(path));
    await replaceFile(path, packed);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}
