import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkProgram } from '../../../compiler/program/check.js';
import { openProgram } from '../../../compiler/program/program.js';
import { hostOf } from './check-text.js';
import { change, mangle } from './mangle.js';

const folder = resolve(import.meta.dirname, '../../../specs');
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.unet'));
const specs = new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

const roots = [...specs.keys()].filter((name) => !name.startsWith('lib/') && !name.startsWith('ablations/'));
const libraries = [...specs.keys()].filter((name) => name.startsWith('lib/') && !name.includes('protocols'));

/** How many mangled programs are checked: `RUNS=5000` for more. */
const runs = Number(process.env['RUNS'] ?? 400);
/** Seconds of processor time that checking one may take; a machine under load takes longer by the clock. */
const limit = 1;

test('whatever is done to a spec, checking it ends soon and throws nothing', () => {
  let slowest = { seconds: 0, text: '' };
  const property = fc.property(
    fc.constantFrom(...roots),
    fc.constantFrom(...libraries, undefined),
    fc.array(change, { minLength: 1, maxLength: 8 }),
    (root, library, changes) => {
      const files = new Map<string, string | Uint8Array>(specs);
      const mangled = library ?? root;
      files.set(mangled, mangle(specs.get(mangled) ?? '', changes));
      const before = process.cpuUsage();
      const program = openProgram(hostOf(files), root);
      if (program !== undefined) checkProgram(program);
      const { user, system } = process.cpuUsage(before);
      const seconds = (user + system) / 1e6;
      if (seconds > slowest.seconds) slowest = { seconds, text: `${root} with ${mangled}` };
      return seconds < limit;
    },
  );
  fc.assert(property, { numRuns: runs, seed: 20261123 });
  expect(slowest.seconds, slowest.text).toBeLessThan(limit);
  if (runs > 400) console.log(`slowest: ${slowest.seconds.toFixed(2)} s, ${slowest.text}`);
}, 600_000);
