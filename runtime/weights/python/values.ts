/** What the allow list constructs from a pickle. Everything is plain data; nothing refers to code. */
import type { ElementType } from '../../files/tensor-types.js';

/** A class or function that a pickle names, as the allow list knows it. */
export class PythonGlobal {
  constructor(
    readonly name: string,
    /** Constructs its value; absent for a class that a pickle may only name. */
    readonly call?: (values: readonly PythonValue[]) => PythonValue,
  ) {}
}

/** An object that receives its state after it is constructed. */
export interface Stateful {
  setState(state: PythonValue): void;
}

/** A storage of a PyTorch file: values in a row, which tensors view. */
export class Storage {
  constructor(
    /** Name of its bytes in the file. */
    readonly key: string,
    /** Undefined for bytes whose type each tensor states. */
    readonly type: string | undefined,
    /** Number of values; bytes if there is no type. */
    readonly count: number,
    /** The first value of a view, in an older file. */
    readonly offset = 0,
  ) {}
}

/** A view of a storage; sizes and strides count values. */
export class TorchTensor {
  constructor(
    readonly storage: Storage,
    readonly type: string,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** The type of a NumPy array: an element type of ours, or undefined for another one. */
export class NumpyType implements Stateful {
  isBigEndian = false;

  constructor(readonly code: string) {}

  get element(): ElementType | undefined {
    return numpyElement(this.code);
  }

  setState(state: PythonValue): void {
    this.isBigEndian = Array.isArray(state) && state[1] === '>';
  }
}

/** NumPy's codes of kind and bytes for the types that can be read. A file may contain any text as a code. */
const numpyElements: ReadonlyMap<string, ElementType> = new Map([
  ['f8', 'F64'],
  ['f4', 'F32'],
  ['f2', 'F16'],
  ['i8', 'I64'],
  ['i4', 'I32'],
  ['i2', 'I16'],
  ['i1', 'I8'],
  ['u1', 'U8'],
  ['b1', 'BOOL'],
]);

/** The type for a code such as `f4`; undefined if it cannot be read. */
export function numpyElement(code: string): ElementType | undefined {
  return numpyElements.get(code);
}

/** A NumPy array within a pickle. */
export class NumpyArray implements Stateful {
  shape: readonly number[] = [];
  type = new NumpyType('');
  isFortranOrder = false;
  bytes: Uint8Array = new Uint8Array();

  setState(state: PythonValue): void {
    if (!Array.isArray(state)) return;
    const [, shape, type, isFortranOrder, bytes] = state;
    if (isSizes(shape)) this.shape = shape;
    if (type instanceof NumpyType) this.type = type;
    this.isFortranOrder = isFortranOrder === true;
    // The values of an array of objects are a list, which no tensor is made of.
    if (bytes instanceof Uint8Array) this.bytes = bytes;
  }
}

/** A type of PyTorch values, such as `torch.float32`. */
export class TorchType {
  constructor(readonly element: string) {}
}

/** A value of Python. Dictionaries are maps; lists and tuples are arrays; None is null. */
export type PythonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PythonValue[]
  | Map<PythonValue, PythonValue>
  | Set<PythonValue>
  | PythonGlobal
  | Storage
  | TorchTensor
  | TorchType
  | NumpyArray
  | NumpyType;

/** Whether a value lists sizes: whole numbers from 0. */
export function isSizes(value: PythonValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((size) => isCount(size));
}

/** Whether a value is a whole number from 0 that is exact. */
export function isCount(value: PythonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
