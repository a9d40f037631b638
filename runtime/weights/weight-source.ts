import { asFloat32 } from '../files/safetensors.js';
import { sizeOf, type HostTensor, type StoredTensor } from '../files/tensor-types.js';
import { gather, rowMajorStrides } from './strided.js';

/**
 * Where a weight comes from: one tensor of a file, or several joined; then reshaped, transposed and cut, in this order,
 * as far as these are given.
 */
export interface WeightSource {
  /** Names in the file. Several are joined along `axis`. */
  readonly names: readonly string[];
  /** The axis along which tensors are joined or cut. */
  readonly axis: number;
  readonly reshape?: readonly number[];
  /** The axis of the tensor that each axis of the weight is. */
  readonly transpose?: readonly number[];
  /** One of `of` equal parts along `axis`, counted from 1. */
  readonly part?: { readonly number: number; readonly of: number };
}

/** A weight that is a tensor of the file as it is. */
export function plainSource(name: string): WeightSource {
  return { names: [name], axis: 0 };
}

/** How a source is written in messages: `qkv.weight`, part 1 of 3. */
export function showSource({ names, part }: WeightSource): string {
  const joined = names.map((name) => `\`${name}\``).join(' + ');
  return part === undefined ? joined : `part ${part.number} of ${part.of} of ${joined}`;
}

export function showShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** A shape without leading and trailing axes of size 1, as text: `24,96` for [24, 96, 1], empty for [] and [1]. */
export function trimmedShape(shape: readonly number[]): string {
  const first = shape.findIndex((size) => size !== 1);
  return first < 0 ? '' : shape.slice(first, shape.findLastIndex((size) => size !== 1) + 1).join(',');
}

/** The shape that a source gives, or why it gives none. */
export type SourceShape = { readonly shape: readonly number[] } | { readonly problem: string };

/** Follows the steps of a source over the shapes of its tensors. */
export function shapeOfSource(source: WeightSource, shapes: readonly (readonly number[])[]): SourceShape {
  const joined = joinedShape(shapes, source.axis);
  if ('problem' in joined) return joined;
  const { reshape = joined.shape, transpose, part, axis } = source;
  if (sizeOf(reshape) !== sizeOf(joined.shape)) {
    return { problem: `${showShape(joined.shape)} cannot be reshaped to ${showShape(reshape)}` };
  }
  if (transpose !== undefined && !isPermutation(transpose, reshape.length)) {
    return { problem: `${showShape(reshape)} cannot be transposed by ${showShape(transpose)}` };
  }
  const transposed = transpose === undefined ? reshape : transpose.map((from) => reshape[from]!);
  if (part === undefined) return { shape: transposed };
  const size = transposed[axis];
  if (size === undefined || size % part.of !== 0) {
    return { problem: `${showShape(transposed)} cannot be cut into ${part.of} equal parts along axis ${axis}` };
  }
  return { shape: transposed.with(axis, size / part.of) };
}

function joinedShape(shapes: readonly (readonly number[])[], axis: number): SourceShape {
  const [first = [], ...others] = shapes;
  if (others.length === 0) return { shape: first };
  const isAlike = (shape: readonly number[]): boolean =>
    shape.length === first.length && shape.every((size, index) => index === axis || size === first[index]);
  if (axis >= first.length || !others.every(isAlike)) {
    return { problem: `${shapes.map(showShape).join(' and ')} cannot be joined along axis ${axis}` };
  }
  return {
    shape: first.with(
      axis,
      shapes.reduce((sum, shape) => sum + shape[axis]!, 0),
    ),
  };
}

function isPermutation(order: readonly number[], rank: number): boolean {
  return order.length === rank && new Set(order).size === rank && order.every((axis) => axis < rank);
}

/** The values that a source gives, as float32 in row-major order; its steps must be valid (see `shapeOfSource`). */
export async function readSource(
  source: WeightSource,
  tensors: ReadonlyMap<string, Pick<StoredTensor, 'read'>>,
): Promise<Float32Array> {
  const parts: HostTensor[] = [];
  for (const name of source.names) parts.push(await tensors.get(name)!.read());
  const [first] = parts;
  const isPlain = source.transpose === undefined && source.part === undefined;
  if (parts.length === 1 && isPlain) return asFloat32(first!);
  return cut(source, transposed(source, join(parts, source.axis)));
}

/** Float32 values with their shape. */
interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function join(parts: readonly HostTensor[], axis: number): Values {
  const [first] = parts;
  if (parts.length === 1) return { shape: first!.shape, data: asFloat32(first!) };
  const shape = first!.shape.with(
    axis,
    parts.reduce((sum, part) => sum + part.shape[axis]!, 0),
  );
  const data = new Float32Array(sizeOf(shape));
  const rows = sizeOf(shape.slice(0, axis));
  const width = sizeOf(shape.slice(axis));
  let at = 0;
  for (const part of parts) {
    const values = asFloat32(part);
    const own = sizeOf(part.shape.slice(axis));
    for (let row = 0; row < rows; row++) data.set(values.subarray(row * own, (row + 1) * own), row * width + at);
    at += own;
  }
  return { shape, data };
}

function transposed({ reshape, transpose }: WeightSource, { shape, data }: Values): Values {
  const before = reshape ?? shape;
  if (transpose === undefined) return { shape: before, data };
  const strides = rowMajorStrides(before);
  const after = transpose.map((axis) => before[axis]!);
  const moved = gather(
    data,
    after,
    transpose.map((axis) => strides[axis]!),
  );
  return { shape: after, data: moved as Float32Array };
}

function cut({ part, axis }: WeightSource, { shape, data }: Values): Float32Array {
  if (part === undefined) return data;
  const size = shape[axis]! / part.of;
  const own = shape.with(axis, size);
  const strides = rowMajorStrides(shape);
  return gather(data.subarray((part.number - 1) * size * strides[axis]!), own, strides) as Float32Array;
}
