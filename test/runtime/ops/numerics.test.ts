import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { columnSums } from '../../../runtime/ops/column-sums.js';
import { gelu } from '../../../runtime/ops/gelu.js';
import { hermiteTable } from '../../../runtime/ops/hermite-table.js';
import { matMul } from '../../../runtime/ops/matmul.js';
import { multiply } from '../../../runtime/ops/multiply.js';
import { batchMoments } from '../../../runtime/ops/moments.js';
import { composedNorm, norm } from '../../../runtime/ops/norm.js';
import { permute } from '../../../runtime/ops/permute.js';
import { reduce } from '../../../runtime/ops/reduce.js';
import { resize } from '../../../runtime/ops/resize.js';
import { depthToSpace, spaceToDepth } from '../../../runtime/ops/spatial.js';
import { fromPhysical, toPhysical } from '../../../runtime/ops/layout.js';
import { unary } from '../../../runtime/ops/unary.js';
import { expectClose, expectGradient, logically, normals, onEveryBackend } from './support.js';

const perGroup = { groups: 2, across: 'case', epsilon: 1e-5 } as const;

onEveryBackend('numerics', () => {
  it('group norm keeps its digits where the mean is a thousand deviations', async () => {
    const x = normals([2, 4, 4, 5, 6], 'x');
    const op = logically((input) => norm(input, tf.ones([4]), tf.zeros([4]), perGroup));
    await expectClose(op(tf.add(x, 1000)), op(x), 2e-3);
  });

  it('the moments of a batch keep their digits, too', async () => {
    const x = normals([2, 4, 4, 5, 6], 'x');
    const [mean, variance] = tf.split(batchMoments(tf.add(toPhysical(x), 1000)), 2);
    const rows = tf.transpose(x, [1, 0, 2, 3, 4]).reshape([4, -1]);
    const expected = tf.moments(rows, 1);
    await expectClose(tf.sub(mean!.flatten(), 1000), expected.mean, 1e-3);
    await expectClose(variance!.flatten(), tf.mul(expected.variance, 240 / 239), 2e-3);
  });

  it.each(['position', 'case', 'batch'] as const)('stock operations normalise alike, by %s', async (across) => {
    const [x, dy] = [normals([2, 3, 5, 4], 'x'), normals([2, 3, 5, 4], 'dy')];
    const [gamma, beta] = [normals([4], 'gamma'), normals([4], 'beta')];
    const attributes = { groups: across === 'case' ? 2 : across === 'batch' ? 4 : 1, across, epsilon: 1e-5 };
    const shared = (tensor: tf.Tensor): tf.Tensor => (across === 'batch' ? tensor.reshape([1, -1, 4]) : tensor);
    const lastFirst = (tensor: tf.Tensor): tf.Tensor => toPhysical(tf.transpose(tensor, [0, 3, 1, 2]));
    const op = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
      const y = norm(lastFirst(a), b, beta, attributes);
      return tf.transpose(fromPhysical(y), [0, 2, 3, 1]);
    };
    const [dx, dgamma] = tf.grads(op)([x, gamma], dy);
    const y = composedNorm.forward(shared(x), gamma, beta, attributes);
    await expectClose(y.reshape(x.shape), op(x, gamma), 1e-5);
    const ofInput = composedNorm.inputGradient(shared(dy), shared(x), gamma, attributes);
    await expectClose(ofInput.reshape(x.shape), dx!, 1e-5);
    await expectClose(composedNorm.scaleGradient(shared(dy), shared(x), attributes), dgamma!, 1e-5);
  });

  it('group norm of a constant is its bias, with finite gradients', async () => {
    const x = tf.fill([1, 4, 3, 3, 3], 7.25);
    const beta = tf.tensor1d([1, 2, 3, 4]);
    const op = logically((input) => norm(input, tf.ones([4]), beta, perGroup));
    await expectClose(op(x), tf.mul(tf.onesLike(x), beta.reshape([1, 4, 1, 1, 1])), 1e-3);
    const slope = await tf
      .grad((input: tf.Tensor) => op(input))(x)
      .data();
    expect(slope.every(Number.isFinite)).toBe(true);
  });

  it('one position a case and one channel a group', async () => {
    const x = normals([3, 4, 1, 1, 1], 'x');
    const op = logically((input) => norm(input, tf.ones([4]), tf.zeros([4]), { ...perGroup, groups: 4 }));
    await expectClose(op(x), tf.zerosLike(x), 1e-4);
  });

  it('column sums of any number of rows', async () => {
    for (const rows of [1, 2, 13, 36, 97, 1000]) {
      const x = tf.add(normals([rows, 5], 'x'), 3);
      const wanted = (await x.array()) as number[][];
      const sums = wanted.reduce((total, row) => total.map((each, c) => each + row[c]!), [0, 0, 0, 0, 0]);
      await expectClose(columnSums(x), tf.tensor1d(sums), 1e-6);
    }
  });

  it('means of many values lose no digits', async () => {
    const x = tf.fill([1, 1, 32, 32, 32], 0.1);
    const op = logically((input) => reduce(input, 'mean', ['C', 'D', 'H', 'W'], ['D', 'H', 'W']));
    expect((await op(x).data())[0]).toBeCloseTo(0.1, 6);
  });

  it('gelu and its gradient over the whole range', async () => {
    const x = tf.linspace(-12, 12, 4001);
    const y = await gelu(x).data();
    const slope = await tf.grad(gelu)(x).data();
    (await x.data()).forEach((value, i) => {
      const phi = distribution(value);
      const bell = Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI);
      expect(Math.abs(y[i]! - value * phi)).toBeLessThan(2e-6);
      expect(Math.abs(slope[i]! - (phi + value * bell))).toBeLessThan(2e-6);
    });
    expect((await gelu(tf.tensor1d([NaN])).data())[0]).toBeNaN();
  });

  it('functions with exponentials do not overflow', async () => {
    const x = tf.tensor1d([-200, -50, 50, 200]);
    for (const name of ['softplus', 'sigmoid', 'silu', 'elu', 'tanh'] as const) {
      const op = (input: tf.Tensor): tf.Tensor => unary(input, name);
      expect((await op(x).data()).every(Number.isFinite), name).toBe(true);
      expect((await tf.grad(op)(x).data()).every(Number.isFinite), name).toBe(true);
    }
  });

  it('the same numbers under two shapes as right operands', async () => {
    const x = normals([6, 4], 'x');
    const wide = x.reshape([4, 6]);
    const left = normals([3, 6], 'l');
    const other = normals([2, 4], 'o');
    const copy = async (each: tf.Tensor): Promise<tf.Tensor> => tf.tensor(await each.data(), each.shape);
    const first = multiply(left, x);
    const second = multiply(other, wide);
    await expectClose(first, multiply(left, await copy(x)), 1e-6);
    await expectClose(second, multiply(other, await copy(wide)), 1e-6);
  });

  it.each([
    [3, 4, 5, 6],
    [1, 7, 3, 2],
    [2, 40, 30, 35],
  ])('batched product of %i times [%i, %i] and its gradients', async (batch, m, k, n) => {
    const a = normals([batch, m, k], 'a');
    const b = normals([batch, k, n], 'b');
    await expectClose(matMul(a, b), tf.matMul(a, b), 1e-6);
    await expectGradient(matMul, [a, b]);
  });

  it('resize is linear-exact inside and adjoint to its gradient', async () => {
    const ramp = tf.tensor([...Array(8).keys()], [1, 1, 1, 8]);
    const op = logically((input) => resize(input, [1, 16], 'linear'));
    const y = [...(await op(ramp).data())];
    expect(y.slice(1, -1)).toEqual(Array.from({ length: 14 }, (_, i) => (i + 1.5) / 2 - 0.5));
    expect([y[0], y[15]]).toEqual([0, 7]);
    await expectGradient(op, [normals([1, 1, 1, 8], 'x')]);
  });

  it('space to depth and back', async () => {
    const x = normals([2, 4, 6, 2, 3], 'x');
    const folded = spaceToDepth(x, [2, 3, 1]);
    expect(folded.shape).toEqual([2, 2, 2, 2, 18]);
    // Block (1, 0, 1), phase (1, 2, 0), channel 1 is position (3, 2, 1).
    expect((await folded.buffer()).get(0, 1, 0, 1, (1 * 3 + 2) * 3 + 1)).toBe((await x.buffer()).get(0, 3, 2, 1, 1));
    await expectClose(depthToSpace(folded, [2, 3, 1]), x, 1e-7);
  });

  it('permute joins axes that stay together', async () => {
    const x = normals([2, 1, 3, 4, 1, 5, 2], 'x');
    for (const order of [
      [0, 1, 2, 3, 4, 5, 6],
      [0, 6, 1, 2, 3, 4, 5],
      [5, 6, 4, 0, 1, 2, 3],
      [3, 1, 0, 6, 5, 2, 4],
    ]) {
      const back = order.map((_, axis) => order.indexOf(axis));
      const moved = permute(x, order);
      expect(moved.shape).toEqual(order.map((axis) => x.shape[axis]));
      await expectClose(permute(moved, back), x, 1e-7);
    }
    const y = await permute(x, [3, 1, 0, 6, 5, 2, 4]).buffer();
    expect(y.get(3, 0, 1, 0, 2, 1, 0)).toBe((await x.buffer()).get(1, 0, 1, 3, 0, 2, 0));
  });
});

