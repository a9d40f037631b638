import { describe, expect, test } from 'vitest';
import { largestFitting } from '../../../cli/memory.js';
import { patchValues } from '../../../compiler/ir/patch.js';
import { trainingMemory } from '../../../compiler/ir/training-memory.js';
import { lowerSpec } from '../lowered.js';
import { lowerText, tinyModel } from '../spec-text.js';

const at = (network: ReturnType<typeof lowerText>, size: number) => patchValues(network, [size, size, size]);

describe('training memory', () => {
  test('follows the life of every tensor', () => {
    const network = lowerText(tinyModel('\n  let a = scan -> conv(8, 3) -> relu\n  mask = a -> conv(2, 1)'));
    const { activations, weights, moments } = trainingMemory(network, at(network, 8), 'onnx');
    const channel = 4 * 8 ** 3;
    const scan = network.inputs[0]!.kind === 'image' ? network.inputs[0]!.channels.length : 0;
    // The peak is in the backward pass of relu: scan and the result of relu are kept for the gradients of weights, the logits
    // stay, and then there are the gradient of its result, and either the engine's mask or the gradient of its operand.
    expect(activations).toBe(channel * (scan + 8 + 2 + 8 + 8));
    expect(weights).toBe(4 * (8 * scan * 27 + 2 * 8));
    expect(moments).toBe(2 * weights);
  });

  test('grows with the patch and the batch, and where nothing is freed', () => {
    const [network] = lowerSpec('dalight3d.unet', { width: '8', neck: '32' });
    const total = (size: number, engine: 'onnx' | 'wasm' = 'onnx', cases = 1): number =>
      trainingMemory(network!, at(network!, size), engine, cases).total;
    expect(total(64)).toBeGreaterThan(4 * total(32) - 3 * total(8));
    expect(total(32, 'onnx', 2)).toBeGreaterThan(total(32));
    expect(total(64, 'wasm')).toBeGreaterThan(total(64));
  });

  test('names the largest patch that fits', () => {
    const [network] = lowerSpec('unet3d.unet');
    const bytes = (patch: readonly number[]): number =>
      trainingMemory(network!, patchValues(network!, patch), 'onnx').total;
    const available = bytes([96, 88, 88]);
    const found = largestFitting(network!, [128, 128, 128], 'onnx', 1, available)!;
    expect(bytes(found)).toBeLessThanOrEqual(available);
    expect(found.every((size) => size % 8 === 0)).toBe(true);
    const larger = found.map((size, axis) => (axis === found.indexOf(Math.min(...found)) ? size + 8 : size));
    expect(bytes(larger)).toBeGreaterThan(available);
    expect(largestFitting(network!, [128, 128, 128], 'onnx', 1, 1)).toBeUndefined();
  });
});
