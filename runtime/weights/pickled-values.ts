/** Refusals and readers that PyTorch's two formats share. */
import { UserError } from '../errors/user-error.js';
import {
  decodeValues,
  elementBytes,
  isElementType,
  sizeOf,
  type HostTensor,
  type StoredTensor,
  type TensorValues,
} from '../files/tensor-types.js';
import { columnMajorStrides, gather } from './strided.js';
import { findAllowed, storageOf } from './python/allowed.js';
import { PickleError } from './python/pickle-error.js';
import { unpickle, type PickleHost } from './python/pickle.js';
import type { PickleBytes } from './python/pickle-bytes.js';
import type { TorchTensor } from './python/values.js';
import { NumpyArray, type PythonValue, type Storage } from './python/values.js';

/** The error for a file of PyTorch or NumPy that cannot be read. */
export function unreadable(file: string, fault: string, help = 'Copy, download or save the file again.'): UserError {
  return new UserError('UNET6170', `\`${file}\` cannot be read: ${fault}.`, help);
}

/** The error for values of a type that no weight of ours has. */
export function unsupportedType(file: string, type: string): UserError {
  return new UserError(
    'UNET6068',
    `A tensor in \`${file}\` has the type ${type}, which cannot be read (supported: ${Object.keys(elementBytes).join(', ')}).`,
    'Convert it in Python, for example with `tensor.float()`, and save the file again.',
  );
}

const convert =
  'Load the file in Python, where you trust it, and save only the weights: `torch.save(model.state_dict(), "weights.pt")`.';

/** What a pickle of a PyTorch file may name: the allow list, and storages of the file, which are passed to `onStorage`. */
function hostOf(file: string, onStorage: (storage: Storage) => void): PickleHost {
  return {
    find(module, name) {
      const found = findAllowed(module, name);
      if (found !== undefined) return found;
      throw new UserError(
        'UNET6171',
        `\`${file}\` asks for \`${module}.${name}\`, which is not needed for weights. Nothing was run.`,
        convert,
      );
    },
    load(id) {
      const storage = storageOf(id);
      onStorage(storage);
      return storage;
    },
  };
}

/**
 * Reads the next pickle of a file.
 * @param onStorage called with each storage that it names
 * @throws UserError UNET6170 if it is invalid, UNET6171 if it names something that is not allowed
 */
export function readPickle(
  bytes: PickleBytes,
  file: string,
  onStorage: (storage: Storage) => void = () => undefined,
): PythonValue {
  try {
    return unpickle(bytes, hostOf(file, onStorage));
  } catch (error) {
    if (error instanceof PickleError) throw unreadable(file, error.message);
    throw error;
  }
}

/** Reads the bytes of a storage from `offset` on. */
export type ReadStorage = (storage: Storage) => Promise<Uint8Array>;

/** A tensor of a pickle as one of a file. */
export function storedTensor(value: TorchTensor | NumpyArray, readStorage: ReadStorage, file: string): StoredTensor {
  if (value instanceof NumpyArray) return storedArray(value, file);
  const { shape, type } = value;
  return { shape, type, read: async () => readView(value, readStorage, file) };
}

async function readView(view: TorchTensor, readStorage: ReadStorage, file: string): Promise<HostTensor> {
  const { storage, type, shape, strides, offset } = view;
  if (!isElementType(type)) throw unsupportedType(file, type);
  if (shape.includes(0)) return { shape, data: new Float32Array(0) };
  const width = elementBytes[type];
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, offset);
  const bytes = await readStorage(storage);
  if ((last + 1) * width > bytes.length) {
    throw unreadable(file, `a tensor [${shape.join(', ')}] reaches beyond its storage of ${bytes.length} bytes`);
  }
  const values = decodeValues(type, bytes.subarray(offset * width, (last + 1) * width));
  return { shape, data: gather(values, shape, strides) };
}

/** The values of a NumPy array whose bytes are at hand, or are read on demand. */
function storedArray({ type, shape, isFortranOrder, bytes }: NumpyArray, file: string): StoredTensor {
  const element = type.isBigEndian ? undefined : type.element;
  const read = (): Promise<HostTensor> => {
    if (element === undefined) throw unsupportedType(file, `${type.isBigEndian ? 'big-endian ' : ''}${type.code}`);
    if (bytes.length !== sizeOf(shape) * elementBytes[element]) {
      throw unreadable(file, `an array [${shape.join(', ')}] of ${element} has ${bytes.length} bytes`);
    }
    return Promise.resolve({ shape, data: arrayValues(decodeValues(element, bytes), shape, isFortranOrder) });
  };
  return { shape, type: element ?? type.code, read };
}

/** Values of an array in row-major order. */
export function arrayValues(values: TensorValues, shape: readonly number[], isFortranOrder: boolean): TensorValues {
  return isFortranOrder ? gather(values, shape, columnMajorStrides(shape)) : values;
}
