import { describe, expect, test } from 'vitest';
import { weightsOf, type Network, type Weight } from '../../../compiler/ir/ir.js';
import { lowerText, openText } from '../spec-text.js';
import { bindModel, lower, ownModels } from '../../../compiler/program/program.js';

/** Every spec with knobs, and each knob that can be taken away. */
const removable: readonly (readonly [file: string, model: string, knob: string])[] = [
  ['dalight3d.unet', 'DALight3D', 'convolution'],
  ['dalight3d.unet', 'DALight3D', 'norm'],
  ['dalight3d.unet', 'DALight3D', 'csa'],
  ['dalight3d.unet', 'DALight3D', 'join'],
  ['unet2d-2015.unet', 'UNet2015', 'drop'],
  ['unet-plus-plus.unet', 'UNetPlusPlus', 'deep'],
];

const bases = new Map<string, Network>();
function base(file: string, model: string): Network {
  const known = bases.get(file);
  if (known !== undefined) return known;
  const program = openText(`use "${file}"\nmodel Same = ${model} { }`);
  const [declaration] = ownModels(program);
  const bound = declaration === undefined ? undefined : bindModel(program, declaration);
  const network = bound === undefined ? undefined : lower(program, bound).network;
  if (network === undefined) throw new Error(`${file} does not lower`);
  bases.set(file, network);
  return network;
}

const without = (file: string, model: string, knob: string): Network =>
  lowerText(`use "${file}"\nmodel Without = ${model} { ${knob} = off }`);
const byId = (network: Network): Map<string, Weight> =>
  new Map(weightsOf(network).map((weight) => [weight.id, weight]));

/** Weights at a place that both networks have, whose shape is another. */
function reshaped(left: Network, right: Network): string[] {
  const others = byId(right);
  return weightsOf(left)
    .filter(({ id, shape }) => others.has(id) && others.get(id)?.shape.join() !== shape.join())
    .map(({ id }) => id);
}

describe.each(removable)('%s: %s without %s', (file, model, knob) => {
  test('every id is unique, and weights are named by the ids of their operations', () => {
    const network = without(file, model, knob);
    const ids = network.ops.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const weights = weightsOf(network).map(({ id }) => id);
    expect(new Set(weights).size).toBe(weights.length);
    for (const op of network.ops) {
      for (const weight of op.weights) expect(weight.id).toBe(op.kind === 'param' ? op.id : `${op.id}.${weight.name}`);
    }
  });

  test('an operation of both has the same stage and place in the order', () => {
    const [before, after] = [base(file, model), without(file, model, knob)];
    const kept = new Map(after.ops.map((op, index) => [op.id, { op, index }]));
    const both = before.ops.flatMap((op) => {
      const found = kept.get(op.id);
      return found === undefined ? [] : [{ op, other: found.op, index: found.index }];
    });
    expect(both.length).toBeGreaterThan(after.ops.length / 3);
    expect(both.filter(({ op, other }) => op.stage !== other.stage)).toEqual([]);
    const order = both.map(({ index }) => index);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('a weight at a place of both has one shape', () => {
    expect(reshaped(base(file, model), without(file, model, knob))).toEqual([]);
  });
});

test('what an ablation of DALight-3D takes away is only what it replaces', () => {
  const before = base('dalight3d.unet', 'DALight3D');
  const gone = (knob: string): string[] => {
    const after = byId(without('dalight3d.unet', 'DALight3D', knob));
    return weightsOf(before).flatMap(({ id }) => (after.has(id) ? [] : [id]));
  };
  const matching = (pattern: RegExp): string[] => weightsOf(before).flatMap(({ id }) => (pattern.test(id) ? [id] : []));
  expect(gone('convolution')).toEqual(matching(/\.(depthwise|pointwise)\.weight$/));
  expect(gone('norm')).toEqual(matching(/\.(gamma|beta|default_gamma|default_beta)$/));
  expect(gone('csa')).toEqual(matching(/\.cross_slice_attention\./));
  expect(gone('join')).toEqual(matching(/^decoder\.fuse[01]\.(alpha|attention|gated)/));
  expect(gone('csa')).toHaveLength(12);
});

test('neither the file nor the name of the model enters an id', () => {
  const renamed = lowerText('use "dalight3d.unet"\nmodel Other = DALight3D { width = 24 }');
  expect(renamed.ops.map(({ id }) => id)).toEqual(base('dalight3d.unet', 'DALight3D').ops.map(({ id }) => id));
});

test('a layer set from outside names its own steps under the step that applies it', () => {
  const network = lowerText('use "dalight3d.unet"\nmodel Mine = DALight3D { norm = group_norm(8) -> relu }');
  const ids = network.ops.map(({ id }) => id);
  expect(ids).toContain('encoder.level1.main.norm.group_norm');
  expect(ids).toContain('encoder.level1.main.norm2.relu');
});
