/** Splits whose sizes are known only when data comes: generated code and ONNX take them from the images. */
import { beforeAll, expect, it } from 'vitest';
import { verify } from '../../../../compiler/ir/verify.js';
import { selectEngine } from '../../../../runtime/engine/engines.js';
import { lowerText } from '../../spec-text.js';
import { expectEqual } from './equal.js';

beforeAll(async () => {
  await selectEngine('cpu');
});

function model(members: string): string {
  return `block tokens {
  x: [C, ...S]
  split(merge(x, [...S], into: N) -> layer_norm, N, into: [...S])
}
model M {
  input scan: image(FLAIR, T1w)[D, H]
  output mask: classes(background, tumor)
  ${members}
}`;
}

it.each([
  ['all given', 'mask = split(merge(scan, [D, H], into: N), N, into: [D = D, H = H]) -> conv(2, 1)'],
  ['one left out', 'mask = split(merge(scan, [D, H], into: N), N, into: [D, H = H]) -> conv(2, 1)'],
  ['those of a group of axes', 'mask = scan -> tokens -> conv(2, 3)'],
  [
    'rounded',
    `let x = merge(scan -> conv(4, 3, stride: 2), [D, H], into: N)
  mask = split(x, N, into: [D = ceil(D / 2), H]) -> transposed_conv(2, 2, stride: 2)`,
  ],
  [
    'of a sum',
    `let x = merge(scan -> pad(1), [D, H], into: N)
  mask = split(x, N, into: [D = D + 2, H = H + 2]) -> conv(2, 3, pad: 0)`,
  ],
])('sizes that are %s', async (_, members) => {
  const network = lowerText(model(members));
  expect(verify(network)).toEqual([]);
  await expectEqual(
    network,
    [
      { patch: [4, 6], identifiers: [2, -1] },
      { patch: [8, 2], identifiers: [0, 1] },
    ],
    1e-5,
  );
});
