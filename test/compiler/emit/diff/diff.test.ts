import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNetworks } from '../../../../compiler/emit/diff/compare.js';
import { changeTable } from '../../../../compiler/emit/diff/parts.js';
import { buildDiff, type NetworkDiff } from '../../../../compiler/emit/diff/diff.js';
import { weightsOf, type Network } from '../../../../compiler/ir/ir.js';
import { sameGraph } from '../../../../compiler/ir/same-graph.js';
import { lowerProtocol } from '../../../../compiler/protocol/lower-protocol.js';
import type { Protocol } from '../../../../contract/protocol.js';
import { visibleProtocols } from '../../../../compiler/program/program.js';
import { lowerSpec } from '../../lowered.js';
import { lowerText, openText } from '../../spec-text.js';
import { patchOf } from '../legal-patch.js';

const known = new Map<string, Network>();

function spec(file: string, knobs: Readonly<Record<string, string>> = {}): Network {
  const key = JSON.stringify([file, knobs]);
  const [network] = known.has(key) ? [known.get(key)] : lowerSpec(file, knobs);
  if (network === undefined) throw new Error(file);
  known.set(key, network);
  return network;
}

function between(
  before: Network,
  after: Network,
  protocols: { before?: Protocol; after?: Protocol } = {},
): NetworkDiff {
  return buildDiff(
    { network: before, protocol: protocols.before, patch: patchOf(before), source: 'before.unet' },
    { network: after, protocol: protocols.after, patch: patchOf(after), source: 'after.unet' },
  );
}

/** The first protocol of a text. */
function protocolOf(text: string): Protocol {
  const [node] = visibleProtocols(openText(text));
  const lowered = node === undefined ? undefined : lowerProtocol(node).protocol;
  if (lowered === undefined) throw new Error('no protocol');
  return lowered;
}

/** A line for each change: `removed ID: BEFORE -> AFTER (PARAMS)`. */
function lines({ changes }: NetworkDiff): string[] {
  return changes.map(({ kind, id, before, after, params }) => `${kind} ${id}: ${before} -> ${after} (${params})`);
}

const dalight = spec('dalight3d.unet');

describe("the paper's ablations read as one knob and its modules", () => {
  it('without slice attention', () => {
    const diff = between(dalight, spec('ablations/no-csa.unet'));
    expect(diff.class).toBe('architecture');
    expect(diff.knobs).toEqual([{ name: 'csa', before: 'true', after: 'false' }]);
    expect(lines(diff)).toEqual([
      'removed encoder.level2.main.cross_slice_attention: cross slice attention -> null (-13968)',
      'removed encoder.level3.main.cross_slice_attention: cross slice attention -> null (-280584)',
    ]);
    expect(diff.stages.map(({ id, params }) => [id, params.delta])).toEqual([
      ['encoder.level2', -13968],
      ['encoder.level3', -280584],
    ]);
  });

  it('without separable convolutions', () => {
    const diff = between(dalight, spec('ablations/no-sepconv.unet'));
    expect(diff.knobs).toEqual([{ name: 'convolution', before: 'separable_conv', after: 'conv(kernel: 3)' }]);
    const places = [
      'encoder.level1',
      'encoder.level2',
      'encoder.level3',
      'decoder.level2',
      'decoder.level1',
      'decoder.level0',
    ];
    expect(diff.changes.map(({ id }) => id)).toEqual(
      places.flatMap((place) => [`${place}.main.convolution`, `${place}.main.convolution2`]),
    );
    expect(lines(diff)[0]).toBe(
      'replaced encoder.level1.main.convolution: separable conv → 48 -> conv 3×3×3 → 48 (29304)',
    );
    expect(diff.params).toEqual({ before: 2_219_074, after: 9_198_682, delta: 6_979_608 });
  });

  it('without identifier norms', () => {
    const diff = between(dalight, spec('ablations/no-identifier-norm.unet'));
    expect(diff.knobs.map(({ name }) => name)).toEqual(['norm']);
    expect(new Set(diff.changes.map(({ kind, before, after }) => `${kind} ${before} -> ${after}`))).toEqual(
      new Set(['replaced identifier norm -> GN(8)']),
    );
    expect(diff.changes).toHaveLength(14);
  });

  it('without SSFB', () => {
    const diff = between(dalight, spec('ablations/no-ssfb.unet'));
    expect(diff.knobs).toEqual([{ name: 'join', before: 'ssfb(rank: 8)', after: 'concat_fuse' }]);
    expect(lines(diff)).toEqual([
      'replaced decoder.fuse1: ssfb -> concat fuse (-7277)',
      'replaced decoder.fuse0: ssfb -> concat fuse (-2209)',
    ]);
  });
});

