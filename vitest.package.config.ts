import { defineConfig } from 'vitest/config';

/** The checks of the npm package: minutes, and they need the npm registry, so `npm test` leaves them out. */
export default defineConfig({
  test: { include: ['test/package/*.check.ts'], testTimeout: 1_200_000, hookTimeout: 1_200_000, maxWorkers: 1 },
});
