import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../../runtime/errors/user-error.js';
import {
  importWeights,
  parseNameMap,
  type ImportTarget,
  type NameMap,
} from '../../../runtime/network/import-weights.js';
import { readSafetensors, type HostTensor } from '../../../runtime/files/safetensors.js';

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

function messageOf(description: ImportTarget, tensors: Map<string, HostTensor>, map?: NameMap): string {
  try {
    importWeights(description, tensors, { ...(map === undefined ? {} : { map }), source });
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return `${(error as UserError).code} ${(error as UserError).message}`;
  }
  return 'imported';
}

const network = describeWeights({ 'a.weight': [2, 3], 'a.bias': [2], alpha: [], 'b.weight': [4, 2, 1, 1, 1] });

describe('importWeights', () => {
  it('takes our own names without a map, in the description’s order and shapes', () => {
    const tensors = tensorsOf({ alpha: [1], 'b.weight': [4, 2], 'a.bias': [2, 1], 'a.weight': [1, 2, 3] });
    const { weights: imported } = importWeights(network, tensors, { source });
    expect([...imported].map(([id, { shape, data }]) => [id, shape, data[0]])).toEqual([
      ['a.weight', [2, 3], 4],
      ['a.bias', [2], 3],
      ['alpha', [], 1],
      ['b.weight', [4, 2, 1, 1, 1], 2],
    ]);
  });

  it('takes other names by a map, and our own where it has none', () => {
    const tensors = tensorsOf({ w: [2, 3], 'a.bias': [2], s: [], 'b.weight': [4, 2, 1, 1, 1] });
    const { weights: imported } = importWeights(network, tensors, { source, map: { 'a.weight': 'w', alpha: 's' } });
    expect([...imported.values()].map(({ data }) => data[0])).toEqual([1, 2, 3, 4]);
  });

  it('counts and names missing, misshapen, unmatched and unknown weights in one message', () => {
    const tensors = tensorsOf({ w: [3, 2], alpha: [2], extra: [1], other: [7] });
    const message = messageOf(network, tensors, { 'a.weight': 'w', nobody: 'extra' });
    expect(message).toMatch(/^UNET6052 The weights in `w.safetensors` do not fit the network `Net`:\n/);
    for (const part of [
      'missing: 2 of 4 weights of the network, not in the file: `a.bias`, `b.weight`',
      'misshapen: 2 of 4 weights of the network: `a.weight` (`w` in the file) is [3, 2], expected [2, 3], `alpha` is [2], expected []',
      'unmatched: 2 of 4 tensors in the file, which do not match any weight of the network: `extra`, `other`',
      'unknown: 1 of 2 ids in the map, which the network does not have: `nobody`',
    ]) {
      expect(message).toContain(part);
    }
  });

  it('is short where every name is another', () => {
    const shapes = (name: string) => Object.fromEntries(Array.from({ length: 80 }, (_, k) => [`${name}${k}`, [2]]));
    const lines = messageOf(describeWeights(shapes('ours')), tensorsOf(shapes('theirs'))).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/missing: 80 of 80 weights .*: `ours0`, `ours1`, `ours2`, `ours3`, `ours4` and 75 more$/);
    expect(lines[2]).toMatch(/unmatched: 80 of 80 tensors .*`theirs4` and 75 more$/);
  });

  it('accepts axes of size 1 at the ends alone', () => {
    const one = describeWeights({ w: [4, 1, 3] });
    expect(messageOf(one, tensorsOf({ w: [1, 4, 1, 3, 1] }))).toBe('imported');
    expect(messageOf(one, tensorsOf({ w: [4, 3] }))).toContain('misshapen');
    expect(messageOf(one, tensorsOf({ w: [3, 1, 4] }))).toContain('misshapen');
    const [single, scalar] = [describeWeights({ w: [1] }), describeWeights({ w: [] })];
    expect(messageOf(single, tensorsOf({ w: [] }))).toBe('imported');
    expect(messageOf(scalar, tensorsOf({ w: [1, 1] }))).toBe('imported');
  });

  it('refuses values that are no float32, and names the tensors', () => {
    const spoilt = (values: HostTensor['data']): string => {
      const tensors = tensorsOf({ 'a.weight': [2, 3], 'a.bias': [2], alpha: [], 'b.weight': [4, 2] });
      tensors.set('a.bias', { shape: [2], data: values });
      return messageOf(network, tensors);
    };
    expect(spoilt(Float32Array.of(1, NaN))).toBe(
      'UNET6068 1 tensor in `w.safetensors` cannot be used as weights: `a.bias` has NaN.',
    );
    expect(spoilt(Float32Array.of(-Infinity, 1))).toContain('`a.bias` has an infinite value');
    expect(spoilt(Float64Array.of(1e39, 1))).toContain('`a.bias` has 1e+39, which is beyond the range of float32');
    expect(spoilt(BigInt64Array.of(1n, 2n ** 24n + 1n))).toContain('16777217, which float32 cannot represent');
    expect(spoilt(Float64Array.of(0.1, 1))).toBe('imported');
    expect(spoilt(Int32Array.of(-3, 2 ** 24))).toBe('imported');
  });

  it('refuses one tensor for two weights', () => {
    const two = describeWeights({ a: [2], b: [2] });
    expect(messageOf(two, tensorsOf({ x: [2] }), { a: 'x', b: 'x' })).toMatch(/ambiguous: 1 of .*: `x`$/);
  });
});

