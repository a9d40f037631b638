import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { weightsOf, type Network } from '../../compiler/ir/ir.js';
import { parseNameMap } from '../../runtime/network/import-weights.js';
import { nameMap, parityMaps } from '../../scripts/parity-names.js';
import { lowerText } from '../compiler/spec-text.js';

const root = resolve(import.meta.dirname, '../..');
const parity = resolve(root, '../shared/parity');

/** Tensors of a safetensors file by name: the header's shapes, nothing read of the data. */
function shapesIn(path: string): Map<string, readonly number[]> {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { shape?: readonly number[] }>;
  return new Map(
    Object.entries(header).flatMap(([name, { shape }]) => (shape === undefined ? [] : [[name, shape] as const])),
  );
}

/** A shape without the axes of size 1 at its end: `[8, 24, 1]` is a linear's `[8, 24]`, `[1]` is a scalar. */
function squeezed(shape: readonly number[]): string {
  let end = shape.length;
  while (end > 0 && shape[end - 1] === 1) end--;
  return shape.slice(0, end).join(' x ');
}

const cases = [
  { folder: 'dalight3d', count: 186, text: 'use "dalight3d.unet"\nmodel Same = DALight3D { width = 24 }' },
  {
    folder: 'attentionunet3d',
    count: 59,
    text: 'use "attention-unet3d.unet"\nmodel Same = AttentionUNet3D { width = 24 }',
  },
] as const;

describe.each(cases)('$folder', ({ folder, text, count }) => {
  const network: Network = lowerText(text);
  const weights = weightsOf(network);
  const file = `test/parity/${folder}.names.json`;
  const map = new Map(Object.entries(parseNameMap(readFileSync(resolve(root, file), 'utf8'), file)));

  test('every weight has a name, and no name is given twice', () => {
    expect(weights).toHaveLength(count);
    expect([...map.keys()]).toEqual(weights.map(({ id }) => id));
    expect(new Set(map.values()).size).toBe(weights.length);
  });

  test('the file is what the rules make of the spec', () => {
    const made = parityMaps.find((each) => each.file === file);
    expect(made === undefined ? '' : nameMap(made.spec, made.name)).toBe(readFileSync(resolve(root, file), 'utf8'));
  });

  const recorded = resolve(parity, folder, 'weights.safetensors');
  describe.skipIf(!existsSync(recorded))('against ../shared', () => {
    const theirs = existsSync(recorded) ? shapesIn(recorded) : new Map<string, readonly number[]>();

    test('the shapes are the reference’s, as multisets', () => {
      const sorted = (shapes: Iterable<readonly number[]>): string[] => [...shapes].map(squeezed).sort();
      expect(sorted(weights.map(({ shape }) => shape))).toEqual(sorted(theirs.values()));
    });

    test('the map takes the weights to all of the file’s tensors, one to one', () => {
      expect([...map.values()].sort()).toEqual([...theirs.keys()].sort());
    });

    test('each weight has its tensor’s shape', () => {
      for (const { id, shape } of weights) {
        const name = map.get(id) ?? '';
        expect([id, squeezed(shape)]).toEqual([id, squeezed(theirs.get(name) ?? [NaN])]);
      }
    });

    test('each weight belongs to the kind of operation that uses it in the reference', () => {
      const operations = readFileSync(resolve(parity, folder, 'operations.txt'), 'utf8');
      const kinds = new Map([
        ['conv3d', 'conv'],
        ['conv_transpose3d', 'transposed_conv'],
        ['group_norm', 'group_norm'],
      ]);
      const checked = new Set<string>();
      for (const line of operations.split('\n')) {
        const [, kind = '', rest = ''] = /^%\d+ = (\w+)\((.*)$/.exec(line) ?? [];
        const wanted = kinds.get(kind);
        if (wanted === undefined) continue;
        const used = [...map].filter(([, name]) => rest.includes(` ${name},`) || rest.includes(`=${name},`));
        for (const [id] of used) {
          checked.add(id);
          const op = network.ops.find((each) => each.weights.some((weight) => weight.id === id));
          expect([id, op?.kind === 'depthwise_conv' ? 'conv' : op?.kind]).toEqual([id, wanted]);
        }
      }
      const layered = network.ops.filter(({ kind }) =>
        ['conv', 'depthwise_conv', 'transposed_conv', 'group_norm'].includes(kind),
      );
      expect(checked.size).toBe(layered.flatMap((op) => op.weights).length);
    });
  });
});
