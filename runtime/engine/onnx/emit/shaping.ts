/** Stock tfjs kernels that move entries about, reduce them or multiply matrices. */
import type { GraphBuilder } from '../graph/builder.js';
import { sizeOf, type Value } from '../graph/value.js';
import {
  cast,
  compare,
  concat,
  expand,
  gather,
  matMul,
  padAround,
  reduce,
  reshape,
  scale,
  slice,
  split,
  transpose,
  add,
  type ReduceOp,
} from './basic.js';
import { emitter, listed, NotEmitted, type Emitter, type Emitters } from './emitter.js';

interface Reduction {
  readonly axis?: number | readonly number[];
  readonly reductionIndices?: number | readonly number[];
  readonly keepDims?: boolean;
}

function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  const list = axis === undefined || axis === null ? [...Array(rank).keys()] : Array.isArray(axis) ? axis : [axis];
  return (list as number[]).map((each) => (each < 0 ? each + rank : each)).sort((a, b) => a - b);
}

const reduction = (op: ReduceOp): Emitter =>
  emitter<Reduction>((g, { x }, { axis, reductionIndices, keepDims = false }) =>
    reduce(g, op, x!, axesOf(axis ?? reductionIndices, x!.shape.length), { keep: keepDims }),
  );

export const shaping: Emitters = {
  Sum: reduction('ReduceSum'),
  Mean: emitter<Reduction>((g, { x }, { axis, keepDims = false }) =>
    reduce(g, 'ReduceMean', cast(g, x!, 'float32'), axesOf(axis, x!.shape.length), { keep: keepDims }),
  ),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),

  Reshape: emitter<{ readonly shape: readonly number[] }>((g, { x }, { shape }) => {
    const known = sizeOf(shape.filter((size) => size >= 0));
    return reshape(
      g,
      x!,
      shape.map((size) => (size < 0 ? sizeOf(x!.shape) / known : size)),
    );
  }),
  Transpose: emitter<{ readonly perm: readonly number[] }>((g, { x }, { perm }) => transpose(g, x!, perm)),
  Concat: emitter<{ readonly axis: number }>((g, inputs, { axis }) => {
    const parts = listed(inputs);
    return concat(
      g,
      parts.filter(({ shape }) => sizeOf(shape) > 0),
      axesOf(axis, parts[0]!.shape.length)[0]!,
    );
  }),
  Pack: emitter<{ readonly axis: number }>((g, inputs, { axis }) => {
    const parts = listed(inputs);
    const at = axis < 0 ? axis + parts[0]!.shape.length + 1 : axis;
    const expanded = parts.map((part) => reshape(g, part, part.shape.toSpliced(at, 0, 1)));
    return concat(g, expanded, at);
  }),
  Unpack: emitter<{ readonly axis: number }>((g, { value }, { axis }) => {
    const at = axis < 0 ? axis + value!.shape.length : axis;
    const pieces = split(g, value!, Array<number>(value!.shape[at]!).fill(1), at);
    return pieces.map((piece) => reshape(g, piece, piece.shape.toSpliced(at, 1)));
  }),
  SplitV: emitter<{ readonly numOrSizeSplits: number | readonly number[]; readonly axis: number }>(
    (g, { x }, { numOrSizeSplits, axis }) => {
      const at = axesOf(axis, x!.shape.length)[0]!;
      const extent = x!.shape[at]!;
      if (typeof numOrSizeSplits === 'number') {
        return split(g, x!, Array<number>(numOrSizeSplits).fill(extent / numOrSizeSplits), at);
      }
      const known = numOrSizeSplits.reduce((total, size) => total + Math.max(size, 0), 0);
      return split(
        g,
        x!,
        numOrSizeSplits.map((size) => (size < 0 ? extent - known : size)),
        at,
      );
    },
  ),
  Slice: emitter<{ readonly begin: number | readonly number[]; readonly size: number | readonly number[] }>(
    (g, { x }, { begin, size }) => {
      const rank = x!.shape.length;
      const begins = Array.from({ length: rank }, (_, i) =>
        typeof begin === 'number' ? (i === 0 ? begin : 0) : (begin[i] ?? 0),
      );
      const sizes = x!.shape.map((extent, i) => {
        const given = typeof size === 'number' ? (i === 0 ? size : -1) : (size[i] ?? -1);
        return given < 0 ? extent - begins[i]! : given;
      });
      return slice(g, x!, begins, sizes);
    },
  ),
  PadV2: emitter<{ readonly paddings: readonly (readonly [number, number])[]; readonly constantValue: number }>(
    (g, { x }, { paddings, constantValue }) => padAround(g, x!, paddings, constantValue),
  ),
  Reverse: emitter<{ readonly dims: number | readonly number[] }>((g, { x }, { dims }) =>
    axesOf(dims, x!.shape.length).reduce((value, axis) => {
      const size = value.shape[axis]!;
      const backwards = Array.from({ length: size }, (_, i) => size - 1 - i);
      return gather(g, value, backwards, axis);
    }, x!),
  ),
  Tile: emitter<{ readonly reps: readonly number[] }>((g, { x }, { reps }) => {
    const shape = x!.shape.map((size, axis) => size * reps[axis]!);
    if (x!.shape.every((size, axis) => size === 1 || reps[axis] === 1)) return expand(g, x!, shape);
    return g.node('Tile', [x!, g.integers(reps)], { shape, type: x!.type });
  }),
  GatherV2: emitter<{ readonly axis: number; readonly batchDims: number }>((g, { x, indices }, { axis, batchDims }) => {
    if (batchDims !== 0) throw new NotEmitted('gather with batch dimensions');
    const at = axesOf(axis, x!.shape.length)[0]!;
    const shape = [...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)];
    return g.node('Gather', [x!, indices!], { shape, type: x!.type }, { axis: at });
  }),
  OneHot: emitter<{
    readonly depth: number;
    readonly onValue: number;
    readonly offValue: number;
    readonly dtype: string;
  }>((g, { indices }, { depth, onValue, offValue, dtype }) => {
    const places = g.constant(
      Int32Array.from({ length: depth }, (_, i) => i),
      [depth],
    );
    const hits = compare(g, 'Equal', reshape(g, indices!, [...indices!.shape, 1]), places);
    const values = add(g, scale(g, cast(g, hits, 'float32'), onValue - offValue), g.scalar(offValue));
    return cast(g, values, dtype === 'int32' ? 'int32' : 'float32');
  }),
  Softmax: emitter<{ readonly dim: number }>((g, { logits }, { dim }) => softmax(g, logits!, dim)),
  BatchMatMul: emitter<{ readonly transposeA: boolean; readonly transposeB: boolean }>(
    (g, { a, b }, { transposeA, transposeB }) => matMul(g, a!, b!, transposeA, transposeB),
  ),
};

function softmax(g: GraphBuilder, x: Value, axis: number): Value {
  return g.node('Softmax', [x], { shape: x.shape, type: x.type }, { axis: axis < 0 ? axis + x.shape.length : axis });
}
