/**
 * The values of a tensor. Floating-point types below 32 bits are widened to float32 and whole numbers below 32 bits to
 * int32, both of which are exact.
 */
export type TensorValues = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor as plain data: its values row-major, `shape` `[]` for a scalar. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: TensorValues;
}

/** A tensor in a file, whose values are read on demand. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** The type of its values, such as F32; one that is not an `ElementType` cannot be read. */
  readonly type: string;
  /** @throws UserError for values that cannot be read */
  read(): Promise<HostTensor>;
}

/** Bytes of a value of each type, under the names that safetensors gives them. */
export const elementBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

/** A type of values that can be read. */
export type ElementType = keyof typeof elementBytes;

/** Whether values of this type can be read. */
export function isElementType(text: string): text is ElementType {
  return Object.hasOwn(elementBytes, text);
}

/** Whether values of this type are floating-point numbers. */
export function isFloating(type: string): boolean {
  return ['F64', 'F32', 'F16', 'BF16'].includes(type);
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

/** Little-endian bytes as values. The bytes are copied, because a typed array requires aligned ones. */
export function decodeValues(type: ElementType, source: Uint8Array): TensorValues {
  const bytes = new Uint8Array(source).buffer;
  switch (type) {
    case 'F32':
      return new Float32Array(bytes);
    case 'F64':
      return new Float64Array(bytes);
    case 'I32':
      return new Int32Array(bytes);
    case 'I64':
      return new BigInt64Array(bytes);
    case 'I16':
      return Int32Array.from(new Int16Array(bytes));
    case 'I8':
      return Int32Array.from(new Int8Array(bytes));
    case 'U8':
    case 'BOOL':
      return new Uint8Array(bytes);
    case 'F16':
      return Float32Array.from(new Uint16Array(bytes), halfToFloat);
    case 'BF16':
      return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (bits) => bits << 16).buffer);
  }
}
