/**
 * Normalisations, y = (x - mean) / sqrt(variance + epsilon) with the biased variance, then scaled and shifted by channel.
 *
 * On the CPU provider: with the statistics known, y = a x + b with one a and b per channel, which is onnxruntime's
 * BatchNormalization (mean 0, variance 1, epsilon 0): one pass. Statistics and sums of the backward kernels are those of
 * the forward one if a graph has both.
 *
 * Elsewhere: GroupNormalization of ONNX has no scale per channel before operator set 21, and onnxruntime's
 * InstanceNormalization adds up a whole volume in one float32 sum: over twenty norms of 64 x 64 x 64 voxels that moves
 * logits by 2e-4. Here sums are sums of rows.
 */
import { isTuned, type GraphBuilder } from '../builder.js';
import { sizeOf, type Size, type Value } from '../graph.js';
import { add, div, mul, scale, sub, unary } from './elementwise.js';
import { functions } from './functions.js';
import { reduce } from './reductions.js';
import {
  alongChannels,
  channelsOf,
  concat,
  expand,
  extentsOf,
  reshape,
  reshapeLike,
  transpose,
  type Weight,
} from './shaping.js';
import { channelRows } from './window.js';

interface GroupNormOptions {
  readonly groups: number;
  readonly epsilon: number;
  /** Whether the cases of a batch share statistics. By default, each has its own. */
  readonly acrossCases?: boolean;
}

/** Factor and addend of each channel. */
export interface Affine {
  readonly scale: Weight;
  readonly shift: Weight;
}

/** What batch norm knows of each channel in prediction. */
interface Statistics {
  readonly affine: Affine | undefined;
  readonly mean: Weight;
  readonly variance: Weight;
}

/** Statistics over the positions and the channels of each group. */
export function groupNorm<S extends Size>(
  g: GraphBuilder,
  x: Value<S>,
  options: GroupNormOptions,
  affine: Affine | undefined,
): Value<S> {
  if (isTuned(g, x)) return groupNormByChannel(g, x, options, affine ?? identity(g)) as Value<S>;
  const y = standardGroups(g, x, options);
  if (affine === undefined) return y;
  const shape = alongChannels(x);
  return add<Size>(g, mul<Size>(g, y, affine.scale(shape)), affine.shift(shape)) as Value<S>;
}

/** The mean and the unbiased variance of each channel over a batch: `[2, C]`. */
export function batchMoments(g: GraphBuilder, x: Value): Value {
  const sets = setsOf(x, { groups: channelsOf(x), acrossCases: true });
  const { mean, variance } = moments(g, x, sets);
  const unbiased = scale(g, variance, sets.count / (sets.count - 1));
  return concat(
    g,
    [mean, unbiased].map((each) => reshape(g, each, [1, sets.channels])),
    0,
  );
}

/** Known statistics, as batch norm has them in prediction; each weight is `[C]`. */
export function normByStatistics<S extends Size>(
  g: GraphBuilder,
  x: Value<S>,
  epsilon: number,
  { affine = identity(g), mean, variance }: Statistics,
): Value<S> {
  const channels = [channelsOf(x)];
  const inputs = [x, ...[affine.scale, affine.shift, mean, variance].map((weight) => weight(channels))];
  const output = { shape: x.shape, type: x.type };
  return g.node('BatchNormalization', inputs, output, { epsilon: { float: epsilon } });
}

/** x times the factor plus the offset of its channel. */
export function channelAffine(g: GraphBuilder, x: Value, factor: Value, offset: Value): Value {
  const [cases, channels] = x.shape as [number, number];
  return scaled(g, x, [cases, channels, sizeOf(x.shape.slice(2))], factor, offset);
}

/** Statistics over the channels of each position. */
export function layerNorm<S extends Size>(
  g: GraphBuilder,
  x: Value<S>,
  epsilon: number,
  affine: Affine | undefined,
): Value<S> {
  if (isTuned(g, x)) return layerNormByPosition(g, x, epsilon, affine ?? identity(g)) as Value<S>;
  return layerNormOperator(g, x, epsilon, affine);
}

function identity(g: GraphBuilder): Affine {
  const filledWith =
    (value: number): Weight =>
    (shape) =>
      g.constant(new Float32Array(sizeOf(shape)).fill(value), shape);
  return { scale: filledWith(1), shift: filledWith(0) };
}

function standardGroups<S extends Size>(g: GraphBuilder, x: Value<S>, { groups, epsilon }: GroupNormOptions): Value<S> {
  const [cases, , ...positions] = extentsOf(x);
  const rows = reshape<S>(g, x, [cases!, groups, 'rest', positions.at(-1) ?? 1]);
  const mean = (of: Value<S>): Value<S> => reduce(g, 'ReduceMean', of, [2, 3], { keep: true });
  const centred = sub(g, rows, mean(rows));
  const deviation = unary(g, 'Sqrt', add(g, mean(mul(g, centred, centred)), g.scalar(epsilon)));
  return reshapeLike(g, div(g, centred, deviation), x);
}

