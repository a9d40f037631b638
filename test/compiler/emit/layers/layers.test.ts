import { describe, expect, it } from 'vitest';
import { describePart, layersOf } from '../../../../compiler/emit/layers/layers.js';
import { moduleTree } from '../../../../compiler/ir/modules.js';
import { lowerText } from '../../spec-text.js';

/** The layers of the level of a network, as `kind: label`; `block` is a use of a block that `declaration` declares. */
function layers(block: string, declaration: string): readonly string[] {
  return layersOf(levelOf(block, declaration)).map(({ kind, label }) => `${kind}: ${label}`);
}

function levelOf(block: string, declaration: string) {
  const network = lowerText(`
    use "lib/unet.unet"
    ${declaration}
    model Net {
      input scan: image(CT)[H, W]
      output mask: classes(a, b)
      let start = scan -> conv(8, 3)
      let level = start -> ${block}
      mask = level -> conv(2, 1)
    }`);
  const level = moduleTree(network, network.ops).parts.find(({ name }) => name === 'level');
  if (level === undefined) throw new Error('there is no level');
  return level;
}

const gate = `block gate(reduction: int = 4, power: int = 1) {
  x: [C, ...S]
  let weight = mean(x, over: [...S]) -> linear(floor(C / reduction)) -> relu -> linear(C) -> sigmoid
  x * weight
}`;

describe('the layers of a module', () => {
  it('are those of its blocks where these are chains of layers', () => {
    const plain = ['convolution: conv 3×3', 'norm: GN(8)', 'activation: ReLU'];
    expect(layers('two_convs(8) -> dropout(0.5)', '')).toEqual([...plain, ...plain, 'dropout: dropout 0.5']);
    expect(layers('residual(16)', '').at(-1)).toBe('activation: ReLU');
  });

  it('are a block of the kind of the operation that it is known by', () => {
    expect(layers('conv(8, 3) -> gate', gate)).toEqual(['convolution: conv 3×3', 'gate: gate']);
    const separable = 'block separable(out: int) { x: [C, ...S]\n x -> depthwise_conv(3) -> conv(out, 1) }';
    expect(layers('separable(16) -> relu', separable)).toEqual(['separable: separable', 'activation: ReLU']);
    const attention = `block attend { x: [C, ...S]
      let flat = merge(x, [...S], into: N)
      let a = softmax(einsum(flat, flat[C, K], into: [N, K]), over: K)
      x * mean(a, over: [N, K]) }`;
    expect(layers('attend -> relu', attention)).toEqual(['attention: attend', 'activation: ReLU']);
  });

  it('are a block of the most telling kind of its operations where it has trained tensors', () => {
    const norm = `block scaled_norm(groups: int) { x: [C, ...S]
      param scale: [C] = 1
      (x -> group_norm(groups, affine: false)) * scale }`;
    expect(layers('scaled_norm(2) -> relu', norm)).toEqual(['norm: scaled norm, groups 2', 'activation: ReLU']);
  });

  it('are those inside a block with a convolution over space, or with a block that is a layer', () => {
    const wide = 'block wide { x: [C, ...S]\n x * (x -> conv(C, 3) -> sigmoid) }';
    expect(layers('wide -> relu', wide)).toEqual([
      'convolution: conv 3×3',
      'activation: sigmoid',
      'join: multiply',
      'activation: ReLU',
    ]);
    const outer = `${gate}\nblock outer { x: [C, ...S]\n param scale: [C] = 1\n (x -> gate) * scale }`;
    expect(layers('outer -> relu', outer)).toEqual(['gate: gate', 'join: multiply', 'activation: ReLU']);
  });

  it('name the numbers of a block that are neither defaults nor channels', () => {
    expect(layers('gate(2) -> relu', gate)[0]).toBe('gate: gate, reduction 2');
    expect(layers('gate(4, 3) -> relu', gate)[0]).toBe('gate: gate, power 3');
    expect(layers('gate(8) -> relu', gate)[0]).toBe('gate: gate');
  });

  it('are one where a name stands for sums and products alone', () => {
    const blend = `block blend { x: [C, ...S]
      param a: scalar = 0.5
      let mixed_pair = a * x + x * x
      mixed_pair -> conv(C, 3) }`;
    expect(layers('blend', blend)).toEqual(['join: mixed pair', 'convolution: conv 3×3']);
  });
});

describe('a part in words', () => {
  it('names its blocks, and counts those in a row', () => {
    expect(describePart(levelOf('repeat(3, two_convs(8)) -> conv(16, 1)', ''))).toBe('3 × two convs, conv 1×1 → 16');
    expect(describePart(levelOf('gate', gate))).toBe('gate');
  });

  it('counts what is beyond a readable list', () => {
    const steps = Array.from({ length: 10 }, (_, index) => `conv(${index + 1}, 1)`).join(' -> ');
    expect(describePart(levelOf(steps, ''))).toMatch(/^conv 1×1 → 1, .*conv 1×1 → 7, 3 more$/);
  });
});
