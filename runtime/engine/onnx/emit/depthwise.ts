/** `UnetDepthwiseConv` and its gradients, weights `[C, 1, ...kernel]`: grouped Convs, one group a channel. */
import type { GraphBuilder } from '../graph/builder.js';
import { sizeOf, type Value } from '../graph/value.js';
import { mul, reduce, reshape, slice, transpose } from './basic.js';
import { conv, convInputGradient } from './conv.js';
import { emitter, type Emitters } from './emitter.js';
import type { Window } from './window.js';

export const depthwise: Emitters = {
  UnetDepthwiseConv: emitter<Window>((g, { x, w, bias }, window) => conv(g, x!, w!, bias, window, x!.shape[1]!)),
  UnetDepthwiseConvInput: emitter<Window & { readonly sizes: readonly number[] }>(
    (g, { dy, w }, { sizes, ...window }) => convInputGradient(g, dy!, w!, sizes, window, dy!.shape[1]!),
  ),
  UnetDepthwiseConvFilter: emitter<Window & { readonly kernel: readonly number[] }>(
    (g, { x, dy }, { kernel, ...window }) => filterGradient(g, x!, dy!, kernel, window),
  ),
};

/** As many channels as are folded together; what they have with one another is thrown away. */
function blockSize(channels: number): number {
  return [8, 7, 6, 5, 4, 3, 2, 1].find((size) => channels % size === 0)!;
}

/**
 * The weight gradient as a Conv in groups of up to eight channels, folded as in `conv-filter.ts`; of its `[b, b]` pairs of
 * channels the diagonal is kept. Two to four times faster than a group for each channel.
 */
function filterGradient(g: GraphBuilder, x: Value, dy: Value, kernel: readonly number[], window: Window): Value {
  const { stride, dilation, pad } = window;
  const [cases, channels, ...sizes] = x.shape as [number, number, ...number[]];
  const out = dy.shape.slice(2);
  const rank = sizes.length;
  const block = dilation.at(-1) === 1 ? blockSize(channels) : 1;
  const count = channels / block;
  const unit = (i: number): number => (i === rank - 1 ? block : 1);
  const grouped = reshape(g, x, [cases, count, block, ...sizes]);
  const folded = transpose(g, grouped, [1, 0, ...sizes.map((_, i) => i + 3), 2]);
  const rows = reshape(g, folded, [1, count * cases, ...sizes.map((size, i) => size * unit(i))]);
  const after = sizes.map((size, i) =>
    Math.max(dilation[i]! * (kernel[i]! - 1) + stride[i]! * (out[i]! - 1) + 1 - size - pad[i]![0], 0),
  );
  const results = sizes.map((size, i) => {
    const span = size + pad[i]![0] + after[i]! - stride[i]! * (out[i]! - 1) - 1;
    return (Math.floor(span / dilation[i]!) + 1) * unit(i);
  });
  const taps = g.node(
    'Conv',
    [rows, transpose(g, dy, [1, 0, ...out.map((_, i) => i + 2)])],
    { shape: [1, channels, ...results], type: x.type },
    {
      kernel_shape: out,
      dilations: stride.map((step, i) => step * unit(i)),
      strides: dilation,
      pads: [...pad.map(([before], i) => before * unit(i)), ...after.map((each, i) => each * unit(i))],
      group: count,
    },
  );
  const kept = slice(
    g,
    taps,
    taps.shape.map(() => 0),
    [1, channels, ...kernel.map((size, i) => size * unit(i))],
  );
  const pairs = reshape(g, kept, [count, block, sizeOf(kernel), block]);
  return reshape(g, reduce(g, 'ReduceSum', mul(g, pairs, diagonal(g, block)), [3]), [channels, 1, ...kernel]);
}

function diagonal(g: GraphBuilder, size: number): Value {
  const data = new Float32Array(size * size);
  for (let i = 0; i < size; i++) data[i * size + i] = 1;
  return g.constant(data, [1, size, 1, size]);
}
