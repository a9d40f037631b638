import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { tryPrograms } from './programs.js';
import { tryProgram } from './try-program.js';

beforeAll(() => tf.setBackend('cpu'));

/** The first programs of `npm run fuzz -- --programs N`. */
const count = 32;

test(`${count} generated programs run as the compiler says`, { timeout: 300_000 }, async () => {
  const { found, constructs } = await tryPrograms(1, count);
  expect(found.map(({ seed, faults }) => `npm run fuzz -- --programs 1 --seed ${seed}: ${faults.join('; ')}`)).toEqual(
    [],
  );
  expect(constructs.size).toBeGreaterThan(65);
});

test('a program that is refused is reported', async () => {
  const text = 'model M { input scan: image(T1w)[D], output mask: classes(a, b), mask = scan -> conv(3, 1) }';
  expect(await tryProgram(text)).toEqual([expect.stringMatching(/^refused: UNET3014/)]);
});
