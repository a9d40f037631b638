import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../../contract/protocol.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { setLayout, toPhysical } from '../../../runtime/ops/layout.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { asFloat32, asInt32, readSafetensors } from '../../../runtime/files/safetensors.js';
import { deepWeights, lossTerms, probabilitiesOf } from '../../../runtime/losses/loss-terms.js';
import { composed } from '../../../runtime/losses/loss-volumes.js';
import { encodedShape, encodeTarget } from '../../../runtime/training/targets.js';

const diceTerm: LossTerm = { kind: 'dice', weight: 1, smooth: 1, classes: 'foreground' };
const diceOfAll: LossTerm = { kind: 'dice', weight: 1, smooth: 0.5, classes: 'all' };
const crossEntropy: LossTerm = { kind: 'cross_entropy', weight: 0.5 };
const focalOf = (gamma: number, alpha: number | null): LossTerm => ({ kind: 'focal', weight: 1, gamma, alpha });

type Kind = 'classes' | 'regions';

/** Each loss in float64 straight from their formulas; logits and target `[N, C, V]`. */
function reference(logits: number[][][], target: number[][][], kind: Kind, term: LossTerm): number {
  const probability = (row: number[][], c: number, v: number): number =>
    kind === 'regions'
      ? 1 / (1 + Math.exp(-row[c]![v]!))
      : Math.exp(row[c]![v]!) / row.reduce((sum, channel) => sum + Math.exp(channel[v]!), 0);
  const labels = logits[0]!.length;
  const voxels = logits[0]![0]!.length;
  if (term.kind === 'dice') {
    const counted = [...Array(labels).keys()].filter((c) => kind === 'regions' || term.classes === 'all' || c > 0);
    const scores = logits.flatMap((row, n) =>
      counted.map((c) => {
        let both = 0;
        let either = 0;
        for (let v = 0; v < voxels; v++) {
          both += probability(row, c, v) * target[n]![c]![v]!;
          either += probability(row, c, v) + target[n]![c]![v]!;
        }
        return (2 * both + term.smooth) / (either + term.smooth);
      }),
    );
    return 1 - scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }
  let sum = 0;
  logits.forEach((row, n) =>
    row.forEach((channel, c) =>
      channel.forEach((_, v) => {
        const p = probability(row, c, v);
        const t = target[n]![c]![v]!;
        if (term.kind === 'focal') {
          const yes = kind === 'regions' ? t === 1 : c > 0;
          const right = t === 1 ? p : 1 - p;
          const alpha = term.alpha === null ? 1 : yes ? term.alpha : 1 - term.alpha;
          if (kind === 'regions' || t === 1) sum -= alpha * (1 - right) ** term.gamma * Math.log(right);
        } else sum -= kind === 'classes' ? t * Math.log(p) : t * Math.log(p) + (1 - t) * Math.log(1 - p);
      }),
    ),
  );
  return sum / (logits.length * voxels * (kind === 'regions' ? labels : 1));
}

function samples(kind: Kind, cases: number, labels: number, voxels: number) {
  const random = randomStream(3, kind, cases);
  const logits = Array.from({ length: cases }, () =>
    Array.from({ length: labels }, () => Array.from({ length: voxels }, () => 2 * random.normal())),
  );
  const target = logits.map(() => {
    const classesOf = Array.from({ length: voxels }, () => random.integer(labels));
    return Array.from({ length: labels }, (_, c) =>
      classesOf.map((own) => (kind === 'classes' ? Number(own === c) : random.integer(2))),
    );
  });
  return { logits, target };
}

/** `[N, C, V]` as a tensor with three spatial axes in memory order. */
function physical(values: number[][][]): tf.Tensor {
  const [n, c, v] = [values.length, values[0]!.length, values[0]![0]!.length];
  return tf.tidy(() => toPhysical(tf.tensor(values.flat(2), [n, c, 2, 2, v / 4])));
}

const table: [string, Kind, LossTerm[]][] = [
  ['dice over the foreground', 'classes', [diceTerm]],
  ['dice over all classes', 'classes', [diceOfAll]],
  ['cross entropy', 'classes', [crossEntropy]],
  ['both', 'classes', [diceTerm, crossEntropy]],
  ['dice over regions', 'regions', [diceTerm]],
  ['binary cross entropy', 'regions', [crossEntropy]],
  ['both over regions', 'regions', [crossEntropy, diceOfAll, diceTerm]],
  ['focal', 'classes', [focalOf(2, null)]],
  ['focal with a balance', 'classes', [focalOf(1.5, 0.25)]],
  ['focal below a gamma of 1', 'classes', [focalOf(0.5, null)]],
  ['focal over regions', 'regions', [focalOf(2, 0.75)]],
  ['all three', 'classes', [diceTerm, focalOf(3, null), crossEntropy]],
];

