import { NIFTI1, readHeader } from 'nifti-reader-js';
import { geometryOf } from './geometry.js';
import type { UserError } from '../errors.js';
import { recognizeFile } from '../file-kind.js';
import { type Place, faultAt } from './place.js';
import type { Geometry, SpatialHeader } from './types.js';
import { counted } from '../../text/count.js';

/** Bytes that hold the header of either NIfTI version. */
export const HEADER_BYTES = 540;

/** What a file says of its array before the array is read. */
export interface NiftiHeader {
  readonly geometry: Geometry;
  /** Size of the fourth axis, 1 for a 3-D file. */
  readonly channels: number;
  readonly element: ElementType;
  readonly littleEndian: boolean;
  /** Where the array begins, in bytes of the unpacked file. */
  readonly offset: number;
  /** Value = slope * stored + intercept; slope 1 and intercept 0 where the file has no scaling. */
  readonly slope: number;
  readonly intercept: number;
}

/** How one voxel is stored. */
export type ElementType = keyof typeof ELEMENT_BYTES;

/** Bytes of one voxel. */
export const ELEMENT_BYTES = {
  uint8: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float32: 4,
  float64: 8,
} as const;

const ELEMENTS: Readonly<Record<number, ElementType>> = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float32',
  64: 'float64',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
};

const NOT_NIFTI = 'Export it again as a single `.nii` or `.nii.gz` file.';

type LibraryHeader = ReturnType<typeof readHeader>;

/** The error for bytes that are no NIfTI header; names what they are if that is known. */
function notNifti(bytes: Uint8Array, place: Place, fault: string): UserError {
  const kind = recognizeFile(bytes);
  if (kind === undefined || kind.what === 'a NIfTI image') return faultAt(place, 'UNET6006', fault, NOT_NIFTI);
  return faultAt(
    place,
    'UNET6006',
    `is not a NIfTI image: it is ${kind.what}`,
    kind.help.replaceAll('FILE', place.file),
  );
}

function parse(bytes: Uint8Array, place: Place): LibraryHeader {
  // The header alone, so that the library does not follow extensions into bytes that were not read.
  const size = bytes[0] === 92 || bytes[3] === 92 ? 348 : HEADER_BYTES;
  const copy = new ArrayBuffer(size);
  if (bytes.byteLength < size) throw notNifti(bytes, place, 'is not a NIfTI file: it is too short');
  new Uint8Array(copy).set(bytes.subarray(0, size));
  const view = new DataView(copy);
  const declared = [view.getInt32(0, true), view.getInt32(0, false)];
  if (!declared.includes(size)) throw notNifti(bytes, place, 'is not a NIfTI file');
  try {
    return readHeader(copy);
  } catch {
    throw faultAt(place, 'UNET6006', 'is not a single-file NIfTI', NOT_NIFTI);
  }
}

/** Axis sizes along x, y, z and the fourth; axes after that must be 1. */
function sizes(header: LibraryHeader, place: Place): [number, number, number, number] {
  const rank = header.dims[0] ?? 0;
  const all = header.dims.slice(1, rank + 1);
  const bad = rank < 2 || rank > 7 || all.some((size) => !Number.isInteger(size) || size < 1);
  if (bad) throw faultAt(place, 'UNET6006', `has impossible dimensions (${header.dims.join(', ')})`, NOT_NIFTI);
  if (all.slice(4).some((size) => size > 1)) {
    throw faultAt(
      place,
      'UNET6007',
      `has ${counted(rank, 'dimension')} (${all.join(' x ')})`,
      'Give a 3-D or a 4-D file.',
    );
  }
  return [all[0] ?? 1, all[1] ?? 1, all[2] ?? 1, all[3] ?? 1];
}

/** srow x, y, z from the bytes: the library's affine may be the qform's. */
function rowsOf(bytes: Uint8Array, header: LibraryHeader): number[] {
  if (!(header instanceof NIFTI1)) return header.affine.slice(0, 3).flat();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: 12 }, (_, i) => view.getFloat32(280 + 4 * i, header.littleEndian));
}

function spatial(bytes: Uint8Array, header: LibraryHeader): SpatialHeader {
  const pixdim = (k: number): number => {
    const size = Math.abs(header.pixDims[k] ?? 1);
    return Number.isFinite(size) && size > 0 ? size : 1;
  };
  return {
    pixdim: [(header.pixDims[0] ?? 1) < 0 ? -1 : 1, pixdim(1), pixdim(2), pixdim(3)],
    qformCode: header.qform_code,
    sformCode: header.sform_code,
    quaternion: [
      header.quatern_b,
      header.quatern_c,
      header.quatern_d,
      header.qoffset_x,
      header.qoffset_y,
      header.qoffset_z,
    ],
    rows: rowsOf(bytes, header),
    units: header.xyzt_units,
  };
}

/**
 * Reads a header (NIfTI-1 or -2, either byte order) from the first bytes of an unpacked file.
 * @throws UserError UNET6006 for what is no NIfTI, UNET6007 for an array of a kind that is not read
 */
export function parseHeader(bytes: Uint8Array, place: Place): NiftiHeader {
  const header = parse(bytes, place);
  const [width, height, depth, channels] = sizes(header, place);
  const element = ELEMENTS[header.datatypeCode];
  if (element === undefined) {
    const fault = `holds voxels of NIfTI data type ${header.datatypeCode}`;
    throw faultAt(place, 'UNET6007', fault, 'Convert it to an integer or a float type.');
  }
  const offset = Math.round(header.vox_offset);
  if (!(offset >= 348 && offset < 2 ** 31)) {
    throw faultAt(place, 'UNET6006', `has an impossible array offset (${header.vox_offset})`, NOT_NIFTI);
  }
  const scaled = Number.isFinite(header.scl_slope) && header.scl_slope !== 0;
  return {
    geometry: geometryOf([depth, height, width], spatial(bytes, header)),
    channels,
    element,
    littleEndian: header.littleEndian,
    offset,
    slope: scaled ? header.scl_slope : 1,
    intercept: scaled && Number.isFinite(header.scl_inter) ? header.scl_inter : 0,
  };
}
