/** What each kind of operation becomes: names of axes are translated to positions, and a formulation is called. */
import { conv, transposedConv } from '../../../onnx/formulations/convolutions.js';
import { binary, binaryOperators, cast } from '../../../onnx/formulations/elementwise.js';
import { functions, prelu } from '../../../onnx/formulations/functions.js';
import {
  cropSpatial,
  cropTo,
  padChannels,
  padSpatial,
  padTo,
  padToMultiples,
} from '../../../onnx/formulations/margins.js';
import { groupNorm, layerNorm, normByStatistics } from '../../../onnx/formulations/norms.js';
import { pick } from '../../../onnx/formulations/pick.js';
import { averagePool, maxPool } from '../../../onnx/formulations/pools.js';
import { einsum, linear } from '../../../onnx/formulations/products.js';
import { reduce, reduceOperators, softmax } from '../../../onnx/formulations/reductions.js';
import { resizeByFactors, resizeTo } from '../../../onnx/formulations/resize.js';
import {
  channelsOf,
  concat,
  expandCases,
  extentsOf,
  gatherAt,
  reshape,
  roll,
  squeeze,
  transpose,
  unsqueeze,
} from '../../../onnx/formulations/shaping.js';
import { sizeOfAxis, type Extent } from '../../../onnx/formulations/sizes.js';
import type { GraphBuilder } from '../../../onnx/builder.js';
import type { AnyValue, Size } from '../../../onnx/graph.js';
import { sizesAsked, type Axis, type OpKind } from '../../ir/ir.js';
import { constantOf } from '../../shape/size.js';
import { axisOf, names, only, type Emission, type Emitter, type Tensor } from './emitter.js';
import { computedSize, scaledSize } from './sizes.js';

/** Dropout outside training: the identity. */
const unchanged: Emitter<'dropout' | 'spatial_dropout'> = (_, { x }) => x;

function affineOf({ weight }: Emission, affine: boolean) {
  return affine ? { scale: weight('weight'), shift: weight('bias') } : undefined;
}

function biasOf({ weight }: Emission, bias: boolean) {
  return bias ? weight('bias') : undefined;
}

/** A tensor with all its axes in another order. */
function permuted(g: GraphBuilder, x: Tensor, order: readonly string[]): AnyValue {
  return transpose(g, x.value, [0, ...order.map((name) => axisOf(x, name))]);
}

/** A tensor with its axes in the order of `target`, and axes of size 1 for those it does not have. */
function aligned(g: GraphBuilder, x: Tensor, target: readonly string[]): AnyValue {
  const order = target.filter((name) => names(x).includes(name));
  const turned = permuted(g, x, order);
  // A scalar without batch can be combined with any tensor as it is.
  if (order.length === 0 && !x.batched) return turned;
  const missing = target.flatMap((name, index) => (order.includes(name) ? [] : [index + 1]));
  return unsqueeze(g, turned, missing);
}

const concatenated: Emitter<'concat'> = (_, { g, operands }) => {
  const others = operands[0] === undefined ? [] : names(operands[0]).slice(1);
  const batched = operands.find((each) => each.batched);
  const parts = operands.map((each) => {
    const turned = permuted(g, each, [...names(each).slice(0, 1), ...others]);
    return each.batched || batched === undefined ? turned : expandCases(g, turned, batched.value);
  });
  return concat(g, parts, 1);
};

const merged: Emitter<'merge'> = ({ axes, into }, emission) => {
  const { g, sizes } = emission;
  const order = names(emission).flatMap((name) => (name === into ? axes : [name]));
  const turned = permuted(g, only(emission), order);
  const place = axisOf(emission, into);
  const size = sizes[place];
  const extent = typeof size === 'number' ? size : 'rest';
  return reshape(g, turned, extentsOf(turned).toSpliced(place, axes.length, extent));
};

const splitAxis: Emitter<'split'> = ({ axis, into }, emission) => {
  const { g, x } = emission;
  const asked = sizesAsked(into);
  const extentOf = ({ size }: Axis): Extent =>
    asked.includes(size) ? { size: computedSize(emission, size) } : (constantOf(size) ?? 'rest');
  return reshape(g, x, extentsOf(x).toSpliced(axisOf(only(emission), axis), 1, ...into.map(extentOf)));
};

const resized: Emitter<'resize'> = ({ mode: kind, scale, alignCorners }, { g, x, y, sizes }) => {
  const mode = kind === 'linear' && alignCorners ? 'linear_corners' : kind;
  if (scale?.every((factor) => Number.isInteger(factor)) === true) return resizeByFactors(g, x, mode, scale);
  const target = sizes.slice(2).map((size, index): number | AnyValue => {
    if (typeof size === 'number') return size;
    const factor = scale?.[index];
    return factor === undefined ? sizeOfAxis(g, y, index + 2) : scaledSize(g, x, index + 2, factor);
  });
  return resizeTo(g, x, mode, target);
};

/** 0, 1, ... along an axis, for each case of `x`. */
function positionsAlong(g: GraphBuilder, x: AnyValue, axis: number): AnyValue {
  const size = x.shape[axis]!;
  const range = [g.integers([0], []), squeeze(g, sizeOfAxis(g, x, axis), [0]), g.integers([1], [])];
  const counted = g.node('Range', range, { shape: [size], type: 'int64' });
  return expandCases(g, unsqueeze(g, cast(g, counted, 'float32'), [0]), x);
}

