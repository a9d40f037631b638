/**
 * Concatenates matrices by columns, and extracts columns. Kernels `UnetJoinColumns`, `UnetCutColumns`: the Concat and
 * Slice of wasm copy row by row, which is ten times slower for the few channels of an image.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type Kernel } from './kernel.js';
import { computeTyped, hasTypedArrays } from './typed.js';

interface JoinAttributes {
  readonly widths: readonly number[];
}

interface CutAttributes {
  readonly first: number;
  readonly width: number;
}

const operandName = (index: number): string => `x${index}`;

const joinKernel: Kernel<JoinAttributes> = defineKernel<JoinAttributes>({
  name: 'UnetJoinColumns',
  spatial: [],
  saved: [],
  lowered: (inputs, { widths }) => join(widths.map((_, i) => inputs[operandName(i)]!)),
  gradient: (dy, _, { widths, layout }) =>
    Object.fromEntries(
      widths.map((width, i) => {
        const first = widths.slice(0, i).reduce((total, each) => total + each, 0);
        return [operandName(i), () => cutKernel.applyAs({ x: dy }, { first, width, layout })];
      }),
    ),
});

/** Never differentiated. */
const cutKernel: Kernel<CutAttributes> = defineKernel<CutAttributes>({
  name: 'UnetCutColumns',
  spatial: [],
  saved: [],
  lowered: ({ x }, { first, width }) => cut(x!, first, width),
});

function join(operands: readonly tf.Tensor[]): tf.Tensor {
  if (!hasTypedArrays()) return tf.concat([...operands], 1);
  const rows = operands[0]!.shape[0];
  const total = operands.reduce((sum, x) => sum + x.shape[1]!, 0);
  return computeTyped(operands, [rows, total], (y, ...values) => {
    let first = 0;
    for (const [i, x] of values.entries()) {
      const width = operands[i]!.shape[1]!;
      copyColumns(y, first, total, x, 0, width, width, rows);
      first += width;
    }
  });
}

function cut(x: tf.Tensor, first: number, width: number): tf.Tensor {
  const [rows, total] = x.shape as [number, number];
  if (!hasTypedArrays()) return tf.slice(x, [0, first], [rows, width]);
  return computeTyped([x], [rows, width], (y, values) => copyColumns(y, 0, width, values, first, total, width, rows));
}

function copyColumns(
  to: Float32Array,
  toFirst: number,
  toWidth: number,
  from: Float32Array,
  fromFirst: number,
  fromWidth: number,
  columns: number,
  rows: number,
): void {
  if (columns > 256) {
    // Long runs are copied at once; for short runs, a call costs more than copying.
    for (let r = 0; r < rows; r++) {
      const start = r * fromWidth + fromFirst;
      to.set(from.subarray(start, start + columns), r * toWidth + toFirst);
    }
    return;
  }
  for (let r = 0, i = toFirst, j = fromFirst; r < rows; r++, i += toWidth, j += fromWidth) {
    for (let c = 0; c < columns; c++) to[i + c] = from[j + c]!;
  }
}

/** `[rows, a]`, `[rows, b]`, ... to `[rows, a + b + ...]`. */
export function joinColumns(operands: readonly tf.Tensor[]): tf.Tensor {
  const inputs = Object.fromEntries(operands.map((x, i) => [operandName(i), x]));
  return joinKernel.applyAs(inputs, { widths: operands.map((x) => x.shape[1]!), layout: 'channels-last' });
}
