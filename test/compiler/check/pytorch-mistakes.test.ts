import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../grammar/diagnostics/diagnostic.js';
import { renderDiagnostics } from '../../../grammar/diagnostics/render.js';
import { positionAt } from '../../../grammar/source.js';
import { checkText } from './check-text.js';

/**
 * What a user of PyTorch, MONAI, nnU-Net or Keras writes: a spec, and next to it what the checker prints, what each
 * first fix changes, and what is left then. `UPDATE=1` writes what it prints now, to be read before it is kept.
 */
const folder = join(import.meta.dirname, 'pytorch-mistakes');
const names = readdirSync(folder).filter((name) => name.endsWith('.unet'));

/** Mistakes on several lines, each of which is an error; every other spec has one error. */
const several = new Map([
  ['conv-with-three-numbers.unet', 2],
  ['for-range.unet', 2],
  ['group-norm-with-channels.unet', 2],
  ['linear-of-pytorch.unet', 2],
  ['logical-signs.unet', 2],
  ['reassigned-tensor.unet', 4],
]);

test('there are at least thirty', () => {
  expect(names.length).toBeGreaterThanOrEqual(30);
});

test.each(names)('%s', (name) => {
  let text = readFileSync(join(folder, name), 'utf8');
  let found = checkText(text);
  expect(found).toHaveLength(several.get(name) ?? 1);
  for (const diagnostic of found) expect(diagnostic.help, diagnostic.message).toBeDefined();
  const lines = [renderDiagnostics(found, { colours: false }), ''];
  for (let step = 0; step < 12; step++) {
    const fixable = found.find(({ code, fixes }) => fixes.length > 0 && code !== 'UNET4001');
    const [fix] = fixable?.fixes ?? [];
    if (fixable === undefined || fix === undefined) break;
    lines.push(`fix: ${fix.title}`);
    text = text.slice(0, fix.span.start) + fix.text + text.slice(fix.span.end);
    const before = found;
    found = checkText(text);
    expect(isGone(fixable, before, found), `${fix.title} removes its error`).toBe(true);
  }
  lines.push(found.length === 0 ? 'then: accepted' : 'then:', ...found.map(({ message }) => `  ${message}`), '');
  const expected = join(folder, name.replace('.unet', '.txt'));
  const printed = lines.join('\n');
  if (process.env['UPDATE'] === '1') writeFileSync(expected, printed);
  expect(printed).toBe(existsSync(expected) ? readFileSync(expected, 'utf8') : '');
});

/** Whether fewer lines of the same text have an error than before: the same mistake may be made on another line. */
function isGone(fixed: Diagnostic, before: readonly Diagnostic[], after: readonly Diagnostic[]): boolean {
  const same = (found: readonly Diagnostic[]): number => found.filter((each) => keyOf(each) === keyOf(fixed)).length;
  return same(after) < same(before);
}

function keyOf({ message, span }: Diagnostic): string {
  const { line } = positionAt(span.source, span.start);
  return `${message} ${span.source.text.split('\n')[line - 1] ?? ''}`;
}
