import { NIFTI1, readHeader } from 'nifti-reader-js';
import { affineProblem } from './affine.js';
import { geometryOf } from './geometry.js';
import type { UserError } from '../errors/user-error.js';
import { recognizeFile } from '../files/file-kind.js';
import { type Place, errorAt } from './place.js';
import type { Geometry, HeaderWarning, SpatialHeader } from './types.js';
import { counted } from '../../text/count.js';

/** Enough bytes for the header of either NIfTI version. */
export const HEADER_BYTES = 540;

/** A file's header, read before the array. */
export interface NiftiHeader {
  readonly geometry: Geometry;
  /** Size of the fourth axis; 1 for a 3-D file. */
  readonly channels: number;
  readonly element: ElementType;
  readonly littleEndian: boolean;
  /** Offset of the array in the decompressed file, in bytes. */
  readonly offset: number;
  /** Value = slope * stored + intercept; slope 1 and intercept 0 if the file has no scaling. */
  readonly slope: number;
  readonly intercept: number;
  /** Assumptions about a contradictory or incomplete header, about geometry and otherwise. */
  readonly warnings: readonly HeaderWarning[];
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
  uint64: 8,
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
  1280: 'uint64',
};

/** Unsupported data types, by their names in the format. */
const UNREAD: Readonly<Record<number, string>> = {
  1: 'binary',
  32: 'complex64',
  128: 'rgb24',
  1536: 'float128',
  1792: 'complex128',
  2048: 'complex256',
  2304: 'rgba32',
};

const NOT_NIFTI = 'Export it again as a single `.nii` or `.nii.gz` file.';

type LibraryHeader = ReturnType<typeof readHeader>;

/** The error for bytes that are not a NIfTI header; names their actual format if recognised. */
function notNifti(bytes: Uint8Array, place: Place, fault: string): UserError {
  const kind = recognizeFile(bytes);
  if (kind === undefined || kind.what === 'a NIfTI image') return errorAt(place, 'UNET6006', fault, NOT_NIFTI);
  return errorAt(
    place,
    'UNET6006',
    `is not a NIfTI image: it is ${kind.what}`,
    kind.help.replaceAll('FILE', place.file),
  );
}

function parse(bytes: Uint8Array, place: Place): LibraryHeader {
  // Only the header, so that the library does not follow extensions into bytes that were not read.
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
    throw errorAt(place, 'UNET6006', 'is not a single-file NIfTI', NOT_NIFTI);
  }
}

/** Axis sizes along x, y, z and the fourth axis; further axes must have size 1. */
function sizes(header: LibraryHeader, place: Place): [number, number, number, number] {
  const rank = header.dims[0] ?? 0;
  const all = header.dims.slice(1, rank + 1);
  const bad = rank < 2 || rank > 7 || all.some((size) => !Number.isInteger(size) || size < 1);
  if (bad) throw errorAt(place, 'UNET6006', `has invalid dimensions (${header.dims.join(', ')})`, NOT_NIFTI);
  if (all.slice(4).some((size) => size > 1)) {
    throw errorAt(
      place,
      'UNET6007',
      `has ${counted(rank, 'dimension')} (${all.join(' x ')})`,
      'Use a 3-D or 4-D file.',
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

/** Axes beyond the file's dimensions have no size in it; a volume of one slice is written with a size of 1. */
function spatial(bytes: Uint8Array, header: LibraryHeader): SpatialHeader {
  const rank = header.dims[0] ?? 0;
  const size = (axis: number): number => {
    const stated = header.pixDims[axis] ?? NaN;
    return axis > rank && !(Math.abs(stated) > 0 && Number.isFinite(stated)) ? 1 : stated;
  };
  return {
    pixdim: [header.pixDims[0] ?? 1, size(1), size(2), size(3)],
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

/** @throws UserError UNET6121 or UNET6122 for a grid that cannot be placed in space */
function geometryFrom(shape: Geometry['shape'], header: SpatialHeader, place: Place): Geometry {
  const found = affineProblem(header);
  if (found === undefined) return geometryOf(shape, header);
  throw errorAt(
    place,
    found.code,
    found.fault,
    found.code === 'UNET6122'
      ? 'Resample image and label onto a grid with perpendicular axes.'
      : 'Convert the scan again from its source, or write a valid affine and voxel size into the header.',
  );
}

function elementOf(header: LibraryHeader, place: Place): ElementType {
  const code = header.datatypeCode;
  const element = ELEMENTS[code];
  if (element !== undefined) return element;
  const name = UNREAD[code] === undefined ? '' : ` (${UNREAD[code]})`;
  const fault = `contains voxels of the unsupported NIfTI data type ${code}${name}`;
  throw errorAt(place, 'UNET6007', fault, 'Convert it to an integer or floating-point type.');
}

/** The number of bits per voxel is stored twice; programs that do not fill in the second field leave 0. */
function bitWarning({ numBitsPerVoxel }: LibraryHeader, element: ElementType): HeaderWarning[] {
  const bits = 8 * ELEMENT_BYTES[element];
  if (numBitsPerVoxel === 0 || numBitsPerVoxel === bits) return [];
  return [
    {
      code: 'UNET6123',
      kind: 'bits',
      fault: `specifies ${numBitsPerVoxel} bits per voxel (\`bitpix\`), but its data type ${element} has ${bits}; the data type is used`,
      help: 'View the image: if it looks like noise, the data type is wrong. Convert the scan again.',
    },
  ];
}

/** A slope of 0 or NaN means no scaling (nifti1.h, and nibabel writes it). */
function scalingOf({ scl_slope: slope, scl_inter: intercept }: LibraryHeader, place: Place) {
  if (slope === 0 || Number.isNaN(slope)) return { slope: 1, intercept: 0 };
  if (Number.isFinite(slope) && Number.isFinite(intercept)) return { slope, intercept };
  const fault = `has an invalid scaling (\`scl_slope\` ${slope}, \`scl_inter\` ${intercept})`;
  throw errorAt(place, 'UNET6126', fault, 'Convert the scan again from its source: its values cannot be known.');
}

/**
 * Parses a header (NIfTI-1 or -2, either byte order) from the first bytes of a decompressed file.
 * @throws UserError UNET6006 for a file that is not NIfTI, UNET6007 for an unsupported array, UNET6121 or UNET6122 for
 * an affine that cannot be used, UNET6126 for an invalid scaling
 */
export function parseHeader(bytes: Uint8Array, place: Place): NiftiHeader {
  const header = parse(bytes, place);
  const [width, height, depth, channels] = sizes(header, place);
  const element = elementOf(header, place);
  const offset = Math.round(header.vox_offset);
  if (!(offset >= (header instanceof NIFTI1 ? 348 : HEADER_BYTES) && offset < 2 ** 31)) {
    throw errorAt(place, 'UNET6006', `has an invalid array offset (${header.vox_offset})`, NOT_NIFTI);
  }
  const geometry = geometryFrom([depth, height, width], spatial(bytes, header), place);
  return {
    geometry,
    channels,
    element,
    littleEndian: header.littleEndian,
    offset,
    ...scalingOf(header, place),
    warnings: [...geometry.warnings, ...bitWarning(header, element)],
  };
}
