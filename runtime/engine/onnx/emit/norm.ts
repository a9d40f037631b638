/**
 * `UnetNorm`, `UnetNormInput`, `UnetNormScale`. With the statistics known, y = a x + b with one a and b a channel, which is
 * onnxruntime's BatchNormalization (mean 0, variance 1, epsilon 0): one pass. Statistics and sums of the backward kernels
 * are those of the forward one where a graph holds both.
 */
import type { GraphBuilder } from '../graph/builder.js';
import { sizeOf, type Value } from '../graph/value.js';
import { add, expand, mul, reduce, reshape, scale, sub, transpose, unary } from './basic.js';
import { emitter, type Emitters } from './emitter.js';
import { channelRows } from './window.js';

interface NormAttributes {
  readonly groups: number;
  readonly acrossPositions: boolean;
  readonly epsilon: number;
}

/** a x + b with `a` and `b` `[rows]`, x `[N, C, ...]` whose cases and channels are the rows. */
export function affine(g: GraphBuilder, x: Value, a: Value, b: Value): Value {
  const rows = a.shape[0]!;
  const zeros = g.constant(new Float32Array(rows), [rows]);
  const ones = g.constant(new Float32Array(rows).fill(1), [rows]);
  const view = reshape(g, x, [1, rows, sizeOf(x.shape) / rows]);
  const output = { shape: view.shape, type: x.type };
  const y = g.node('BatchNormalization', [view, a, b, zeros, ones], output, { epsilon: { float: 0 } });
  return reshape(g, y, x.shape);
}

/** Layout of the sets that share statistics: `[cases * groups, channels of a group]` rows of `count / width` positions. */
interface Sets {
  readonly cases: number;
  readonly channels: number;
  readonly groups: number;
  readonly width: number;
  /** Values of a set. */
  readonly count: number;
}

function setsOf({ shape }: Value, { groups }: NormAttributes): Sets {
  const [cases, channels] = shape as [number, number];
  const width = channels / groups;
  return { cases, channels, groups, width, count: width * sizeOf(shape.slice(2)) };
}

/** Adds what `[rows]` holds over the channels of each set: `[cases * groups, 1]`. */
function overSet(g: GraphBuilder, values: Value, { cases, groups, width }: Sets): Value {
  return reduce(g, 'ReduceSum', reshape(g, values, [cases * groups, width]), [1], { keep: true });
}

/** `[cases * groups, 1]` repeated for every channel: `[rows]`. */
function perChannel(g: GraphBuilder, values: Value, { cases, groups, width, channels }: Sets): Value {
  return reshape(g, expand(g, values, [cases * groups, width]), [cases * channels]);
}

/** `[C]` for every case: `[N * C]`. */
function rowsOf(g: GraphBuilder, weights: Value, { cases, channels }: Sets): Value {
  return reshape(g, expand(g, reshape(g, weights, [1, channels]), [cases, channels]), [cases * channels]);
}

function rowSums(g: GraphBuilder, x: Value): Value {
  return reduce(g, 'ReduceSum', channelRows(g, x), [1]);
}

function rowProducts(g: GraphBuilder, x: Value, y: Value): Value {
  return reduce(g, 'ReduceSum', mul(g, channelRows(g, x), channelRows(g, y)), [1]);
}

/**
 * Mean and 1 / sqrt(variance + epsilon) of each set, `[cases * groups, 1]`. The squares are of differences from the mean:
 * sums of plain squares lose all digits where the mean is large.
 */
function statistics(
  g: GraphBuilder,
  x: Value,
  sets: Sets,
  epsilon: number,
): { readonly mean: Value; readonly inverse: Value } {
  const mean = scale(g, overSet(g, rowSums(g, x), sets), 1 / sets.count);
  const centred = sub(g, channelRows(g, x), reshape(g, perChannel(g, mean, sets), [sets.cases * sets.channels, 1]));
  const differences = reshape(g, centred, x.shape);
  const variance = scale(g, overSet(g, rowProducts(g, differences, differences), sets), 1 / sets.count);
  const inverse = unary(g, 'Reciprocal', unary(g, 'Sqrt', add(g, variance, g.scalar(epsilon))));
  return { mean, inverse };
}

/** a and b of y = a x + b, `[rows]`. */
function coefficients(g: GraphBuilder, x: Value, gamma: Value, beta: Value, attributes: NormAttributes) {
  const sets = setsOf(x, attributes);
  const { mean, inverse } = statistics(g, x, sets, attributes.epsilon);
  const a = mul(g, rowsOf(g, gamma, sets), perChannel(g, inverse, sets));
  const b = sub(g, rowsOf(g, beta, sets), mul(g, perChannel(g, mean, sets), a));
  return { a, b };
}

function forward(g: GraphBuilder, x: Value, gamma: Value, beta: Value, attributes: NormAttributes): Value {
  const { a, b } = coefficients(g, x, gamma, beta, attributes);
  return affine(g, x, a, b);
}

/** Sum of dy * (x - mean) / deviation for each row. */
function scaleRows(g: GraphBuilder, dy: Value, x: Value, sets: Sets, epsilon: number): Value {
  const { mean, inverse } = statistics(g, x, sets, epsilon);
  const centred = sub(g, rowProducts(g, dy, x), mul(g, perChannel(g, mean, sets), rowSums(g, dy)));
  return mul(g, centred, perChannel(g, inverse, sets));
}

