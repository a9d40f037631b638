import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UserError } from '../errors/user-error.js';
import { openRegularFile } from '../files/read-file.js';
import { ELEMENT_BYTES, HEADER_BYTES, type ElementType, type NiftiHeader, parseHeader } from './nifti-header.js';
import { type Place, cannotRead, errorAt, systemCode } from './place.js';
import type { HeaderWarning } from './types.js';

/** Voxel values as stored, or scaled in double precision if the file has a slope. */
export type VoxelArray =
  Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array;

/** A NIfTI file in memory. `data` is [C, D, H, W] row-major, which is the file's own order (x fastest). */
export interface NiftiImage {
  readonly header: NiftiHeader;
  readonly data: VoxelArray;
}

/**
 * Deflate expands data at most 1032 times, so a header that specifies more is invalid; checked before memory is
 * allocated.
 */
const DEFLATE_LIMIT = 1032;
const CHUNK = 1 << 20;
const HEADER_CHUNK = 1 << 12;
/**
 * Some programs pad files to whole blocks; more bytes after the voxels indicate a wrong header, or an attack on memory.
 */
const MOST_EXTRA = 1 << 16;
const TRUNCATED_HELP = 'Copy or download the file again.';

interface Source {
  readonly stream: Readable;
  readonly packed: boolean;
  /** Size of the file on disk. */
  readonly bytes: number;
}

