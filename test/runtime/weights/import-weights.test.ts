import { describe, expect, it } from 'vitest';
import { UserError } from '../../../runtime/errors/user-error.js';
import type { HostTensor } from '../../../runtime/files/tensor-types.js';
import { draftMap } from '../../../runtime/weights/draft-map.js';
import { importWeights } from '../../../runtime/weights/import-weights.js';
import { parseNameMap } from '../../../runtime/weights/name-map.js';
import { planImport, type ImportTarget } from '../../../runtime/weights/plan-import.js';

function describeWeights(shapes: Record<string, number[]>): ImportTarget {
  return { name: 'Net', weights: Object.entries(shapes).map(([id, shape]) => ({ id, shape })) };
}

const source = 'w.safetensors';

/** Tensors whose values tell them apart. */
function tensorsOf(shapes: Record<string, number[]>): Map<string, HostTensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape], index) => {
      const size = shape.reduce((product, each) => product * each, 1);
      return [name, { shape, data: new Float32Array(size).fill(index + 1) }];
    }),
  );
}

/** A map as its file states it, or `auto`. */
type Given = Record<string, unknown> | 'auto' | undefined;

function load(target: ImportTarget, tensors: Map<string, HostTensor>, map?: Given, ignore: string[] = []) {
  const parsed = map === undefined || map === 'auto' ? map : parseNameMap(JSON.stringify(map), 'names.json');
  return importWeights(target, tensors, { map: parsed, ignore, source });
}

async function valuesOf(target: ImportTarget, tensors: Map<string, HostTensor>, map?: Given): Promise<number[][]> {
  const { weights } = await load(target, tensors, map);
  return [...weights.values()].map(({ data }) => [...(data as Float32Array)]);
}

/** The first value of each weight, which tells where it came from. */
async function firstOf(target: ImportTarget, tensors: Map<string, HostTensor>, map?: Given): Promise<number[]> {
  return (await valuesOf(target, tensors, map)).map(([first]) => first!);
}

async function messageOf(
  target: ImportTarget,
  tensors: Map<string, HostTensor>,
  map?: Given,
  ignore: string[] = [],
): Promise<string> {
  try {
    await load(target, tensors, map, ignore);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return `${(error as UserError).code} ${(error as UserError).message}`;
  }
  return 'imported';
}

const network = describeWeights({ 'a.weight': [2, 3], 'a.bias': [2], alpha: [], 'b.weight': [4, 2, 1, 1, 1] });

/** Tensors of the values 0, 1, 2, ... */
function counted(shapes: Record<string, number[]>): Map<string, HostTensor> {
  const tensors = tensorsOf(shapes);
  for (const { data } of tensors.values()) data.forEach((_, index) => (data[index] = index));
  return tensors;
}