/** dx = a dy + c x + e with one a a channel, one c and e a set. */
function inputGradient(g: GraphBuilder, dy: Value, x: Value, gamma: Value, attributes: NormAttributes): Value {
  const sets = setsOf(x, attributes);
  const { mean, inverse } = statistics(g, x, sets, attributes.epsilon);
  const rows = rowsOf(g, gamma, sets);
  const a = mul(g, rows, perChannel(g, inverse, sets));
  const ofDy = overSet(g, mul(g, rows, rowSums(g, dy)), sets);
  const ofProducts = overSet(g, mul(g, rows, scaleRows(g, dy, x, sets, attributes.epsilon)), sets);
  const c = scale(g, mul(g, mul(g, inverse, inverse), ofProducts), -1 / sets.count);
  const e = sub(g, scale(g, mul(g, inverse, ofDy), -1 / sets.count), mul(g, c, mean));
  const ofX = mul(g, channelRows(g, x), reshape(g, perChannel(g, c, sets), [sets.cases * sets.channels, 1]));
  return add(g, affine(g, dy, a, perChannel(g, e, sets)), reshape(g, ofX, x.shape));
}

function scaleGradient(g: GraphBuilder, dy: Value, x: Value, attributes: NormAttributes): Value {
  const sets = setsOf(x, attributes);
  const rows = scaleRows(g, dy, x, sets, attributes.epsilon);
  return reduce(g, 'ReduceSum', reshape(g, rows, [sets.cases, sets.channels]), [0]);
}

/**
 * Layer norm shares statistics among the channels of a position. It is group norm of one group once every position is a
 * case: `[N, C, ...]` as `[N * positions, C]`.
 */
function positionsAsCases(g: GraphBuilder, x: Value): Value {
  const [cases, channels] = x.shape as [number, number];
  const positions = sizeOf(x.shape.slice(2));
  return reshape(g, transpose(g, reshape(g, x, [cases, channels, positions]), [0, 2, 1]), [
    cases * positions,
    channels,
  ]);
}

function casesAsPositions(g: GraphBuilder, y: Value, shape: readonly number[]): Value {
  const [cases, channels] = shape as [number, number];
  return reshape(g, transpose(g, reshape(g, y, [cases, y.shape[0]! / cases, channels]), [0, 2, 1]), shape);
}

/** Standardised rows of `[M, C]`, and 1 / deviation `[M, 1]`. */
function standardRows(g: GraphBuilder, x: Value, epsilon: number): { readonly z: Value; readonly inverse: Value } {
  const centred = sub(g, x, reduce(g, 'ReduceMean', x, [1], { keep: true }));
  const variance = reduce(g, 'ReduceMean', mul(g, centred, centred), [1], { keep: true });
  const inverse = unary(g, 'Reciprocal', unary(g, 'Sqrt', add(g, variance, g.scalar(epsilon))));
  return { z: mul(g, centred, inverse), inverse };
}

const layerNorm = {
  forward(g: GraphBuilder, x: Value, gamma: Value, beta: Value, epsilon: number): Value {
    const { z } = standardRows(g, positionsAsCases(g, x), epsilon);
    return casesAsPositions(g, add(g, mul(g, z, gamma), beta), x.shape);
  },
  inputGradient(g: GraphBuilder, dy: Value, x: Value, gamma: Value, epsilon: number): Value {
    const { z, inverse } = standardRows(g, positionsAsCases(g, x), epsilon);
    const d = mul(g, positionsAsCases(g, dy), gamma);
    const projected = mul(g, z, reduce(g, 'ReduceMean', mul(g, d, z), [1], { keep: true }));
    const centred = sub(g, sub(g, d, reduce(g, 'ReduceMean', d, [1], { keep: true })), projected);
    return casesAsPositions(g, mul(g, centred, inverse), x.shape);
  },
  scaleGradient(g: GraphBuilder, dy: Value, x: Value, epsilon: number): Value {
    const { z } = standardRows(g, positionsAsCases(g, x), epsilon);
    return reduce(g, 'ReduceSum', mul(g, positionsAsCases(g, dy), z), [0]);
  },
};

export const norms: Emitters = {
  UnetNorm: emitter<NormAttributes>((g, { x, gamma, beta }, attributes) =>
    attributes.acrossPositions
      ? forward(g, x!, gamma!, beta!, attributes)
      : layerNorm.forward(g, x!, gamma!, beta!, attributes.epsilon),
  ),
  UnetNormInput: emitter<NormAttributes>((g, { dy, x, gamma }, attributes) =>
    attributes.acrossPositions
      ? inputGradient(g, dy!, x!, gamma!, attributes)
      : layerNorm.inputGradient(g, dy!, x!, gamma!, attributes.epsilon),
  ),
  UnetNormScale: emitter<NormAttributes>((g, { dy, x }, attributes) =>
    attributes.acrossPositions
      ? scaleGradient(g, dy!, x!, attributes)
      : layerNorm.scaleGradient(g, dy!, x!, attributes.epsilon),
  ),
};