/** A two-level U whose level is the given steps. */
function plain(level: string, rest: { blocks?: string; fuse?: string; input?: string; output?: string } = {}): Network {
  return lowerText(`
    use "lib/unet.unet"
    ${rest.blocks ?? ''}
    model Plain {
      input scan: ${rest.input ?? 'image(T1, T2)[D, H, W]'}
      output mask: ${rest.output ?? 'classes(none, tumour)'}
      encoder { widths: [8, 16], level(c): ${level}, down: max_pool(2) }
      decoder { up(c): transposed_conv(c, 2, stride: 2), fuse: ${rest.fuse ?? 'concat_up_skip'}, level(c): two_convs(c) }
      head mask: conv(2, 1)
    }`);
}

describe('what counts as what', () => {
  const base = plain('conv(c, 3) -> group_norm(8) -> relu');

  it('a step in place of another is replaced, an attribute changed, a further step added', () => {
    expect(lines(between(base, plain('conv(c, 3) -> group_norm(8) -> gelu'))).slice(0, 1)).toEqual([
      'replaced encoder.level0.gelu: ReLU (encoder.level0.relu) -> GELU (0)',
    ]);
    expect(lines(between(base, plain('conv(c, 3) -> group_norm(4) -> relu'))).slice(0, 1)).toEqual([
      'changed encoder.level0.group_norm: GN(8) (groups 8) -> GN(4) (groups 4) (0)',
    ]);
    expect(lines(between(base, plain('conv(c, 3) -> group_norm(8) -> relu -> dropout(0.5)'))).slice(0, 1)).toEqual([
      'added encoder.level0.dropout: null -> dropout 0.5 (0)',
    ]);
    expect(lines(between(base, plain('conv(c, 3, bias: true) -> group_norm(8) -> relu'))).slice(0, 1)).toEqual([
      'changed encoder.level0.conv: conv 3×3×3 (bias false) -> conv 3×3×3 (bias true) (8)',
    ]);
  });

  it('a penalty is added, removed or changed, each in a row of its own', () => {
    const penalised = (rest: string): Network =>
      lowerText(`model P {
        input scan: image(T1)[D, H, W]
        output mask: classes(none, tumour)
        let x = scan -> conv(2, 3)
        mask = x -> relu
        ${rest}
      }`);
    const [none, one, other] = ['', 'penalty size = 0.1 * x ^ 2', 'penalty size = 0.2 * x ^ 2'].map(penalised);
    const added = between(none!, one!);
    expect(lines(added)).toContain(
      'changed penalty.size: not part of the loss -> adds penalty.size.multiply to the loss (0)',
    );
    const rows = changeTable(added.changes).rows.map(([change, module]) => `${change} ${module}`);
    expect(rows).toEqual(['+ added penalty.size', '~ changed penalty.size']);
    expect(lines(between(one!, other!))).toEqual([
      'changed penalty.size.multiply: multiply (value 0.1) -> multiply (value 0.2) (0)',
    ]);
    expect(between(one!, one!).changes).toEqual([]);
  });

  it('other widths are one change a stage', () => {
    const diff = between(spec('unet3d.unet'), spec('unet3d.unet', { width: '32' }));
    const stages = diff.changes.map(({ id }) => id);
    expect(stages).toEqual([...new Set(stages)]);
    expect(lines(diff)[0]).toBe('changed encoder.level0: 24 channels -> 32 channels (12992)');
  });

  it('another order of operands is a change, though every module is the same', () => {
    const diff = between(base, plain('conv(c, 3) -> group_norm(8) -> relu', { fuse: 'concat_skip_up' }));
    expect(diff.class).toBe('architecture');
    expect(lines(diff)).toEqual([
      'changed decoder.fuse0.concat: concat of decoder.up0, encoder.level0.relu -> concat of encoder.level0.relu, decoder.up0 (0)',
    ]);
  });

  it('a module that is only called otherwise leaves the network the same', () => {
    const blocks = (name: string): string =>
      `block ${name}(out: int) {\n x: [C, ...S]\n x -> conv(out, 3) -> group_norm(8) -> relu\n}`;
    const [before, after] = [
      plain('stem(c)', { blocks: blocks('stem') }),
      plain('trunk(c)', { blocks: blocks('trunk') }),
    ];
    expect(between(before, after).class).toBe('same');
    const named = plain('stem(c) -> relu as second', { blocks: blocks('stem') });
    const renamed = plain('stem(c) -> relu as last', { blocks: blocks('stem') });
    const diff = between(named, renamed);
    expect(diff.class).toBe('same');
    expect(lines(diff)).toEqual([
      'changed encoder.level0.last: encoder.level0.second -> encoder.level0.last (0)',
      'changed encoder.level1.last: encoder.level1.second -> encoder.level1.last (0)',
    ]);
  });

  it('other initial values are another network', () => {
    const init = (rule: string): Network => plain(`conv(c, 3, init: ${rule})`);
    const diff = between(init('kaiming_normal(fan_in)'), init('kaiming_normal(fan_out)'));
    expect(diff.class).toBe('architecture');
    expect(diff.changes[0]).toMatchObject({ kind: 'changed', id: 'encoder.level0', params: 0 });
    expect(diff.changes[0]?.before).toContain('weight starts normal');
  });

  it('other modalities or labels are another task; their spelling is none, and their order another network', () => {
    const level = 'conv(c, 3) -> group_norm(8) -> relu';
    expect(between(base, plain(level, { output: 'classes(none, edema)' })).class).toBe('protocol');
    expect(between(base, plain(level, { input: 'image(T1, FLAIR)[D, H, W]' })).protocol).toEqual([
      { name: 'image', before: '3-D of t1, t2', after: '3-D of flair, t1' },
    ]);
    expect(between(base, plain(level, { input: 'image(`T 1`, t2)[D, H, W]' })).class).toBe('same');
    const turned = between(base, plain(level, { input: 'image(T2, T1)[D, H, W]' }));
    expect(turned.class).toBe('architecture');
    expect(lines(turned)).toEqual(['changed scan: channels T1, T2 -> channels T2, T1 (0)']);
  });

  it('a protocol that only one network can follow is another protocol', () => {
    const protocol = protocolOf(readFileSync('specs/lib/protocols.unet', 'utf8'));
    const unet3d = spec('unet3d.unet');
    const unetr = between(unet3d, spec('unetr.unet'), { before: protocol, after: protocol });
    expect(unetr.class).toBe('protocol');
    const reason = 'a patch size of 64 along `D` is illegal; the nearest legal size is 96';
    expect(unetr.protocol).toEqual([{ name: 'legal patch', before: 'yes', after: `no: ${reason}` }]);
    const scanner = { ...dalight, inputs: dalight.inputs.map((input) => ({ ...input, name: 'scanner' })) };
    expect(between(dalight, scanner, { before: protocol, after: protocol }).protocol).toEqual([
      { name: 'identifiers', before: 'column "site"', after: 'none' },
    ]);
    expect(between(dalight, unet3d, { before: protocol, after: protocol }).protocol).toEqual([]);
  });

  it('other training is protocol changing, and says in what', () => {
    const text = (name: string, rate: string): string => `protocol ${name} {
      data: msd("Phantom"), split: kfold(4, seed: 1), patch: random([32, 32, 32]), normalize: zscore(nonzero)
      augment: [flip(D)], loss: dice(smooth: 1, classes: foreground), optimizer: adamw(lr: ${rate}), schedule: constant
      steps: 10, batch: 1, validate: sliding_window(overlap: 0.5, blend: gaussian, every: 4), select: last }`;
    const before = protocolOf(text('A', '1e-3'));
    expect(between(base, base, { before, after: protocolOf(text('B', '1e-3')) }).class).toBe('same');
    const diff = between(base, base, { before, after: protocolOf(text('A', '1e-4')) });
    expect(diff.class).toBe('protocol');
    expect(diff.protocol).toEqual([{ name: 'optimizer.lr', before: '0.001', after: '0.0001' }]);
    expect(diff.changes).toEqual([]);
    const focal = protocolOf(text('A', '1e-3').replace('dice(smooth: 1, classes: foreground)', '2 * focal(gamma: 1)'));
    expect(between(base, base, { before, after: focal }).protocol).toEqual([
      {
        name: 'loss',
        before: '[dice(weight: 1, smooth: 1, classes: foreground, over: case, denominator: sums, weights: null)]',
        after: '[focal(weight: 2, gamma: 1, alpha: null, weights: null)]',
      },
    ]);
  });
});

