/**
 * Writes what V8 compiled of the front end's bundle once it has run its commands, so that a start need not compile it
 * again.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadBundle } from '../dist/cli/bundle.cjs';

const loaded = loadBundle();
if (loaded !== undefined) {
  const { front, script, code } = loaded;
  const spec = fileURLToPath(new URL('../specs/dalight3d.unet', import.meta.url));
  process.stdout.write = process.stderr.write = () => true;
  for (const command of [
    ['check', spec],
    ['report', spec],
    ['fmt', '--check', spec],
  ]) {
    await front.main(['node', 'unet', ...command]);
  }
  writeFileSync(code, script.createCachedData());
}
