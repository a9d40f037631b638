/**
 * The layers of generated code. Each takes the id of its operation, under which its weights are stored, and its
 * settings; `.on(...)` applies it. Axes are named channels first, without the batch.
 */
import type * as tf from '@tensorflow/tfjs';
import { Binary, Scalar } from '../layers/arithmetic.js';
import type { BinaryConfig, ScalarConfig } from '../layers/configs.js';
import { Conv, DepthwiseConv, TransposedConv } from '../layers/conv.js';
import { Dropout, Noise, SpatialDropout } from '../layers/dropout.js';
import { Linear } from '../layers/linear.js';
import { Arange, Concat, Einsum, Merge, Reduce, Roll, Softmax, Split, Take, Transpose } from '../layers/named-axes.js';
import { BatchNorm, GroupNorm, InstanceNorm, LayerNorm } from '../layers/norm.js';
import { AvgPool, Crop, MaxPool, Pad, Resize } from '../layers/spatial.js';
import { Pick } from '../layers/table.js';
import { Prelu, Unary } from '../layers/unary.js';
import type { UnaryFunction } from '../../contract/functions.js';
import { channels } from './network.js';
import { plainCall, weightedCall, type LayerCall } from './layer-call.js';
import {
  amountsOf,
  namesOf,
  paddingOf,
  sizesOf,
  type Axes,
  type BatchNormSettings,
  type BorderSettings,
  type ConvSettings,
  type DepthwiseConvSettings,
  type GroupNormSettings,
  type LinearSettings,
  type MergeSettings,
  type NormSettings,
  type PadSettings,
  type PreluSettings,
  type ReduceSettings,
  type ResizeSettings,
  type RollSettings,
  type SplitSettings,
  type TakeSettings,
  type TransposedConvSettings,
  type WindowSettings,
} from './settings.js';

/** The settings of a window with one value per spatial axis. */
function windowOf(settings: WindowSettings & { readonly dilation?: number | readonly number[] }, rank: number) {
  const kernel = sizesOf(settings.kernel, rank);
  const dilation = sizesOf(settings.dilation ?? 1, rank);
  return {
    kernel,
    stride: sizesOf(settings.stride ?? 1, rank),
    dilation,
    pad: paddingOf(settings.pad ?? 0, kernel, dilation),
  };
}

/** Cross-correlation as in PyTorch. Weights `weight` `[out, in / groups, ...kernel]` and, with bias, `bias` `[out]`. */
export function conv(name: string, settings: ConvSettings): LayerCall {
  return weightedCall((rank) => new Conv({ ...settings, name, ...windowOf(settings, rank) }));
}

/** One filter per channel. Weights `weight` `[C, 1, ...kernel]` and, with bias, `bias` `[C]`. */
export function depthwiseConv(name: string, settings: DepthwiseConvSettings): LayerCall {
  return weightedCall((rank) => new DepthwiseConv({ ...settings, name, ...windowOf(settings, rank) }));
}

/**
 * The adjoint of a strided convolution. Weights `weight` `[in, out / groups, ...kernel]` and, with bias, `bias` `[out]`.
 */
export function transposedConv(name: string, settings: TransposedConvSettings): LayerCall {
  return weightedCall((rank) => {
    const { kernel, stride, pad } = windowOf(settings, rank);
    const outputPad = sizesOf(settings.outputPad ?? 0, rank);
    return new TransposedConv({ ...settings, name, kernel, stride, pad, outputPad });
  });
}

/** The same linear map of the channels at every position. Weights `weight` `[out, in]` and, with bias, `bias` `[out]`. */
export function linear(name: string, settings: LinearSettings): LayerCall {
  return weightedCall(() => new Linear({ ...settings, name }));
}

/** The largest value of each window; padding never wins. */
export function maxPool(name: string, settings: WindowSettings): LayerCall {
  return plainCall((rank) => new MaxPool(poolConfig(name, settings, rank)));
}

/** The mean of each window over its whole size, padding included. */
export function avgPool(name: string, settings: WindowSettings): LayerCall {
  return plainCall((rank) => new AvgPool(poolConfig(name, settings, rank)));
}

function poolConfig(name: string, settings: WindowSettings, rank: number) {
  const { kernel, stride, pad } = windowOf({ ...settings, stride: settings.stride ?? settings.kernel }, rank);
  return { name, kernel, stride, pad };
}

/** Statistics over the positions and the channels of each group. Weights `weight` and `bias` `[C]`, if affine. */
export function groupNorm(name: string, settings: GroupNormSettings): LayerCall {
  return weightedCall(() => new GroupNorm({ ...settings, name }));
}

