import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { LossTerm } from '../../../contract/protocol.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { setLayout, toPhysical } from '../../../runtime/ops/layout.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { asFloat32, asInt32, readSafetensors } from '../../../runtime/files/safetensors.js';
import { deepWeights, lossTerms, probabilitiesOf, type LossOptions } from '../../../runtime/losses/loss-terms.js';
import { composed } from '../../../runtime/losses/loss-volumes.js';
import { encodedShape, encodeTarget } from '../../../runtime/training/targets.js';

const diceTerm: LossTerm = {
  kind: 'dice',
  weight: 1,
  smooth: 1,
  classes: 'foreground',
  over: 'case',
  denominator: 'sums',
  weights: null,
};
const diceOfAll: LossTerm = {
  kind: 'dice',
  weight: 1,
  smooth: 0.5,
  classes: 'all',
  over: 'case',
  denominator: 'sums',
  weights: null,
};
const crossEntropy: LossTerm = { kind: 'cross_entropy', weight: 0.5, weights: null };
const focalOf = (gamma: number, alpha: number | null): LossTerm => ({
  kind: 'focal',
  weight: 1,
  gamma,
  alpha,
  weights: null,
});

type Kind = 'classes' | 'regions';

const labels = ['background', 'edema', 'core'];

const diceWith = (settings: Partial<Extract<LossTerm, { kind: 'dice' }>>): LossTerm => ({ ...diceTerm, ...settings });
const tverskyTerm: LossTerm = {
  kind: 'tversky',
  weight: 1,
  alpha: 0.3,
  beta: 0.7,
  smooth: 1e-5,
  classes: 'all',
  over: 'case',
  weights: null,
};
const generalizedTerm: LossTerm = {
  kind: 'generalized_dice',
  weight: 1,
  volume: 'square',
  smooth: 1e-5,
  classes: 'all',
  over: 'case',
  weights: null,
};
const named = [{ label: 'core', weight: 3 }];
const listed = [0.5, 2, 1.25].map((weight) => ({ label: null, weight }));

