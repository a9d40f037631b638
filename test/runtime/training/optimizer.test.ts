import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, type HostTensor } from '../../../runtime/files/safetensors.js';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { setLayout } from '../../../runtime/ops/layout.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { adamWMove, composed, globalNorm, movingMean } from '../../../runtime/training/optimizer-kernels.js';
import { clipFactor, createOptimizer, type Optimizer } from '../../../runtime/training/optimizer.js';
import type { Parameter } from '../../../runtime/network/parameter.js';

const options = {
  kind: 'adamw',
  lr: 0.05,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-3,
  weightDecay: 0.2,
  clipNorm: null,
} as const;

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
  optimizer: Optimizer,
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
    const optimizer = createOptimizer(options);
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
    const optimizer = createOptimizer(options);
    update(optimizer, [zero, absent], new Map([['zero', tf.tensor1d([0])]]), 0.5, tf.scalar(1));
    expect(zero.variable.dataSync()[0]).toBeCloseTo(0.9, 6);
    expect(absent.variable.dataSync()[0]).toBe(1);
    expect([...optimizer.moments.keys()]).toEqual(['zero']);
  });

  it('counts the steps of each parameter by itself', () => {
    const [always, late] = [parameter('always', [1]), parameter('late', [1])];
    const optimizer = createOptimizer({ ...options, weightDecay: 0 });
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
    const optimizer = createOptimizer(options);
    const gradients = new Map([['w', tf.tensor1d([1, 1])]]);
    const scale = tf.scalar(0.5);
    const before = tf.memory().numTensors;
    for (let step = 0; step < 5; step++) update(optimizer, [weight], gradients, 0.1, scale);
    expect(tf.memory().numTensors).toBe(before + 2);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

type Options = Parameters<typeof createOptimizer>[0];

/** torch.optim.SGD and torch.optim.Adam in float64, one scalar. */
function torch64(options: Options, start: number, gradients: readonly number[], lr: number): number {
  let [p, first, second] = [start, 0, 0];
  gradients.forEach((gradient, index) => {
    const g = gradient + options.weightDecay * p;
    if (options.kind === 'sgd') {
      first = index === 0 ? g : options.momentum * first + g;
      p -= lr * (options.nesterov ? g + options.momentum * first : first);
      return;
    }
    first = options.beta1 * first + (1 - options.beta1) * g;
    second = options.beta2 * second + (1 - options.beta2) * g * g;
    const [m, v] = [first / (1 - options.beta1 ** (index + 1)), second / (1 - options.beta2 ** (index + 1))];
    p -= (lr * m) / (Math.sqrt(v) + options.epsilon);
  });
  return p;
}

const sgd = { kind: 'sgd', lr: 0.1, momentum: 0, nesterov: false, weightDecay: 0, clipNorm: null } as const;

describe.each(['cpu', 'wasm', 'onnx'])('SGD and Adam on %s', (engine) => {
  beforeAll(() => selectEngine(engine));
  afterAll(() => selectEngine('cpu'));

  it.each<[string, Options]>([
    ['sgd', sgd],
    ['sgd with momentum and decay', { ...sgd, momentum: 0.9, weightDecay: 0.1 }],
    ["nnU-Net's sgd", { ...sgd, momentum: 0.99, nesterov: true, weightDecay: 3e-5 }],
    ['adam', { ...options, kind: 'adam', weightDecay: 0 }],
    ['adam with decay', { ...options, kind: 'adam', weightDecay: 0.3 }],
  ])('%s moves as in PyTorch', (_, settings) => {
    const random = randomStream(9, 'optimisers');
    const start = [0.5, -2, 0, 1e-3];
    const weight = parameter('w', start);
    const optimizer = createOptimizer(settings);
    const all = Array.from({ length: 12 }, () => start.map(() => random.normal()));
    for (const gradient of all) {
      const doubled = gradient.map((each) => 2 * each);
      update(optimizer, [weight], new Map([['w', tf.tensor1d(doubled)]]), 0.02, tf.scalar(0.5));
    }
    weight.variable.dataSync().forEach((value, index) => {
      const gradients = all.map((gradient) => gradient[index]!);
      expect(value).toBeCloseTo(torch64(settings, start[index]!, gradients, 0.02), 5);
    });
    optimizer.dispose();
  });
});

const shared = path.resolve(import.meta.dirname, '../../../../shared/measures');

describe.skipIf(!existsSync(shared))('20 recorded steps of PyTorch', () => {
  const adam = { lr: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: null } as const;
  it.each<[string, Options]>([
    ['sgd_plain', sgd],
    ['sgd_nnunet', { ...sgd, momentum: 0.99, nesterov: true, weightDecay: 3e-5 }],
    ['sgd_nnunet_poly', { ...sgd, momentum: 0.99, nesterov: true, weightDecay: 3e-5 }],
    ['adam', { ...adam, kind: 'adam', weightDecay: 0 }],
    ['adamw', { ...adam, kind: 'adamw', weightDecay: 0.01 }],
  ])('%s', async (name, settings) => {
    const { tensors } = await readSafetensors(path.join(shared, 'optimisers.safetensors'));
    const { runs } = JSON.parse(readFileSync(path.join(shared, 'optimisers.json'), 'utf8')) as {
      runs: { name: string; lr: number[] }[];
    };
    const { lr } = runs.find((each) => each.name === name)!;
    for (const weightName of ['w1', 'b1', 'w2', 'b2']) {
      const gradients = tensors.get(`${name}.grad.${weightName}`)!;
      const weights = tensors.get(`${name}.weight.${weightName}`)!;
      const size = gradients.shape.slice(1).reduce((product, each) => product * each, 1);
      const row = ({ data }: HostTensor, index: number): number[] => [
        ...(data as Float32Array).subarray(index * size, (index + 1) * size),
      ];
      const weight = parameter(weightName, row(weights, 0));
      const optimizer = createOptimizer(settings);
      lr.forEach((rate, step) => {
        const gradient = new Map([[weightName, tf.tensor1d(row(gradients, step))]]);
        update(optimizer, [weight], gradient, rate, tf.scalar(1));
        const expected = row(weights, step + 1);
        weight.variable.dataSync().forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-6));
      });
      optimizer.dispose();
    }
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