beforeAll(() => selectEngine('cpu'));

describe.each(['channels-last', 'channels-first'] as const)('loss terms, %s', (order) => {
  beforeEach(() => setLayout(order));
  afterAll(() => setLayout('channels-last'));

  it.each(table)('%s (%s) equals its formula', (_, kind, terms) => {
    const { logits, target } = samples(kind, 2, 3, 12);
    const values = Array.from(lossTerms(physical(logits), physical(target), kind, terms).dataSync());
    terms.forEach((term, index) => expect(values[index]).toBeCloseTo(reference(logits, target, kind, term), 5));
  });

  it.each(table)('%s (%s) has the gradient of finite differences', (_, kind, terms) => {
    const { logits, target } = samples(kind, 2, 3, 12);
    const weights = terms.map((_each, index) => 0.7 + index);
    const t = physical(target);
    const total = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(lossTerms(x, t, kind, terms), tf.tensor1d(weights)));
    const found = tf.grad(total)(physical(logits));
    const inOrder = order === 'channels-first' ? found : tf.transpose(found, [0, 4, 1, 2, 3]);
    const gradient = inOrder.reshape([2, 3, 12]).arraySync() as number[][][];
    const value = (): number =>
      terms.reduce((sum, term, index) => sum + weights[index]! * reference(logits, target, kind, term), 0);
    for (const [n, c, v] of [
      [0, 0, 0],
      [0, 1, 3],
      [0, 2, 11],
      [1, 0, 5],
      [1, 1, 7],
      [1, 2, 2],
    ] as const) {
      const channel = logits[n]![c]!;
      const step = 1e-5;
      channel[v]! += step;
      const above = value();
      channel[v]! -= 2 * step;
      const below = value();
      channel[v]! += step;
      expect(gradient[n]![c]![v]).toBeCloseTo((above - below) / (2 * step), 6);
    }
  });
});

describe.each(['cpu', 'wasm'])('the two ways to compute, on %s', (engine) => {
  beforeAll(() => selectEngine(engine));
  afterAll(() => selectEngine('cpu'));

  it.each(table)('%s (%s) agree, loops and stock operations', (_, kind, terms) => {
    const { logits, target } = samples(kind, 2, 3, 12);
    const [x, t] = [physical(logits), physical(target)];
    const values = lossTerms(x, t, kind, terms).dataSync();
    lossTerms(x, t, kind, terms, { volumes: composed })
      .dataSync()
      .forEach((value, at) => expect(values[at]).toBeCloseTo(value, 6));
    const slopes = tf
      .grad((y) => tf.sum(lossTerms(y, t, kind, terms)))(x)
      .dataSync();
    tf.grad((y) => tf.sum(lossTerms(y, t, kind, terms, { volumes: composed })))(x)
      .dataSync()
      .forEach((value, at) => expect(slopes[at]).toBeCloseTo(value, 6));
  });
});

describe('the gradient in one pass over the volume', () => {
  it.each(table)('%s (%s) is the sum of the gradients of the terms alone', (_, kind, terms) => {
    const { logits, target } = samples(kind, 2, 3, 12);
    const [x, t] = [physical(logits), physical(target)];
    const gradientOf = (fused: boolean): number[] => {
      const weights = tf.tensor1d(terms.map((each, index) => each.weight + index));
      const total = (y: tf.Tensor): tf.Tensor => tf.sum(tf.mul(lossTerms(y, t, kind, terms, { fused }), weights));
      return [...tf.grad(total)(x).dataSync()];
    };
    const alone = gradientOf(false);
    gradientOf(true).forEach((each, at) => expect(Math.abs(each - alone[at]!)).toBeLessThan(1e-7));
  });
});