/** Each loss in float64 straight from their formulas; logits and target `[N, C, V]`, -1 at ignored voxels. */
function reference(logits: number[][][], target: number[][][], kind: Kind, term: LossTerm): number {
  const probability = (row: number[][], c: number, v: number): number =>
    kind === 'regions'
      ? 1 / (1 + Math.exp(-row[c]![v]!))
      : Math.exp(row[c]![v]!) / row.reduce((sum, channel) => sum + Math.exp(channel[v]!), 0);
  const count = logits[0]!.length;
  const voxels = logits[0]![0]!.length;
  const weightOf = (c: number): number => {
    const own = term.weights?.find((each, at) => (each.label === null ? at === c : each.label === labels[c]));
    return own?.weight ?? 1;
  };
  if (term.kind !== 'cross_entropy' && term.kind !== 'focal') {
    const counted = [...Array(count).keys()].filter((c) => kind === 'regions' || term.classes === 'all' || c > 0);
    const cases = logits.map((row, n) =>
      counted.map((c) => {
        const sums = { both: 0, p: 0, squares: 0, t: 0 };
        for (let v = 0; v < voxels; v++) {
          const t = target[n]![c]![v]!;
          if (t < 0) continue;
          const p = probability(row, c, v);
          sums.both += p * t;
          sums.p += p;
          sums.squares += p * p;
          sums.t += t;
        }
        return sums;
      }),
    );
    type Sums = (typeof cases)[0][0];
    const add = (a: Sums, b: Sums): Sums => ({
      both: a.both + b.both,
      p: a.p + b.p,
      squares: a.squares + b.squares,
      t: a.t + b.t,
    });
    const rows = term.over === 'case' ? cases : [cases.reduce((a, b) => a.map((sums, c) => add(sums, b[c]!)))];
    const total = counted.reduce((sum, c) => sum + weightOf(c), 0);
    const scores = rows.map((row) => {
      if (term.kind === 'generalized_dice') {
        const power = { square: 2, simple: 1, uniform: 0 }[term.volume];
        const finite = row.filter(({ t }) => t > 0).map(({ t }) => t ** -power);
        const weights = row.map(
          ({ t }, at) => (t > 0 || power === 0 ? t ** -power : Math.max(0, ...finite)) * weightOf(counted[at]!),
        );
        const over = (value: (sums: Sums) => number): number =>
          row.reduce((sum, each, at) => sum + weights[at]! * value(each), 0);
        return (2 * over(({ both }) => both) + term.smooth) / (over(({ p, t }) => p + t) + term.smooth);
      }
      return row.reduce((sum, { both, p, squares, t }, at) => {
        const score =
          term.kind === 'tversky'
            ? (both + term.smooth) / (both + term.alpha * (p - both) + term.beta * (t - both) + term.smooth)
            : (2 * both + term.smooth) / ((term.denominator === 'sums' ? p : squares) + t + term.smooth);
        return sum + (weightOf(counted[at]!) / total) * score;
      }, 0);
    });
    return 1 - scores.reduce((sum, score) => sum + score, 0) / scores.length;
  }
  let sum = 0;
  let divisor = 0;
  logits.forEach((row, n) =>
    row.forEach((channel, c) =>
      channel.forEach((_, v) => {
        const p = probability(row, c, v);
        const t = target[n]![c]![v]!;
        if (t < 0 || (kind === 'classes' && t === 0)) return;
        const right = t === 1 ? p : 1 - p;
        divisor += weightOf(c);
        if (term.kind === 'cross_entropy') sum -= weightOf(c) * Math.log(right);
        else {
          const yes = kind === 'regions' ? t === 1 : c > 0;
          const alpha = term.alpha === null ? 1 : yes ? term.alpha : 1 - term.alpha;
          sum -= weightOf(c) * alpha * (1 - right) ** term.gamma * Math.log(right);
        }
      }),
    ),
  );
  return sum / divisor;
}

/** A third of the voxels is ignored with `ignores`. */
function samples(kind: Kind, cases: number, labels: number, voxels: number, ignores = false) {
  const random = randomStream(3, kind, cases);
  const logits = Array.from({ length: cases }, () =>
    Array.from({ length: labels }, () => Array.from({ length: voxels }, () => 2 * random.normal())),
  );
  const target = logits.map(() => {
    const classesOf = Array.from({ length: voxels }, () => random.integer(labels));
    return Array.from({ length: labels }, (_, c) =>
      classesOf.map((own, v) =>
        ignores && v % 3 === 0 ? -1 : kind === 'classes' ? Number(own === c) : random.integer(2),
      ),
    );
  });
  return { logits, target };
}

/** `[N, C, V]` as a tensor with three spatial axes in memory order. */
function physical(values: number[][][]): tf.Tensor {
  const [n, c, v] = [values.length, values[0]!.length, values[0]![0]!.length];
  return tf.tidy(() => toPhysical(tf.tensor(values.flat(2), [n, c, 2, 2, v / 4])));
}

const table = [
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
  ['dice of a batch', 'classes', [diceWith({ over: 'batch', smooth: 1e-5 })]],
  ['dice with squares', 'classes', [diceWith({ denominator: 'squares', classes: 'all' })]],
  [
    'dice of a batch with squares and weights',
    'regions',
    [diceWith({ denominator: 'squares', over: 'batch', weights: named })],
  ],
  ['dice with weights', 'classes', [diceWith({ weights: named })]],
  ['Tversky', 'classes', [tverskyTerm]],
  [
    'Tversky of a batch with weights',
    'regions',
    [{ ...tverskyTerm, alpha: 0.8, beta: 0.4, over: 'batch', weights: listed }],
  ],
  ['generalised dice', 'classes', [generalizedTerm]],
  [
    'generalised dice, simple, foreground',
    'classes',
    [{ ...generalizedTerm, volume: 'simple', classes: 'foreground' }],
  ],
  [
    'generalised dice of a batch, uniform, weights',
    'regions',
    [{ ...generalizedTerm, volume: 'uniform', over: 'batch', weights: named }],
  ],
  ['cross entropy with weights', 'classes', [{ ...crossEntropy, weights: listed }]],
  ['cross entropy with weights over regions', 'regions', [{ ...crossEntropy, weights: named }]],
  ['focal with weights', 'classes', [{ ...focalOf(2, 0.25), weights: named }]],
  [
    'all kinds',
    'classes',
    [generalizedTerm, { ...crossEntropy, weights: named }, tverskyTerm, diceWith({ over: 'batch' })],
  ],
] as [string, Kind, LossTerm[]][];

