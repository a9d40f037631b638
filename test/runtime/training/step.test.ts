import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { createOptimizer } from '../../../runtime/training/optimizer.js';
import { evaluateLoss, gradients, trainedBy, trainStep, type StepBatch } from '../../../runtime/training/step.js';
import { tinyBatch, tinyNetwork, tinyProtocol, weightIds, weightValues } from './tiny-network.js';

const protocol = tinyProtocol();

function identified(batch: StepBatch, values: number[]): StepBatch {
  return { ...batch, identifiers: { site: Int32Array.from(values) } };
}

beforeAll(() => selectEngine('cpu'));

describe('trainStep', () => {
  it('lowers the loss of a batch, and reports its terms', async () => {
    const network = tinyNetwork();
    const optimizer = createOptimizer(protocol.optimizer);
    const batch = tinyBatch(0);
    const losses: number[] = [];
    for (let step = 0; step < 10; step++) {
      const result = await trainStep(network, optimizer, batch, protocol, 0.01);
      expect(result.updated).toBe(true);
      expect(result.loss).toBeCloseTo(result.terms['dice']! + 0.5 * result.terms['cross_entropy']!, 12);
      losses.push(result.loss);
    }
    expect((await evaluateLoss(network, batch, protocol)).loss).toBeLessThan(losses[9]!);
    losses.slice(1).forEach((loss, index) => expect(loss).toBeLessThan(losses[index]!));
  });

  it('leaks no tensor over 20 steps', async () => {
    const network = tinyNetwork({ auxiliary: true });
    const optimizer = createOptimizer(protocol.optimizer);
    await trainStep(network, optimizer, tinyBatch(0), protocol, 0.01);
    const before = tf.memory();
    for (let step = 1; step <= 20; step++) {
      await trainStep(network, optimizer, tinyBatch(step), protocol, 0.01, { seed: 1, step });
      await evaluateLoss(network, tinyBatch(step), protocol);
      await gradients(network, tinyBatch(step), protocol);
    }
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
  });

  it('changes nothing where the loss is not finite', async () => {
    const network = tinyNetwork();
    const optimizer = createOptimizer(protocol.optimizer);
    const batch = tinyBatch(0);
    batch.inputs['scan']!.data[5] = NaN;
    const before = weightValues(network);
    const result = await trainStep(network, optimizer, batch, protocol, 0.01);
    expect(result.updated).toBe(false);
    expect(weightValues(network)).toEqual(before);
    expect(optimizer.moments.size).toBe(0);
  });

  it('leaves weights alone whose identifier is not (or is) given, and decays rows that no case picks', async () => {
    const network = tinyNetwork();
    const optimizer = createOptimizer(protocol.optimizer);
    const before = weightValues(network);
    await trainStep(network, optimizer, identified(tinyBatch(0), [2]), protocol, 0.01);
    const given = weightValues(network);
    const [table, fallback] = [weightIds.indexOf('scale.table'), weightIds.indexOf('scale.fallback')];
    expect(given[fallback]).toEqual(before[fallback]);
    const decayed = before[table]!.map((value) => Math.fround(value * Math.fround(1 - 0.01 * 0.1)));
    [0, 1, 3, 4].forEach((row) =>
      expect(given[table]!.slice(row * 4, row * 4 + 4)).toEqual(decayed.slice(row * 4, row * 4 + 4)),
    );
    expect(given[table]!.slice(8, 12)).not.toEqual(decayed.slice(8, 12));
    await trainStep(network, optimizer, identified(tinyBatch(0), [-1]), protocol, 0.01);
    const none = weightValues(network);
    expect(none[table]).toEqual(given[table]);
    expect(none[fallback]).not.toEqual(given[fallback]);
    expect(optimizer.moments.get('scale.table')!.steps).toBe(1);
    expect(optimizer.moments.get('first.weight')!.steps).toBe(2);
  });

  it('trains both of them on a batch that has either kind of case', () => {
    const network = tinyNetwork();
    const batch = tinyBatch(0, { cases: 2 });
    expect(trainedBy(network, identified(batch, [1, -1])).map(({ id }) => id)).toEqual(weightIds);
    expect(trainedBy(network, identified(batch, [1, 0])).map(({ id }) => id)).not.toContain('scale.fallback');
  });

  it('keeps frozen weights, and weights that nothing connects to the loss', async () => {
    const network = tinyNetwork();
    const [first, ...others] = network.weights;
    const stray = { ...first!, id: 'stray', shape: [1], variable: tf.variable(tf.tensor1d([1])) };
    const larger = { ...network, weights: [{ ...first!, trainable: false }, ...others, stray] };
    const before = weightValues(larger);
    await trainStep(larger, createOptimizer(protocol.optimizer), tinyBatch(0), protocol, 0.01);
    const after = weightValues(larger);
    expect(after[0]).toEqual(before[0]);
    expect(after.at(-1)).toEqual([1]);
    expect(after[1]).not.toEqual(before[1]);
  });

  it('compares a smaller output with the centre of the target', async () => {
    const network = tinyNetwork({ valid: true });
    const batch = tinyBatch(0, { size: 6 });
    const { loss } = await evaluateLoss(network, batch, protocol);
    const rim = batch.target.data.map((value, at) => {
      const at3 = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6];
      return at3.some((index) => index === 0 || index === 5) ? (value + 1) % 3 : value;
    });
    const other = { ...batch, target: { ...batch.target, data: rim } };
    expect((await evaluateLoss(network, other, protocol)).loss).toBe(loss);
  });

  it('averages over auxiliary predictions', async () => {
    const both = tinyNetwork({ auxiliary: true });
    const main = tinyNetwork();
    const half = await evaluateLoss(both, tinyBatch(0), { ...protocol, deep: 'equal' });
    const third = await evaluateLoss(both, tinyBatch(0), protocol);
    const { loss } = await evaluateLoss(main, tinyBatch(0), protocol);
    const auxiliary = 2 * half.loss - loss;
    expect(third.loss).toBeCloseTo((2 * loss + auxiliary) / 3, 5);
    expect(auxiliary).not.toBeCloseTo(loss, 4);
  });
});

describe('gradients', () => {
  it('agree with finite differences of the loss, for every weight; zero where a weight takes no part', async () => {
    const network = tinyNetwork({ auxiliary: true });
    const batch = tinyBatch(0, { cases: 2, site: 3 });
    const found = await gradients(network, batch, protocol);
    expect([...found.keys()]).toEqual(weightIds);
    expect(found.get('scale.fallback')!.data.every((value) => value === 0)).toBe(true);
    for (const { id, variable } of network.weights) {
      const { shape, data } = found.get(id)!;
      expect(shape).toEqual(variable.shape);
      const at = id === 'scale.table' ? 13 : variable.size - 1;
      const values = variable.dataSync().slice();
      const lossAt = async (shift: number): Promise<number> => {
        const moved = values.slice();
        moved[at]! += shift;
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
        return (await evaluateLoss(network, batch, protocol)).loss;
      };
      const slope = ((await lossAt(5e-3)) - (await lossAt(-5e-3))) / 1e-2;
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
      if (id !== 'scale.fallback') expect(data[at]).toBeCloseTo(slope, 3);
    }
  });
});
