/** tfjs's own kernels: names, operands and attributes as tfjs has them. */
import { sizeOf, type Value } from '../../../../onnx/graph.js';
import {
  add,
  binary,
  cast,
  compare,
  filled,
  mul,
  scale,
  sub,
  unary,
  where,
  type BinaryOp,
  type CompareOp,
} from '../../../../onnx/formulations/elementwise.js';
import { functions, step } from '../../../../onnx/formulations/functions.js';
import { matMul } from '../../../../onnx/formulations/products.js';
import { reduce, softmax, type ReduceOp } from '../../../../onnx/formulations/reductions.js';
import {
  concat,
  gather,
  gatherAt,
  padAround,
  reshape,
  slice,
  split,
  tile,
  transpose,
  type Amounts,
} from '../../../../onnx/formulations/shaping.js';
import { emitter, listed, NotEmitted, type Emitter, type Emitters } from './emitter.js';

/** A function's kernel has its name in tfjs's spelling: `leaky_relu` is `LeakyRelu`. */
function spelled(name: string): string {
  return name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

const ofOne: Emitters = Object.fromEntries(
  Object.entries(functions).map(([name, compute]) => [spelled(name), emitter((g, { x }) => compute(g, x!))]),
);

const ofTwo = (op: BinaryOp): Emitter => emitter((g, { a, b }) => binary(g, op, a!, b!));

const comparison = (op: CompareOp): Emitter => emitter((g, { a, b }) => compare(g, op, a!, b!));

const elementwise: Emitters = {
  ...ofOne,
  Neg: emitter((g, { x }) => functions.negate(g, x!)),
  LeakyRelu: emitter<{ readonly alpha: number }>((g, { x }, { alpha }) =>
    functions.leaky_relu(g, x!, { slope: alpha }),
  ),
  Step: emitter<{ readonly alpha?: number }>((g, { x }, { alpha = 0 }) => step(g, x!, alpha)),

  Add: emitter((g, { a, b }) => add(g, a!, b!)),
  AddN: emitter((g, inputs) => listed(inputs).reduce((total, each) => add(g, total, each))),
  Multiply: emitter((g, { a, b }) => mul(g, a!, b!)),
  Sub: ofTwo('Sub'),
  RealDiv: ofTwo('Div'),
  Maximum: ofTwo('Max'),
  Minimum: ofTwo('Min'),
  Pow: ofTwo('Pow'),
  SquaredDifference: emitter((g, { a, b }) => functions.square(g, sub(g, a!, b!))),

  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Equal: comparison('Equal'),
  NotEqual: emitter((g, { a, b }) => unary(g, 'Not', compare(g, 'Equal', a!, b!))),
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),
  Select: emitter((g, { condition, t, e }) => where(g, condition!, t!, e!)),
  Cast: emitter<{ readonly dtype: string }>((g, { x }, { dtype }) => {
    if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return cast(g, x!, dtype);
    throw new NotEmitted(`a conversion to ${dtype}`);
  }),
  ZerosLike: emitter((g, { x }) => filled(g, x!, 0)),
  OnesLike: emitter((g, { x }) => filled(g, x!, 1)),
};

/** One axis or several; null and undefined mean all. */
type Axes = number | readonly number[] | null | undefined;

function axesOf(axis: Axes, { shape: { length: rank } }: Value): number[] {
  const list = axis === undefined || axis === null ? [...Array(rank).keys()] : typeof axis === 'number' ? [axis] : axis;
  return list.map((each) => (each < 0 ? each + rank : each)).sort((a, b) => a - b);
}

function axisOf(axis: number, value: Value): number {
  return axesOf(axis, value)[0]!;
}

interface Reduction {
  readonly axis?: Axes;
  readonly reductionIndices?: Axes;
  readonly keepDims?: boolean;
}

const reduction = (op: ReduceOp): Emitter =>
  emitter<Reduction>((g, { x }, { axis, reductionIndices, keepDims = false }) => {
    const operand = op === 'ReduceMean' ? cast(g, x!, 'float32') : x!;
    return reduce(g, op, operand, axesOf(axis ?? reductionIndices, operand), { keep: keepDims });
  });

