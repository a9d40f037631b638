/**
 * The classes and functions that a pickle may name, and what they construct. Everything else is refused: a pickle could
 * otherwise call any function of Python, such as `os.system`.
 */
import { PickleError } from './pickle-error.js';
import {
  isCount,
  isSizes,
  NumpyArray,
  NumpyType,
  PythonGlobal,
  Storage,
  TorchTensor,
  TorchType,
  type PythonValue,
} from './values.js';

type Call = (values: readonly PythonValue[]) => PythonValue;

/** Types of PyTorch under the names that safetensors gives them; others keep their name and cannot be read. */
const torchElements: Readonly<Record<string, string>> = {
  float64: 'F64',
  double: 'F64',
  float32: 'F32',
  float: 'F32',
  float16: 'F16',
  half: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  long: 'I64',
  int32: 'I32',
  int: 'I32',
  int16: 'I16',
  short: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
};

/** The classes of storages, by the type of their values. */
const storageTypes: Readonly<Record<string, string>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  QInt8Storage: 'qint8',
  QUInt8Storage: 'quint8',
  QInt32Storage: 'qint32',
};

function malformed(what: string): PickleError {
  return new PickleError(`${what} in it has invalid arguments`);
}

/** `torch._utils._rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)`. */
function tensor([storage, offset, shape, strides]: readonly PythonValue[], type?: string): TorchTensor {
  if (!(storage instanceof Storage) || !isCount(offset) || !isSizes(shape) || !isSizes(strides)) {
    throw malformed('a tensor');
  }
  const own = type ?? storage.type;
  if (own === undefined || strides.length !== shape.length || shape.length > 64) throw malformed('a tensor');
  const last = shape.reduce((sum, size, axis) => sum + Math.max(0, size - 1) * strides[axis]!, offset);
  const isEmpty = shape.includes(0);
  // A storage without a type counts bytes, whose number the reader of the tensor checks.
  if (!isEmpty && !(last < storage.count) && storage.type !== undefined) {
    throw new PickleError(`a tensor [${shape.join(', ')}] in it reaches beyond its storage of ${storage.count} values`);
  }
  return new TorchTensor(storage, own, storage.offset + offset, shape, strides);
}

function typedTensor(values: readonly PythonValue[]): TorchTensor {
  const type = values[6];
  if (!(type instanceof TorchType)) throw malformed('a tensor');
  return tensor(values, type.element);
}

function first(values: readonly PythonValue[]): PythonValue {
  return values[0] ?? null;
}

/** `torch._tensor._rebuild_from_type_v2(function, class, arguments, state)`: a tensor with attributes, which are dropped. */
function fromType([rebuild, , values]: readonly PythonValue[]): PythonValue {
  if (!(rebuild instanceof PythonGlobal) || rebuild.call === undefined || !Array.isArray(values)) {
    throw malformed('a tensor');
  }
  return rebuild.call(values);
}

/** A dictionary from nothing, another one, or pairs. */
function dictionary([content]: readonly PythonValue[]): PythonValue {
  if (content === undefined) return new Map();
  if (content instanceof Map) return new Map(content);
  if (!Array.isArray(content)) throw malformed('a dictionary');
  return new Map(
    content.map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw malformed('a dictionary');
      return [pair[0]!, pair[1]!];
    }),
  );
}

function listOf([content]: readonly PythonValue[]): PythonValue[] {
  if (content === undefined) return [];
  if (Array.isArray(content) || content instanceof Set) return [...content];
  throw malformed('a list');
}

/** `numpy.dtype(code, align, copy)`: kind and bytes, such as `f4`. */
function numpyType([code]: readonly PythonValue[]): PythonValue {
  if (typeof code !== 'string') throw malformed('a type of NumPy');
  const type = new NumpyType(code.replace(/^[<>=|]/, ''));
  type.isBigEndian = code.startsWith('>');
  return type;
}

/** `numpy.core.numeric._frombuffer(bytes, dtype, shape, order)`. */
function fromBuffer([bytes = null, type = null, shape = null, order]: readonly PythonValue[]): NumpyArray {
  const array = new NumpyArray();
  array.setState([1, shape, type, order === 'F', bytes]);
  return array;
}

/** `numpy.core.multiarray.scalar(dtype, bytes)`: an array without axes; its number is not used. */
function scalar([type = null, bytes = null]: readonly PythonValue[]): NumpyArray {
  return fromBuffer([bytes, type, [], 'C']);
}

