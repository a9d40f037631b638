/**
 * Every spec trains on the onnx engine in both modes as on wasm: widths cut down, patches small, odd where the network
 * allows, more than one case a batch.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onNotice } from '../../../../runtime/engine/notices.js';
import { setOnnxMode } from '../../../../runtime/engine/onnx/settings.js';
import { selectEngine } from '../../../../runtime/engine/engines.js';
import { modelPredictor } from '../../../../runtime/inference/model-predictor.js';
import { randomStream } from '../../../../runtime/random/random-stream.js';
import { importedProtocol } from '../../../../runtime/run/imported-protocol.js';
import { createOptimizer } from '../../../../runtime/training/optimizer.js';
import { trainStep, type StepBatch } from '../../../../runtime/training/step.js';
import { lowerSpec } from '../../../compiler/lowered.js';
import { smallUnetr } from '../../../compiler/spec-text.js';
import { buildNetwork, type OpenedNetwork } from '../../../parity/open-network.js';

type Knobs = Readonly<Record<string, string>>;

interface Case {
  readonly spec: string;
  readonly knobs: Knobs;
  readonly patch: readonly number[];
  readonly cases?: number;
  readonly identifiers?: readonly number[];
}

const narrow: Knobs = { width: '8', neck: '32' };
const cases: readonly Case[] = [
  { spec: 'dalight3d.unet', knobs: narrow, patch: [8, 16, 8], identifiers: [3] },
  { spec: 'dalight3d.unet', knobs: narrow, patch: [9, 11, 10], cases: 2, identifiers: [1, -1] },
  { spec: 'ablations/no-csa.unet', knobs: narrow, patch: [8, 8, 8], cases: 2, identifiers: [0, 7] },
  { spec: 'ablations/no-identifier-norm.unet', knobs: narrow, patch: [8, 8, 8] },
  { spec: 'ablations/no-sepconv.unet', knobs: narrow, patch: [8, 8, 8], identifiers: [-1] },
  { spec: 'ablations/no-ssfb.unet', knobs: narrow, patch: [8, 8, 8], identifiers: [2] },
  { spec: 'unet3d.unet', knobs: { width: '8' }, patch: [16, 8, 8], cases: 3 },
  { spec: 'attention-unet3d.unet', knobs: { width: '8' }, patch: [8, 8, 16] },
  { spec: 'residual-unet3d.unet', knobs: { width: '8' }, patch: [8, 8, 8] },
  { spec: 'vnet3d.unet', knobs: { width: '8' }, patch: [8, 8, 8], cases: 2 },
  { spec: 'unet-plus-plus.unet', knobs: { width: '8' }, patch: [16, 16, 16] },
  { spec: 'unet-plus-plus.unet', knobs: { width: '8', deep: 'false' }, patch: [16, 16, 16] },
  { spec: 'unet2d-2015.unet', knobs: { width: '4' }, patch: [188, 188], cases: 2 },
  {
    spec: 'unetr.unet',
    knobs: { width: '2', hidden: '8', heads: '2', perceptron: '16', depth: '1' },
    patch: [32, 16, 16],
    cases: 2,
  },
];

function batchFor({ network }: OpenedNetwork, { patch, cases: count = 1, identifiers }: Case): StepBatch {
  const random = randomStream(11, 'batch', patch.join());
  const voxels = patch.reduce((total, size) => total * size, count);
  const data = Float32Array.from({ length: 4 * voxels }, () => random.normal());
  const target = Uint8Array.from({ length: voxels }, (_, i) => (data[i]! > 0.5 ? 1 + (i % 3) : 0));
  const hasSite = network.description.inputs.some(({ kind }) => kind === 'identifier');
  return {
    inputs: { scan: { shape: [count, 4, ...patch], data } },
    identifiers: hasSite ? { site: Int32Array.from(identifiers ?? Array<number>(count).fill(-1)) } : {},
    target: { shape: [count, ...patch], data: target },
  };
}

interface Outcome {
  readonly losses: number[];
  readonly norms: number[];
  readonly logits: Float32Array;
}

/** A prediction, then the losses of two steps with dropout. */
async function train(engine: string, mode: 'eager' | 'compiled', given: Case): Promise<Outcome> {
  await selectEngine(engine);
  setOnnxMode(mode);
  const { spec, knobs } = given;
  const opened = await buildNetwork(spec === 'unetr.unet' ? smallUnetr(knobs) : lowerSpec(spec, knobs)[0]!);
  const { network } = opened;
  const batch = batchFor(opened, given);
  const protocol = importedProtocol([...given.patch], ['D', 'H', 'W'].slice(0, given.patch.length));
  const { predict } = modelPredictor(network.model, network.description, given.patch);
  const [predicted] = await predict(batch);
  const logits = predicted!.slice();
  const optimizer = createOptimizer(protocol.optimizer);
  const losses: number[] = [];
  const norms: number[] = [];
  for (let step = 0; step < 2; step++) {
    const result = await trainStep(network, optimizer, batch, protocol, 1e-3, { seed: 1, step });
    losses.push(result.loss);
    norms.push(result.gradientNorm);
  }
  optimizer.dispose();
  network.model.dispose();
  return { losses, norms, logits };
}

const messages: string[] = [];

beforeAll(() => void onNotice((text) => messages.push(text)));
afterAll(() => setOnnxMode('compiled'));

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!)));
  return most;
}

describe.each(cases)('$spec at $patch', (given) => {
  it('trains and predicts as on wasm, eager and compiled', async () => {
    const expected = await train('wasm', 'compiled', given);
    for (const mode of ['eager', 'compiled'] as const) {
      const found = await train('onnx', mode, given);
      expect(worst(found.losses, expected.losses), mode).toBeLessThan(1e-4);
      expect(worst(found.norms, expected.norms), mode).toBeLessThan(2e-3);
      expect(found.logits.length).toBe(expected.logits.length);
      expect(worst(found.logits, expected.logits), mode).toBeLessThan(1e-4);
    }
    // Every kernel of a step is onnxruntime's, and every step can be recorded.
    expect(messages).toEqual([]);
  }, 300_000);
});

it('gives the same losses to the bit for the same seed, and leaves no tensor behind', async () => {
  const first = await train('onnx', 'compiled', cases[0]!);
  const tensors = tf.memory().numTensors;
  const again = await train('onnx', 'compiled', cases[0]!);
  expect(again.losses).toEqual(first.losses);
  expect(again.norms).toEqual(first.norms);
  expect(tf.memory().numTensors).toBe(tensors);
});
