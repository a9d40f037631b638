/** NumPy's archives of arrays (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
import type { OpenFile } from '../files/byte-source.js';
import { decodeValues, elementBytes, sizeOf, type ElementType, type StoredTensor } from '../files/tensor-types.js';
import { arrayValues, unreadable, unsupportedType } from './pickled-values.js';
import { numpyElement } from './python/values.js';
import { openZip } from './zip-archive.js';

/** The header of an array. */
interface ArrayHeader {
  readonly code: string;
  readonly element: ElementType | undefined;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where its values begin. */
  readonly begin: number;
}

function readHeader(bytes: Buffer, name: string, file: string): ArrayHeader {
  const isWide = (bytes[6] ?? 0) >= 2;
  const start = isWide ? 12 : 10;
  if (bytes.length < start || bytes.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw unreadable(file, `\`${name}\` in it is not a NumPy array`);
  }
  const begin = start + (isWide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const text = bytes.toString('latin1', start, Math.min(begin, start + 2 ** 16));
  const [, code] = /'descr': *'([^']{1,99})'/.exec(text) ?? [];
  const [, order] = /'fortran_order': *(True|False)/.exec(text) ?? [];
  const [, sizes] = /'shape': *\(([\d, ]{0,999})\)/.exec(text) ?? [];
  if (code === undefined || order === undefined || sizes === undefined) {
    throw unreadable(file, `the array \`${name}\` in it has an unsupported header`);
  }
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const element = code.startsWith('>') ? undefined : numpyElement(code.replace(/^[<=|]/, ''));
  return { code, element, isFortranOrder: order === 'True', shape, begin };
}

/** Bytes that contain the header of an array, unless it has an unusually long one. */
const headerBytes = 2 ** 16;

/**
 * Lists the arrays of an `.npz` archive under their names. A packed array is unpacked to read its header, and again for
 * its values.
 * @throws UserError UNET6170 for a damaged archive or an array of Python objects
 */
export async function listNumpy(source: OpenFile, file: string): Promise<Map<string, StoredTensor>> {
  const archive = await openZip(source, file);
  const arrays = new Map<string, StoredTensor>();
  for (const name of archive.names.filter((each) => each.endsWith('.npy'))) {
    const header = readHeader(await archive.readStart(name, headerBytes), name, file);
    const { code, element, shape, isFortranOrder, begin } = header;
    const read = async () => {
      if (element === undefined) throw unsupportedType(file, code);
      const expected = sizeOf(shape) * elementBytes[element];
      const bytes = (await archive.read(name, begin + expected)).subarray(begin);
      if (bytes.length !== expected) {
        throw unreadable(file, `the array \`${name}\` in it has ${bytes.length} bytes of values; expected ${expected}`);
      }
      return { shape, data: arrayValues(decodeValues(element, bytes), shape, isFortranOrder) };
    };
    arrays.set(name.slice(0, -'.npy'.length), { shape, type: element ?? code, read });
  }
  return arrays;
}
