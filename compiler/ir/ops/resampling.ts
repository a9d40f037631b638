/** Operations that change the sizes of spatial axes without weights. */
import { add, ceilDivide, constant, floorDivide, formatSize, sameSize, scale, type Size } from '../../shape/size.js';
import { asFraction } from '../../shape/fraction.js';
import { formatShape } from '../format-shape.js';
import type { Operand, Padding, Shape } from '../tensor.js';
import { sizes } from './labels.js';
import { layer, type Given, type LayerCall } from './layer.js';
import {
  boolean,
  failByRange,
  perAxis,
  perAxisOr,
  refuse,
  requireChannels,
  spatialOf,
  wholeOr,
  word,
} from './parameters.js';
import { at, like, local, operandAt, padded } from './shapes.js';
import { operation, rearranging } from './traits.js';
import { nothing, resized, sizesOf } from './view.js';

/**
 * Spatial resampling from n to m positions (`linear` is bi- or trilinear by rank). Position j of the result is at
 * (j + 0.5) n / m - 0.5 (half-pixel centres), rounded by `nearest`; at j n / m, rounded down, for `nearest_floor`; at
 * j (n - 1) / (m - 1) if corners are aligned. Two operands: to the second's spatial sizes; one: by `scale` per axis, sizes
 * floor(n * scale).
 */
export interface ResizeAttributes {
  readonly mode: 'linear' | 'nearest' | 'nearest_floor';
  readonly scale: readonly number[] | undefined;
  /** Of `linear` only. */
  readonly alignCorners: boolean;
}

/** How much a border layer adds or cuts. */
const borderParameters = {
  amount: perAxis({ least: 0, otherwise: 0 }),
  before: perAxisOr('`amount`', 0),
  after: perAxisOr('`amount`', 0),
};

const resize = operation<ResizeAttributes>({
  operands: [1, 2],
  shape: ({ scale: factors }, operands) =>
    factors === undefined
      ? like(operands)
      : local(operands, undefined, (size, axis) => scaled(size, at(factors, axis))),
  view: ({ attributes, operands, shape }, [first = nothing], patch) => {
    const spatialSizes = (of: Shape): readonly number[] => sizesOf(of.slice(1), patch);
    const ends = { from: spatialSizes(operandAt(operands, 0)), to: spatialSizes(shape) };
    return resized(first, attributes.mode, ends);
  },
  figure: () => 'up',
  label: ({ attributes, shape }) => {
    const linear = linearNames[shape.length - 2] ?? 'linear';
    const name = attributes.mode === 'linear' ? linear : attributes.mode.replace('_', ' ');
    const corners = attributes.alignCorners ? ', aligned corners' : '';
    const factors = attributes.scale === undefined ? '' : ` ×${sizes(attributes.scale)}`;
    return `resize${factors}, ${name}${corners}`;
  },
  layers: {
    resize: layer({
      doc: 'Resizes the spatial axes: one tensor by `scale`, two tensors to the sizes of the second. Positions are half-pixel centres, or follow the corners with `align_corners: true`. `linear` (`bilinear` on two axes, `trilinear` on three), `nearest` (the nearest centre), or `nearest_floor` (rounded down, as `nearest` in PyTorch).',
      parameters: {
        mode: word<ResizeWord>('mode'),
        scale: perAxisOr("the second tensor's size", 1),
        align_corners: boolean(false),
      },
      tensors: [1, 2],
      attributes: ({ mode, scale, align_corners: alignCorners }, call) => {
        const [tensor, other] = call.tensors;
        requireRank(call, mode);
        if (mode.startsWith('nearest')) refuse(call, ['align_corners'], `only \`linear\` uses it, not \`${mode}\``);
        const kind = mode === 'nearest' || mode === 'nearest_floor' ? mode : 'linear';
        if (other !== undefined) {
          refuse(call, ['scale'], secondSize);
          requireSameRank(call, other);
          return sameSpatial(tensor, other) ? undefined : { mode: kind, scale: undefined, alignCorners };
        }
        if (scale !== undefined) return { mode: kind, scale, alignCorners };
        return call.fail('UNET2019', { name: 'scale', of: 'resize' }, call.span, {
          help: 'Give `scale:`, or a second tensor with the wanted size: `(x, like) -> resize(...)`.',
        });
      },
    }),
  },
});

type ResizeWord = 'linear' | 'trilinear' | 'bilinear' | 'nearest' | 'nearest_floor';

const linearNames = ['linear', 'bilinear', 'trilinear'];

/** floor(n * factor), with the factor read as the fraction that its decimal represents. */
function scaled(size: Size, factor: number): Size {
  const { over, under } = asFraction(factor);
  return floorDivide(scale(size, over), under);
}

