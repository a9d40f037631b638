import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { emitTfjs } from '../../../../compiler/emit/tfjs/emit-tfjs.js';
import { generatedModule } from '../../../../compiler/generate/generated-module.js';
import { weightsOf, type Network } from '../../../../compiler/ir/ir.js';
import { describeWeights, type WeightDescription } from '../../../../runtime/index.js';
import { lowerSpec } from '../../lowered.js';
import { lowerText, smallUnetr, tinyModel } from '../../spec-text.js';
import { generate } from './generated.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The weights of a network as the built model is to describe them. */
function weightsExpected(network: Network): readonly WeightDescription[] {
  return weightsOf(network).map(({ id, shape, initial, trainable, usedWhen }) => {
    const weight = { id, shape, initial, trainable };
    return usedWhen === undefined ? weight : { ...weight, usedWhen };
  });
}

/** The ids of all layers, in the order in which the code creates them. */
function expectSameNetwork(network: Network): void {
  const { build, description } = generate(network);
  const model = build({ seed: 1 });
  expect(describeWeights(model, description)).toEqual(weightsExpected(network));
  const names = new Set(model.layers.map(({ name }) => name));
  const missing = network.ops.filter(({ id, sharedWith }) => sharedWith === undefined && !names.has(id));
  expect(missing.map(({ id }) => id)).toEqual([]);
  model.dispose();
}

/** Whether the code has the structure of the text; else it is one statement per operation. */
function isStructured(network: Network): boolean {
  const { functions, types } = generatedModule(network);
  return functions.length > 1 || types.length > 0 || !emitTfjs(network).includes('// Stage');
}

const ablations = ['no-csa', 'no-identifier-norm', 'no-sepconv', 'no-ssfb'];

describe('generated code', () => {
  it.each([
    ['dalight3d', { width: '8', neck: '32' }],
    ['attention-unet3d', { width: '8' }],
    ['residual-unet3d', { width: '8' }],
    ['unet3d', { width: '8' }],
    ['unet-plus-plus', { width: '8' }],
    ['unet-plus-plus', { width: '8', deep: 'off' }],
    ['unet2d-2015', { width: '4' }],
    ['vnet3d', { width: '8' }],
    ['engine-check', {}],
  ] as const)('of %s %j has its weights and layers', (spec, knobs) => {
    for (const network of lowerSpec(`${spec}.unet`, knobs)) {
      expect(isStructured(network)).toBe(true);
      expectSameNetwork(network);
    }
  });

  it.each(['conv', 'side_step', 'conv(bias: true)'])('of a layer(int, size) that is %s has its weights', (step) => {
    const network = lowerText(
      `block pair(f: layer(int, size), out: int, kernel: size) {
         x: [C, ...S]
         x -> f(out, kernel) -> instance_norm -> relu -> f(out, 3)
       }
       block side_step(out: int, kernel: size) {
         x: [C, ...S]
         (x -> conv(out, kernel)) + (x -> conv(out, 1)) -> relu
       }
       model Net {
         input scan: image(T1w)[D, H, W]
         output mask: classes(background, lesion)
         knob step: layer(int, size) = conv off side_step
         knob kernels: list(size) = [[1, 3, 3], 3]
         let x = scan -> pair(step, 4, kernels[0]) -> pair(conv(bias: true), 4, kernels[1])
         mask = x -> step(4, kernels[0]) -> conv(mask.classes, 1)
       }`,
      { step },
    );
    expect(isStructured(network)).toBe(true);
    expectSameNetwork(network);
  });

  it('of UNETR has its weights and layers', () => {
    const network = smallUnetr({ hidden: '24', heads: '2', perceptron: '48', width: '8', depth: '2' });
    expect(isStructured(network)).toBe(true);
    expectSameNetwork(network);
  });

  it.each(ablations)('of the ablation %s differs from the base in at most 4 lines of the functions in both', (name) => {
    const [base] = lowerSpec('dalight3d.unet');
    const [variant] = lowerSpec(`ablations/${name}.unet`);
    const [before, after] = [base!, variant!].map((network) => functionLines(emitTfjs(network)));
    const common = [...before!.keys()].filter((each) => after!.has(each));
    const changed = common.flatMap((each) => changedLines(before!.get(each)!, after!.get(each)!));
    expect(changed.length).toBeLessThanOrEqual(4);
    expect(changed.length).toBeGreaterThanOrEqual(1);
  });

  it('of DALight-3D is at most 260 lines long', () => {
    const [network] = lowerSpec('dalight3d.unet');
    expect(emitTfjs(network!).split('\n').length).toBeLessThanOrEqual(260);
  });
});

/** The lines of each function and constant of a module, by its name. */
function functionLines(text: string): ReadonlyMap<string, readonly string[]> {
  const parts = text.split(/\n(?=(?:\/\*\*|export function|function|export const))/).slice(1);
  return new Map(parts.map((part) => [/(?:function|const) (\w+)/.exec(part)?.[1] ?? part, part.split('\n')] as const));
}

/** Lines of either that the other lacks, a changed line counted once. */
function changedLines(before: readonly string[], after: readonly string[]): readonly string[] {
  const gone = before.filter((line) => !after.includes(line));
  const added = after.filter((line) => !before.includes(line));
  return gone.length >= added.length ? gone : added;
}

