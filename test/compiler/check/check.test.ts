import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkText } from './check-text.js';
import { formatDiagnostics } from './format-diagnostics.js';

/**
 * Each folder of `cases` holds specs with mistakes and everything the checker says of them. `UPDATE=1` writes what it
 * says now, to be read before it is kept.
 */
const cases = join(import.meta.dirname, 'cases');

for (const name of readdirSync(cases)) {
  test(name.replaceAll('-', ' '), () => {
    const found = formatDiagnostics(checkText(readFileSync(join(cases, name, 'input.unet'), 'utf8')));
    const expected = join(cases, name, 'expected.txt');
    if (process.env['UPDATE'] === '1') writeFileSync(expected, found);
    expect(found).toBe(existsSync(expected) ? readFileSync(expected, 'utf8') : '');
  });
}
