/** Penalties and noise in training: values, gradients, the same numbers on every engine, resumed runs, prediction. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { inputTensors, predictions } from '../../../runtime/network/predictions.js';
import { predictionModel } from '../../../runtime/network/prediction-model.js';
import type { TrainableNetwork } from '../../../runtime/network/trainable-network.js';
import { createOptimizer } from '../../../runtime/training/optimizer.js';
import { evaluateLoss, gradients, trainStep } from '../../../runtime/training/step.js';
import { train, type TrainOptions } from '../../../runtime/training/train.js';
import { lowerText } from '../../compiler/spec-text.js';
import { buildNetwork } from '../../parity/open-network.js';
import { tinyBatch, tinyLoader, tinyProtocol, weightValues } from './tiny-network.js';

/** A code with noise, from which the image is reconstructed. */
async function networkOf(more = ''): Promise<TrainableNetwork> {
  const text = `
model Regularised {
  input  scan: image(a, b)[D, H, W]
  output mask: classes(background, x, y)
  knob autoencoder: bool = ${more === '' ? 'true' : more}
  let x = scan -> conv(3, 3)
  mask = x -> relu -> conv(mask.classes, 1, bias: true)
  let centre = x -> linear(2)
  let deviation = softplus(x -> linear(2))
  let image = centre + deviation * noise(centre) -> conv(2, 1, bias: true)
  penalty reconstruction when autoencoder = 0.3 * (scan - image) ^ 2
  penalty divergence when autoencoder = 0.05 * (centre ^ 2 + deviation ^ 2 - log(deviation ^ 2 + 1e-8) - 1)
}`;
  return (await buildNetwork(lowerText(text))).network;
}

const protocol = tinyProtocol({ length: { kind: 'epochs', epochs: 2 } });
const penalties = ['penalty.reconstruction', 'penalty.divergence'];

/** The terms of three steps with noise, and the weights after them. */
async function threeSteps(engine: string, seed: number): Promise<{ terms: number[]; weights: unknown }> {
  await selectEngine(engine);
  const network = await networkOf();
  const optimizer = createOptimizer(protocol.optimizer);
  const terms: number[] = [];
  for (let step = 1; step <= 3; step++) {
    const result = await trainStep(network, optimizer, tinyBatch(0), protocol, 0.01, { seed, step });
    terms.push(result.loss, ...penalties.map((name) => result.terms[name]!));
  }
  optimizer.dispose();
  return { terms, weights: weightValues(network) };
}

describe.each(['cpu', 'onnx'])('penalties on %s', (engine) => {
  let directory: string;

  beforeEach(async () => {
    await selectEngine(engine);
    directory = await mkdtemp(path.join(tmpdir(), 'unet-penalties-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('are added to the loss, and their gradients agree with finite differences', async () => {
    const network = await networkOf();
    const batch = tinyBatch(0);
    const plain = await evaluateLoss(await networkOf('false'), batch, protocol);
    const whole = await evaluateLoss(network, batch, protocol);
    expect(Object.keys(plain.terms).some((name) => name.startsWith('penalty'))).toBe(false);
    expect(whole.terms['penalty.reconstruction']).toBeGreaterThan(0.01);
    const added = penalties.reduce((sum, name) => sum + whole.terms[name]!, 0);
    expect(whole.loss).toBeCloseTo(plain.loss + added, 5);

    const found = await gradients(network, batch, protocol);
    for (const { id, variable } of network.weights) {
      const values = variable.dataSync().slice() as Float32Array;
      const lossAt = async (change: number): Promise<number> => {
        const moved = values.slice();
        moved[0]! += change;
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
        return (await evaluateLoss(network, batch, protocol)).loss;
      };
      const slope = ((await lossAt(0.01)) - (await lossAt(-0.01))) / 0.02;
      await lossAt(0);
      expect(Math.abs(found.get(id)!.data[0]! - slope), id).toBeLessThan(2e-3 + 0.02 * Math.abs(slope));
    }
  });

  it('draw the same noise in a resumed run', async () => {
    const run = async (folder: string, more: Partial<TrainOptions> = {}): Promise<unknown> => {
      const network = await networkOf();
      const given = { network, protocol, loader: tinyLoader(2), seed: 7, directory: folder, resume: false };
      await train({ ...given, ...more });
      return weightValues(network);
    };
    const expected = await run(path.join(directory, 'whole'));
    const stop = new AbortController();
    const parts = path.join(directory, 'parts');
    await run(parts, {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.kind === 'step' && event.step === 3) stop.abort();
      },
    });
    expect(await run(parts, { resume: true })).toEqual(expected);
  });

  it('are not part of prediction', async () => {
    const [network, plain] = [await networkOf(), await networkOf('false')];
    const predict = (each: TrainableNetwork): number[][] =>
      tf.tidy(() =>
        predictions(
          each,
          inputTensors(each.description, () => tinyBatch(0)),
        ).map((tensor) => Array.from(tensor.dataSync())),
      );
    expect(predict(network)).toHaveLength(1);
    expect(predict(network)).toEqual(predict(plain));
    const layers = predictionModel(network.model, network.description).layers.map(({ name }) => name);
    expect(layers.sort()).toEqual(plain.model.layers.map(({ name }) => name).sort());
  });
});

describe('noise', () => {
  it('depends on the seed alone, and not on the engine', async () => {
    const recorded = await threeSteps('onnx', 1);
    expect(await threeSteps('onnx', 1)).toEqual(recorded);
    const eager = await threeSteps('cpu', 1);
    eager.terms.forEach((value, i) => expect(value).toBeCloseTo(recorded.terms[i]!, 4));
    const other = await threeSteps('cpu', 2);
    expect(Math.abs(other.terms[1]! - eager.terms[1]!)).toBeGreaterThan(1e-3);
  });
});
