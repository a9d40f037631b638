import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Protocol as CompilerProtocol } from '../../../contract/protocol.js';
import type { Protocol } from '../../../contract/protocol.js';
import { parseProtocol } from '../../../runtime/protocol/protocol-schema.js';
import { userErrorOf } from '../data/make.js';

const protocol: Protocol = {
  name: 'P',
  data: { kind: 'msd', name: 'Task01_BrainTumour' },
  split: { kind: 'kfold', folds: 5, seed: 12345, group: null, stratify: null },
  patch: { kind: 'random', size: [64, 64, 64], foreground: { draws: 10, above: 100 } },
  orient: 'as_stored',
  spacing: { kind: 'as_stored' },
  resample: { kind: 'interpolate', images: 'cubic', labels: 'linear' },
  normalize: { kind: 'zscore', over: 'nonzero' },
  augment: [
    { kind: 'flip', axes: ['D', 'H', 'W'], chance: 0.5 },
    { kind: 'scale', from: 0.9, to: 1.1, chance: 1 },
    { kind: 'shift', from: -0.1, to: 0.1, chance: 1 },
    { kind: 'noise', from: 0.05, to: 0.05, chance: 1 },
  ],
  loss: [
    { kind: 'dice', weight: 1, smooth: 1, classes: 'foreground', over: 'case', denominator: 'sums', weights: null },
    { kind: 'cross_entropy', weight: 0.5, weights: null },
  ],
  deep: 'halving',
  optimizer: { kind: 'adamw', lr: 5e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-5, clipNorm: 1 },
  schedule: { kind: 'cosine', to: 1e-6 },
  warmup: null,
  average: null,
  length: { kind: 'epochs', epochs: 50 },
  batch: 1,
  accumulate: 1,
  validate: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', region: 'all', mirror: null, every: 2 },
  select: { kind: 'last' },
  report: [
    { kind: 'dice' },
    { kind: 'nsd', tolerance: 1 },
    { kind: 'lesions', challenge: 'gli' },
    { kind: 'regions', unions: [{ name: 'WT', classes: ['edema', 'enhancing tumour'] }] },
  ],
  identify: [{ input: 'site', source: { kind: 'column', name: 'site' } }],
};

describe('parseProtocol', () => {
  it('has the type of the compiler’s protocol, both ways', () => {
    expectTypeOf<CompilerProtocol>().toExtend<Protocol>();
    expectTypeOf<Protocol>().toExtend<CompilerProtocol>();
  });

  it('reads back what was written', () => {
    expect(parseProtocol(JSON.stringify(protocol), 'protocol.json')).toEqual(protocol);
    expect(parseProtocol(protocol, 'protocol.json')).toEqual(protocol);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['no JSON', '{', /not valid JSON/],
    ['no object', '3', /must be an object/],
    ['an unknown field', { ...protocol, extra: 1 }, /extra/],
    ['a missing field', { ...protocol, batch: undefined }, /`batch`/],
    ['a wrong kind', { ...protocol, schedule: { kind: 'step' } }, /`schedule/],
    ['an overlap of 1', { ...protocol, validate: { ...protocol.validate, overlap: 1 } }, /`validate.overlap`/],
    ['a fractional batch', { ...protocol, batch: 1.5 }, /`batch`/],
  ];
  it.each(wrong)('refuses %s', async (_, json, part) => {
    const error = await userErrorOf(() => parseProtocol(json, 'run/protocol.json'));
    expect(error.code).toBe('UNET6019');
    expect(error.message).toMatch(part);
    expect(error.message).toContain('run/protocol.json');
  });
});
