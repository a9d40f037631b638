/** `UnetMaxPool`, `UnetMaxPoolInput`. */
import type { GraphBuilder } from '../graph/builder.js';
import { sizeOf, type Value } from '../graph/value.js';
import { reshape } from './basic.js';
import { emitter, type Emitters } from './emitter.js';

interface PoolAttributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: readonly (readonly [number, number])[];
}

/** The maxima, and where they lie, counted through the whole operand. A tie goes to the first. */
function maxPool(g: GraphBuilder, x: Value, { kernel, stride, pad }: PoolAttributes): readonly [Value, Value] {
  const sizes = kernel.map((size, i) => {
    const padded = x.shape[i + 2]! + pad[i]![0] + pad[i]![1];
    return Math.floor((padded - size) / stride[i]!) + 1;
  });
  const shape = [...x.shape.slice(0, 2), ...sizes];
  const pads = [...pad.map(([before]) => before), ...pad.map(([, after]) => after)];
  const attributes = { kernel_shape: kernel, strides: stride, pads };
  const [y, places] = g.nodeWith(
    'MaxPool',
    [x],
    [
      { shape, type: x.type },
      { shape, type: 'int64' },
    ],
    attributes,
  );
  return [y!, places!];
}

/** Each entry of dy to where its maximum lay; where windows overlap they add up. */
function inputGradient(g: GraphBuilder, dy: Value, x: Value, attributes: PoolAttributes): Value {
  const [, places] = maxPool(g, x, attributes);
  const size = sizeOf(x.shape);
  const zeros = g.node('ConstantOfShape', [g.integers([size])], { shape: [size], type: 'float32' });
  const flat = (value: Value): Value => reshape(g, value, [sizeOf(value.shape)]);
  const overlapping = attributes.kernel.some((each, i) => each > attributes.stride[i]!);
  const scattered = g.node(
    'ScatterElements',
    [zeros, flat(places), flat(dy)],
    { shape: [size], type: 'float32' },
    { axis: 0, reduction: overlapping ? 'add' : 'none' },
  );
  return reshape(g, scattered, x.shape);
}

export const pools: Emitters = {
  UnetMaxPool: emitter<PoolAttributes>((g, { x }, attributes) => maxPool(g, x!, attributes)[0]),
  UnetMaxPoolInput: emitter<PoolAttributes>((g, { dy, x }, attributes) => inputGradient(g, dy!, x!, attributes)),
};
