/** What changes spatial sizes without weights: pools, resize, pad, crop. */
import { constantOf } from '../../../shape/size.js';
import { asFraction } from '../../../shape/fraction.js';
import { operand, spatialAxes, type Emission, type Emitter, type Tensor } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { joined, sizeOf, sizesOf } from '../sizes.js';
import { padsOf } from './convolutions.js';

export const maxPool: Emitter<'max_pool'> = ({ kernel, stride, pad }, emission) =>
  emission.graph.node('MaxPool', [operand(emission, 0).value], {
    kernel_shape: kernel,
    strides: stride,
    pads: padsOf(pad),
  });

export const avgPool: Emitter<'avg_pool'> = ({ kernel, stride, pad }, emission) =>
  emission.graph.node('AveragePool', [operand(emission, 0).value], {
    kernel_shape: kernel,
    strides: stride,
    pads: padsOf(pad),
    count_include_pad: 1,
  });

/** Half-pixel centres. Whole factors are given as such, all else as sizes, so that positions follow the true ratio. */
export const resize: Emitter<'resize'> = ({ mode, scale }, emission) => {
  const { graph } = emission;
  const x = operand(emission, 0);
  const attributes = {
    mode,
    coordinate_transformation_mode: 'half_pixel',
    ...(mode === 'nearest' ? { nearest_mode: 'round_prefer_ceil' } : {}),
  };
  const absent = { name: '' };
  if (scale?.every((factor) => Number.isInteger(factor)) === true) {
    return graph.node('Resize', [x.value, absent, graph.floats([1, 1, ...scale])], attributes);
  }
  const sizes = spatialAxes(x).map((axis, index) => targetSize(emission, axis, scale?.[index]));
  if (mode === 'nearest') return nearest(graph, x, sizes);
  const all = joined(graph, [sizesOf(graph, x.value, 0, 2), ...sizes]);
  return graph.node('Resize', [x.value, absent, absent, all], attributes);
};

/** New size of an axis, as a list: floor(n * factor), or the second operand's. */
function targetSize(emission: Emission, axis: number, factor: number | undefined): Value | number {
  const { graph } = emission;
  const known = constantOf(sizeAt(emission, axis));
  if (known !== undefined) return known;
  if (factor === undefined) return sizeOf(graph, operand(emission, 1).value, axis);
  const { over, under } = asFraction(factor);
  const product = graph.node('Mul', [sizeOf(graph, operand(emission, 0).value, axis), graph.integers([over])]);
  return graph.node('Div', [product, graph.integers([under])]);
}

/**
 * Axis after axis, entry j from floor((2j + 1) * from / (2 * to)): the entry whose cell holds the centre. Resize reckons
 * in floats, which may fall to either side where a centre lies on the border of two cells.
 */
function nearest(graph: GraphBuilder, x: Tensor, sizes: readonly (Value | number)[]): Value {
  const axes = spatialAxes(x);
  return axes.reduce((result, axis, index) => {
    const to = asList(graph, sizes[index] ?? 0);
    const scalar = graph.node('Squeeze', [to, graph.integers([0])]);
    const counted = graph.node('Range', [graph.integers([0], []), scalar, graph.integers([1], [])]);
    const odd = graph.node('Add', [graph.node('Mul', [counted, graph.integers([2])]), graph.integers([1])]);
    const above = graph.node('Mul', [odd, sizeOf(graph, x.value, axis)]);
    const places = graph.node('Div', [above, graph.node('Mul', [to, graph.integers([2])])]);
    return graph.node('Gather', [result, places], { axis });
  }, x.value);
}

function asList(graph: GraphBuilder, size: Value | number): Value {
  return typeof size === 'number' ? graph.integers([size]) : size;
}

/** Size of an axis of the result. */
function sizeAt({ shape }: Emission, axis: number) {
  const found = shape[axis - 1];
  if (found === undefined) throw new Error(`no axis ${axis}`);
  return found.size;
}

export const pad: Emitter<'pad'> = ({ amounts, value }, emission) => {
  const { graph } = emission;
  const x = operand(emission, 0);
  const fill = value === 0 ? [] : [graph.scalar(value)];
  if (amounts !== undefined) {
    const pads = padsOf([[0, 0], [0, 0], ...amounts]);
    return graph.node('Pad', [x.value, graph.integers(pads), ...fill], { mode: 'constant' });
  }
  const { before, after } = margins(graph, operand(emission, 1), x);
  return graph.node('Pad', [x.value, joined(graph, [0, 0, before, 0, 0, after]), ...fill], { mode: 'constant' });
};

/** Beyond any axis. */
const toTheEnd = 2 ** 62;

export const crop: Emitter<'crop'> = ({ amounts }, emission) => {
  const { graph } = emission;
  const x = operand(emission, 0);
  const axes = spatialAxes(x);
  if (amounts !== undefined) {
    const starts = graph.integers(amounts.map(([before]) => before));
    const ends = graph.integers(amounts.map(([, after]) => (after === 0 ? toTheEnd : -after)));
    return graph.node('Slice', [x.value, starts, ends, graph.integers(axes)]);
  }
  const target = operand(emission, 1);
  const { before, smaller } = margins(graph, x, target);
  return graph.node('Slice', [x.value, before, graph.node('Add', [before, smaller]), graph.integers(axes)]);
};

/** What lies around the smaller of two tensors set in the middle of the larger, by spatial axis; the odd one after. */
function margins(graph: GraphBuilder, large: Tensor, small: Tensor): Record<'before' | 'after' | 'smaller', Value> {
  const smaller = spatialSizes(graph, small);
  const difference = graph.node('Sub', [spatialSizes(graph, large), smaller]);
  const before = graph.node('Div', [difference, graph.integers([2])]);
  return { before, after: graph.node('Sub', [difference, before]), smaller };
}

function spatialSizes(graph: GraphBuilder, { value }: Tensor): Value {
  return sizesOf(graph, value, 2);
}