describe('importWeights', () => {
  it('takes our own names without a map, in the order and shapes of the network', async () => {
    const tensors = tensorsOf({ alpha: [1], 'b.weight': [4, 2], 'a.bias': [2, 1], 'a.weight': [1, 2, 3] });
    const { weights: imported } = await load(network, tensors);
    expect([...imported].map(([id, { shape, data }]) => [id, shape, data[0]])).toEqual([
      ['a.weight', [2, 3], 4],
      ['a.bias', [2], 3],
      ['alpha', [], 1],
      ['b.weight', [4, 2, 1, 1, 1], 2],
    ]);
  });

  it('takes other names by a map, and our own where it has none', async () => {
    const tensors = tensorsOf({ w: [2, 3], 'a.bias': [2], s: [], 'b.weight': [4, 2, 1, 1, 1] });
    expect(await firstOf(network, tensors, { 'a.weight': 'w', alpha: 's' })).toEqual([1, 2, 3, 4]);
  });

  it('shows both sides with shapes if something does not fit', async () => {
    const tensors = tensorsOf({ w: [3, 2], alpha: [2], extra: [1], other: [7, 2] });
    expect(await messageOf(network, tensors, { 'a.weight': 'w', nobody: 'extra', 'a.bias': 'gone' })).toBe(
      [
        'UNET6052 The weights in `w.safetensors` do not fit the network `Net`: 0 of 4 weights of the network have a tensor among 4 in the file.',
        '  Weights of the network that are missing in the file:',
        '    a.bias    [2]              mapped to `gone`',
        '    b.weight  [4, 2, 1, 1, 1]',
        '  Weights whose tensor has another shape:',
        '    a.weight  [2, 3]  `w` [3, 2]',
        '    alpha     []      `alpha` [2]',
        '  Tensors of the file that are not used:',
        '    extra  [1]',
        '    other  [7, 2]',
        '  Ids in the map that the network does not have:',
        '    nobody',
      ].join('\n'),
    );
  });

  it('points out another number of axes', async () => {
    const flat = describeWeights({ 'conv.weight': [8, 4, 3, 3, 3] });
    expect(await messageOf(flat, tensorsOf({ 'conv.weight': [8, 4, 3, 3] }))).toContain(
      '`conv.weight` [8, 4, 3, 3]  (4 axes, expected 5)',
    );
  });

  it('is short where every name is another', async () => {
    const shapes = (name: string) => Object.fromEntries(Array.from({ length: 80 }, (_, k) => [`${name}${k}`, [2]]));
    const lines = (await messageOf(describeWeights(shapes('ours')), tensorsOf(shapes('theirs')))).split('\n');
    expect(lines).toHaveLength(45);
    expect(lines.filter((line) => line === '    and 60 more')).toHaveLength(2);
  });

  it('accepts axes of size 1 at the ends alone', async () => {
    const one = describeWeights({ w: [4, 1, 3] });
    expect(await messageOf(one, tensorsOf({ w: [1, 4, 1, 3, 1] }))).toBe('imported');
    expect(await messageOf(one, tensorsOf({ w: [4, 3] }))).toContain('another shape');
    expect(await messageOf(one, tensorsOf({ w: [3, 1, 4] }))).toContain('another shape');
    const [single, scalar] = [describeWeights({ w: [1] }), describeWeights({ w: [] })];
    expect(await messageOf(single, tensorsOf({ w: [] }))).toBe('imported');
    expect(await messageOf(scalar, tensorsOf({ w: [1, 1] }))).toBe('imported');
  });

  it('refuses values that are no finite float32, whole numbers and unknown types, and names the tensors', async () => {
    const spoilt = (values: HostTensor['data']): Promise<string> => {
      const tensors = tensorsOf({ 'a.weight': [2, 3], 'a.bias': [2], alpha: [], 'b.weight': [4, 2] });
      tensors.set('a.bias', { shape: [2], data: values });
      return messageOf(network, tensors);
    };
    expect(await spoilt(Float32Array.of(1, NaN))).toBe(
      'UNET6068 1 tensor in `w.safetensors` cannot be used as weights: `a.bias` has NaN.',
    );
    expect(await spoilt(Float32Array.of(-Infinity, 1))).toContain('`a.bias` has an infinite value');
    expect(await spoilt(Float64Array.of(1e39, 1))).toContain('beyond the range of float32');
    expect(await spoilt(Uint8Array.of(1, 2))).toContain('`a.bias` has values of a whole-number type');
    expect(await spoilt(Float64Array.of(0.1, 1))).toBe('imported');
  });

  it('refuses one tensor for two weights', async () => {
    const two = describeWeights({ a: [2], b: [2] });
    expect(await messageOf(two, tensorsOf({ x: [2] }), { a: 'x', b: 'x' })).toMatch(
      /several weights use:\n {4}x {2}\[2\]$/,
    );
  });

  it('leaves out what is ignored, and the counter of batch norm', async () => {
    const one = describeWeights({ 'n.weight': [2], 'n.running_mean': [2] });
    const tensors = tensorsOf({
      'n.weight': [2],
      'n.running_mean': [2],
      'n.num_batches_tracked': [],
      'aux.0.weight': [3],
    });
    expect(await messageOf(one, tensors)).toMatch(/not used:\n {4}aux\.0\.weight {2}\[3\]$/);
    expect(await messageOf(one, tensors, undefined, ['aux.*'])).toBe('imported');
    expect(await messageOf(one, tensors, { $ignore: ['aux.*.weight'] })).toBe('imported');
  });

  it('takes running statistics like weights, and refuses a negative variance', async () => {
    const one = describeWeights({ 'a.weight': [2], 'a.bias': [2], 'a.running_mean': [2], 'a.running_var': [2] });
    const there = { 'bn.running_var': [2], 'bn.running_mean': [2], 'bn.bias': [2], 'bn.weight': [2] };
    const counter = { shape: [], data: BigInt64Array.of(7n) };
    const tensors = tensorsOf(there).set('bn.num_batches_tracked', counter);
    expect(await firstOf(one, tensors, 'auto')).toEqual([4, 3, 2, 1]);
    const damaged = tensorsOf(there).set('bn.running_var', { shape: [2], data: Float32Array.of(1, -0.5) });
    expect(await messageOf(one, damaged, 'auto')).toMatch(/`bn.running_var` has -0.5, and a variance cannot be/);
  });

  it('says what to do about missing running statistics', async () => {
    const one = describeWeights({ 'n.weight': [2], 'n.running_mean': [2], 'n.running_var': [2] });
    await expect(load(one, tensorsOf({ 'n.weight': [2] }))).rejects.toMatchObject({
      code: 'UNET6052',
      help: expect.stringContaining('running statistics') as string,
    });
  });
});