/** Each row as it is, and with voxels to ignore. */
const everyWay = table.flatMap(([name, kind, terms]) => [
  [name, kind, '', terms, false] as const,
  [name, kind, ', without the ignored voxels', terms, true] as const,
]);

beforeAll(() => selectEngine('cpu'));

describe.each(['channels-last', 'channels-first'] as const)('loss terms, %s', (order) => {
  beforeEach(() => setLayout(order));
  afterAll(() => setLayout('channels-last'));

  it.each(everyWay)('%s (%s) equals its formula%s', (_, kind, _way, terms, ignores) => {
    const { logits, target } = samples(kind, 2, 3, 12, ignores);
    const options = { labels, ignores };
    const values = Array.from(lossTerms(physical(logits), physical(target), kind, terms, options).dataSync());
    terms.forEach((term, index) => expect(values[index]).toBeCloseTo(reference(logits, target, kind, term), 5));
  });

  it.each(everyWay)('%s (%s) has the gradient of finite differences%s', (_, kind, _way, terms, ignores) => {
    const { logits, target } = samples(kind, 2, 3, 12, ignores);
    const weights = terms.map((_each, index) => 0.7 + index);
    const t = physical(target);
    const total = (x: tf.Tensor): tf.Scalar =>
      tf.sum(tf.mul(lossTerms(x, t, kind, terms, { labels, ignores }), tf.tensor1d(weights)));
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

  it.each(everyWay)('%s (%s) agree, loops and stock operations%s', (_, kind, _way, terms, ignores) => {
    const { logits, target } = samples(kind, 2, 3, 12, ignores);
    const [x, t] = [physical(logits), physical(target)];
    const results = (options: LossOptions): number[] => {
      const loss = (y: tf.Tensor): tf.Tensor => lossTerms(y, t, kind, terms, { labels, ignores, ...options });
      return [
        ...loss(x).dataSync(),
        ...tf
          .grad((y) => tf.sum(loss(y)))(x)
          .dataSync(),
      ];
    };
    const looped = results({});
    results({ volumes: composed }).forEach((value, at) => expect(looped[at]).toBeCloseTo(value, 6));
  });
});

describe('the gradient in one pass over the volume', () => {
  it.each(everyWay)('%s (%s) is the sum of the gradients of the terms alone%s', (_, kind, _way, terms, ignores) => {
    const { logits, target } = samples(kind, 2, 3, 12, ignores);
    const [x, t] = [physical(logits), physical(target)];
    const gradientOf = (fused: boolean): number[] => {
      const weights = tf.tensor1d(terms.map((each, index) => each.weight + index));
      const total = (y: tf.Tensor): tf.Tensor =>
        tf.sum(tf.mul(lossTerms(y, t, kind, terms, { fused, labels, ignores }), weights));
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
    expect(deepWeights(2, 'nnunet')).toEqual([2 / 3, 1 / 3, 0]);
    expect(deepWeights(0, 'nnunet')).toEqual([1]);
    expect(deepWeights(3, 'equal')).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(deepWeights(0, 'halving')).toEqual([1]);
    expect(deepWeights(3, [1, 0.5, 0.25, 0])).toEqual([4 / 7, 2 / 7, 1 / 7, 0]);
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
