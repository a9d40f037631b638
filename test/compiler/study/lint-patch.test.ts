import { expect, test } from 'vitest';
import { lintPatch } from '../../../compiler/study/lint-patch.js';
import { lowerSpec } from '../lowered.js';

test('the smallest legal patch that leaves two voxels everywhere', () => {
  const patchOf = (file: string): readonly number[] => lintPatch(lowerSpec(file)[0]!);
  // Three levels of ceil(n / 2): 9 -> 5 -> 3 -> 2.
  expect(patchOf('dalight3d.unet')).toEqual([9, 9, 9]);
  // Three exact halvings.
  expect(patchOf('unet3d.unet')).toEqual([16, 16, 16]);
  // Valid convolutions, rank 2: the smallest size the 2015 paper's network allows gives an output of 4.
  expect(patchOf('unet2d-2015.unet')).toEqual([188, 188]);
  // Fixed by its input.
  expect(patchOf('unetr.unet')).toEqual([96, 96, 96]);
});