/** UNET3019: `bilinear` and `trilinear` require two and three spatial axes. */
function requireRank(call: LayerCall, mode: string): void {
  const rank = spatialOf(call).length;
  const needed = mode === 'trilinear' ? 3 : mode === 'bilinear' ? 2 : rank;
  if (needed === rank) return;
  const parts = { what: `\`${mode}\``, range: `applied to ${needed} spatial axes`, found: String(rank) };
  call.fail('UNET3019', parts, call.spanOf('mode'));
}

/**
 * Pads spatial axes with zeros (or `value`), with the nearest value (`replicate`), or with the values mirrored at the
 * border, which is not repeated (`reflect`). With two operands, to the second's spatial sizes, centred (an odd voxel goes
 * after). Channels are added as zeros up to `channels`, centred.
 */
export interface PadAttributes {
  readonly amounts: Padding | undefined;
  /** With two operands, the amounts before, if they are not centred. */
  readonly before?: readonly number[] | undefined;
  /** With one operand: adds after each axis up to the next multiple. */
  readonly multipleOf?: readonly number[] | undefined;
  readonly channels: number | undefined;
  readonly mode: PadMode;
  readonly value: number;
}

type PadMode = 'zeros' | 'replicate' | 'reflect';

const pad = operation<PadAttributes>({
  ...rearranging,
  operands: [1, 2],
  shape: ({ amounts, channels, multipleOf }, operands) =>
    withChannels(
      multipleOf === undefined
        ? bordered(amounts, 1, operands)
        : local(operands, undefined, (size, axis) => nextMultiple(size, at(multipleOf, axis))),
      channels,
    ),
  label: ({ attributes: { mode } }) => (mode === 'zeros' ? 'pad' : `pad, ${mode}`),
  layers: {
    pad: layer({
      doc: 'Pads the spatial axes: by `amount` on both sides, or by `before` and `after`; given two tensors, to the sizes of the second, centred (an odd voxel goes after) unless `before` is given. `multiple_of` adds voxels after, up to the next multiple. `mode` is `zeros`, `replicate` or `reflect`. `channels` adds channels of zeros up to that number, centred.',
      parameters: {
        ...borderParameters,
        multiple_of: perAxisOr('any size', 1),
        channels: wholeOr('unchanged', { least: 1 }),
        mode: word<PadMode>('border', 'zeros'),
      },
      tensors: [1, 2],
      attributes: ({ channels, mode, multiple_of: multipleOf, ...given }, call) => {
        const [tensor, other] = call.tensors;
        requireMoreChannels(call, channels);
        const attributes = { amounts: undefined, before: undefined, multipleOf, channels, mode, value: 0 };
        if (other !== undefined) refuse(call, ['amount', 'after', 'multiple_of'], secondSize);
        else requireBorder(call);
        if (multipleOf !== undefined) {
          if (mode === 'reflect')
            requireToReflect(
              call,
              multipleOf.map((each) => [0, each - 1] as const),
            );
          return multipleOf.every((each) => each === 1) && channels === undefined ? undefined : attributes;
        }
        if (other === undefined) {
          const amounts = amountsOf(given);
          if (mode === 'reflect') requireToReflect(call, amounts);
          return { ...attributes, amounts };
        }
        requireSameRank(call, other);
        requireRoom(call, other, tensor, given.before);
        if (mode === 'reflect') {
          if (given.before !== undefined)
            requireToReflect(
              call,
              given.before.map((each) => [each, 0] as const),
              'before',
            );
          requireToReflectUpTo(call, other, given.before);
        }
        if (sameSpatial(tensor, other) && channels === undefined) return undefined;
        return { ...attributes, before: given.before };
      },
    }),
  },
});

function nextMultiple(size: Size, multiple: number): Size {
  return scale(ceilDivide(size, multiple), multiple);
}

/** What determines the sizes if there are two tensors. */
const secondSize = 'the second tensor gives the sizes';

/** UNET3032: of one tensor, `multiple_of` alone, or `before` and `after`, or `amount` determine the border. */
function requireBorder(call: LayerCall): void {
  const isGiven = (name: string): boolean => call.valueOf(name) !== undefined;
  const borders = ['amount', 'before', 'after'];
  if (isGiven('multiple_of')) refuse(call, borders, '`multiple_of` determines the border');
  else if (isGiven('before') && isGiven('after')) {
    refuse(call, ['amount'], '`before` and `after` determine the border');
  } else if (!borders.some(isGiven)) refuse(call, ['mode'], 'no border is added');
}

/** UNET3019: padding does not remove channels. */
function requireMoreChannels(call: LayerCall, wanted: number | undefined): void {
  if (wanted === undefined) return;
  const channels = requireChannels(call);
  if (wanted < channels) failByRange(call, 'channels', `at least the ${channels} of the tensor`, wanted);
}

