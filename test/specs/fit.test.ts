import { describe, expect, test } from 'vitest';
import type { Network } from '../../compiler/ir/ir.js';
import { evaluate } from '../../compiler/shape/size.js';
import { checkText, lowerText, opOf, tinyModel } from '../compiler/spec-text.js';

const add = 'block add_skip {\n  skip: [C, ...S]\n  up: [C, ...S]\n  skip + up\n}\n';

/** One level of halving and back, with the step down, the convolutions of the levels and the way to fit given. */
const u = (down: string, level: string, fit: string): string =>
  tinyModel(
    `
  encoder { widths: [2, 2], level(c): ${level}, down: ${down} }
  decoder { up(c): transposed_conv(c, 2, stride: 2), ${fit === '' ? '' : `fit: ${fit}, `}fuse: add_skip, level(c): ${level} }
  head mask: conv(2, 1)`,
    add,
  );

const sizes = (network: Network, id: string, extent: number): number[] => {
  const values = new Map(['D', 'H', 'W'].map((axis) => [axis, extent]));
  return opOf(network, id)
    .shape.slice(1)
    .map(({ size }) => evaluate(size, values));
};
const legal = (network: Network): unknown => network.legal.find(({ axis }) => axis === 'D');

const pool = 'max_pool(2)';
const strided = 'conv(2, 3, stride: 2)';
const same = 'conv(c, 3)';
const valid = 'conv(c, 3, pad: 0)';

describe('fit', () => {
  test('exact, the default, makes the total stride a constraint on the patch', () => {
    expect(legal(lowerText(u(pool, same, '')))).toEqual({ axis: 'D', first: 2, step: 2 });
    expect(legal(lowerText(u(pool, same, 'exact')))).toEqual({ axis: 'D', first: 2, step: 2 });
    expect(checkText(u(pool, valid, 'exact'))).toEqual([expect.stringContaining('UNET3006')]);
  });

  test('pad adds zeros around the upsampled tensor', () => {
    const network = lowerText(u(pool, same, 'pad'));
    expect(legal(network)).toEqual({ axis: 'D', first: 2, step: 1 });
    expect(sizes(network, 'decoder.up0', 9)).toEqual([8, 8, 8]);
    expect(sizes(network, 'decoder.fit0', 9)).toEqual([9, 9, 9]);
    expect(opOf(network, 'decoder.fit0').operands.map(({ op }) => op)).toEqual(['decoder.up0', 'encoder.level0']);
  });

  test('pad never cuts: a step down that rounds up leaves the even sizes', () => {
    expect(legal(lowerText(u(strided, same, 'pad')))).toEqual({ axis: 'D', first: 2, step: 2 });
  });

  test('crop cuts the skip of valid convolutions', () => {
    const network = lowerText(u(pool, valid, 'crop'));
    expect(sizes(network, 'encoder.level0', 20)).toEqual([18, 18, 18]);
    expect(sizes(network, 'decoder.fit0', 20)).toEqual([14, 14, 14]);
    expect(sizes(network, 'head.mask', 20)).toEqual([12, 12, 12]);
    expect(opOf(network, 'decoder.fit0').operands.map(({ op }) => op)).toEqual(['encoder.level0', 'decoder.up0']);
  });

  test('crop cuts the upsampled tensor where that is the larger one', () => {
    const network = lowerText(u(strided, same, 'crop'));
    expect(legal(network)).toEqual({ axis: 'D', first: 1, step: 1 });
    expect(sizes(network, 'decoder.up0', 9)).toEqual([10, 10, 10]);
    expect(sizes(network, 'decoder.fit0', 9)).toEqual([9, 9, 9]);
    expect(opOf(network, 'decoder.fit0').operands.map(({ op }) => op)).toEqual(['decoder.up0', 'encoder.level0']);
  });

  test('resize takes the skip’s size', () => {
    const network = lowerText(u(strided, same, 'resize(trilinear)'));
    expect(legal(network)).toEqual({ axis: 'D', first: 1, step: 1 });
    expect(sizes(network, 'decoder.fit0', 9)).toEqual([9, 9, 9]);
  });
});

describe('crop and pad of two tensors', () => {
  const free = (line: string): string =>
    tinyModel(`let small = scan -> conv(2, 3, pad: 0)\n  let y = ${line}\n  mask = y -> conv(2, 1)`);

  test('the larger is cut, the smaller padded', () => {
    expect(sizes(lowerText(free('(scan, small) -> crop')), 'y.crop', 10)).toEqual([8, 8, 8]);
    expect(sizes(lowerText(free('(small, scan) -> pad')), 'y.pad', 10)).toEqual([10, 10, 10]);
  });

  test('the other way round is a mistake, which names the other one', () => {
    expect(checkText(free('(small, scan) -> crop'))).toEqual([
      expect.stringMatching(/UNET3006 The tensors of `crop` differ in size along `D`: D - 2 and D/),
    ]);
    expect(checkText(free('(scan, small) -> pad'))).toEqual([
      expect.stringMatching(/UNET3006 The tensors of `pad` differ in size along `D`: D and D - 2/),
    ]);
  });
});