/** Phi by the error function's series, and its tail by the continued fraction. */
function distribution(x: number): number {
  if (x > 0) return 1 - distribution(-x);
  if (x < -3) {
    let fraction = -x;
    for (let n = 60; n > 0; n--) fraction = -x + n / fraction;
    return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI) / fraction;
  }
  let term = x;
  let total = x;
  for (let n = 1; n < 100; n++) {
    term *= (-x * x) / (2 * n);
    total += term / (2 * n + 1);
  }
  return 0.5 + total / Math.sqrt(2 * Math.PI);
}

describe('hermite table', () => {
  it('meets values and slopes at the nodes, and cubics everywhere', () => {
    const cubic = (x: number): number => x ** 3 - 2 * x + 1;
    const { coefficients, perUnit } = hermiteTable(-1, 2, 6, (i) => {
      const x = -1 + i / 2;
      return [cubic(x), 3 * x * x - 2];
    });
    for (const x of [-1, -0.9, 0.25, 1.99]) {
      const position = (x + 1) * perUnit;
      const cell = Math.floor(position);
      const t = position - cell;
      const [a, b, c, d] = coefficients.subarray(4 * cell, 4 * cell + 4);
      expect(a! + t * (b! + t * (c! + t * d!))).toBeCloseTo(cubic(x), 12);
    }
  });
});
