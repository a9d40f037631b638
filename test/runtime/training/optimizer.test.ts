import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { setLayout } from '../../../runtime/ops/layout.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { adamWMove, composed, globalNorm, movingMean } from '../../../runtime/training/adamw-kernels.js';
import { adamW, clipFactor, type AdamW } from '../../../runtime/training/optimizer.js';
import type { Parameter } from '../../../runtime/network/parameter.js';

const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.2 };

/** torch.optim.AdamW in float64, one scalar. */
class Scalar64 {
  private m = 0;
  private v = 0;
  private t = 0;
  constructor(public p: number) {}

  step(g: number, lr: number): void {
    this.t++;
    this.p *= 1 - lr * options.weightDecay;
    this.m = options.beta1 * this.m + (1 - options.beta1) * g;
    this.v = options.beta2 * this.v + (1 - options.beta2) * g * g;
    const mHat = this.m / (1 - options.beta1 ** this.t);
    const vHat = this.v / (1 - options.beta2 ** this.t);
    this.p -= (lr * mHat) / (Math.sqrt(vHat) + options.epsilon);
  }
}

/** One update of the parameters that have a gradient. */
function update(
  optimizer: AdamW,
  parameters: readonly Parameter[],
  gradients: ReadonlyMap<string, tf.Tensor>,
  lr: number,
  scale: tf.Tensor,
): void {
  const moved = parameters.filter(({ id }) => gradients.has(id));
  tf.tidy(() => {
    const rates = tf.tensor2d(optimizer.rates(moved, lr), [moved.length, 3]);
    const each = moved.map(({ id }) => gradients.get(id)!);
    for (const [variable, value] of optimizer.updates(moved, each, scale, rates)) variable.assign(value);
  });
  optimizer.advance(moved);
}

function parameter(id: string, values: number[]): Parameter {
  return { id, variable: tf.variable(tf.tensor1d(values)) };
}

beforeAll(() => selectEngine('cpu'));

describe.each(['cpu', 'wasm'])('adamW on %s', (engine) => {
  beforeAll(() => selectEngine(engine));
  afterAll(() => selectEngine('cpu'));

  it('moves as torch.optim.AdamW does, over steps of changing rate', () => {
    const random = randomStream(5, 'adamw');
    const start = [0.5, -2, 0, 1e-3];
    const weight = parameter('w', start);
    const expected = start.map((value) => new Scalar64(value));
    const optimizer = adamW(options);
    for (let step = 0; step < 20; step++) {
      const lr = 0.05 / (1 + step);
      const gradient = start.map((_, index) => (index === 3 ? 0 : random.normal()));
      update(optimizer, [weight], new Map([['w', tf.tensor1d(gradient)]]), lr, tf.scalar(1));
      expected.forEach((each, index) => each.step(gradient[index]!, lr));
    }
    weight.variable.dataSync().forEach((value, index) => expect(value).toBeCloseTo(expected[index]!.p, 5));
    expect(expected[3]!.p).toBeLessThan(1e-3);
  });

  it('decays at a zero gradient, and leaves a parameter without gradient alone', () => {
    const [zero, absent] = [parameter('zero', [1]), parameter('absent', [1])];
    const optimizer = adamW(options);
    update(optimizer, [zero, absent], new Map([['zero', tf.tensor1d([0])]]), 0.5, tf.scalar(1));
    expect(zero.variable.dataSync()[0]).toBeCloseTo(0.9, 6);
    expect(absent.variable.dataSync()[0]).toBe(1);
    expect([...optimizer.moments.keys()]).toEqual(['zero']);
  });

  it('counts the steps of each parameter by itself', () => {
    const [always, late] = [parameter('always', [1]), parameter('late', [1])];
    const optimizer = adamW({ ...options, weightDecay: 0 });
    const gradient = tf.tensor1d([3]);
    update(optimizer, [always, late], new Map([['always', gradient]]), 0.1, tf.scalar(1));
    const both = new Map([
      ['always', gradient],
      ['late', gradient],
    ]);
    update(optimizer, [always, late], both, 0.1, tf.scalar(1));
    expect(optimizer.moments.get('always')!.steps).toBe(2);
    expect(optimizer.moments.get('late')!.steps).toBe(1);
    // The first update is lr * g / (|g| + epsilon) whatever the betas: the bias corrections undo them.
    expect(late.variable.dataSync()[0]).toBeCloseTo(1 - (0.1 * 3) / (3 + 1e-3), 5);
  });

  it('keeps no tensor but the moments', () => {
    const weight = parameter('w', [1, 2]);
    const optimizer = adamW(options);
    const gradients = new Map([['w', tf.tensor1d([1, 1])]]);
    const scale = tf.scalar(0.5);
    const before = tf.memory().numTensors;
    for (let step = 0; step < 5; step++) update(optimizer, [weight], gradients, 0.1, scale);
    expect(tf.memory().numTensors).toBe(before + 2);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('clipping', () => {
  it('scales to the largest norm as clip_grad_norm_, and never up', () => {
    const gradients = [tf.tensor1d([3, 0]), tf.tensor2d([[0, 4]])];
    const norm = globalNorm(gradients);
    expect(norm.dataSync()[0]).toBeCloseTo(5, 6);
    expect(clipFactor(norm, 1).dataSync()[0]).toBeCloseTo(1 / (5 + 1e-6), 7);
    expect(clipFactor(norm, 10).dataSync()[0]).toBe(1);
    expect(clipFactor(norm, null).dataSync()[0]).toBe(1);
    expect(globalNorm([]).dataSync()[0]).toBe(0);
  });
});

describe('the kernels', () => {
  it('take weights as they lie, whatever the layout of tensors', () => {
    const mean = tf.reshape(tf.range(0, 24), [2, 3, 4]);
    setLayout('channels-first');
    const next = movingMean(mean, tf.zerosLike(mean), tf.scalar(1), 0.5, false);
    setLayout('channels-last');
    expect(next.shape).toEqual([2, 3, 4]);
    expect([...next.dataSync()]).toEqual(Array.from({ length: 24 }, (_, i) => i / 2));
  });

  it('equal their composition out of stock operations', () => {
    const random = randomStream(9, 'kernels');
    const draw = (): tf.Tensor =>
      tf.tensor2d(
        Array.from({ length: 12 }, () => random.normal()),
        [3, 4],
      );
    const [p, m, g, scale, rates] = [draw(), draw(), draw(), tf.scalar(0.3), tf.tensor1d([0.9, 0.02, 1.7])];
    const v = tf.square(draw());
    for (const squared of [false, true]) {
      const [a, b] = [movingMean(m, g, scale, 0.9, squared), composed.movingMean(m, g, scale, 0.9, squared)];
      b.dataSync().forEach((value, at) => expect(a.dataSync()[at]).toBeCloseTo(value, 6));
    }
    const [a, b] = [adamWMove(p, m, v, rates, 1e-3), composed.move(p, m, v, rates, 1e-3)];
    b.dataSync().forEach((value, at) => expect(a.dataSync()[at]).toBeCloseTo(value, 5));
    expect(a.shape).toEqual([3, 4]);
  });
});