const files = [
  'dalight3d.unet',
  'unet3d.unet',
  'attention-unet3d.unet',
  'residual-unet3d.unet',
  'vnet3d.unet',
  'unet2d-2015.unet',
  'unet-plus-plus.unet',
  'unetr.unet',
];

function count(network: Network): number {
  return weightsOf(network).reduce((sum, { shape }) => sum + shape.reduce((size, each) => size * each, 1), 0);
}

function sum({ changes }: Pick<NetworkDiff, 'changes'>): number {
  return changes.reduce((total, { params }) => total + params, 0);
}

describe('every change', () => {
  it.each(files)('from %s to each other spec sums to the difference, both ways', (file) => {
    const before = spec(file);
    for (const other of files) {
      const after = spec(other);
      const changes = compareNetworks(before, after);
      expect(sum({ changes })).toBe(count(after) - count(before));
      expect(changes.length === 0).toBe(file === other);
    }
  });

  it('of any two settings of the knobs sums too, and there is none exactly where the graphs are the same', () => {
    const knobs = fc.record({
      width: fc.constantFrom('8', '16'),
      neck: fc.constantFrom('32', '64'),
      convolution: fc.constantFrom('separable_conv', 'conv(kernel: 3)', 'conv(kernel: 5)', 'separable_conv(kernel: 5)'),
      norm: fc.constantFrom('identifier_norm(site, groups: 8)', 'group_norm(8)', 'instance_norm', 'group_norm(4)'),
      csa: fc.constantFrom('true', 'false'),
      join: fc.constantFrom('ssfb(rank: 8)', 'ssfb(rank: 4)', 'concat_fuse'),
    });
    fc.assert(
      fc.property(knobs, knobs, (left, right) => {
        const [before, after] = [spec('dalight3d.unet', left), spec('dalight3d.unet', right)];
        const diff = between(before, after);
        expect(sum(diff)).toBe(count(after) - count(before));
        expect(diff.params.delta).toBe(sum(diff));
        expect(diff.stages.reduce((total, { params }) => total + params.delta, 0)).toBe(sum(diff));
        expect(diff.changes.length === 0).toBe(sameGraph(before, after));
        expect(new Set(diff.changes.map(({ id }) => id)).size).toBe(diff.changes.length);
      }),
      { numRuns: 12, seed: 5 },
    );
  });
});

