/** Operations that change the sizes of spatial axes without weights. */
import { add, constant, floorDivide, formatSize, sameSize, scale, type Size } from '../../shape/size.js';
import { asFraction } from '../../shape/fraction.js';
import { formatShape } from '../format-shape.js';
import type { Operand, Padding, Shape } from '../tensor.js';
import { sizes } from './labels.js';
import { layer, type Layer, type LayerCall } from './layer.js';
import { mode, perAxis, perAxisOr, spatialOf } from './parameters.js';
import { at, like, local, operandAt, padded } from './shapes.js';
import { operation, rearranging } from './traits.js';
import { nothing, resized, sizesOf } from './view.js';

/**
 * Spatial resampling with half-pixel centres (`linear` is bi- or trilinear by rank). Two operands: to the second's
 * spatial sizes; one: by `scale` per axis, sizes floor(n * scale).
 */
export interface ResizeAttributes {
  readonly mode: 'linear' | 'nearest';
  readonly scale: readonly number[] | undefined;
}

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
    const name = attributes.mode === 'nearest' ? 'nearest' : (linearNames[shape.length - 2] ?? 'linear');
    return attributes.scale === undefined ? `resize, ${name}` : `resize ×${sizes(attributes.scale)}, ${name}`;
  },
  layers: {
    resize: layer({
      doc: 'Resizes the spatial axes: one tensor by `scale`, two tensors to the sizes of the second. Half-pixel centres; `trilinear`, `bilinear` or `nearest`.',
      parameters: { mode, scale: perAxisOr("the second tensor's size", 1) },
      tensors: [1, 2],
      attributes: ({ mode, scale }, call) => {
        const [tensor, other] = call.tensors;
        requireRank(call, mode);
        const kind = mode === 'nearest' ? 'nearest' : 'linear';
        if (other !== undefined) {
          requireSameRank(call, other);
          return sameSpatial(tensor, other) ? undefined : { mode: kind, scale: undefined };
        }
        if (scale !== undefined) return { mode: kind, scale };
        return call.fail('UNET2019', { name: 'scale', of: 'resize' }, call.span, {
          help: 'Give `scale:`, or a second tensor with the wanted size: `(x, like) -> resize(...)`.',
        });
      },
    }),
  },
});

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
 * Pads spatial axes with zeros (or `value`); with two operands, to the second's spatial sizes, centred (an odd voxel
 * goes after).
 */
export interface PadAttributes {
  readonly amounts: Padding | undefined;
  readonly value: number;
}

const pad = operation<PadAttributes>({
  ...rearranging,
  operands: [1, 2],
  shape: ({ amounts }, operands) => bordered(amounts, 1, operands),
  label: () => 'pad',
  layers: {
    pad: borderLayer(
      'pad',
      'Pads the spatial axes with zeros: by `amount` on both sides, or, given two tensors, to the sizes of the second, centred (an odd voxel goes after).',
      (amounts) => ({ amounts, value: 0 }),
    ),
  },
});

/** Crops spatial axes; with two operands, to the second's spatial sizes, centred (an odd voxel is cut after). */
export interface CropAttributes {
  readonly amounts: Padding | undefined;
}

const crop = operation<CropAttributes>({
  ...rearranging,
  operands: [1, 2],
  shape: ({ amounts }, operands) => bordered(amounts, -1, operands),
  label: () => 'crop',
  layers: {
    crop: borderLayer(
      'crop',
      'Crops the spatial axes: by `amount` on both sides, or, given two tensors, to the centre at the sizes of the second (an odd voxel is cut after).',
      (amounts) => ({ amounts }),
    ),
  },
});

function bordered(amounts: Padding | undefined, sign: 1 | -1, operands: Parameters<typeof like>[0]): Shape {
  if (amounts === undefined) return like(operands);
  return local(operands, undefined, (size, axis) => add(size, constant(sign * padded(amounts, axis))));
}

function borderLayer<A>(name: 'pad' | 'crop', doc: string, attributes: (amounts: Padding | undefined) => A): Layer<A> {
  return layer({
    doc,
    parameters: { amount: perAxis({ least: 0, otherwise: 0 }) },
    tensors: [1, 2],
    attributes: ({ amount }, call) => {
      const [tensor, other] = call.tensors;
      if (other === undefined) return attributes(amount.map((each) => [each, each] as const));
      requireSameRank(call, other);
      if (name === 'crop') requireRoom(call, tensor, other);
      else requireRoom(call, other, tensor);
      return sameSpatial(tensor, other) ? undefined : attributes(undefined);
    },
  });
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
function requireRoom(call: LayerCall, larger: Operand, smaller: Operand): void {
  const isCrop = call.name === 'crop';
  for (const [index, { name, size: outer }] of larger.shape.entries()) {
    const inner = smaller.shape[index]?.size;
    if (index === 0 || inner === undefined) continue;
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
