/**
 * PyTorch's files: the ZIP archive that `torch.save` writes since version 1.6, and the pickles in a row before it. Both
 * contain a pickle in which tensors are views of storages, and the bytes of the storages.
 */
import { bytesSource, type OpenFile } from '../files/byte-source.js';
import { elementBytes, isElementType } from '../files/tensor-types.js';
import { readPickle, unreadable, type ReadStorage } from './pickled-values.js';
import { PickleBytes } from './python/pickle-bytes.js';
import type { PythonValue } from './python/values.js';
import { openZip, type ZipArchive } from './zip-archive.js';

/** What a file of PyTorch contains: the saved value, and the bytes of its storages. */
export interface TorchFile {
  readonly value: PythonValue;
  readonly readStorage: ReadStorage;
}

/** Bytes of the largest pickle in an archive, which contains no values of tensors. */
const largestPickle = 256 * 2 ** 20;

/**
 * How much larger than the file a storage in it may be. PyTorch does not pack archives, and packing weights saves little;
 * more is an archive that is made to fill the memory.
 */
const largestGrowth = 8;

const bigEndian = 'it was saved on a big-endian machine';
const saveAgain = 'Load it in Python and save it again on a little-endian machine, such as any PC.';

/** Keeps the storage that was read last: tensors that share one usually follow one another. */
function rememberLast(read: ReadStorage): ReadStorage {
  let last: { readonly key: string; readonly bytes: Promise<Uint8Array> } | undefined;
  return (storage) => {
    if (last?.key !== storage.key) last = { key: storage.key, bytes: read(storage) };
    return last.bytes;
  };
}

/**
 * Reads the archive that `torch.save` writes.
 * @throws UserError UNET6170 for a damaged or big-endian one, UNET6171 for a pickle that asks for more than weights
 */
export async function readTorchArchive(source: OpenFile, file: string): Promise<TorchFile> {
  const archive = await openZip(source, file);
  const pickle = archive.names.find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickle === undefined) throw unreadable(file, 'it does not contain `data.pkl`');
  const root = pickle.slice(0, -'data.pkl'.length);
  await refuseBigEndian(archive, root, file);
  const bytes = new PickleBytes(bytesSource(await archive.read(pickle, largestPickle)), 0);
  const value = readPickle(bytes, file);
  const readStorage = rememberLast((storage) =>
    archive.read(`${root}data/${storage.key}`, largestGrowth * source.size),
  );
  return { value, readStorage };
}

async function refuseBigEndian(archive: ZipArchive, root: string, file: string): Promise<void> {
  const name = `${root}byteorder`;
  if (archive.sizeOf(name) === undefined) return;
  const order = (await archive.read(name, 16)).toString('latin1').trim();
  if (order !== 'little') throw unreadable(file, bigEndian, saveAgain);
}

/** The first pickle of a file of PyTorch before version 1.6. */
const magic = 0x1950a86a20f9469cfc6cn;

/**
 * Reads a file of PyTorch before version 1.6: the pickles of a magic number, a version, the machine, the saved value and
 * the keys of the storages; then each storage with the number of its values.
 * @throws UserError as `readTorchArchive`
 */
export function readLegacyTorch(source: OpenFile, file: string): TorchFile {
  const bytes = new PickleBytes(source, 0);
  const storages = new Map<string, string | undefined>();
  const next = (): PythonValue => readPickle(bytes, file, (storage) => storages.set(storage.key, storage.type));
  if (next() !== magic) throw unreadable(file, 'it is a pickle, but not one that `torch.save` wrote');
  const version = next();
  if (version !== 1001) throw unreadable(file, 'it has an unknown version of the format of `torch.save`');
  const machine = next();
  if (machine instanceof Map && machine.get('little_endian') === false) throw unreadable(file, bigEndian, saveAgain);
  const value = next();
  const keys = next();
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    throw unreadable(file, 'it does not list its storages');
  }
  const places = placesOf(keys, { source, file, start: bytes.place, types: storages });
  const readStorage = rememberLast((storage) => {
    const place = places.get(storage.key);
    if (place === undefined) throw unreadable(file, `the storage \`${storage.key}\` is missing in it`);
    return Promise.resolve(source.read(place.begin, place.length));
  });
  return { value, readStorage };
}

interface Place {
  readonly begin: number;
  readonly length: number;
}

interface Tail {
  readonly source: OpenFile;
  readonly file: string;
  readonly start: number;
  /** Of the values of each storage, as the saved value states them. */
  readonly types: ReadonlyMap<string, string | undefined>;
}

/** Where the bytes of each storage lie. */
function placesOf(keys: readonly string[], { source, file, start, types }: Tail): Map<string, Place> {
  const places = new Map<string, Place>();
  let at = start;
  for (const key of keys) {
    const head = source.read(at, 8);
    const count = head.length === 8 ? Number(head.readBigInt64LE()) : NaN;
    const type = types.get(key) ?? '';
    const width = isElementType(type) ? elementBytes[type] : otherBytes[type];
    if (width === undefined) throw unreadable(file, `its storage \`${key}\` has an unknown type`);
    const length = count * width;
    if (!(count >= 0) || at + 8 + length > source.size) {
      throw unreadable(file, `its storage \`${key}\` ends beyond the end of the file (the file is truncated)`);
    }
    places.set(key, { begin: at + 8, length });
    at += 8 + length;
  }
  return places;
}

/** Bytes of a value of types that are skipped. */
const otherBytes: Readonly<Record<string, number | undefined>> = {
  complex64: 8,
  complex128: 16,
  qint8: 1,
  quint8: 1,
  qint32: 4,
};