const constructs: Record<string, { readonly body: string; readonly before?: string }> = {
  'nested conditions, of which every branch is taken': {
    before: `
block bring(step: int) {
  x: [C, ...S]
  let y = if step == 0 then x else if step < 0 then x -> max_pool(2) else x -> resize(linear, scale: 2)
  y -> conv(4, 1)
}
block again(step: int) {
  x: [C, ...S]
  let y = if step == 0 then x else (if step < 0 then x -> relu else x -> conv(C, 1)) -> sigmoid
  y + x
}`,
    body: `let low = scan -> again(0) -> again(1) -> again(-1) -> max_pool(2)
  let joined = concat(scan -> bring(0), low -> bring(1), scan -> resize(linear, scale: 2) -> bring(-1))
  mask = joined -> conv(2, 1)`,
  },
  'a condition on a parameter, taken and not taken': {
    before: `
block step(out: int, again: bool = false) {
  x: [C, ...S]
  let y = if C == out then x else x -> conv(out, 1)
  y -> relu -> conv(out, 3) when again -> relu
}`,
    body: 'mask = scan -> step(4) -> step(4, again: true) -> conv(2, 1)',
  },
  'both arms of a condition that make something': {
    before: `
block either(deep: bool) {
  x: [C, ...S]
  let y = if deep then x -> conv(C, 3) -> relu else x -> conv(C, 1)
  y + x
}`,
    body: 'mask = scan -> either(true) -> either(false) -> conv(2, 1)',
  },
  'conditions in the arms of a condition': {
    before: `
block which(count: int) {
  x: [C, ...S]
  if count == 0 then x
    else if count == 1 then x + (x -> conv(C, 3))
      else if count == 2 then x -> conv(C, 1) -> relu
        else if count == 3 then x else x - (x -> conv(C, 5))
}`,
    body: `mask = scan -> which(0) -> which(1) -> which(2) -> which(3) -> which(4) -> conv(2, 1)`,
  },
  'conditions in the first arm of a condition': {
    before: `
block which(deep: bool, wide: bool) {
  x: [C, ...S]
  let y = if deep then (if wide then x -> conv(C, 3) -> relu else x -> conv(C, 1)) else x
  if wide then y else if deep then y * (y -> conv(C, 3)) else y -> conv(C, 1)
}`,
    body: `mask = scan -> which(true, true) -> which(true, false) -> which(false, true) -> which(false, false) -> conv(2, 1)`,
  },
  'shared layers': {
    before: `
block twice(out: int) {
  x: [C, ...S]
  x -> conv(out, 3, bias: true) -> relu
}`,
    body: `let tied = shared(twice(2))
  mask = scan -> tied -> tied -> conv(2, 1)`,
  },
  'repeat and chain with layers that are arguments': {
    before: `
block stack(layer: layer, count: int) {
  x: [C, ...S]
  x -> repeat(count, layer)
}`,
    body: `let all = scan -> conv(4, 1) -> chain(3, stack(conv(4, 3), 2))
  mask = concat(all[0], all[2]) -> conv(2, 1)`,
  },
  'kernels by axis, paddings and a layer that is chosen': {
    before: `
block mixed(kernel: size, act: layer) {
  x: [C, ...S]
  x -> conv(C, kernel) -> act
}`,
    body: `mask = scan -> mixed([3, 3, 1], leaky_relu(0.2)) -> mixed(5, if 1 == 1 then relu else gelu) -> conv(2, 1)`,
  },
  'arithmetic with numbers on either side': {
    before: `
block scaled(by: float) {
  x: [C, ...S]
  param alpha: scalar = 0.5
  param beta: [C] = normal(0.1)
  (1 - alpha) * x * by + beta / sqrt(C) - (-x)
}`,
    body: 'mask = scan -> scaled(0.3) -> scaled(2) -> conv(2, 1)',
  },
  'a block used on two numbers of axes': {
    before: `
block centre {
  x: [C, ...S]
  x - mean(x, over: [...S])
}`,
    body: `let tokens = merge(scan -> centre, [H, W], into: P) -> centre
  mask = split(tokens, P, into: [H = H, W = W]) -> conv(2, 1)`,
  },
  'a resize that is needed in one place only': {
    before: `
block like(mode: int) {
  x: [C, ...S]
  y: [K, ...T]
  (x, y) -> resize(nearest) -> conv(C, 1)
}`,
    body: `let small = scan -> max_pool(2)
  let back = (small, scan) -> like(1)
  mask = (back, scan) -> like(1) -> conv(2, 1)`,
  },
  'a split in a block by the sizes of an image': {
    before: `
block volume {
  x: [C, D, P]
  y: [K, D, H, W]
  split(x, P, into: [H = H, W = W]) + y[C, D, H, W]
}

block around {
  x: [C, D, H, W]
  let tokens = merge(x, [H, W], into: P)
  (tokens, x) -> volume
}`,
    body: `let half = scan -> max_pool(2)
  let back = half -> around -> around
  mask = (back, scan) -> resize(nearest) -> conv(2, 1)`,
  },
};

describe('generated code of', () => {
  it.each(Object.entries(constructs))('%s has its weights and layers', (_, { body, before }) => {
    const network = lowerText(tinyModel(body, before));
    expect(isStructured(network)).toBe(true);
    expectSameNetwork(network);
  });
});