describe('focal loss', () => {
  const one = (values: number[]): tf.Tensor => tf.tensor(values, [1, 1, 1, 1, values.length]);

  it.each(['classes', 'regions'] as const)('is the cross entropy with a gamma of 0 (%s)', (kind) => {
    const { logits, target } = samples(kind, 2, 3, 12);
    const [x, t] = [physical(logits), physical(target)];
    const both = (term: LossTerm): number[] => [
      ...lossTerms(x, t, kind, [term]).dataSync(),
      ...tf.grad((y) => tf.sum(lossTerms(y, t, kind, [term])))(x).dataSync(), // prettier-ignore
    ];
    const entropy = both(crossEntropy);
    both(focalOf(0, null)).forEach((each, at) => expect(each).toBeCloseTo(entropy[at]!, 6));
  });

  it("gives the paper's example: a probability of 0.9 costs 100 times less than in cross entropy, 0.968 about 1000 times", () => {
    for (const [probability, ratio] of [
      [0.9, 100],
      [0.968, 977],
    ] as const) {
      const x = one([Math.log(probability), Math.log(1 - probability)]);
      const t = one([1, 0]);
      const [focal, entropy] = lossTerms(x, t, 'classes', [focalOf(2, null), crossEntropy]).dataSync();
      expect(entropy! / focal! / ratio).toBeCloseTo(1, 2);
    }
  });

  it.each([0, 0.5, 1, 2])('stays finite for certain predictions, right and wrong, with a gamma of %f', (gamma) => {
    for (const [kind, t] of [
      ['classes', one([1, 0])],
      ['classes', one([0, 1])],
      ['regions', one([1, 0])],
      ['regions', one([0, 1])],
    ] as const) {
      const x = one([300, -300]);
      const value = lossTerms(x, t, kind, [focalOf(gamma, null)]).dataSync();
      const slopes = tf.grad((y) => tf.sum(lossTerms(y, t, kind, [focalOf(gamma, null)])))(x).dataSync(); // prettier-ignore
      expect([...value, ...slopes].every(Number.isFinite)).toBe(true);
      expect(value[0]).toBeCloseTo(t.dataSync()[0] === 1 ? 0 : kind === 'classes' ? 600 : 300, 3);
    }
  });
});

describe('loss terms', () => {
  beforeAll(() => setLayout('channels-last'));

  it('stay finite for logits that overflow an exponential', () => {
    const x = tf.tensor([200, -200, 0, -300, 300, 0], [1, 1, 2, 1, 3]);
    const t = tf.tensor([0, 1, 0, 0, 1, 0], [1, 1, 2, 1, 3]);
    const values = lossTerms(x, t, 'classes', [diceTerm, crossEntropy]).dataSync();
    expect(values[1]).toBeCloseTo(200, 3);
    const slopes = tf
      .grad((y) => tf.sum(lossTerms(y, t, 'classes', [diceTerm, crossEntropy])))(x)
      .dataSync();
    expect([...values, ...slopes].every(Number.isFinite)).toBe(true);
    const binary = lossTerms(x, t, 'regions', [crossEntropy]).dataSync();
    expect(binary[0]).toBeCloseTo((200 + 200) / 6 + Math.log(2) / 3, 3);
  });

  it('weigh auxiliary predictions by halves, or alike', () => {
    expect(deepWeights(2, 'halving')).toEqual([4 / 7, 2 / 7, 1 / 7]);
    expect(deepWeights(3, 'equal')).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(deepWeights(0, 'halving')).toEqual([1]);
  });
});

const parity = path.resolve(import.meta.dirname, '../../../../shared/parity');

describe.skipIf(!existsSync(parity))('recorded references', () => {
  beforeAll(() => setLayout('channels-last'));

  it.each(['dalight3d', 'attentionunet3d'])('%s: loss and probabilities from recorded logits', async (name) => {
    const { tensors } = await readSafetensors(path.join(parity, name, 'cases.safetensors'));
    const [logits, target] = [tensors.get('logits')!, tensors.get('target')!];
    const labels = ['background', 'edema', 'core', 'enhancing'].map((label, index) => ({
      name: label,
      values: [index],
    }));
    const output = { name: 'mask', kind: 'classes', labels, auxiliary: 0 } as const;
    const encoded = tf.tensor(
      encodeTarget({ shape: target.shape, data: Uint8Array.from(asInt32(target)) }, output),
      encodedShape(target.shape, output),
    );
    const x = toPhysical(tf.tensor(asFloat32(logits), [...logits.shape]));
    const [dice, entropy] = lossTerms(x, encoded, 'classes', [diceTerm, crossEntropy]).dataSync();
    const recorded = JSON.parse(readFileSync(path.join(parity, name, 'loss.json'), 'utf8')) as {
      float32: { loss: number; dice: number; ce: number }[];
    };
    const first = recorded.float32[0]!;
    expect(Math.abs(dice! - first.dice)).toBeLessThan(1e-6);
    expect(Math.abs(entropy! - first.ce)).toBeLessThan(1e-6);
    expect(Math.abs(dice! + 0.5 * entropy! - first.loss)).toBeLessThan(1e-6);
    const expected = asFloat32(tensors.get('output_probs')!);
    const found = tf.transpose(probabilitiesOf(x, 'classes'), [0, 4, 1, 2, 3]).dataSync();
    expect(Math.max(...found.map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThan(3e-6);
  });
});
