import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { TFJS_NODE_KERNELS } from './tfjs-node-kernels.js';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { loadOnnx } from '../../../runtime/engine/onnx/load.js';
import { silenceBanner } from '../../../runtime/engine/quiet.js';
import { fromPhysical, setLayout, toPhysical, type Layout } from '../../../runtime/layout.js';
import { randomStream } from '../../../runtime/random.js';

/**
 * A stand-in for libtensorflow: under its name, the cpu backend's kernels as far as tfjs-node registers them too. What
 * the ops do on a backend whose memory is elsewhere is tested with it, and that no kernel is missing there.
 */
function registerStandIn(): void {
  if (tf.findBackendFactory('tensorflow') !== null) return;
  const makeCpu = tf.findBackendFactory('cpu');
  tf.registerBackend('tensorflow', () => Object.assign(makeCpu(), { firstUse: false }), 0);
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    if (!TFJS_NODE_KERNELS.includes(kernel.kernelName)) continue;
    tf.registerKernel({ ...kernel, backendName: 'tensorflow' });
  }
}

/** Runs the tests on every backend that runs here and in both layouts (channels-first on cpu alone). */
export function onEveryBackend(name: string, tests: () => void): void {
  const combinations: [string, Layout][] = [
    ['cpu', 'channels-last'],
    ['cpu', 'channels-first'],
    ['wasm', 'channels-last'],
    ['tensorflow', 'channels-last'],
    ['onnx', 'channels-first'],
  ];
  for (const [backend, layout] of combinations) {
    describe(`${name} [${backend}, ${layout}]`, () => {
      beforeAll(async () => {
        silenceBanner();
        registerStandIn();
        loadOnnx();
        await tf.setBackend(backend);
        setLayout(layout);
      });
      afterAll(() => setLayout('channels-last'));
      tests();
    });
  }
}

/** Standard normal numbers, the same every time for a key. */
export function normals(shape: readonly number[], key: string): tf.Tensor {
  const random = randomStream(7, key);
  const size = shape.reduce((total, each) => total * each, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    [...shape],
    'float32',
  );
}

export function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance = 1e-5): void {
  expect(actual.shape).toEqual(expected.shape);
  const got = actual.dataSync();
  const wanted = expected.dataSync();
  const scale = Math.max(1, ...wanted.map(Math.abs));
  let worst = 0;
  for (let i = 0; i < got.length; i++) worst = Math.max(worst, Math.abs(got[i]! - wanted[i]!) / scale);
  expect(worst).toBeLessThan(tolerance);
  expect(got.every(Number.isFinite)).toBe(true);
}

function dot(a: tf.Tensor, b: tf.Tensor): number {
  const left = a.dataSync();
  const right = b.dataSync();
  let total = 0;
  for (let i = 0; i < left.length; i++) total += left[i]! * right[i]!;
  return total;
}

/**
 * The gradient of sum(f(inputs) * r), r random, along random directions and along single entries of each input,
 * against central differences. The sums are in double precision; f itself is in single.
 */
export function expectGradient(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  inputs: readonly tf.Tensor[],
  { step = 1e-2, tolerance = 5e-3 }: { step?: number; tolerance?: number } = {},
): void {
  const y = f(...inputs);
  const weights = normals(y.shape, 'weights');
  const gradients = tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs), weights)))([...inputs]);
  inputs.forEach((input, index) => {
    expect(gradients[index]!.shape).toEqual(input.shape);
    for (const direction of directions(input, index)) {
      const moved = (by: number): number => {
        const shifted = inputs.map((each, i) => (i === index ? tf.add(each, tf.mul(direction, by)) : each));
        return dot(f(...shifted), weights);
      };
      const numeric = (moved(step) - moved(-step)) / (2 * step);
      const analytic = dot(gradients[index]!, direction);
      const scale = Math.max(1, Math.abs(numeric), Math.sqrt(y.size) / 4);
      expect(Math.abs(numeric - analytic) / scale, `input ${index}: ${numeric} and ${analytic}`).toBeLessThan(
        tolerance,
      );
    }
  });
}

function directions(input: tf.Tensor, index: number): tf.Tensor[] {
  const random = [0, 1].map((i) => {
    const raw = normals(input.shape, `direction ${index} ${i}`);
    return tf.div(raw, Math.sqrt(input.size / 4));
  });
  const single = [0, 1, 2].map((i) => {
    const values = new Float32Array(input.size);
    values[Math.floor(((i + 0.5) / 3) * input.size)] = 1;
    return tf.tensor(values, input.shape);
  });
  return [...random, ...single];
}

/** An operation on physical tensors as one on logical tensors `[N, C, ...]`; other inputs pass unchanged. */
export function logically(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  plain: readonly number[] = [],
): (...inputs: tf.Tensor[]) => tf.Tensor {
  return (...inputs) =>
    tf.tidy(() => fromPhysical(f(...inputs.map((each, i) => (plain.includes(i) ? each : toPhysical(each))))));
}