describe('variants of inputs and outputs', () => {
  const text = `
model Base {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  knob widths: list(int) = [4, 8]
  encoder { widths: widths, level(c): conv(c, 3), down: max_pool(2) }
  decoder { up(c): resize(linear, scale: 2) -> conv(c, 1), fuse: join, level(c): conv(c, 3) }
  head mask: conv(mask.classes, 1)
}
block join {
  skip: [C, ...S]
  up: [U, ...S]
  concat(skip, up)
}`;
  const base = lowerText(text);
  const variant = (members: string): Network => lowerText(`${text}\nmodel Own = Base { ${members} }`);

  it.each([
    ['input scan: image(T1w)[H, W]', { image: ['3-D of t1w', '2-D of t1w'] }],
    ['input scan: image(FLAIR)[D, H, W]', { image: ['3-D of t1w', '3-D of flair'] }],
    [
      'output mask: regions(whole: [1, 2])',
      { labels: ['classes: background = 0, tumour = 1', 'regions: whole = 1 + 2'] },
    ],
  ])('%s is another task', (members, expected) => {
    const { class: kind, protocol } = between(base, variant(members));
    expect(kind).toBe('protocol');
    expect(Object.fromEntries(protocol.map(({ name, before, after }) => [name, [before, after]]))).toEqual(expected);
  });

  it('a fixed size and a setting are another architecture of the same task', () => {
    expect(between(base, variant('input scan: image(T1w)[D = 32, H, W], widths = [2, 4]')).class).toBe('architecture');
  });

  it('keep the ids of the base', () => {
    const ids = (network: Network): string[] => network.ops.map(({ id }) => id);
    expect(ids(variant('input scan: image(T1w)[H, W], output mask: classes(a, b, c)'))).toEqual(ids(base));
  });
});