async function startsPacked(handle: FileHandle): Promise<boolean> {
  const magic = Buffer.alloc(2);
  await handle.read(magic, 0, 2, 0);
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

/** Opens a file as a stream of its decompressed bytes; compression is detected by content, not by name. */
async function openSource(place: Place, chunk: number): Promise<Source> {
  const handle = await openRegularFile(place.file).catch((error: unknown) => {
    throw cannotRead(place, error);
  });
  try {
    const { size } = await handle.stat();
    if (size === 0) throw errorAt(place, 'UNET6005', 'is empty', TRUNCATED_HELP);
    const packed = await startsPacked(handle);
    const file = handle.createReadStream({ start: 0, highWaterMark: chunk });
    if (!packed) return { stream: file, packed, bytes: size };
    const gunzip = createGunzip({ chunkSize: chunk });
    file.on('error', (error) => gunzip.destroy(error));
    gunzip.on('close', () => file.destroy());
    return { stream: file.pipe(gunzip), packed, bytes: size };
  } catch (error) {
    await handle.close();
    throw cannotRead(place, error);
  }
}

function readError(place: Place, error: unknown): unknown {
  if (error instanceof UserError) return error;
  const code = systemCode(error);
  if (code === 'Z_BUF_ERROR') {
    return errorAt(place, 'UNET6005', 'is truncated: its gzip stream ends early', TRUNCATED_HELP);
  }
  if (code?.startsWith('Z_') === true) return errorAt(place, 'UNET6005', 'is a damaged gzip file', TRUNCATED_HELP);
  return cannotRead(place, error);
}

/**
 * Reads only the header of a file; of a compressed file only the first bytes are decompressed.
 * @throws UserError UNET6003 (missing), UNET6005 (truncated, or extra bytes), UNET6006 (not NIfTI), UNET6007
 * (unsupported), UNET6121 and UNET6122 (affine), UNET6126 (scaling)
 */
export async function readNiftiHeader(place: Place): Promise<NiftiHeader> {
  const { stream } = await openSource(place, HEADER_CHUNK);
  const parts: Buffer[] = [];
  let held = 0;
  try {
    for await (const chunk of stream) {
      parts.push(chunk as Buffer);
      held += (chunk as Buffer).byteLength;
      if (held >= HEADER_BYTES) break;
    }
  } catch (error) {
    throw readError(place, error);
  } finally {
    stream.destroy();
  }
  return parseHeader(Buffer.concat(parts), place);
}

function arrayBytes(header: NiftiHeader): number {
  const [depth, height, width] = header.geometry.shape;
  return header.channels * depth * height * width * ELEMENT_BYTES[header.element];
}

function refuseShort(place: Place, header: NiftiHeader, found: number): never {
  const fault = `is truncated: its header specifies ${arrayBytes(header)} bytes of voxels, but only ${found} are present`;
  throw errorAt(place, 'UNET6005', fault, TRUNCATED_HELP);
}

function refuseExtra(place: Place, header: NiftiHeader): never {
  const fault = `contains more than ${MOST_EXTRA} bytes after the ${arrayBytes(header)} bytes of voxels that its header describes`;
  throw errorAt(
    place,
    'UNET6005',
    fault,
    'Its size or data type is wrong, or something was appended. Convert the scan again.',
  );
}

/** Reports extra bytes: a header that specifies less than the file contains may have a wrong size or data type. */
function withExtraBytes(header: NiftiHeader, bytes: number): NiftiHeader {
  const found: HeaderWarning = {
    code: 'UNET6123',
    kind: 'extra bytes',
    fault: `contains ${bytes} bytes after the voxels that its header describes; they are ignored`,
    help: 'View the image: if it looks like noise or is cut off, its size or data type is wrong. Convert the scan again.',
  };
  return { ...header, warnings: [...header.warnings, found] };
}

/**
 * Collects the array's bytes after the header, to the end, where gzip's checksum is verified. More than `MOST_EXTRA`
 * bytes after the array are rejected immediately, so that little is decompressed of a file that expands to gigabytes.
 */
class ArrayCollector {
  private head: Buffer = Buffer.alloc(0);
  private header: NiftiHeader | undefined;
  private bytes = new Uint8Array(0);
  private position = 0;

  constructor(
    private readonly place: Place,
    private readonly available: number,
  ) {}

  push(chunk: Buffer): void {
    if (this.header === undefined) {
      this.head = Buffer.concat([this.head, chunk]);
      if (this.head.byteLength < HEADER_BYTES) return;
      this.start();
    } else {
      this.copy(chunk);
    }
  }

  finish(): { header: NiftiHeader; bytes: Uint8Array<ArrayBuffer> } {
    const header = this.header ?? this.start();
    const found = Math.max(0, this.position - header.offset);
    if (found < this.bytes.byteLength) refuseShort(this.place, header, found);
    const extra = found - this.bytes.byteLength;
    return { header: extra === 0 ? header : withExtraBytes(header, extra), bytes: this.bytes };
  }

  private start(): NiftiHeader {
    const header = parseHeader(this.head, this.place);
    const needed = arrayBytes(header);
    if (needed > this.available) refuseShort(this.place, header, Math.max(0, this.available - header.offset));
    this.header = header;
    this.bytes = new Uint8Array(needed);
    this.copy(this.head);
    return header;
  }

  private copy(chunk: Buffer): void {
    const { header } = this;
    if (header === undefined) return;
    const to = this.position - header.offset;
    const from = Math.max(0, -to);
    const room = this.bytes.byteLength - Math.max(0, to);
    if (from < chunk.byteLength && room > 0) this.bytes.set(chunk.subarray(from, from + room), Math.max(0, to));
    this.position += chunk.byteLength;
    if (to + chunk.byteLength > this.bytes.byteLength + MOST_EXTRA) refuseExtra(this.place, header);
  }
}

function swap(bytes: Uint8Array<ArrayBuffer>, element: ElementType): void {
  const buffer = Buffer.from(bytes.buffer);
  const size = ELEMENT_BYTES[element];
  if (size === 2) buffer.swap16();
  if (size === 4) buffer.swap32();
  if (size === 8) buffer.swap64();
}

function view(buffer: ArrayBuffer, element: ElementType): VoxelArray {
  switch (element) {
    case 'uint8':
      return new Uint8Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int64':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case 'uint64':
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
  }
}

function scale(data: VoxelArray, slope: number, intercept: number): VoxelArray {
  if (slope === 1 && intercept === 0) return data;
  const out = new Float64Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = (data[i] ?? 0) * slope + intercept;
  return out;
}

/**
 * Reads a complete `.nii` or `.nii.gz` file: 3-D or 4-D, integers of 8 to 64 bits (64-bit ones as doubles), float32 and
 * float64, either byte order, with `scl_slope` and `scl_inter` applied.
 * @throws UserError UNET6003 (missing), UNET6005 (truncated, or extra bytes), UNET6006 (not NIfTI), UNET6007
 * (unsupported), UNET6121 and UNET6122 (affine), UNET6126 (scaling)
 */
export async function readNifti(place: Place): Promise<NiftiImage> {
  const source = await openSource(place, CHUNK);
  const collector = new ArrayCollector(place, source.packed ? source.bytes * DEFLATE_LIMIT : source.bytes);
  try {
    for await (const chunk of source.stream) collector.push(chunk as Buffer);
    const { header, bytes } = collector.finish();
    if (!header.littleEndian) swap(bytes, header.element);
    return { header, data: scale(view(bytes.buffer, header.element), header.slope, header.intercept) };
  } catch (error) {
    throw readError(place, error);
  } finally {
    source.stream.destroy();
  }
}
