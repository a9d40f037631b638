import type { GraphBuilder } from '../builder.js';
import { derived, sizeOf, type Size, type Value } from '../graph.js';
import { reshape, transpose, type Amounts } from './shaping.js';

/** How a window moves, one entry per spatial axis. */
export interface Window {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** `[before, after]`, not negative except where a formulation says that it cuts then. */
  readonly pad: Amounts;
}

/** The number of positions of a window along each axis: floor((n + before + after - dilation (k - 1) - 1) / stride) + 1. */
export function windowSizes<S extends Size>(
  sizes: readonly S[],
  kernel: readonly number[],
  { stride, dilation, pad }: Window,
): readonly S[] {
  return sizes.map((size, i) => {
    const reach = dilation[i]! * (kernel[i]! - 1) + 1;
    return derived(size, (n) => Math.floor((n + pad[i]![0] + pad[i]![1] - reach) / stride[i]!) + 1);
  });
}

/** Whether a window sees one position and visits each: the convolution is a matrix product. */
export function isPlain(kernel: readonly number[], { stride, pad }: Window): boolean {
  return (
    kernel.every((size) => size === 1) &&
    stride.every((step) => step === 1) &&
    pad.every(([before, after]) => before === 0 && after === 0)
  );
}

/** `[M, s0 * s1 * .., q0, q1, ..]` to `[M, q0 * s0, q1 * s1, ..]`, the first axis slowest among the phases. */
export function depthToSpace(g: GraphBuilder, x: Value, stride: readonly number[]): Value {
  const [outer, , ...counts] = x.shape as [number, number, ...number[]];
  const rank = stride.length;
  const open = reshape(g, x, [outer, ...stride, ...counts]);
  const order = stride.flatMap((_, i) => [1 + rank + i, 1 + i]);
  return reshape(g, transpose(g, open, [0, ...order]), [outer, ...counts.map((count, i) => count * stride[i]!)]);
}

/** `[N, C]` cases and channels in a row, then all positions in a row. */
export function channelRows(g: GraphBuilder, x: Value): Value {
  return reshape(g, x, [x.shape[0]! * x.shape[1]!, sizeOf(x.shape.slice(2))]);
}
