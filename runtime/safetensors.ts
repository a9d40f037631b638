/**
 * The safetensors format: 8 bytes with the length of a JSON header, the header, the tensors' bytes, row-major and
 * little-endian (https://github.com/huggingface/safetensors#format).
 */
import { z } from 'zod';
import { systemCode } from './data/place.js';
import { UserError } from './errors.js';
import { readRegularFile } from './files/read-file.js';
import { GENERATOR } from './files/marker.js';
import { writeFileAtomic } from './run/atomic-file.js';

/** The values of a tensor; halves (`F16`, `BF16`) are widened to float32 when read. */
export type TensorValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor outside of tfjs: its values row-major, `shape` `[]` for a scalar. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: TensorValues;
}

/** What a safetensors file holds; tensors in the order of its header. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const widths = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const;
type DType = keyof typeof widths;

const whole = z.int().nonnegative();
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(whole),
  data_offsets: z.tuple([whole, whole]),
});
const metadataSchema = z.record(z.string(), z.string());

function malformed(file: string, fault: string): UserError {
  return new UserError(
    'UNET6051',
    `\`${file}\` is not a whole safetensors file: ${fault}.`,
    'Copy or write the file again; it may be cut short or of another format.',
  );
}

const unreadableReasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read',
};

function unreadable(file: string, code = 'unknown'): UserError {
  const reason = unreadableReasons[code] ?? `the system refuses (${code})`;
  return new UserError('UNET6051', `\`${file}\` cannot be read: ${reason}.`, 'Give a safetensors file.');
}

/** Number of values of a shape; 1 for `[]`. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** `bytes` is a copy of its own, so that every typed array on it is aligned. */
function decode(dtype: DType, bytes: ArrayBuffer): TensorValues {
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes);
    case 'F64':
      return new Float64Array(bytes);
    case 'I32':
      return new Int32Array(bytes);
    case 'I64':
      return new BigInt64Array(bytes);
    case 'U8':
    case 'BOOL':
      return new Uint8Array(bytes);
    case 'F16':
      return Float32Array.from(new Uint16Array(bytes), halfToFloat);
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (bits) => bits << 16).buffer);
  }
}

function isDType(text: string): text is DType {
  return Object.hasOwn(widths, text);
}

function readTensor(name: string, entry: unknown, data: Uint8Array, file: string): HostTensor {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) throw malformed(file, `the header's entry of tensor \`${name}\` is malformed`);
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  if (!isDType(dtype)) throw malformed(file, `tensor \`${name}\` is of the unsupported type ${dtype}`);
  if (end - begin !== sizeOf(shape) * widths[dtype]) {
    throw malformed(file, `tensor \`${name}\` has ${end - begin} bytes for ${dtype} [${shape.join(', ')}]`);
  }
  if (end > data.length) {
    throw malformed(file, `tensor \`${name}\` ends at byte ${end} of ${data.length} present (the file is cut short)`);
  }
  return { shape, data: decode(dtype, new Uint8Array(data.subarray(begin, end)).buffer) };
}

function readHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw malformed(file, 'it has no header');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) throw malformed(file, 'its header is longer than the file');
  const end = 8 + Number(length);
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, end)));
    if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Error('no object');
    return { header: header as Record<string, unknown>, data: bytes.subarray(end) };
  } catch {
    throw malformed(file, 'its header is not a JSON object');
  }
}

/**
 * The content of a safetensors file.
 * @param file named in messages
 * @throws UserError UNET6051 that names the file and, where it is one tensor's fault, the tensor
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const { header, data } = readHeader(bytes, file);
  const { __metadata__: raw, ...entries } = header;
  const metadata = metadataSchema.safeParse(raw ?? {});
  if (!metadata.success) throw malformed(file, 'its `__metadata__` is not a table of texts');
  const tensors = new Map<string, HostTensor>();
  for (const [name, entry] of Object.entries(entries)) tensors.set(name, readTensor(name, entry, data, file));
  return { tensors, metadata: metadata.data };
}

/**
 * Reads a safetensors file.
 * @throws UserError UNET6051 where it is missing, a folder, cut short or malformed
 */
export async function readSafetensors(file: string): Promise<TensorFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unreadable(file, systemCode(error));
  }
  return decodeSafetensors(bytes, file);
}

function dtypeOf(data: TensorValues): DType {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int32Array) return 'I32';
  return data instanceof BigInt64Array ? 'I64' : 'U8';
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function encodeHeader(header: Record<string, unknown>): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of 8, so that readers can map the data in place.
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  return padded;
}

/**
 * The bytes of a safetensors file, the same for the same content: tensors by falling width of their type (which keeps
 * all of them aligned), then in the order given; metadata sorted by key.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sorted = [...tensors].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const header: Record<string, unknown> = {};
  const keys = Object.keys(metadata).sort(byText);
  if (keys.length > 0) header['__metadata__'] = Object.fromEntries(keys.map((key) => [key, metadata[key]]));
  let offset = 0;
  for (const [name, { shape, data }] of sorted) {
    if (sizeOf(shape) !== data.length)
      throw new Error(`tensor ${name}: ${data.length} values for [${shape.join(', ')}]`);
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const head = encodeHeader(header);
  const bytes = new Uint8Array(8 + head.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const [, { data }] of sorted) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Writes a safetensors file as a whole or not at all. Its metadata names unet as `generator`.
 * @throws UserError UNET6058 for want of space or permission
 */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(file, encodeSafetensors(tensors, { ...metadata, generator: GENERATOR }));
}

/** A tensor's values as float32; 64-bit integers beyond 2^24 lose digits. */
export function asFloat32(tensor: HostTensor): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  return data instanceof BigInt64Array ? Float32Array.from(data, Number) : Float32Array.from(data);
}

/** A tensor's values as 32-bit integers, fractions cut. */
export function asInt32(tensor: HostTensor): Int32Array {
  const { data } = tensor;
  if (data instanceof Int32Array) return data;
  return data instanceof BigInt64Array ? Int32Array.from(data, Number) : Int32Array.from(data);
}
