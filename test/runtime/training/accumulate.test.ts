import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Protocol } from '../../../contract/protocol.js';
import { selectEngine } from '../../../runtime/engine/engines.js';
import type { TrainableNetwork } from '../../../runtime/network/trainable-network.js';
import { Accumulator } from '../../../runtime/training/accumulate.js';
import { WeightAverage } from '../../../runtime/training/average.js';
import { readCheckpoint, usedWeights } from '../../../runtime/training/checkpoint.js';
import { createOptimizer } from '../../../runtime/training/optimizer.js';
import { runPaths } from '../../../runtime/training/run-paths.js';
import { trainStep } from '../../../runtime/training/step.js';
import { batchesOfStep, totalBatches, totalSteps, train } from '../../../runtime/training/train.js';
import { lowerText } from '../../compiler/spec-text.js';
import { buildNetwork } from '../../parity/open-network.js';
import { tinyBatch, tinyLoader, tinyNetwork, tinyProtocol, weightValues } from './tiny-network.js';

const nesterov: Protocol['optimizer'] = {
  kind: 'sgd',
  lr: 0.05,
  momentum: 0.9,
  nesterov: true,
  weightDecay: 1e-3,
  clipNorm: 1,
};

async function smallNetwork(): Promise<TrainableNetwork> {
  const text = `
model Small {
  input  scan: image(a, b)[D, H, W]
  output mask: classes(background, x, y)
  let x = scan -> conv(3, 3) -> group_norm(1) -> relu
  mask = x -> conv(mask.classes, 1, bias: true)
}`;
  return (await buildNetwork(lowerText(text))).network;
}

/** The batch of two cases, split into two batches of one. */
function halves(step: number) {
  const { inputs, identifiers, target } = tinyBatch(step, { cases: 2 });
  return [0, 1].map((index) => {
    const [, ...shape] = inputs['scan']!.shape;
    const length = inputs['scan']!.data.length / 2;
    const voxels = target.data.length / 2;
    return {
      step: 2 * step + index,
      inputs: {
        scan: { data: inputs['scan']!.data.slice(index * length, (index + 1) * length), shape: [1, ...shape] },
      },
      identifiers: { site: identifiers['site']!.slice(index, index + 1) },
      target: { data: target.data.slice(index * voxels, (index + 1) * voxels), shape: [1, ...target.shape.slice(1)] },
    };
  });
}

describe.each(['cpu', 'onnx'])('gradients of two batches on %s', (engine) => {
  beforeAll(() => selectEngine(engine));
  afterAll(() => selectEngine('cpu'));

  it('move the weights as those of one batch of both', async () => {
    const protocol = { ...tinyProtocol(), optimizer: nesterov };
    const [one, parts] = [await smallNetwork(), await smallNetwork()];
    const [own, other] = [createOptimizer(nesterov), createOptimizer(nesterov)];
    const average = new WeightAverage(parts, 0.5);
    const accumulator = new Accumulator(parts, other, average);
    for (let step = 0; step < 4; step++) {
      const whole = await trainStep(one, own, tinyBatch(step, { cases: 2 }), protocol, 0.05);
      const split = await accumulator.step(halves(step), protocol, 0.05);
      expect(split.loss).toBeCloseTo(whole.loss, 5);
      expect(split.gradientNorm).toBeCloseTo(whole.gradientNorm, 5);
    }
    const expected = weightValues(one);
    weightValues(parts).forEach((values, index) =>
      values.forEach((value, i) => expect(value).toBeCloseTo(expected[index]![i]!, 5)),
    );
    expect(average.variables.size).toBe(parts.weights.length);
    accumulator.dispose();
    average.dispose();
  });
});

describe('batchesOfStep', () => {
  it('uses every batch of an epoch once', () => {
    const protocol = { accumulate: 3, length: { kind: 'epochs', epochs: 2 } } as const;
    expect([0, 1, 2, 3].map((step) => batchesOfStep(protocol, 5, step))).toEqual([[0, 1, 2], [3, 4], [5, 6, 7], [8, 9]]); // prettier-ignore
    expect(totalSteps(protocol, 5)).toBe(4);
    expect(totalBatches(protocol, 5)).toBe(10);
    expect(batchesOfStep({ accumulate: 1 }, 5, 7)).toEqual([7]);
  });
});

describe('a training with SGD, an average of weights and accumulated gradients', () => {
  const protocol = tinyProtocol({
    optimizer: nesterov,
    average: { kind: 'ema', decay: 0.9 },
    accumulate: 2,
    warmup: { kind: 'linear', steps: 3, from: 0.1 },
    schedule: { kind: 'restarts', first: 1, factor: 2, to: 0 },
    length: { kind: 'epochs', epochs: 3 },
    validate: { ...tinyProtocol().validate, every: null },
    select: { kind: 'last' },
  });
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(path.join(tmpdir(), 'unet-accumulate-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  async function run(folder: string, resume: boolean, stopAt?: number) {
    const network = tinyNetwork({ seed: resume ? 99 : 1 });
    const stop = new AbortController();
    await train({
      network,
      protocol,
      loader: tinyLoader(3),
      seed: 1,
      directory: path.join(directory, folder),
      resume,
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === stopAt) stop.abort();
      },
    });
    return readCheckpoint(runPaths(path.join(directory, folder)).last);
  }

  it('resumes bit by bit, and uses the averages', async () => {
    const whole = await run('whole', false);
    await run('parts', false, 3);
    const parts = await run('parts', true);
    expect(parts.progress.step).toBe(6);
    expect([...parts.weights]).toEqual([...whole.weights]);
    expect([...parts.moments]).toEqual([...whole.moments]);
    expect([...parts.average!]).toEqual([...whole.average!]);
    expect(usedWeights(whole)).toBe(whole.average);
    expect([...whole.average!.keys()]).toEqual([...whole.weights.keys()]);
    expect([...whole.average!]).not.toEqual([...whole.weights]);
  });
});