describe('importWeights, map auto', () => {
  const layers = describeWeights({
    'first.weight': [4, 2, 3],
    'first.bias': [4],
    'norm.weight': [4],
    'norm.bias': [4],
    'last.weight': [2, 4],
  });

  it('pairs in order where all shapes agree', () => {
    const tensors = tensorsOf({
      '0.weight': [4, 2, 3],
      '0.bias': [4],
      '1.weight': [4],
      '1.bias': [4],
      '2.weight': [2, 4, 1],
    });
    const { weights: imported } = importWeights(layers, tensors, { source, map: 'auto' });
    expect([...imported.values()].map(({ data }) => data[0])).toEqual([1, 2, 3, 4, 5]);
  });

  it('pairs by shape where each occurs once, whatever the order', () => {
    const own = describeWeights({ a: [2, 3], b: [5], c: [3, 2] });
    const { weights: imported } = importWeights(own, tensorsOf({ z: [5], y: [3, 2], x: [2, 3] }), {
      source,
      map: 'auto',
    });
    expect([...imported.values()].map(({ data }) => data[0])).toEqual([3, 1, 2]);
  });

  it('shows the candidates where order and shape leave a choice', () => {
    const swapped = tensorsOf({
      '0.weight': [4, 2, 3],
      '1.weight': [4],
      '0.bias': [4],
      '1.bias': [4],
      '2.weight': [2, 4],
    });
    const message = messageOf(layers, swapped, 'auto');
    expect(message).toMatch(/^UNET6053/);
    expect(message).toContain('4: `first.bias`, `norm.weight`, `norm.bias` and `1.weight`, `0.bias`, `1.bias`');
    expect(message).not.toContain('`last.weight`');
  });

  it('tells of a shape that one side lacks', () => {
    expect(messageOf(describeWeights({ a: [2], b: [3] }), tensorsOf({ x: [2] }), 'auto')).toContain('3: `b` and none');
  });
});

describe('importWeights, what only order decides', () => {
  const three = describeWeights({
    'down.conv.weight': [4, 4],
    'bottleneck.conv.weight': [4, 4],
    'up.conv.weight': [4, 4],
    'up.conv.bias': [4],
  });
  const auto = (tensors: Map<string, HostTensor>, allowAmbiguous = false) =>
    importWeights(three, tensors, { source, map: 'auto', allowAmbiguous });
  const shapes = (names: readonly string[]) =>
    tensorsOf(Object.fromEntries(names.map((name) => [name, name.endsWith('bias') ? [4] : [4, 4]])));

  it('is reported, group by group, with the pairs', () => {
    const { names, swappable } = auto(shapes(['enc.weight', 'mid.weight', 'dec.weight', 'dec.bias']));
    expect([...names]).toEqual([
      ['down.conv.weight', 'enc.weight'],
      ['bottleneck.conv.weight', 'mid.weight'],
      ['up.conv.weight', 'dec.weight'],
      ['up.conv.bias', 'dec.bias'],
    ]);
    const ids = ['down.conv.weight', 'bottleneck.conv.weight', 'up.conv.weight'];
    expect(swappable).toEqual([{ shape: [4, 4], ids }]);
  });

  it('is refused if the file is sorted by name, as the reference writer sorts it', () => {
    const noBias = describeWeights({ down: [4, 4], bottleneck: [4, 4] });
    const sorted = tensorsOf({ first: [4, 4], second: [4, 4] });
    expect(messageOf(noBias, sorted, 'auto')).toMatch(
      /^UNET6053 .*alphabetical[^]*\[4, 4\]: `down`, `bottleneck` could match any of `first`, `second`$/,
    );
    expect([...importWeights(noBias, sorted, { source, map: 'auto', allowAmbiguous: true }).names.values()]).toEqual([
      'first',
      'second',
    ]);
  });

  it('is not asked where the file has our names, in whatever order', () => {
    const { weights, swappable } = auto(
      shapes(['bottleneck.conv.weight', 'down.conv.weight', 'up.conv.weight', 'up.conv.bias']),
    );
    expect([...weights.values()].map(({ data }) => data[0])).toEqual([2, 1, 3, 4]);
    expect(swappable).toEqual([]);
  });

  it('never pairs the weight and the bias of one module with those of two', () => {
    const torn = shapes(['z.weight', 'dec.weight', 'b.weight', 'dec.bias']);
    expect(() => auto(torn)).toThrow(expect.objectContaining({ code: 'UNET6053' }));
  });
});