describe('a map', () => {
  it('has patterns with numbers, sums, the last number and any text', async () => {
    const ids = [
      'up0.c.weight',
      'up0.c.bias',
      'up1.c.weight',
      'up1.c.bias',
      'up2.c.weight',
      'up2.c.bias',
      'seq1.w',
      'seq2.w',
    ];
    const target = describeWeights(Object.fromEntries(ids.map((id) => [id, [1]])));
    const names = ['top.weight', 'top.bias', 'dec.0.weight', 'dec.0.bias', 'dec.1.weight', 'dec.1.bias', 's.4', 's.7'];
    const map = {
      'up{last}.c.*': 'top.*',
      'up{i}.c.*': 'dec.{last - i - 1}.*',
      'seq{k}.w': 's.{3 * k + last(up) - 1}',
    };
    const { sources } = await load(target, tensorsOf(Object.fromEntries(names.map((name) => [name, [1]]))), map);
    expect([...sources].map(([id, source]) => [id, source.names[0]])).toEqual([
      ['up0.c.weight', 'dec.1.weight'],
      ['up0.c.bias', 'dec.1.bias'],
      ['up1.c.weight', 'dec.0.weight'],
      ['up1.c.bias', 'dec.0.bias'],
      ['up2.c.weight', 'top.weight'],
      ['up2.c.bias', 'top.bias'],
      ['seq1.w', 's.4'],
      ['seq2.w', 's.7'],
    ]);
  });

  it('prefers the very id to patterns, and an earlier pattern to a later one', async () => {
    const target = describeWeights({ 'a.x': [1], 'a.y': [1], 'b.y': [1] });
    const map = { 'a.*': 'first.*', 'a.x': 'own', '*.y': 'second.{0}' };
    const tensors = tensorsOf({ own: [1], 'first.y': [1], 'second.0': [1] });
    expect(await firstOf(target, tensors, map)).toEqual([1, 2, 3]);
  });

  it('cuts a fused tensor, along either axis', async () => {
    const target = describeWeights({ q: [2, 2], k: [2, 2], v: [2, 2] });
    const cut = (axis: number) =>
      Object.fromEntries(['q', 'k', 'v'].map((id, index) => [id, { from: 'qkv', part: `${index + 1}/3`, axis }]));
    expect(await valuesOf(target, counted({ qkv: [6, 2] }), cut(0))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
    expect(await valuesOf(target, counted({ qkv: [2, 6] }), cut(1))).toEqual([
      [0, 1, 6, 7],
      [2, 3, 8, 9],
      [4, 5, 10, 11],
    ]);
  });

  it('cuts a tensor fused within heads, which is reshaped first', async () => {
    // Two heads, each with one row of q, k and v in turn.
    const target = describeWeights({ q: [2, 2], k: [2, 2], v: [2, 2] });
    const map = Object.fromEntries(
      ['q', 'k', 'v'].map((id, index) => [id, { from: 'qkv', reshape: [2, 3, 2], part: `${index + 1}/3`, axis: 1 }]),
    );
    expect(await valuesOf(target, counted({ qkv: [6, 2] }), map)).toEqual([
      [0, 1, 6, 7],
      [2, 3, 8, 9],
      [4, 5, 10, 11],
    ]);
  });

  it('transposes, joins and stacks', async () => {
    const transposed = { w: { from: 'linear', transpose: [1, 0] } };
    expect(await valuesOf(describeWeights({ w: [3, 2] }), counted({ linear: [2, 3] }), transposed)).toEqual([
      [0, 3, 1, 4, 2, 5],
    ]);
    const tensors = counted({ a: [2, 2], b: [2, 1] });
    expect(await valuesOf(describeWeights({ w: [2, 3] }), tensors, { w: { from: ['a', 'b'], axis: 1 } })).toEqual([
      [0, 1, 0, 2, 3, 1],
    ]);
    const stacked = { w: { from: ['a', 'b'], reshape: [2, 2] } };
    expect(await valuesOf(describeWeights({ w: [2, 2] }), counted({ a: [2], b: [2] }), stacked)).toEqual([
      [0, 1, 0, 1],
    ]);
  });

  it('reports steps that do not fit, and parts that nobody takes', async () => {
    const target = describeWeights({ q: [2, 2] });
    const fused = counted({ qkv: [6, 2] });
    expect(await messageOf(target, fused, { q: { from: 'qkv', part: '1/4' } })).toContain(
      'cannot be cut into 4 equal parts',
    );
    expect(await messageOf(target, fused, { q: { from: 'qkv', part: '1/3' } })).toContain('only parts of it are used');
    expect(await messageOf(target, fused, { q: { from: 'qkv', transpose: [0] } })).toContain(
      'cannot be transposed by [0]',
    );
    expect(await messageOf(target, fused, { q: { from: 'qkv', reshape: [5] } })).toContain('cannot be reshaped to [5]');
    expect(await messageOf(target, counted({ a: [2, 1], b: [1, 1] }), { q: { from: ['a', 'b'], axis: 1 } })).toContain(
      'cannot be joined along axis 1',
    );
  });

  it.each([
    ['{"a": 1}', /invalid entry for `a`/],
    ['{"a": {"from": "x", "part": "0/3"}}', /invalid entry for `a`/],
    ['{"a": {"from": "x", "part": "4/3"}}', /part 4\/3/],
    ['{"$other": []}', /unknown key `\$other`/],
    ['[]x', /./],
    ['', /./],
    ['{"a": "x", "b": "a", "\\u0061": "y"}', /two entries for `a`/],
  ])('is refused: %s', (text, fault) => {
    expect(() => parseNameMap(text, 'names.json')).toThrow(fault);
    expect(() => parseNameMap(text, 'names.json')).toThrow(expect.objectContaining({ code: 'UNET6065' }));
  });

  it.each([
    [{ 'up{level}': 'x' }, 'must be a letter in braces'],
    [{ 'a{i}': 'x{j}' }, 'contains `j`'],
    [{ 'a{i}': 'x{i - 9}' }, 'below 0'],
    [{ 'a{i}': 'x*' }, 'more `*` than its key'],
  ])('with a pattern that cannot be read is refused: %o', async (map, fault) => {
    expect(await messageOf(describeWeights({ a1: [1] }), tensorsOf({ x: [1] }), map)).toContain(fault);
  });
});

/** Pairs and candidates that `auto` finds. */
function found(target: ImportTarget, tensors: Map<string, HostTensor>) {
  const { sources, open } = planImport(target, tensors, { map: 'auto', source });
  return {
    pairs: Object.fromEntries([...sources].map(([id, { names }]) => [id, names[0]])),
    open: Object.fromEntries(open),
  };
}

const norm = (name: string, size: number) => ({ [`${name}.weight`]: [size], [`${name}.bias`]: [size] });

describe('importWeights, map auto', () => {
  it('takes our own names if the file has them all, in whatever order', async () => {
    const own = describeWeights({ 'a.weight': [2], 'b.weight': [2] });
    expect(await firstOf(own, tensorsOf({ 'b.weight': [2], 'a.weight': [2] }), 'auto')).toEqual([2, 1]);
  });

  it('pairs layers whose shapes occur once, whatever their order', async () => {
    const own = describeWeights({ 'first.weight': [4, 2, 3], 'first.bias': [4], ...norm('norm', 4), alpha: [] });
    const theirs = tensorsOf({ scale: [1], '1.bias': [4], '1.weight': [4], '0.bias': [4], '0.weight': [4, 2, 3] });
    expect(await firstOf(own, theirs, 'auto')).toEqual([5, 4, 3, 2, 1]);
  });

  it('never pairs by order: two layers that could be swapped are listed, the likeliest first', async () => {
    const own = describeWeights({ 'down.weight': [4, 4], 'up.weight': [4, 4], 'head.weight': [2, 4] });
    const theirs = tensorsOf({ '0.weight': [4, 4], '1.weight': [4, 4], '2.weight': [2, 4] });
    expect(found(own, theirs)).toEqual({
      pairs: { 'head.weight': '2.weight' },
      open: { 'down.weight': ['0.weight', '1.weight'], 'up.weight': ['1.weight', '0.weight'] },
    });
    expect(await messageOf(own, theirs, 'auto')).toMatch(
      /^UNET6053 .*: 1 of 3 weights [^]*could be several tensors:\n {4}down\.weight {2}\[4, 4\] {2}0\.weight, 1\.weight\n/,
    );
  });

  it('does not trust numbers, which may count from the other end', () => {
    const own = describeWeights({ 'decoder.level0.weight': [4, 4], 'decoder.level1.weight': [4, 4] });
    const theirs = tensorsOf({ 'decoder.0.weight': [4, 4], 'decoder.1.weight': [4, 4] });
    expect(found(own, theirs).pairs).toEqual({});
  });

  it('pairs by words that distinguish every layer', () => {
    const linear = (name: string) => ({ [`${name}.weight`]: [4, 4], [`${name}.bias`]: [4] });
    const own = describeWeights({ ...linear('a.q.query'), ...linear('a.k.key'), ...linear('a.v.value') });
    const theirs = tensorsOf({ ...linear('att.value'), ...linear('att.key_proj'), ...linear('att.query') });
    expect(found(own, theirs)).toEqual({
      pairs: {
        'a.q.query.weight': 'att.query.weight',
        'a.q.query.bias': 'att.query.bias',
        'a.k.key.weight': 'att.key_proj.weight',
        'a.k.key.bias': 'att.key_proj.bias',
        'a.v.value.weight': 'att.value.weight',
        'a.v.value.bias': 'att.value.bias',
      },
      open: {},
    });
  });

  it('does not pair the rest by elimination', () => {
    const own = describeWeights({ 'skip.weight': [4, 4], 'up.weight': [4, 4] });
    expect(found(own, tensorsOf({ 'skip.weight': [4, 4], 'gate.weight': [4, 4] })).pairs).toEqual({});
  });

  it('pairs by modules that contain the same layers', () => {
    // The norms could be swapped, but for the convolution beside each.
    const own = describeWeights({
      'level0.conv.weight': [4, 1, 3],
      ...norm('level0.norm', 4),
      'level1.conv.weight': [4, 4, 3],
      ...norm('level1.norm', 4),
    });
    const theirs = tensorsOf({
      'enc.1.c.weight': [4, 4, 3],
      ...norm('enc.1.n', 4),
      'enc.0.c.weight': [4, 1, 3],
      ...norm('enc.0.n', 4),
    });
    expect(found(own, theirs)).toMatchObject({
      pairs: { 'level0.norm.weight': 'enc.0.n.weight', 'level1.norm.bias': 'enc.1.n.bias' },
      open: {},
    });
  });

  it('does not trust modules that are cut differently', () => {
    // Theirs put a norm into the module of the next convolution, so that modules of equal content are others.
    const own = describeWeights({
      'level0.conv.weight': [4, 1, 3],
      ...norm('level0.norm', 4),
      'level1.conv.weight': [4, 4, 3],
      ...norm('level1.norm', 4),
    });
    const theirs = tensorsOf({
      'b0.conv.weight': [4, 1, 3],
      ...norm('b1.norm', 4),
      'b1.conv.weight': [4, 4, 3],
      ...norm('last', 4),
    });
    const { pairs, open } = found(own, theirs);
    expect(pairs).toEqual({ 'level0.conv.weight': 'b0.conv.weight', 'level1.conv.weight': 'b1.conv.weight' });
    expect(Object.keys(open)).toHaveLength(4);
  });

  it('tells of a shape that the file lacks', async () => {
    const message = await messageOf(describeWeights({ a: [2], b: [3] }), tensorsOf({ x: [2] }), 'auto');
    expect(message).toMatch(/^UNET6052 [^]*missing in the file:\n {4}b {2}\[3\] {2}no tensor has this shape$/);
  });
});

describe('draftMap', () => {
  it('states the certain pairs, lists candidates for the rest, and can be completed', async () => {
    const own = describeWeights({ 'down.weight': [4, 4], 'up.weight': [4, 4], 'head.weight': [2, 4], alpha: [7] });
    const theirs = tensorsOf({ '0.weight': [4, 4], '1.weight': [4, 4], '2.weight': [2, 4], aux: [9] });
    const draft = draftMap(own, planImport(own, theirs, { map: 'auto', source }));
    expect(draft).toBe(`{
  "down.weight": { "shape": [ 4, 4 ], "candidates": [ "0.weight", "1.weight" ] },
  "up.weight": { "shape": [ 4, 4 ], "candidates": [ "1.weight", "0.weight" ] },
  "head.weight": "2.weight",
  "alpha": { "shape": [ 7 ], "candidates": [] },
  "$unmatched": {
    "0.weight": [ 4, 4 ],
    "1.weight": [ 4, 4 ],
    "aux": [ 9 ]
  }
}
`);
    const open = JSON.parse(draft) as Record<string, unknown>;
    expect(await messageOf(own, theirs, open)).toMatch(/^UNET6053/);
    const map = { ...open, 'down.weight': '0.weight', 'up.weight': '1.weight', alpha: 'aux', $ignore: [] };
    expect(await messageOf(own, theirs, map)).toContain('`aux` [9]');
  });
});
