/** Mean, sum and maximum over named axes. Kernel `UnetSum` sums in double precision if possible. */
import * as tf from '@tensorflow/tfjs';
import { columnSums } from './column-sums.js';
import { defineKernel, type Kernel } from './kernel.js';
import { inMemory, rearrange, type Names } from './named-axes.js';
import { computeTyped, hasTypedArrays } from './typed.js';
import { product } from './spatial.js';

interface RepeatAttributes {
  readonly count: number;
}

/** `[outer, n, inner]` to `[outer, inner]`. */
const sumKernel: Kernel<object> = defineKernel<object>({
  name: 'UnetSum',
  spatial: [],
  saved: ['x'],
  lowered: ({ x }) => sumOverMiddle(x!),
  gradient: (dy, { x }) => ({
    x: () => repeatKernel.applyAs({ x: dy }, { count: x!.shape[1]!, layout: 'channels-last' }),
  }),
});

/** `[outer, inner]` to `[outer, n, inner]`, repeated n times. */
const repeatKernel: Kernel<RepeatAttributes> = defineKernel<RepeatAttributes>({
  name: 'UnetRepeat',
  spatial: [],
  saved: [],
  lowered: ({ x }, { count }) =>
    hasTypedArrays() ? typedRepeat(x!, count) : tf.tile(tf.expandDims(x!, 1), [1, count, 1]),
});

function sumOverMiddle(x: tf.Tensor): tf.Tensor {
  const [outer, n, inner] = x.shape as [number, number, number];
  if (outer === 1) return columnSums(x.reshape([n, inner])).reshape([1, inner]);
  return hasTypedArrays() ? typedSum(x) : tf.sum(x, 1);
}

/** Sums `[outer, n, inner]` over n: `[outer, inner]`. */
export function sumMiddle(x: tf.Tensor): tf.Tensor {
  return sumKernel.applyAs({ x }, { layout: 'channels-last' });
}

function typedSum(x: tf.Tensor): tf.Tensor {
  const [outer, n, inner] = x.shape as [number, number, number];
  return computeTyped([x], [outer, inner], (y, values) => {
    const sums = new Float64Array(inner);
    for (let o = 0, i = 0; o < outer; o++) {
      sums.fill(0);
      for (let k = 0; k < n; k++) for (let c = 0; c < inner; c++, i++) sums[c]! += values[i]!;
      y.set(sums, o * inner);
    }
  });
}

function typedRepeat(x: tf.Tensor, count: number): tf.Tensor {
  const [outer, inner] = x.shape as [number, number];
  return computeTyped([x], [outer, count, inner], (y, values) => {
    for (let o = 0; o < outer; o++) {
      const row = values.subarray(o * inner, (o + 1) * inner);
      for (let k = 0; k < count; k++) y.set(row, (o * count + k) * inner);
    }
  });
}

/** Reduces axes; the result has the remaining axes in their order. */
export function reduce(x: tf.Tensor, kind: 'mean' | 'sum' | 'max', names: Names, over: Names): tf.Tensor {
  const lying = inMemory(names);
  const kept = lying.filter((name) => !over.includes(name));
  const target = inMemory(names.filter((name) => !over.includes(name)));
  const size = (each: Names): number => product(each.map((name) => x.shape[lying.indexOf(name)]!));
  const reduced = lying.filter((name) => over.includes(name));
  const first = lying.indexOf(reduced[0]!);
  const together = reduced.every((name, i) => lying[first + i] === name);
  const before = together ? lying.slice(0, first) : kept;
  const after = kept.slice(before.length);
  const view = rearrange(x, lying, [...before, ...reduced, ...after]).reshape([
    size(before),
    size(reduced),
    size(after),
  ]);
  const flat = kind === 'max' ? tf.max(view, 1) : sumMiddle(view);
  const scaled = kind === 'mean' ? tf.mul(flat, 1 / size(reduced)) : flat;
  return rearrange(scaled.reshape(kept.map((name) => size([name]))), kept, target);
}
