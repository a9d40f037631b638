import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('has types of the concrete tree that are up to date', () => {
  const root = join(import.meta.dirname, '../..');
  const check = ['--import', 'tsx', 'scripts/generate-cst-types.ts', '--check'];
  expect(() => execFileSync(process.execPath, check, { cwd: root, stdio: 'pipe' })).not.toThrow();
});
