import { describe, expect, test } from 'vitest';
import { borderOf } from '../../../compiler/lower/output-size.js';
import { add, ceilDivide, constant, floorDivide, scale, symbol } from '../../../compiler/shape/size.js';
import { checkText, lowerText, tinyModel } from '../spec-text.js';

const d = symbol('D');

describe('the border an output lacks of its image', () => {
  test.each([
    ['the image', d, 0],
    ['valid convolutions', add(d, constant(-4)), 4],
    ['a pool and back', scale(floorDivide(d, 2), 2), 0],
    ['a pool of 11 and back', scale(floorDivide(d, 11), 11), 0],
    ['a stride that rounds up and back', scale(ceilDivide(d, 8), 8), 0],
    ['valid convolutions around a pool', add(scale(floorDivide(add(d, constant(-4)), 2), 2), constant(-8)), 12],
  ])('%s', (_, output, border) => expect(borderOf(d, output)).toBe(border));

  test.each([
    ['half the image', ceilDivide(d, 2)],
    ['twice the image', scale(d, 2)],
    ['more than the image', add(d, constant(2))],
    ['rounded up and back', add(scale(ceilDivide(d, 2), 2), constant(1))],
    ['a fixed size', constant(16)],
    ['another axis', symbol('H')],
  ])('%s has no place in it', (_, output) => expect(borderOf(d, output)).toBeUndefined());

  test('of fixed sizes the difference', () => {
    expect(borderOf(constant(96), constant(92))).toBe(4);
    expect(borderOf(constant(96), constant(97))).toBeUndefined();
  });
});

describe('the sizes of outputs', () => {
  test('a strided output is refused, an auxiliary one is not', () => {
    expect(checkText(tinyModel('mask = scan -> conv(2, 3, stride: 2)'))).toEqual([
      expect.stringMatching(/UNET3030 .* with the sizes of the image/),
    ]);
    const deep = tinyModel('mask = scan -> conv(2, 3)\n  aux mask = scan -> conv(2, 3, stride: 2)');
    expect(checkText(deep)).toEqual([]);
  });

  test('patches that lose voxels on the way are illegal', () => {
    const { legal } = lowerText(tinyModel('mask = scan -> conv(2, 4, stride: 4) -> transposed_conv(2, 4, stride: 4)'));
    expect(legal).toEqual(['D', 'H', 'W'].map((axis) => ({ axis, first: 4, step: 4 })));
  });
});

describe('regions', () => {
  const regions = (text: string): readonly string[] =>
    checkText(
      tinyModel('mask = scan -> conv(mask.regions, 1)').replace('classes(background, tumour)', `regions(${text})`),
    );
  test('overlap', () => expect(regions('whole: [1, 2, 3], core: [2, 3]')).toEqual([]));
  test.each([
    ['whole: []', 'UNET3019'],
    ['whole: [1, 1]', 'UNET3019'],
    ['whole: [-1]', 'UNET3019'],
    ['whole: [300]', 'UNET3019'],
    ['whole: [1], whole: [2]', 'UNET2002'],
    ['[1]', 'UNET3001'],
  ])('%s is refused', (text, code) => expect(regions(text)).toEqual([expect.stringContaining(code)]));
});