/** How Python 3 writes bytes in protocol 2. */
function encode([text, encoding]: readonly PythonValue[]): Uint8Array {
  if (typeof text !== 'string' || encoding !== 'latin1') throw malformed('a string');
  return Buffer.from(text, 'latin1');
}

function bytesOf([content]: readonly PythonValue[]): Uint8Array {
  if (content === undefined) return new Uint8Array();
  if (!(content instanceof Uint8Array)) throw malformed('a string');
  return content;
}

function setOf(values: readonly PythonValue[]): PythonValue {
  return new Set(listOf(values));
}

/** A type that a pickle may name, for example as the default of a `defaultdict`, and not call. */
const named = undefined;

const allowed = new Map<string, Call | undefined>([
  ['collections.OrderedDict', dictionary],
  ['collections.defaultdict', ([, ...content]) => dictionary(content)],
  ['collections.Counter', dictionary],
  ['builtins.dict', dictionary],
  ['builtins.list', listOf],
  ['builtins.tuple', listOf],
  ['builtins.set', setOf],
  ['builtins.frozenset', setOf],
  ['builtins.bytearray', bytesOf],
  ['builtins.bytes', bytesOf],
  ['builtins.complex', (values) => [...values]],
  ['builtins.int', named],
  ['builtins.float', named],
  ['builtins.bool', named],
  ['builtins.str', named],
  ['_codecs.encode', encode],
  ['torch._utils._rebuild_tensor', (values) => tensor(values)],
  ['torch._utils._rebuild_tensor_v2', (values) => tensor(values)],
  ['torch._utils._rebuild_tensor_v3', typedTensor],
  ['torch._utils._rebuild_parameter', first],
  ['torch._utils._rebuild_parameter_with_state', first],
  ['torch._tensor._rebuild_from_type_v2', fromType],
  ['torch.Tensor', named],
  ['torch.nn.parameter.Parameter', named],
  ['torch.Size', listOf],
  ['torch.device', ([kind = '']) => kind],
  ['numpy.ndarray', named],
  ['numpy.dtype', numpyType],
  // Both names of NumPy's private modules: before version 2 and since.
  ...['numpy.core', 'numpy._core'].flatMap((core): [string, Call][] => [
    [`${core}.multiarray._reconstruct`, () => new NumpyArray()],
    [`${core}.multiarray.scalar`, scalar],
    [`${core}.numeric._frombuffer`, fromBuffer],
  ]),
]);

/** The value that a name of a pickle stands for; undefined if it is not allowed. */
export function findAllowed(module: string, name: string): PythonValue | undefined {
  // Python 2's name of the module.
  const home = module === '__builtin__' ? 'builtins' : module;
  const full = `${home}.${name}`;
  if (allowed.has(full)) return new PythonGlobal(full, allowed.get(full));
  if (home === 'torch' && Object.hasOwn(torchTypes, name)) return torchTypes[name];
  if (isStorageName(home, name)) return new PythonGlobal(full);
  return undefined;
}

const torchTypes: Readonly<Record<string, TorchType>> = Object.fromEntries(
  [
    ...Object.keys(torchElements),
    ...['complex64', 'complex128', 'float8_e4m3fn', 'float8_e5m2', 'uint16', 'uint32', 'uint64', 'qint8', 'quint8'],
  ].map((name) => [name, new TorchType(torchElements[name] ?? name)]),
);

function isStorageName(module: string, name: string): boolean {
  const isUntyped = ['UntypedStorage', '_UntypedStorage'].includes(name);
  return (
    (['torch', 'torch.cuda'].includes(module) && Object.hasOwn(storageTypes, name)) ||
    (['torch', 'torch.storage'].includes(module) && isUntyped)
  );
}

/** `('storage', class, key, location, count)`, in older files with `(view, offset, count)` at the end. */
export function storageOf(id: PythonValue): Storage {
  if (!Array.isArray(id)) throw malformed('a storage');
  const [kind, type, key, , count, view] = id;
  if (kind !== 'storage' || !(type instanceof PythonGlobal) || !isCount(count)) throw malformed('a storage');
  const name = type.name.slice(type.name.lastIndexOf('.') + 1);
  const element = storageTypes[name];
  if (typeof key !== 'string' || !isStorageName(type.name.slice(0, -name.length - 1), name)) {
    throw malformed('a storage');
  }
  if (!Array.isArray(view)) return new Storage(key, element, count);
  const [, offset, length] = view;
  if (!isCount(offset) || !isCount(length)) throw malformed('a storage');
  return new Storage(key, element, length, offset);
}