/** Channels are moved to the end, where LayerNormalization expects them. */
function layerNormOperator<S extends Size>(
  g: GraphBuilder,
  x: Value<S>,
  epsilon: number,
  affine: Affine | undefined,
): Value<S> {
  const channels = [channelsOf(x)];
  const { scale: factor, shift } = affine ?? { ...identity(g), shift: undefined };
  const weights = [factor(channels), ...(shift === undefined ? [] : [shift(channels)])];
  const rank = x.shape.length;
  const places = Array.from({ length: rank - 2 }, (_, index) => index + 2);
  const last = transpose(g, x, [0, ...places, 1]);
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const y = g.node('LayerNormalization', [last, ...weights], { shape: last.shape, type: x.type }, attributes);
  return transpose(g, y, [0, rank - 1, ...places.map((place) => place - 1)]);
}

/** a x + b with `a` and `b` `[rows]`, x `[N, C, ...]` whose cases and channels are the rows. */
function scaledRows(g: GraphBuilder, x: Value, a: Value, b: Value): Value {
  const rows = a.shape[0]!;
  return scaled(g, x, [1, rows, sizeOf(x.shape) / rows], a, b);
}

/** a x + b with `a` and `b` `[C]`, x viewed as `[N, C, positions]`. */
function scaled(g: GraphBuilder, x: Value, to: readonly [number, number, number], a: Value, b: Value): Value {
  const [, channels] = to;
  const zeros = g.constant(new Float32Array(channels), [channels]);
  const ones = g.constant(new Float32Array(channels).fill(1), [channels]);
  const view = reshape(g, x, to);
  const output = { shape: view.shape, type: x.type };
  const y = g.node('BatchNormalization', [view, a, b, zeros, ones], output, { epsilon: { float: 0 } });
  return reshape(g, y, x.shape);
}

/**
 * The layout of the sets that share statistics. A row holds the positions of a channel of a case; the rows are
 * `[times, sets, width]`, and a set is all rows with its index: the `width` channels of a group of one case, or the same
 * channel of `times` cases.
 */
interface Sets {
  readonly cases: number;
  readonly channels: number;
  readonly times: number;
  readonly sets: number;
  readonly width: number;
  /** Values of a set. */
  readonly count: number;
}

function setsOf({ shape }: Value, { groups, acrossCases = false }: Omit<GroupNormOptions, 'epsilon'>): Sets {
  const [cases, channels] = shape as [number, number];
  const [times, sets] = acrossCases ? [cases, groups] : [1, cases * groups];
  const width = channels / groups;
  return { cases, channels, times, sets, width, count: times * width * sizeOf(shape.slice(2)) };
}

/** Adds what `[rows]` holds over the rows of each set: `[sets, 1]`. */
function overSet(g: GraphBuilder, values: Value, { times, sets, width }: Sets): Value {
  const own = reduce(g, 'ReduceSum', reshape(g, values, [times * sets, width]), [1], { keep: true });
  return times === 1 ? own : reshape(g, reduce(g, 'ReduceSum', reshape(g, own, [times, sets]), [0]), [sets, 1]);
}

/** `[sets, 1]` repeated for every row: `[rows]`. */
function perChannel(g: GraphBuilder, values: Value, { times, sets, width }: Sets): Value {
  const own = reshape(g, expand(g, values, [sets, width]), [1, sets * width]);
  return reshape(g, expand(g, own, [times, sets * width]), [times * sets * width]);
}

/** `[C]` for every case: `[N * C]`. */
function forCases(g: GraphBuilder, weight: Weight, { cases, channels }: Sets): Value {
  return reshape(g, expand(g, weight([1, channels]), [cases, channels]), [cases * channels]);
}

function rowSums(g: GraphBuilder, x: Value): Value {
  return reduce(g, 'ReduceSum', channelRows(g, x), [1]);
}

function rowProducts(g: GraphBuilder, x: Value, y: Value): Value {
  return reduce(g, 'ReduceSum', mul(g, channelRows(g, x), channelRows(g, y)), [1]);
}

/**
 * Mean and variance of each set, `[sets, 1]`. The squares are of differences from the mean:
 * sums of plain squares lose all digits where the mean is large.
 */