/** The emitter of each kind; inputs are the graph's own. */
export const emitters: { readonly [K in Exclude<OpKind, 'input'>]: Emitter<K> } = {
  param: (_, { sizes, weight }) => weight('value')(sizes.map(known)),
  conv: ({ bias, out, kernel, groups, ...window }, emission) => {
    const { g, x, weight } = emission;
    return conv(g, x, weight('weight'), biasOf(emission, bias), window, { out, kernel, groups });
  },
  depthwise_conv: ({ bias, kernel, ...window }, emission) => {
    const { g, x, weight } = emission;
    const channels = channelsOf(x);
    return conv(g, x, weight('weight'), biasOf(emission, bias), window, { out: channels, kernel, groups: channels });
  },
  transposed_conv: ({ bias, outputPad, out, kernel, groups, ...window }, emission) => {
    const { g, x, sizes, weight } = emission;
    const filter = { out, kernel, groups };
    const undilated = { ...window, dilation: kernel.map(() => 1) };
    return transposedConv(g, x, weight('weight'), biasOf(emission, bias), undilated, filter, sizes.slice(2), outputPad);
  },
  linear: ({ bias, out }, emission) => {
    const { g, x, weight } = emission;
    return linear(g, x, weight('weight'), biasOf(emission, bias), out);
  },
  max_pool: (window, { g, x }) => maxPool(g, x, window),
  avg_pool: (window, { g, x }) => averagePool(g, x, window),
  group_norm: ({ affine, ...options }, emission) =>
    groupNorm(emission.g, emission.x, options, affineOf(emission, affine)),
  instance_norm: ({ affine, epsilon }, emission) =>
    groupNorm(emission.g, emission.x, { groups: channelsOf(emission.x), epsilon }, affineOf(emission, affine)),
  layer_norm: ({ affine, epsilon }, emission) => layerNorm(emission.g, emission.x, epsilon, affineOf(emission, affine)),
  batch_norm: ({ affine, epsilon }, emission) => {
    const { g, x, weight } = emission;
    const statistics = { mean: weight('running_mean'), variance: weight('running_var') };
    return normByStatistics(g, x, epsilon, { affine: affineOf(emission, affine), ...statistics });
  },
  unary: ({ function: name, slope }, { g, x }) => functions[name](g, x, { slope }),
  prelu: ({ shared }, { g, x, weight }) => prelu(g, x, weight('slope'), shared),
  softmax: ({ over }, emission) => softmax(emission.g, emission.x, positions(emission, over)),
  dropout: unchanged,
  spatial_dropout: unchanged,
  noise: (_, { g, x }) => {
    const sizes = g.node('Shape', [x], { shape: [x.shape.length], type: 'int64' });
    return g.node('ConstantOfShape', [sizes], { shape: x.shape, type: 'float32' });
  },
  resize: resized,
  binary: ({ operator }, { g, operands, ...result }) => {
    const [a, b] = operands.map((each) => aligned(g, each, names(result)));
    return binary(g, binaryOperators[operator], a!, b!);
  },
  scalar: ({ operator, value, reversed }, { g, x }) => {
    const number = g.scalar<Size>(value);
    return reversed ? binary(g, binaryOperators[operator], number, x) : binary(g, binaryOperators[operator], x, number);
  },
  reduce: ({ function: name, over }, emission) =>
    reduce(emission.g, reduceOperators[name], emission.x, positions(emission, over)),
  concat: concatenated,
  einsum: ({ into }, { g, operands }) =>
    einsum(
      g,
      operands.map((each) => ({ ...each, axes: names(each) })),
      into,
    ),
  merge: merged,
  split: splitAxis,
  transpose: ({ order }, emission) => permuted(emission.g, only(emission), order),
  take: ({ parts }, emission) =>
    parts.reduce(
      (value, { axis, indices }) =>
        gatherAt(emission.g, value, emission.g.integers(indices), axisOf(only(emission), axis)),
      emission.x,
    ),
  arange: ({ axis }, emission) => positionsAlong(emission.g, emission.x, axisOf(only(emission), axis)),
  pick: (_, { g, x, y, operands }) => pick(g, x, y, operands[2]?.value),
  pad: ({ amounts, before, multipleOf, channels, mode, value }, { g, x, y }) => {
    const filling = mode === 'zeros' ? value : mode;
    const toMultiples = multipleOf === undefined ? undefined : padToMultiples(g, x, multipleOf, filling);
    const padded =
      toMultiples ?? (amounts === undefined ? padTo(g, x, y, filling, before) : padSpatial(g, x, amounts, filling));
    return channels === undefined ? padded : padChannels(g, padded, channels);
  },
  crop: ({ amounts, before }, { g, x, y }) =>
    amounts === undefined ? cropTo(g, x, y, before) : cropSpatial(g, x, amounts),
  roll: ({ shifts }, emission) =>
    shifts.reduce((value, { axis, by }) => roll(emission.g, value, axisOf(only(emission), axis), by), emission.x),
};

/** Places of the operand's axes. */
function positions(emission: Emission, axes: readonly string[]): readonly number[] {
  return axes.map((axis) => axisOf(only(emission), axis));
}

function known(size: Size): number {
  if (typeof size !== 'number') throw new Error('a param has a symbolic size');
  return size;
}
