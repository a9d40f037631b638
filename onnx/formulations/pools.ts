/** Maximum and average over windows. */
import type { GraphBuilder } from '../builder.js';
import { sizeOf, type Size, type Value } from '../graph.js';
import { padsOf, reshape } from './shaping.js';
import { windowSizes, type Window } from './window.js';

/** A window without dilation. */
export type PoolWindow = Omit<Window, 'dilation'> & { readonly kernel: readonly number[] };

function pooled<S extends Size>({ shape, type }: Value<S>, { kernel, ...window }: PoolWindow) {
  const dilation = kernel.map(() => 1);
  const sizes = windowSizes(shape.slice(2), kernel, { ...window, dilation });
  return { shape: [...shape.slice(0, 2), ...sizes], type };
}

function attributesOf({ kernel, stride, pad }: PoolWindow) {
  return { kernel_shape: kernel, strides: stride, pads: padsOf(pad) };
}

/** No padding enters the maximum. */
export function maxPool<S extends Size>(g: GraphBuilder, x: Value<S>, window: PoolWindow): Value<S> {
  return g.node('MaxPool', [x], pooled(x, window), attributesOf(window));
}

/** The maxima, and their positions as indices into the whole operand. A tie goes to the first. */
export function maxPoolWithPlaces(g: GraphBuilder, x: Value, window: PoolWindow): readonly [Value, Value] {
  const output = pooled(x, window);
  const [y, places] = g.nodeWith('MaxPool', [x], [output, { ...output, type: 'int64' }], attributesOf(window));
  return [y!, places!];
}

/** Divides by the kernel's whole size, padding included. */
export function averagePool<S extends Size>(g: GraphBuilder, x: Value<S>, window: PoolWindow): Value<S> {
  return g.node('AveragePool', [x], pooled(x, window), { ...attributesOf(window), count_include_pad: 1 });
}

/** The gradient of `maxPool`: each entry of dy goes to where its maximum was, and overlapping windows add up. */
export function maxPoolInput(g: GraphBuilder, dy: Value, x: Value, window: PoolWindow): Value {
  const [, places] = maxPoolWithPlaces(g, x, window);
  const size = sizeOf(x.shape);
  const zeros = g.node('ConstantOfShape', [g.integers([size])], { shape: [size], type: 'float32' });
  const flat = (value: Value): Value => reshape(g, value, [sizeOf(value.shape)]);
  const overlapping = window.kernel.some((each, i) => each > window.stride[i]!);
  const scattered = g.node(
    'ScatterElements',
    [zeros, flat(places), flat(dy)],
    { shape: [size], type: 'float32' },
    { axis: 0, reduction: overlapping ? 'add' : 'none' },
  );
  return reshape(g, scattered, x.shape);
}
