/** For the tests of `npm run test:quick`, which share their modules: TensorFlow.js is slow to load and keeps state. */
import { afterAll, expect } from 'vitest';

afterAll(() => {
  const loaded = '_tfengine' in globalThis;
  expect(loaded, 'This file loads TensorFlow.js. Add it to `computing` in vitest.config.ts.').toBe(false);
});