/** Statistics over the positions of each channel. Weights `weight` and `bias` `[C]`, if affine. */
export function instanceNorm(name: string, settings: NormSettings = {}): LayerCall {
  return weightedCall(() => new InstanceNorm({ ...settings, name }));
}

/** Statistics over the channels at each position. Weights `weight` and `bias` `[C]`, if affine. */
export function layerNorm(name: string, settings: NormSettings = {}): LayerCall {
  return weightedCall(() => new LayerNorm({ ...settings, name }));
}

/**
 * Statistics of each channel over the batch and all positions in training, their running averages in prediction. Weights
 * `weight` and `bias` `[C]`, if affine; running statistics `running_mean` and `running_var` `[C]`.
 */
export function batchNorm(name: string, settings: BatchNormSettings = {}): LayerCall {
  return weightedCall(() => new BatchNorm({ ...settings, name }));
}

function unary(function_: UnaryFunction) {
  return (name: string): LayerCall => plainCall(() => new Unary({ name, function: function_ }));
}

export const relu = unary('relu');
export const elu = unary('elu');
export const gelu = unary('gelu');
export const silu = unary('silu');
export const sigmoid = unary('sigmoid');
export const tanh = unary('tanh');
export const softplus = unary('softplus');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const abs = unary('abs');
export const negate = unary('negate');

/** max(x, 0) + slope * min(x, 0). */
export function leakyRelu(name: string, { slope = 0.01 }: { readonly slope?: number } = {}): LayerCall {
  return plainCall(() => new Unary({ name, function: 'leaky_relu', slope }));
}

/** Leaky ReLU with a trained slope per channel (He et al. 2015). Weight `slope` `[C]`, or `[1]` if shared. */
export function prelu(name: string, settings: PreluSettings = {}): LayerCall {
  return weightedCall(() => new Prelu({ ...settings, name }));
}

/** Sets elements to zero at random during training and scales the others by 1 / (1 - rate). */
export function dropout(name: string, { rate }: { readonly rate: number }): LayerCall {
  return plainCall(() => new Dropout({ name, rate }));
}

/** Dropout of whole channels. */
export function spatialDropout(name: string, { rate }: { readonly rate: number }): LayerCall {
  return plainCall(() => new SpatialDropout({ name, rate }));
}

/** Standard normal numbers of the shape of the operand during training, zeros otherwise. */
export function noise(name: string): LayerCall {
  return plainCall(() => new Noise({ name }));
}

/** Spatial resampling, by a scale or to the size of a second operand. */
export function resize(name: string, { scale, ...settings }: ResizeSettings): LayerCall {
  return plainCall(
    (rank) => new Resize({ ...settings, name, ...(scale === undefined ? {} : { scale: sizesOf(scale, rank) }) }),
  );
}

/** Pads the spatial axes, by an amount or to the size of a second operand. */
export function pad(name: string, settings: PadSettings = {}): LayerCall {
  const { channels, multipleOf, mode = 'zeros', value = 0 } = settings;
  const added = channels === undefined ? {} : { channels };
  return plainCall((rank) => {
    const multiple = multipleOf === undefined ? {} : { multipleOf: sizesOf(multipleOf, rank) };
    return new Pad({ name, mode, value, ...added, ...multiple, ...borderOf(settings, rank) });
  });
}

/** Crops the spatial axes, by an amount or to the size of a second operand. */
export function crop(name: string, settings: BorderSettings = {}): LayerCall {
  return plainCall((rank) => new Crop({ name, ...borderOf(settings, rank) }));
}

/** The amounts for one operand, and what two operands take of them. */
function borderOf({ amount = 0, before, after }: BorderSettings, rank: number) {
  const sides = amountsOf(amount, rank);
  const [first, last] = [before, after].map((side) => (side === undefined ? undefined : sizesOf(side, rank)));
  return {
    amounts: sides.map((each, axis) => [first?.[axis] ?? each[0], last?.[axis] ?? each[1]] as const),
    ...(first === undefined ? {} : { before: first }),
  };
}

/** The axes of the two operands, or a number for the second. */
type Other = readonly [Axes, Axes] | number;

function arithmetic(operator: BinaryConfig['operator'] & ScalarConfig['operator']) {
  /**
   * Operands are matched by the names of their axes, which are given if they differ; or every element is combined with
   * a number, which `reversed` puts on the left.
   */
  return (name: string, other?: Other, { reversed = false }: { readonly reversed?: boolean } = {}): LayerCall =>
    typeof other === 'number'
      ? plainCall(() => new Scalar({ name, operator, value: other, reversed }))
      : binary(name, operator, other);
}