describe('parseNameMap', () => {
  it('refuses two entries for one weight, of which JSON would keep the last', () => {
    expect(() => parseNameMap('{"a": "x", "b": "a", "\\u0061": "y"}', 'names.json')).toThrow(
      /two entries for the weight `a`/,
    );
  });

  it('reads a JSON object of texts', () => {
    expect(parseNameMap('{"a": "b"}', 'names.json')).toEqual({ a: 'b' });
    for (const text of ['{"a": 1}', '[]x', '']) {
      expect(() => parseNameMap(text, 'names.json')).toThrow(expect.objectContaining({ code: 'UNET6065' }));
    }
  });
});

const parity = path.resolve(import.meta.dirname, '../../../../shared/parity');

describe.skipIf(!existsSync(parity))('recorded references', () => {
  it.each(['dalight3d', 'attentionunet3d'])(
    '%s: its weights pair with a list of the same shapes in order',
    async (name) => {
      const { tensors } = await readSafetensors(path.join(parity, name, 'weights.safetensors'));
      const ours = [...tensors].map(([, { shape }], index) => [`w${index}`, shape] as const);
      const { weights: imported } = importWeights(
        describeWeights(Object.fromEntries(ours) as Record<string, number[]>),
        tensors,
        {
          source,
          map: 'auto',
        },
      );
      const expected = [...tensors.values()];
      expect([...imported.values()].every(({ data }, index) => data === expected[index]!.data)).toBe(true);
    },
  );

  it('takes running statistics like weights, with or without the counters of PyTorch', () => {
    const normed = describeWeights({
      'a.weight': [2],
      'a.bias': [2],
      'a.running_mean': [2],
      'a.running_var': [2],
    });
    const there = { 'bn.weight': [2], 'bn.bias': [2], 'bn.running_mean': [2], 'bn.running_var': [2] };
    const counter = { shape: [], data: BigInt64Array.of(7n) };
    for (const tensors of [tensorsOf(there), tensorsOf(there).set('bn.num_batches_tracked', counter)]) {
      const { names } = importWeights(normed, tensors, { source, map: 'auto' });
      expect([...names]).toEqual(Object.keys(there).map((name) => [name.replace('bn', 'a'), name]));
    }
    const swapped = tensorsOf({ 'bn.weight': [2], 'bn.bias': [2], 'bn.running_var': [2], 'bn.running_mean': [2] });
    expect(messageOf(normed, swapped, 'auto')).toMatch(/^UNET6053/);
    const statistics = { 'a.running_mean': 'bn.running_mean', 'a.running_var': 'bn.running_var' };
    const map = { 'a.weight': 'bn.weight', 'a.bias': 'bn.bias', ...statistics };
    const without = tensorsOf({ 'bn.weight': [2], 'bn.bias': [2] });
    expect(messageOf(normed, without, map)).toMatch(/missing: 2 of 4 .*`a.running_mean` .*`a.running_var`/);
    const damaged = tensorsOf(there).set('bn.running_var', { shape: [2], data: Float32Array.of(1, -0.5) });
    expect(messageOf(normed, damaged, map)).toMatch(/^UNET6068 .*`bn.running_var` has -0.5, and a variance cannot be/);
  });
});
