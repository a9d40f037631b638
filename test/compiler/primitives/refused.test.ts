import { describe, expect, test } from 'vitest';
import { checkText, tinyModel } from '../spec-text.js';

/** What is said of one step after the input, as codes; its result is auxiliary, so that it may have any size. */
const codes = (step: string): string[] =>
  checkText(tinyModel(`mask = scan -> conv(2, 1)\n  aux mask = scan -> ${step} -> conv(2, 1)`)).map(
    (line) => line.split(' ')[1] ?? '',
  );

describe('arguments that make no sense are refused where they stand', () => {
  test.each([
    ['max_pool(2, pad: 2)', 'UNET3019'],
    ['avg_pool([1, 2, 2], pad: 1)', 'UNET3019'],
    ['max_pool(0)', 'UNET3019'],
    ['conv(2, 4)', 'UNET3011'],
    ['conv(2, [3, 3])', 'UNET3012'],
    ['conv(3, 3, groups: 2)', 'UNET3007'],
    ['conv(0, 3)', 'UNET3019'],
    ['group_norm(3)', 'UNET3007'],
    ['group_norm(1, epsilon: 0)', 'UNET3019'],
    ['dropout(1)', 'UNET3019'],
    ['leaky_relu(2)', 'UNET3019'],
    ['resize(bilinear, scale: 2)', 'UNET3019'],
    ['resize(trilinear)', 'UNET2019'],
    ['conv(2, 3, stides: 2)', 'UNET2018'],
  ])('%s: %s', (step, code) => expect(codes(step)).toEqual([code]));

  test('the bound is named that is broken', () => {
    const said = (step: string): string | undefined => checkText(tinyModel(`mask = scan -> ${step} -> conv(2, 1)`))[0];
    expect(said('conv(0, 3)')).toContain('`out` must be a whole number of at least 1, got 0.');
    expect(said('conv(1000000000, 3)')).toContain(
      '`out` must be a whole number between 1 and 1000000, got 1000000000.',
    );
  });

  test('instance norm of a tensor without positions', () => {
    const text = tinyModel('let z = mean(scan, over: [D, H, W]) -> instance_norm\n  mask = scan * z -> conv(2, 1)');
    expect(checkText(text)).toEqual([expect.stringContaining('UNET3010')]);
  });
});

describe('what is just inside is taken', () => {
  test.each([
    'max_pool(3, stride: 1, pad: 1)',
    'max_pool(2, pad: 1)',
    'conv(2, 4, pad: 0)',
    'conv(2, 4, stride: 4)',
    'dropout(0)',
  ])('%s', (step) => expect(codes(step)).toEqual([]));
});