function moments(g: GraphBuilder, x: Value, sets: Sets): { readonly mean: Value; readonly variance: Value } {
  const mean = scale(g, overSet(g, rowSums(g, x), sets), 1 / sets.count);
  const centred = sub(g, channelRows(g, x), reshape(g, perChannel(g, mean, sets), [sets.cases * sets.channels, 1]));
  const differences = reshape(g, centred, x.shape);
  const variance = scale(g, overSet(g, rowProducts(g, differences, differences), sets), 1 / sets.count);
  return { mean, variance };
}

/** The mean and 1 / sqrt(variance + epsilon) of each set, `[sets, 1]`. */
function statistics(
  g: GraphBuilder,
  x: Value,
  sets: Sets,
  epsilon: number,
): { readonly mean: Value; readonly inverse: Value } {
  const { mean, variance } = moments(g, x, sets);
  return { mean, inverse: functions.rsqrt(g, add(g, variance, g.scalar(epsilon))) };
}

function groupNormByChannel(g: GraphBuilder, x: Value, options: GroupNormOptions, affine: Affine): Value {
  const sets = setsOf(x, options);
  const { mean, inverse } = statistics(g, x, sets, options.epsilon);
  const a = mul(g, forCases(g, affine.scale, sets), perChannel(g, inverse, sets));
  const b = sub(g, forCases(g, affine.shift, sets), mul(g, perChannel(g, mean, sets), a));
  return scaledRows(g, x, a, b);
}

/** Sum of dy * (x - mean) / deviation for each row. */
function scaleRows(g: GraphBuilder, dy: Value, x: Value, sets: Sets, epsilon: number): Value {
  const { mean, inverse } = statistics(g, x, sets, epsilon);
  const centred = sub(g, rowProducts(g, dy, x), mul(g, perChannel(g, mean, sets), rowSums(g, dy)));
  return mul(g, centred, perChannel(g, inverse, sets));
}

/**
 * The gradient of `groupNorm` with respect to x: dx = a dy + c x + e with one a per channel, one c and e per group.
 * @param gamma the factor of each channel
 */
export function groupNormInput(g: GraphBuilder, dy: Value, x: Value, gamma: Weight, options: GroupNormOptions): Value {
  const sets = setsOf(x, options);
  const { mean, inverse } = statistics(g, x, sets, options.epsilon);
  const rows = forCases(g, gamma, sets);
  const a = mul(g, rows, perChannel(g, inverse, sets));
  const ofDy = overSet(g, mul(g, rows, rowSums(g, dy)), sets);
  const ofProducts = overSet(g, mul(g, rows, scaleRows(g, dy, x, sets, options.epsilon)), sets);
  const c = scale(g, mul(g, mul(g, inverse, inverse), ofProducts), -1 / sets.count);
  const e = sub(g, scale(g, mul(g, inverse, ofDy), -1 / sets.count), mul(g, c, mean));
  const ofX = mul(g, channelRows(g, x), reshape(g, perChannel(g, c, sets), [sets.cases * sets.channels, 1]));
  return add(g, scaledRows(g, dy, a, perChannel(g, e, sets)), reshape(g, ofX, x.shape));
}

/** The gradient of `groupNorm` with respect to the factors, `[C]`. */
export function groupNormScale(g: GraphBuilder, dy: Value, x: Value, options: GroupNormOptions): Value {
  const sets = setsOf(x, options);
  const rows = scaleRows(g, dy, x, sets, options.epsilon);
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
  const inverse = functions.rsqrt(g, add(g, variance, g.scalar(epsilon)));
  return { z: mul(g, centred, inverse), inverse };
}

function layerNormByPosition(g: GraphBuilder, x: Value, epsilon: number, affine: Affine): Value {
  const channels = [channelsOf(x)];
  const { z } = standardRows(g, positionsAsCases(g, x), epsilon);
  return casesAsPositions(g, add(g, mul(g, z, affine.scale(channels)), affine.shift(channels)), x.shape);
}

/** The gradient of `layerNorm` with respect to x. */
export function layerNormInput(g: GraphBuilder, dy: Value, x: Value, gamma: Weight, epsilon: number): Value {
  const { z, inverse } = standardRows(g, positionsAsCases(g, x), epsilon);
  const d = mul(g, positionsAsCases(g, dy), gamma([channelsOf(x)]));
  const projected = mul(g, z, reduce(g, 'ReduceMean', mul(g, d, z), [1], { keep: true }));
  const centred = sub(g, sub(g, d, reduce(g, 'ReduceMean', d, [1], { keep: true })), projected);
  return casesAsPositions(g, mul(g, centred, inverse), x.shape);
}

/** The gradient of `layerNorm` with respect to the factors, `[C]`. */
export function layerNormScale(g: GraphBuilder, dy: Value, x: Value, epsilon: number): Value {
  const { z } = standardRows(g, positionsAsCases(g, x), epsilon);
  return reduce(g, 'ReduceSum', mul(g, positionsAsCases(g, dy), z), [0]);
}
