/**
 * The safetensors format: 8 bytes with the length of a JSON header, the header, the tensors' bytes, row-major and
 * little-endian (https://github.com/huggingface/safetensors#format).
 */
import { z } from 'zod';
import { UserError } from '../errors/user-error.js';
import { readReason } from './file-error.js';
import { bytesSource, openFile, type ByteSource, type OpenFile } from './byte-source.js';
import { RECOGNIZED_BYTES, recognizeFile } from './file-kind.js';
import { GENERATOR } from './marker.js';
import { schemaProblem } from './read-json.js';
import { repeatedKey } from './repeated-key.js';
import { writeFileAtomic } from './atomic-file.js';
import {
  decodeValues,
  elementBytes,
  isElementType,
  sizeOf,
  type ElementType,
  type HostTensor,
  type StoredTensor,
  type TensorValues,
} from './tensor-types.js';

export { sizeOf, type HostTensor, type TensorValues };

/** The content of a safetensors file; tensors in the order of its header. */
export interface TensorFile {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

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

/** The largest header that the reference implementation reads, in bytes. */
const headerLimit = 100_000_000;

/** A tensor as described in the header, before its bytes are read. */
interface Entry {
  readonly name: string;
  readonly dtype: ElementType;
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
  if (!isElementType(dtype)) {
    const supported = Object.keys(elementBytes).join(', ');
    throw malformed(file, `the tensor \`${name}\` has the unsupported type ${dtype} (supported: ${supported})`);
  }
  const bytes = sizeOf(shape) * elementBytes[dtype];
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

/** The header as an object, and the place of the data after it. */
function readHeader(source: ByteSource, file: string): { header: Record<string, unknown>; begin: number } {
  if (source.size < 8) throw malformed(file, 'it has no header');
  const length = source.read(0, 8).readBigUInt64LE();
  if (length > headerLimit)
    throw malformed(file, `the header length is ${length} bytes; the maximum is ${headerLimit}`);
  if (length > source.size - 8) throw malformed(file, 'the header is longer than the file (the file is truncated)');
  const bytes = source.read(8, Number(length));
  // The format does not allow spaces before the header, only after it.
  if (bytes[0] !== 0x7b) throw malformed(file, 'the header does not begin with `{`');
  return { header: parseHeader(bytes, file), begin: 8 + Number(length) };
}

/** The tensors that a file lists, with a function that reads the values of each. */
interface Listing {
  readonly entries: readonly Entry[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly valuesOf: (entry: Entry) => HostTensor;
}

function list(source: ByteSource, file: string): Listing {
  refuseOtherFormat(source.read(0, RECOGNIZED_BYTES), file);
  const { header, begin } = readHeader(source, file);
  const { __metadata__: raw, ...rest } = header;
  const metadata = metadataSchema.safeParse(raw ?? {});
  if (!metadata.success) throw malformed(file, '`__metadata__` is not an object of strings');
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value, file));
  requireWholeCover(entries, source.size - begin, file);
  const valuesOf = ({ dtype, shape, ...place }: Entry): HostTensor => ({
    shape,
    data: decodeValues(dtype, source.read(begin + place.begin, place.end - place.begin)),
  });
  return { entries, metadata: metadata.data, valuesOf };
}

/** The content of a safetensors file, whose values are read on demand. */
export interface StoredTensorFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Lists the tensors of a safetensors file. It is validated like by the reference implementation: the header's size and
 * syntax, no duplicate names, each tensor's bytes against its type and shape, and the data covered by tensors without
 * gaps or overlap. Values are read as they are; the caller must check that they are finite.
 * @param file named in messages
 * @throws UserError UNET6051 that names the file and the tensor, UNET6161 if the file has another format
 */
export function listSafetensors(source: ByteSource, file: string): StoredTensorFile {
  const { entries, metadata, valuesOf } = list(source, file);
  const tensors = entries.map((entry): [string, StoredTensor] => [
    entry.name,
    { shape: entry.shape, type: entry.dtype, read: () => Promise.resolve(valuesOf(entry)) },
  ]);
  return { tensors: new Map(tensors), metadata };
}

function readAll(source: ByteSource, file: string): TensorFile {
  const { entries, metadata, valuesOf } = list(source, file);
  return { tensors: new Map(entries.map((entry) => [entry.name, valuesOf(entry)])), metadata };
}

/** `listSafetensors` of bytes in memory, with the values of all tensors. */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  return readAll(bytesSource(bytes), file);
}

function refuseOtherFormat(head: Uint8Array, file: string): void {
  const kind = recognizeFile(head);
  if (kind === undefined || kind.what === 'a safetensors file') return;
  throw new UserError(
    'UNET6161',
    `\`${file}\` is ${kind.what}; expected a safetensors file.`,
    kind.help.replaceAll('FILE', file),
  );
}

/**
 * Reads a safetensors file with all its tensors.
 * @throws UserError as `listSafetensors`, and UNET6051 if it cannot be read
 */
export async function readSafetensors(file: string): Promise<TensorFile> {
  // Asynchronous by contract, so that callers need not care how the file is read.
  await Promise.resolve();
  const source = openReadable(file);
  try {
    return readAll(source, file);
  } finally {
    source.close();
  }
}

function openReadable(file: string): OpenFile {
  try {
    return openFile(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError('UNET6051', `\`${file}\` cannot be read: ${readReason(error)}.`, 'Use a safetensors file.');
  }
}

function dtypeOf(data: TensorValues): ElementType {
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
