import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { loadOnnx } from '../../../runtime/engine/onnx/load.js';
import { webgpu } from '../../../runtime/engine/webgpu/webgpu.js';
import { difference, normals, slopes, type Operation } from '../../../runtime/engine-checks/numbers.js';
import { registerStandIn } from '../../../runtime/engine-checks/stand-in.js';
import { TFJS_NODE_KERNELS } from '../../../runtime/engine/tfjs-node-kernels.js';
import { silenceBanner } from '../../../runtime/engine/quiet.js';
import { fromPhysical, setLayout, toPhysical, type Layout } from '../../../runtime/ops/layout.js';

/** Also the small tensors of tests go to the GPU. */
async function loadWebGpu(): Promise<void> {
  await webgpu.load({});
  webgpu.doAllItself?.();
}

/**
 * Runs the tests on every backend that runs here and in both layouts (channels-first on cpu alone). A stand-in for
 * libtensorflow shows what the ops do on a backend whose memory is elsewhere, and that no kernel is missing there. webgpu,
 * slow where the processor plays the GPU, takes part where UNET_TEST_WEBGPU is set (see test/runtime/engine for less).
 */
export function onEveryBackend(name: string, tests: () => void): void {
  const combinations: [string, Layout][] = [
    ['cpu', 'channels-last'],
    ['cpu', 'channels-first'],
    ['wasm', 'channels-last'],
    ['tensorflow', 'channels-last'],
    ['onnx', 'channels-first'],
  ];
  if (process.env['UNET_TEST_WEBGPU'] !== undefined) combinations.push(['webgpu', 'channels-last']);
  for (const [backend, layout] of combinations) {
    describe(`${name} [${backend}, ${layout}]`, () => {
      beforeAll(async () => {
        silenceBanner();
        registerStandIn('tensorflow', TFJS_NODE_KERNELS);
        if (backend === 'webgpu') await loadWebGpu();
        if (backend === 'onnx') loadOnnx();
        await tf.setBackend(backend);
        setLayout(layout);
      });
      afterAll(() => setLayout('channels-last'));
      tests();
    });
  }
}

export { normals };

export async function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance = 1e-5): Promise<void> {
  expect(actual.shape).toEqual(expected.shape);
  expect(difference(await actual.data(), await expected.data())).toBeLessThan(tolerance);
}

/** The gradient of an operation against central differences (see `slopes`). */
export async function expectGradient(
  f: Operation,
  inputs: readonly tf.Tensor[],
  { step = 1e-2, tolerance = 5e-3 }: { step?: number; tolerance?: number } = {},
): Promise<void> {
  for (const slope of await slopes(f, inputs, step)) expect(slope.error, JSON.stringify(slope)).toBeLessThan(tolerance);
}

/** An operation on physical tensors as one on logical tensors `[N, C, ...]`; other inputs pass unchanged. */
export function logically(f: Operation, plain: readonly number[] = []): Operation {
  return (...inputs) =>
    tf.tidy(() => fromPhysical(f(...inputs.map((each, i) => (plain.includes(i) ? each : toPhysical(each))))));
}