/** UNET3019: what is reflected must lie inside the tensor: at most its size less one. */
function requireToReflect(call: LayerCall, amounts: Padding, argument = 'amount'): void {
  for (const [axis, { name, size }] of spatialOf(call).entries()) {
    const most = Math.max(...at(amounts, axis));
    const reason = `\`reflect\` by ${most} requires a size of at least ${most + 1} along ${name}`;
    if (call.requireAtLeast(size, constant(most + 1), reason)) continue;
    failByRange(call, argument, `less than the size of ${name} (${formatSize(size)}) with \`reflect\``, most);
  }
}

/**
 * The same to the sizes of another tensor: ceil((m - n) / 2) <= n - 1, so m <= 3 n - 2; with `before`, m - n - before
 * <= n - 1.
 */
function requireToReflectUpTo(call: LayerCall, other: Operand, before: readonly number[] | undefined): void {
  for (const [axis, { name, size }] of spatialOf(call).entries()) {
    const target = at(other.shape, axis + 1).size;
    const first = before?.[axis];
    const largest = first === undefined ? add(scale(size, 3), constant(-2)) : add(scale(size, 2), constant(first - 1));
    const reason = `\`reflect\` cannot extend ${name} to more than ${formatSize(largest)}`;
    if (call.requireAtLeast(largest, target, reason)) continue;
    failByRange(call, 'mode', `\`replicate\` or \`zeros\` here, because ${reason}`, formatSize(target));
  }
}

/** Crops spatial axes; with two operands, to the second's spatial sizes, centred (an odd voxel is cut after). */
export interface CropAttributes {
  readonly amounts: Padding | undefined;
  /** With two operands, the amounts before, if they are not centred. */
  readonly before?: readonly number[] | undefined;
}

const crop = operation<CropAttributes>({
  ...rearranging,
  operands: [1, 2],
  shape: ({ amounts }, operands) => bordered(amounts, -1, operands),
  label: () => 'crop',
  layers: {
    crop: layer({
      doc: 'Crops the spatial axes: by `amount` on both sides, or by `before` and `after`; given two tensors, to the centre at the sizes of the second (an odd voxel is cut after), or `before` from the start.',
      parameters: borderParameters,
      tensors: [1, 2],
      attributes: (given, call) => {
        const [tensor, other] = call.tensors;
        if (other === undefined) {
          requireBorder(call);
          return { amounts: amountsOf(given), before: undefined };
        }
        refuse(call, ['amount', 'after'], secondSize);
        requireSameRank(call, other);
        requireRoom(call, tensor, other, given.before);
        return sameSpatial(tensor, other) ? undefined : { amounts: undefined, before: given.before };
      },
    }),
  },
});

function bordered(amounts: Padding | undefined, sign: 1 | -1, operands: Parameters<typeof like>[0]): Shape {
  if (amounts === undefined) return like(operands);
  return local(operands, undefined, (size, axis) => add(size, constant(sign * padded(amounts, axis))));
}

function withChannels(shape: Shape, channels: number | undefined): Shape {
  if (channels === undefined) return shape;
  return shape.map((axis, index) => (index === 0 ? { name: axis.name, size: constant(channels) } : axis));
}

function amountsOf({ amount, before = amount, after = amount }: Given<typeof borderParameters>): Padding {
  return amount.map((_, axis) => [at(before, axis), at(after, axis)] as const);
}

/** UNET3010: both tensors must have the same number of spatial axes. */
function requireSameRank(call: LayerCall, other: Operand): void {
  const [tensor] = call.tensors;
  if (tensor.shape.length === other.shape.length) return;
  const parts = {
    what: `\`${call.name}\``,
    expected: `like ${formatShape(tensor.shape)}`,
    found: formatShape(other.shape),
  };
  call.fail('UNET3010', parts, call.span);
}

/** UNET3006: a cropped tensor must be at least as large as the target, and a padded one at most. */
function requireRoom(call: LayerCall, larger: Operand, smaller: Operand, before: readonly number[] | undefined): void {
  const isCrop = call.name === 'crop';
  for (const [index, { name, size: outer }] of larger.shape.entries()) {
    const small = smaller.shape[index]?.size;
    if (index === 0 || small === undefined) continue;
    const inner = add(small, constant(before?.[index - 1] ?? 0));
    const reason = `\`${call.name}\` cannot ${isCrop ? 'enlarge' : 'shrink'} its tensor along ${name}`;
    if (call.requireAtLeast(outer, inner, reason)) continue;
    const [tensor, other] = isCrop ? [outer, inner] : [inner, outer];
    const parts = {
      what: `The tensors of \`${call.name}\``,
      axis: name,
      left: formatSize(tensor),
      right: formatSize(other),
    };
    const help = `Use \`${isCrop ? 'pad' : 'crop'}\` for the opposite direction.`;
    call.fail('UNET3006', parts, call.span, { help });
  }
}

function sameSpatial(left: Operand, right: Operand): boolean {
  return left.shape.slice(1).every((axis, index) => {
    const other = right.shape[index + 1];
    return other !== undefined && sameSize(axis.size, other.size);
  });
}

export const resampling = { resize, pad, crop };
