/** Running statistics through training: moved with the weights, saved, resumed; `parity/batch-norm.test.ts` has the numbers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import type { TrainableNetwork } from '../../../runtime/network/trainable-network.js';
import { readCheckpoint } from '../../../runtime/training/checkpoint.js';
import { createOptimizer } from '../../../runtime/training/optimizer.js';
import { runPaths } from '../../../runtime/training/run-paths.js';
import { trainStep, type StepBatch } from '../../../runtime/training/step.js';
import { train, type TrainOptions } from '../../../runtime/training/train.js';
import { lowerText } from '../../compiler/spec-text.js';
import { buildNetwork } from '../../parity/open-network.js';
import { tinyBatch, tinyLoader, tinyProtocol, weightValues } from './tiny-network.js';

const statistics = ['mask.batch_norm.running_mean', 'mask.batch_norm.running_var'];

async function networkOf(steps: string): Promise<TrainableNetwork> {
  const text = `
model Normed {
  input  scan: image(a, b)[D, H, W]
  output mask: classes(background, x, y)
  mask = scan -> ${steps} -> conv(mask.classes, 1, bias: true)
}`;
  return (await buildNetwork(lowerText(text))).network;
}

/** The values of the weight whose id ends so. */
function valuesOf({ weights }: TrainableNetwork, end: string): number[] {
  return Array.from(weights.find(({ id }) => id.endsWith(end))!.variable.dataSync());
}

/** Mean and variance of each channel of a batch, in double precision. */
function measured({ inputs: { scan } }: StepBatch): { mean: number[]; biased: number[]; unbiased: number[] } {
  const [cases, channels, ...sizes] = scan!.shape as [number, number, ...number[]];
  const voxels = sizes.reduce((product, size) => product * size, 1);
  const rows = Array.from({ length: channels }, (_, c) =>
    Array.from({ length: cases }, (_, n) => [
      ...scan!.data.subarray((n * channels + c) * voxels, (n * channels + c + 1) * voxels),
    ]).flat(),
  );
  const mean = rows.map((row) => row.reduce((sum, x) => sum + x, 0) / row.length);
  const squares = rows.map((row, c) => row.reduce((sum, x) => sum + (x - mean[c]!) ** 2, 0));
  const count = cases * voxels;
  return { mean, biased: squares.map((s) => s / count), unbiased: squares.map((s) => s / (count - 1)) };
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
}

const protocol = tinyProtocol({
  length: { kind: 'epochs', epochs: 3 },
  validate: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', region: 'all', mirror: null, every: 1 },
  select: { kind: 'best', metric: 'mean_dice' },
});

