/**
 * The safetensors format: 8 bytes with the length of a JSON header, the header, the tensors' bytes, row-major and
 * little-endian (https://github.com/huggingface/safetensors#format).
 */
import { z } from 'zod';
import { UserError } from '../errors/user-error.js';
import { readReason } from './file-error.js';
import { recognizeFile } from './file-kind.js';
import { GENERATOR } from './marker.js';
import { readRegularFile } from './read-file.js';
import { schemaProblem } from './read-json.js';
import { repeatedKey } from './repeated-key.js';
import { writeFileAtomic } from './atomic-file.js';

/**
 * The values of a tensor. The types F64, F32, I64, I32, U8 and BOOL are read as they are; F16 and BF16 are widened to
 * float32, which is exact. Other types are rejected.
 */
export type TensorValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor as plain data: its values row-major, `shape` `[]` for a scalar. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: TensorValues;
}

/** The content of a safetensors file; tensors in the order of its header. */
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
    `\`${file}\` is not a valid safetensors file: ${fault}.`,
    'Copy, download or write the file again.',
  );
}

/** The number of values of a shape; 1 for `[]`. */
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

/** The largest header that the reference implementation reads, in bytes. */
const headerLimit = 100_000_000;

/** A tensor as described in the header, before its bytes are read. */
interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readEntry(name: string, value: unknown, file: string): Entry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success)
    throw malformed(file, `the header entry of the tensor \`${name}\` ${schemaProblem(parsed.error, value)}`);
  const { dtype, shape, data_offsets } = parsed.data;
  const [begin, end] = data_offsets;
  if (!isDType(dtype)) {
    const supported = Object.keys(widths).join(', ');
    throw malformed(file, `the tensor \`${name}\` has the unsupported type ${dtype} (supported: ${supported})`);
  }
  const bytes = sizeOf(shape) * widths[dtype];
  if (!Number.isSafeInteger(bytes)) throw malformed(file, `the tensor \`${name}\` is too large: [${shape.join(', ')}]`);
  if (end - begin !== bytes) {
    throw malformed(file, `the tensor \`${name}\` has ${end - begin} bytes for ${dtype} [${shape.join(', ')}]`);
  }
  return { name, dtype, shape, begin, end };
}

/**
 * Like the reference implementation, requires tensors to follow one another from the first to the last byte of the
 * data.
 */
function requireWholeCover(entries: readonly Entry[], size: number, file: string): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (end > size) {
      throw malformed(
        file,
        `the tensor \`${name}\` ends at byte ${end}, but there are only ${size} bytes (the file is truncated)`,
      );
    }
    if (begin < covered) throw malformed(file, `the tensor \`${name}\` overlaps another one`);
    if (begin > covered)
      throw malformed(file, `${begin - covered} bytes before the tensor \`${name}\` do not belong to any tensor`);
    covered = end;
  }
  if (covered < size) throw malformed(file, `the last ${size - covered} bytes do not belong to any tensor`);
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const header: unknown = JSON.parse(text);
    if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Error('no object');
    const repeated = repeatedKey(text);
    if (repeated !== undefined) throw malformed(file, `the header contains \`${repeated.key}\` twice`);
    return header as Record<string, unknown>;
  } catch (error) {
    throw error instanceof UserError ? error : malformed(file, 'the header is not a JSON object');
  }
}

function readHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; data: Uint8Array } {
  if (bytes.length < 8) throw malformed(file, 'it has no header');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > headerLimit)
    throw malformed(file, `the header length is ${length} bytes; the maximum is ${headerLimit}`);
  if (length > bytes.length - 8) throw malformed(file, 'the header is longer than the file (the file is truncated)');
  const end = 8 + Number(length);
  // The format does not allow spaces before the header, only after it.
  if (bytes[8] !== 0x7b) throw malformed(file, 'the header does not begin with `{`');
  return { header: parseHeader(bytes.subarray(8, end), file), data: bytes.subarray(end) };
}

/**
 * Decodes a safetensors file. It is validated like by the reference implementation: the header's size and syntax, no
 * duplicate names, each tensor's bytes against its type and shape, and the data covered by tensors without gaps or
 * overlap. Values are read as they are; the caller must check that they are finite.
 * @param file named in messages
 * @throws UserError UNET6051 that names the file and the tensor, UNET6161 if the file has another format
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  refuseOtherFormat(bytes, file);
  const { header, data } = readHeader(bytes, file);
  const { __metadata__: raw, ...rest } = header;
  const metadata = metadataSchema.safeParse(raw ?? {});
  if (!metadata.success) throw malformed(file, '`__metadata__` is not an object of strings');
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value, file));
  requireWholeCover(entries, data.length, file);
  const tensors = entries.map(({ name, dtype, shape, begin, end }): [string, HostTensor] => [
    name,
    { shape, data: decode(dtype, new Uint8Array(data.subarray(begin, end)).buffer) },
  ]);
  return { tensors: new Map(tensors), metadata: metadata.data };
}

function refuseOtherFormat(bytes: Uint8Array, file: string): void {
  const kind = recognizeFile(bytes);
  if (kind === undefined || kind.what === 'a safetensors file') return;
  throw new UserError(
    'UNET6161',
    `\`${file}\` is ${kind.what}; expected a safetensors file.`,
    kind.help.replaceAll('FILE', file),
  );
}

/**
 * Reads a safetensors file.
 * @throws UserError as `decodeSafetensors`, and UNET6051 if it cannot be read
 */
export async function readSafetensors(file: string): Promise<TensorFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('UNET6051', `\`${file}\` cannot be read: ${readReason(error)}.`, 'Use a safetensors file.');
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
  // Padded with spaces to a multiple of 8, so that readers can map the data in place.
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  return padded;
}

/**
 * Encodes a safetensors file; the same content always gives the same bytes: tensors in decreasing width of their type
 * (which keeps all of them aligned), then in the given order; metadata sorted by key.
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
 * Writes a safetensors file atomically. Its metadata name unet as `generator`.
 * @throws UserError UNET6058 for lack of space or permission
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

/** A tensor's values as 32-bit integers, with fractions truncated. */
export function asInt32(tensor: HostTensor): Int32Array {
  const { data } = tensor;
  if (data instanceof Int32Array) return data;
  return data instanceof BigInt64Array ? Int32Array.from(data, Number) : Int32Array.from(data);
}
