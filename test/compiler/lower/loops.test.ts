import { expect, test } from 'vitest';
import { checkText, tinyModel } from '../spec-text.js';

// A hundred of them made so many combinations that the text took seconds (found by the fuzzer).
test('a loop variable of a taken name is reported and does not multiply the members', () => {
  const again = ', i in 0 .. 3'.repeat(100);
  const found = checkText(
    tinyModel(
      `let x[i] = scan -> conv(2, 3) for i in 0 .. 1${again}\n  mask = x[1]\n  aux mask = x[j] for j in 0 .. 1`,
    ),
  );
  expect(found).toEqual(Array(100).fill(expect.stringMatching(/UNET2003 `i` is already the name of a loop variable/)));
});
