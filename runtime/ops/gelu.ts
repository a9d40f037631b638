/**
 * Gaussian error linear unit by the exact formula, x * Phi(x) with the normal distribution function (Hendrycks and
 * Gimpel 2016). Kernels `UnetGelu`, `UnetGeluInput`.
 */
import * as tf from '@tensorflow/tfjs';
import { hermiteTable, type Table } from './hermite-table.js';
import { defineKernel, type Kernel } from './kernel.js';
import { computeTyped, hasTypedArrays } from './typed.js';

/** Beyond this, Phi is 0 or 1 to within 1e-9. */
const REACH = 6;
const CELLS = 1536;

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Phi at the table's nodes, from the density by Simpson's rule on each cell (error below 1e-14). */
function distribution(): Float64Array {
  const step = (2 * REACH) / CELLS;
  const values = new Float64Array(CELLS + 1);
  values[0] = 9.865876450376946e-10;
  for (let i = 0; i < CELLS; i++) {
    const x = -REACH + i * step;
    values[i + 1] = values[i]! + (step / 6) * (density(x) + 4 * density(x + step / 2) + density(x + step));
  }
  return values;
}

let tables: { readonly phi: Table; readonly slope: Table } | undefined;

/** Phi(x), and Phi(x) + x * density(x), the derivative of gelu: cubic interpolation, exact to 1e-9. */
function geluTables(): { readonly phi: Table; readonly slope: Table } {
  if (tables !== undefined) return tables;
  const phi = distribution();
  const at = (i: number): number => -REACH + (2 * REACH * i) / CELLS;
  tables = {
    phi: hermiteTable(-REACH, REACH, CELLS, (i) => [phi[i]!, density(at(i))]),
    slope: hermiteTable(-REACH, REACH, CELLS, (i) => {
      const x = at(i);
      return [phi[i]! + x * density(x), density(x) * (2 - x * x)];
    }),
  };
  return tables;
}

const geluKernel: Kernel<object> = defineKernel<object>({
  name: 'UnetGelu',
  spatial: [],
  saved: ['x'],
  lowered: ({ x }) => (hasTypedArrays() ? typedGelu(x!) : composedGelu.forward(x!)),
  gradient: (dy, { x }, attributes) => ({ x: () => inputKernel.applyAs({ dy, x: x! }, attributes) }),
});

const inputKernel: Kernel<object> = defineKernel<object>({
  name: 'UnetGeluInput',
  spatial: [],
  saved: [],
  lowered: ({ dy, x }) => (hasTypedArrays() ? typedGradient(dy!, x!) : composedGelu.inputGradient(dy!, x!)),
});

function typedGelu(x: tf.Tensor): tf.Tensor {
  const { phi } = geluTables();
  return computeTyped([x], x.shape, (y, values) => {
    const { coefficients, perUnit } = phi;
    for (let i = 0; i < y.length; i++) {
      const value = values[i]!;
      if (value > -REACH && value < REACH) {
        const position = (value + REACH) * perUnit;
        const cell = position | 0;
        const t = position - cell;
        const k = cell * 4;
        const distributionAt =
          ((coefficients[k + 3]! * t + coefficients[k + 2]!) * t + coefficients[k + 1]!) * t + coefficients[k]!;
        y[i] = value * distributionAt;
      } else y[i] = value <= -REACH ? 0 : value;
    }
  });
}

function typedGradient(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const { slope } = geluTables();
  return computeTyped([dy, x], x.shape, (dx, above, values) => {
    const { coefficients, perUnit } = slope;
    for (let i = 0; i < dx.length; i++) {
      const value = values[i]!;
      if (value > -REACH && value < REACH) {
        const position = (value + REACH) * perUnit;
        const cell = position | 0;
        const t = position - cell;
        const k = cell * 4;
        dx[i] =
          above[i]! *
          (((coefficients[k + 3]! * t + coefficients[k + 2]!) * t + coefficients[k + 1]!) * t + coefficients[k]!);
      } else dx[i] = value <= -REACH ? 0 : value > 0 ? above[i]! : value;
    }
  });
}

/** The same from stock operations, for backends with memory of their own. */
export const composedGelu = {
  forward: (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  inputGradient: (dy: tf.Tensor, x: tf.Tensor): tf.Tensor => {
    const phi = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    const bell = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return tf.mul(dy, tf.add(phi, tf.mul(x, bell)));
  },
};

/** Elementwise, so independent of the layout. NaN stays NaN. */
export function gelu(x: tf.Tensor): tf.Tensor {
  return geluKernel.applyAs({ x }, { layout: 'channels-last' });
}
