import { describe, expect, test } from 'vitest';
import { cancelledBiases } from '../../../compiler/study/cancelled-biases.js';
import { lowerSpec } from '../lowered.js';
import { lowerText, tinyModel } from '../spec-text.js';

const idsOf = (...text: Parameters<typeof lowerText>): string[] =>
  cancelledBiases(lowerText(...text)).map(({ id }) => id);

/** Ids found in a model whose body is these steps between the scan and the head. */
const idsAfter = (steps: string): string[] => idsOf(tinyModel(`mask = scan -> ${steps} -> conv(2, 1, bias: true)`));

describe('cancelledBiases', () => {
  test('finds a bias before a norm of each channel, and none before a norm over several', () => {
    expect(idsAfter('conv(8, 3, bias: true) -> instance_norm -> relu')).toEqual(['mask.conv.bias']);
    expect(idsAfter('conv(8, 3, bias: true) -> group_norm(8) -> relu')).toEqual(['mask.conv.bias']);
    expect(idsAfter('conv(8, 3, bias: true) -> group_norm(4) -> relu')).toEqual([]);
    expect(idsAfter('conv(8, 3, bias: true) -> layer_norm -> relu')).toEqual([]);
    expect(idsAfter('conv(8, 3) -> instance_norm -> relu')).toEqual([]);
  });

  test('follows a shift through what keeps it one, and no further', () => {
    expect(idsAfter('conv(8, 3, bias: true) -> max_pool(2) -> resize(nearest, scale: 2) -> instance_norm')).toEqual([
      'mask.conv.bias',
    ]);
    expect(idsAfter('conv(8, 3, bias: true) -> conv(8, 1) -> instance_norm')).toEqual(['mask.conv.bias']);
    // The zeros around a padded convolution are not shifted.
    expect(idsAfter('conv(8, 3, bias: true) -> conv(8, 3) -> instance_norm')).toEqual([]);
    expect(idsAfter('conv(8, 3, bias: true) -> relu -> instance_norm')).toEqual([]);
    expect(idsAfter('transposed_conv(8, 2, stride: 2, bias: true) -> max_pool(2) -> instance_norm')).toEqual([
      'mask.transposed_conv.bias',
    ]);
    // A transposed convolution gives each place of its kernel a shift of its own.
    expect(
      idsAfter('conv(8, 3, bias: true) -> transposed_conv(8, 2, stride: 2) -> max_pool(2) -> instance_norm'),
    ).toEqual([]);
  });

  test('wants every way to the outputs to cancel', () => {
    const body = (end: string): string =>
      tinyModel(`
  let a = scan -> conv(8, 3, bias: true)
  let b = a -> instance_norm
  mask = ${end}`);
    expect(idsOf(body('b -> conv(2, 1)'))).toEqual(['a.conv.bias']);
    expect(idsOf(body('concat(a, b) -> conv(2, 1)'))).toEqual([]);
    expect(idsOf(body('(a + b) -> instance_norm -> conv(2, 1)'))).toEqual(['a.conv.bias', 'b.instance_norm.bias']);
    expect(idsOf(body('(a * a) -> instance_norm -> conv(2, 1)'))).toEqual([]);
  });

  test('knows that all labels may be shifted alike, and one alone may not', () => {
    const scalar = `block shift {
  x: [C, ...S]
  param by: scalar = 0
  x + by
}`;
    expect(idsOf(tinyModel('mask = scan -> conv(2, 1, bias: true) -> shift', scalar))).toEqual(['mask.shift.by']);
  });

  test('finds the keys of slice attention and the queries of low-rank attention in DALight-3D', () => {
    const [network] = lowerSpec('dalight3d.unet');
    expect(cancelledBiases(network!).map(({ id, shape }) => [id, ...shape])).toEqual([
      ['encoder.level2.main.cross_slice_attention.k.key.bias', 24],
      ['encoder.level3.main.cross_slice_attention.k.key.bias', 108],
      ['decoder.fuse1.attention.low_rank_attention.q.query.bias', 8],
      ['decoder.fuse0.attention.low_rank_attention.q.query.bias', 8],
    ]);
  });

  test.each(['unet3d.unet', 'vnet3d.unet', 'unetr.unet', 'unet2d-2015.unet'])('finds none in %s', (file) => {
    expect(lowerSpec(file).flatMap((network) => cancelledBiases(network))).toEqual([]);
  });
});
