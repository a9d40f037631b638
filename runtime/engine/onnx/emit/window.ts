import type { GraphBuilder } from '../graph/builder.js';
import { sizeOf, type Value } from '../graph/value.js';
import { reshape, transpose } from './basic.js';

/** How a window moves, one entry a spatial axis. */
export interface Window {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** `[before, after]`, not negative but where `conv` alone takes it, which then cuts. */
  readonly pad: readonly (readonly [number, number])[];
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