function binary(name: string, operator: BinaryConfig['operator'], axes: readonly [Axes, Axes] | undefined): LayerCall {
  return {
    on: (...tensors) => new Binary({ name, operator, axes: axes?.map(namesOf) ?? sameAxes(tensors) }).on(...tensors),
  };
}

/** The axes for operands that all have the same axes. */
function sameAxes(tensors: readonly tf.SymbolicTensor[]): readonly (readonly string[])[] {
  return tensors.map(({ shape }) => shape.slice(1).map((_, axis) => `A${axis}`));
}

export const add = arithmetic('+');
export const subtract = arithmetic('-');
export const multiply = arithmetic('*');
export const divide = arithmetic('/');

export const minimum = arithmetic('min');
export const maximum = arithmetic('max');

/** Raises every element to a power; `reversed` raises a number to the elements. */
export function power(
  name: string,
  value: number,
  { reversed = false }: { readonly reversed?: boolean } = {},
): LayerCall {
  return plainCall(() => new Scalar({ name, operator: 'power', value, reversed }));
}

function reduce(function_: 'mean' | 'sum' | 'max') {
  return (name: string, axes: Axes, { over }: ReduceSettings): LayerCall =>
    plainCall(() => new Reduce({ name, function: function_, axes: [namesOf(axes)], over: namesOf(over) }));
}

export const mean = reduce('mean');
export const sum = reduce('sum');
export const max = reduce('max');

/** exp(x) / sum(exp(x)), summed over all axes in `over` jointly. */
export function softmax(name: string, axes: Axes, { over }: ReduceSettings): LayerCall {
  return plainCall(() => new Softmax({ name, axes: [namesOf(axes)], over: namesOf(over) }));
}

/** Concatenates tensors along their first axis, in order. */
export function concat(name: string): LayerCall {
  return { on: (...tensors) => new Concat({ name, axes: sameAxes(tensors) }).on(...tensors) };
}

/** Sums the products of two tensors over every axis that `into` omits. */
export function einsum(name: string, axes: readonly [Axes, Axes], into: Axes): LayerCall {
  return plainCall(() => new Einsum({ name, axes: axes.map(namesOf), into: namesOf(into) }));
}

/** Merges several axes into one. */
export function merge(name: string, axes: Axes, settings: MergeSettings): LayerCall {
  return plainCall(
    () => new Merge({ name, axes: [namesOf(axes)], merged: namesOf(settings.axes), into: settings.into }),
  );
}

/** Splits one axis into several. Further operands are images whose axes the sizes in `into` refer to. */
export function split(name: string, axes: Axes, settings: SplitSettings, ...images: readonly Axes[]): LayerCall {
  const into = Object.entries(settings.into).map(([axis, size]) => ({ name: axis, size }));
  return plainCall(() => new Split({ name, axes: [axes, ...images].map(namesOf), axis: settings.axis, into }));
}

/** Reorders the axes. */
export function transpose(name: string, axes: Axes, { order }: { readonly order: Axes }): LayerCall {
  return plainCall(() => new Transpose({ name, axes: [namesOf(axes)], order: namesOf(order) }));
}

/** Elements of axes at fixed indices. */
export function take(name: string, axes: Axes, { axis, indices }: TakeSettings): LayerCall {
  const parts = namesOf(axis).map((each, index) => ({ axis: each, indices: indices[index]! }));
  return plainCall(() => new Take({ name, axes: [namesOf(axes)], parts }));
}

/** The positions 0, 1, ... along an axis of a tensor. */
export function arange(name: string, axes: Axes, { over }: { readonly over: string }): LayerCall {
  return plainCall(() => new Arange({ name, axes: [namesOf(axes)], axis: over }));
}

/** Shifts circularly along axes. */
export function roll(name: string, axes: Axes, { axis, by }: RollSettings): LayerCall {
  const names = namesOf(axis);
  const shifts = sizesOf(by, names.length).map((each, index) => ({ axis: names[index]!, by: each }));
  return plainCall(() => new Roll({ name, axes: [namesOf(axes)], shifts }));
}

/**
 * The row of a table for each case's identifier. Operands: table, identifier and, optionally, the value for cases
 * without one.
 */
export function pick(name: string): LayerCall {
  return { on: (...tensors) => new Pick({ name, count: channels(tensors[0]!) }).on(...tensors) };
}
