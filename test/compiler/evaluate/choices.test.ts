import { describe, expect, test } from 'vitest';
import { checkText, lowerText, opOf, tinyModel } from '../spec-text.js';

const withInit = (init: string): string => tinyModel(`mask = scan -> conv(2, 3, init: ${init}, bias: true)`);
/** The codes of a text's diagnostics. */
const codes = (text: string): string[] => checkText(text).map((line) => line.split(' ')[1] ?? '');

describe('an initialiser', () => {
  // A conv of 2 channels to 2 with a kernel of 27: both fans are 54.
  test.each([
    ['torch_default', { kind: 'uniform', bound: 1 / Math.sqrt(54) }],
    ['kaiming_normal', { kind: 'normal', deviation: Math.sqrt(2 / 54) }],
    ['kaiming_normal(fan_out)', { kind: 'normal', deviation: Math.sqrt(2 / 54) }],
    ['kaiming_uniform(fan_in)', { kind: 'uniform', bound: Math.sqrt(6 / 54) }],
    ['truncated_normal', { kind: 'truncated_normal', deviation: 0.02 }],
    ['truncated_normal(0.1)', { kind: 'truncated_normal', deviation: 0.1 }],
    ['normal(0.5)', { kind: 'normal', deviation: 0.5 }],
    ['zeros', { kind: 'constant', value: 0 }],
    ['ones', { kind: 'constant', value: 1 }],
  ])('%s', (init, expected) => {
    const [weight, bias] = opOf(lowerText(withInit(init)), 'mask.conv').weights;
    expect(weight?.initial).toEqual(expected);
    const biasStart =
      init === 'torch_default' ? { kind: 'uniform', bound: 1 / Math.sqrt(54) } : { kind: 'constant', value: 0 };
    expect(bias?.initial).toEqual(biasStart);
  });

  test.each([
    ['trilinear', 'UNET2025'],
    ['fan_out', 'UNET2025'],
    ['kaiming_normal(trilinear)', 'UNET2025'],
    ['kaiming_normal(7)', 'UNET3001'],
    ['normal(-1)', 'UNET3019'],
    ['normal(true)', 'UNET3001'],
    ['normal(1, 2)', 'UNET2020'],
    ['zeros(1)', 'UNET2020'],
    ['truncated_normal(std: 1)', 'UNET2018'],
    ['1', 'UNET3001'],
  ])('%s is none: %s', (init, code) => {
    expect(codes(withInit(init))).toEqual([code]);
    const rule = tinyModel(`mask = scan -> conv(2, 3)\n  init { conv: ${init} }`);
    expect(codes(rule)).toEqual([code]);
  });

  test('a wrong default of a parameter is told at the default', () => {
    const block = 'block b(start: init = nearest) {\n  x: [C, ...S]\n  x -> conv(C, 3, init: start)\n}';
    expect(checkText(tinyModel('mask = scan -> b', block))).toEqual([expect.stringMatching(/^1:23 UNET2025/)]);
  });
});

test('a resize mode is no initialiser and the other way round', () => {
  expect(codes(tinyModel('mask = scan -> resize(zeros, scale: 2)'))).toEqual(['UNET2025']);
  expect(codes(tinyModel('mask = scan -> resize(trilinear(2), scale: 2)'))).toEqual(['UNET2020']);
});