describe.each(['cpu', 'onnx'])('running statistics on %s', (engine) => {
  let directory: string;

  beforeEach(async () => {
    await selectEngine(engine);
    directory = await mkdtemp(path.join(tmpdir(), 'unet-batch-norm-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('are saved and resumed to the bit, and the best checkpoint has those of its step', async () => {
    const seen: number[][][] = [];
    const run = async (folder: string, more: Partial<TrainOptions> = {}): Promise<TrainableNetwork> => {
      const network = await networkOf('conv(4, 3) -> batch_norm -> relu');
      // The second epoch of three is the best.
      const validate = () => {
        seen.push(statistics.map((id) => valuesOf(network, id)));
        const mean = [0.5, 0.9, 0.1][(seen.length - 1) % 3]!;
        return Promise.resolve({ dice: {}, mean });
      };
      const given = { network, protocol, loader: tinyLoader(2), seed: 7, directory: folder, resume: false, validate };
      await train({ ...given, ...more });
      return network;
    };
    const whole = path.join(directory, 'whole');
    const expected = weightValues(await run(whole));
    expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(3);
    const best = await readCheckpoint(runPaths(whole).best);
    expect(statistics.map((id) => Array.from(best.weights.get(id)!.data, Number))).toEqual(seen[1]);
    expect([...best.moments.keys()].sort()).toEqual(
      ['mask.batch_norm.bias', 'mask.batch_norm.weight', 'mask.conv.weight', 'mask.conv2.bias', 'mask.conv2.weight'], // prettier-ignore
    );

    const parts = path.join(directory, 'parts');
    const stop = new AbortController();
    seen.length = 0;
    await run(parts, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 3) stop.abort();
      },
    });
    expect(weightValues(await run(parts, { resume: true }))).toEqual(expected);
  });

  it('move once for each use of a shared layer, and stay where a step is not finite', async () => {
    const network = await networkOf('repeat(2, shared(batch_norm))');
    const optimizer = createOptimizer(protocol.optimizer);
    const batch = tinyBatch(0, { cases: 2 });
    const { mean, biased, unbiased } = measured(batch);
    await trainStep(network, optimizer, batch, protocol, 0.01);
    // The second use sees a mean of 0 and a biased variance of v / (v + epsilon).
    const again = biased.map((v, c) => (v / (v + 1e-5)) * (unbiased[c]! / v));
    expectClose(
      valuesOf(network, 'running_mean'),
      mean.map((m) => 0.9 * 0.1 * m),
    );
    expectClose(
      valuesOf(network, 'running_var'),
      unbiased.map((v, c) => 0.9 * (0.9 + 0.1 * v) + 0.1 * again[c]!),
    );
    const before = weightValues(network);
    const data = batch.inputs['scan']!.data.slice();
    data[5] = NaN;
    const broken = { ...batch, inputs: { scan: { ...batch.inputs['scan']!, data } } };
    expect((await trainStep(network, optimizer, broken, protocol, 0.01)).updated).toBe(false);
    expect(weightValues(network)).toEqual(before);
    optimizer.dispose();
  });

  it('leak no tensors', async () => {
    const network = await networkOf('batch_norm -> conv(4, 3) -> batch_norm(frozen: true)');
    const optimizer = createOptimizer(protocol.optimizer);
    const step = () => trainStep(network, optimizer, tinyBatch(0), protocol, 0.01);
    await step();
    await step();
    const { numTensors } = tf.memory();
    await step();
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
  });

  it('need more than one value in a channel', async () => {
    const network = await networkOf('avg_pool(4) -> batch_norm -> resize(nearest, scale: 4)');
    const optimizer = createOptimizer(protocol.optimizer);
    const step = (cases: number) => trainStep(network, optimizer, tinyBatch(0, { cases }), protocol, 0.01);
    await expect(step(1)).rejects.toMatchObject({ code: 'UNET6079' });
    expect((await step(2)).updated).toBe(true);
    optimizer.dispose();
  });
});

describe('as a layer of tfjs', () => {
  it('moves in `fit`, not in `predict`, and is saved with its statistics', async () => {
    await selectEngine('cpu');
    const { model, ...network } = await networkOf('batch_norm(momentum: 0.25) -> conv(4, 3)');
    const batch = tinyBatch(0, { cases: 2 });
    const { mean, unbiased } = measured(batch);
    const { data, shape } = batch.inputs['scan']!;
    const x = tf.transpose(tf.tensor(data, [...shape]), [0, 2, 3, 4, 1]);
    const y = tf.zeros([...x.shape.slice(0, 4), 3]);
    model.compile({ optimizer: tf.train.sgd(0), loss: 'meanSquaredError' });
    await model.fit(x, y, { epochs: 2, batchSize: 2, verbose: 0 });
    const twice = (from: number, to: number): number => 0.75 * (0.75 * from + 0.25 * to) + 0.25 * to;
    const moved = statistics.map((id) => valuesOf({ model, ...network }, id));
    expectClose(
      moved[0]!,
      mean.map((m) => twice(0, m)),
    );
    expectClose(
      moved[1]!,
      unbiased.map((v) => twice(1, v)),
    );
    const predicted = model.predict(x) as tf.Tensor;
    expect(statistics.map((id) => valuesOf({ model, ...network }, id))).toEqual(moved);

    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    expect(Array.from((loaded.predict(x) as tf.Tensor).dataSync())).toEqual(Array.from(predicted.dataSync()));
  });
});
