import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelDescription } from '../../../contract/model-description.js';
import { modelPredictor } from '../../../runtime/inference/model-predictor.js';
import { slidingWindow } from '../../../runtime/inference/sliding-window.js';
import { toPhysicalOrder } from '../../../runtime/ops/layout.js';

const labels = ['none', 'edema'].map((name, value) => ({ name, values: [value] }));

function describeModel(auxiliary: number): ModelDescription {
  return {
    name: 'Tiny',
    inputs: [
      { kind: 'image', name: 'scan', channels: ['FLAIR', 'T1w'], axes: [{ name: 'H' }, { name: 'W' }] },
      { kind: 'identifier', name: 'site', count: 3 },
    ],
    outputs: [{ name: 'mask', kind: 'classes', labels, auxiliary }],
    legal: [],
  };
}

/** Logits of (sum of channels over 3 x 3 without padding + site) for label 1 and 0 for label 0; an auxiliary of 1 x 1. */
function buildModel(): tf.LayersModel {
  const scan = tf.input({ shape: toPhysicalOrder([1, 2, null, null]).slice(1), name: 'scan' });
  const site = tf.input({ shape: [1], dtype: 'int32', name: 'site' });
  const box = tf.layers.conv2d({ filters: 2, kernelSize: 3, useBias: false, trainable: false });
  const auxiliary = tf.layers.conv2d({ filters: 2, kernelSize: 1 }).apply(scan) as tf.SymbolicTensor;
  const main = box.apply(scan) as tf.SymbolicTensor;
  box.setWeights([tf.tidy(() => tf.concat([tf.zeros([3, 3, 2, 1]), tf.ones([3, 3, 2, 1])], 3))]);
  return tf.model({ inputs: [scan, site], outputs: [main, auxiliary] });
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('a tfjs model', () => {
  it('is asked with physical arrays, answers with logical ones, and leaves no tensor behind', async () => {
    const model = buildModel();
    const { predict, outputs } = modelPredictor(model, describeModel(1), [5, 6]);
    expect(outputs).toEqual([{ name: 'mask', kind: 'classes', labels: 2, size: [3, 4] }]);
    const data = Float32Array.from({ length: 2 * 2 * 5 * 6 }, (_, i) => (i * 7) % 11);
    const batch = { inputs: { scan: { data, shape: [2, 2, 5, 6] } }, identifiers: { site: Int32Array.from([0, -1]) } };
    const before = tf.memory().numTensors;
    const [logits] = await predict(batch);
    await predict(batch);
    expect(tf.memory().numTensors).toBe(before);
    expect(logits).toHaveLength(2 * 2 * 3 * 4);
    const at = (n: number, c: number, y: number, x: number): number => data[((n * 2 + c) * 5 + y) * 6 + x]!;
    let sum = 0;
    for (const c of [0, 1]) for (const y of [1, 2, 3]) for (const x of [2, 3, 4]) sum += at(1, c, y, x);
    // Voxel (1, 2) of label 1 of the second window.
    expect(logits![(1 * 2 + 1) * 12 + 1 * 4 + 2]).toBeCloseTo(sum, 4);
    expect(logits![1 * 2 * 12 + 6]).toBe(0);
  });

  it('predicts a volume slice by slice', async () => {
    const model = buildModel();
    const shape = [2, 3, 9, 7];
    const data = Float32Array.from({ length: 2 * 3 * 9 * 7 }, (_, i) => ((i * 5) % 13) / 13 - 0.5);
    const before = tf.memory().numTensors;
    const predictor = modelPredictor(model, describeModel(1), [5, 6]);
    const [mask] = await slidingWindow({
      ...predictor,
      inputs: { scan: { data, shape } },
      identifiers: { site: 1 },
      patch: [5, 6],
      overlap: 0,
      blend: 'constant',
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(mask!.shape).toEqual([2, 3, 9, 7]);
    const at = (c: number, z: number, y: number, x: number): number => data[((c * 3 + z) * 9 + y) * 7 + x]!;
    let sum = 0;
    for (const c of [0, 1]) for (const y of [3, 4, 5]) for (const x of [4, 5, 6]) sum += at(c, 2, y, x);
    expect(mask!.data[3 * 9 * 7 + 2 * 63 + 4 * 7 + 5]).toBeCloseTo(1 / (1 + Math.exp(-sum)), 5);
  });
});