const shaping: Emitters = {
  Sum: reduction('ReduceSum'),
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  Softmax: emitter<{ readonly dim: number }>((g, { logits }, { dim }) => softmax(g, logits!, axesOf(dim, logits!))),
  BatchMatMul: emitter<{ readonly transposeA: boolean; readonly transposeB: boolean }>(
    (g, { a, b }, { transposeA, transposeB }) => matMul(g, a!, b!, transposeA, transposeB),
  ),

  Reshape: emitter<{ readonly shape: readonly number[] }>((g, { x }, { shape }) =>
    reshape(
      g,
      x!,
      shape.map((size) => (size < 0 ? 'rest' : size)),
    ),
  ),
  Transpose: emitter<{ readonly perm: readonly number[] }>((g, { x }, { perm }) => transpose(g, x!, perm)),
  Concat: emitter<{ readonly axis: number }>((g, inputs, { axis }) => {
    const parts = listed(inputs);
    const filledParts = parts.filter(({ shape }) => sizeOf(shape) > 0);
    return concat(g, filledParts, axisOf(axis, parts[0]!));
  }),
  Pack: emitter<{ readonly axis: number }>((g, inputs, { axis }) => {
    const parts = listed(inputs);
    const at = axis < 0 ? axis + parts[0]!.shape.length + 1 : axis;
    const expanded = parts.map((part) => reshape(g, part, part.shape.toSpliced(at, 0, 1)));
    return concat(g, expanded, at);
  }),
  Unpack: emitter<{ readonly axis: number }>((g, { value }, { axis }) => {
    const at = axisOf(axis, value!);
    const pieces = split(g, value!, Array<number>(value!.shape[at]!).fill(1), at);
    return pieces.map((piece) => reshape(g, piece, piece.shape.toSpliced(at, 1)));
  }),
  SplitV: emitter<{ readonly numOrSizeSplits: number | readonly number[]; readonly axis: number }>(
    (g, { x }, { numOrSizeSplits: sizes, axis }) => {
      const at = axisOf(axis, x!);
      const extent = x!.shape[at]!;
      if (typeof sizes === 'number') return split(g, x!, Array<number>(sizes).fill(extent / sizes), at);
      const known = sizes.reduce((total, size) => total + Math.max(size, 0), 0);
      const settled = sizes.map((size) => (size < 0 ? extent - known : size));
      return split(g, x!, settled, at);
    },
  ),
  Slice: emitter<{ readonly begin: number | readonly number[]; readonly size: number | readonly number[] }>(
    (g, { x }, { begin, size }) => {
      const [firsts, sizes] = [[begin].flat(), [size].flat()];
      const begins = x!.shape.map((_, i) => firsts[i] ?? 0);
      const settled = x!.shape.map((extent, i) => {
        const given = sizes[i] ?? -1;
        return given < 0 ? extent - begins[i]! : given;
      });
      return slice(g, x!, begins, settled);
    },
  ),
  PadV2: emitter<{ readonly paddings: Amounts; readonly constantValue: number }>(
    (g, { x }, { paddings, constantValue }) => padAround(g, x!, paddings, constantValue),
  ),
  Reverse: emitter<{ readonly dims: number | readonly number[] }>((g, { x }, { dims }) =>
    axesOf(dims, x!).reduce((value, axis) => {
      const size = value.shape[axis]!;
      const backwards = Array.from({ length: size }, (_, i) => size - 1 - i);
      return gather(g, value, backwards, axis);
    }, x!),
  ),
  Tile: emitter<{ readonly reps: readonly number[] }>((g, { x }, { reps }) => tile(g, x!, reps)),
  GatherV2: emitter<{ readonly axis: number; readonly batchDims: number }>((g, { x, indices }, { axis, batchDims }) => {
    if (batchDims !== 0) throw new NotEmitted('gather with batch dimensions');
    return gatherAt(g, x!, indices!, axisOf(axis, x!));
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
};

export const stockEmitters: Emitters = { ...elementwise, ...shaping };
