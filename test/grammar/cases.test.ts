import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from '../../grammar/parse.js';
import { format } from '../../grammar/print.js';
import { readSource } from '../../grammar/read.js';
import { createSource } from '../../grammar/source.js';
import { bare, listDiagnostics, summarize } from './support.js';

const root = join(import.meta.dirname, 'cases');
const updates = process.env['UPDATE'] === '1';

/** Compares `actual` with a file, which is absent where `actual` is empty; `UPDATE=1` writes it instead. */
function matches(path: string, actual: string): void {
  if (updates) {
    if (actual === '') rmSync(path, { force: true });
    else writeFileSync(path, actual);
  }
  expect(actual).toBe(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

describe.each(readdirSync(root))('case %s', (name) => {
  const path = join(root, name, 'input.unet');
  const { source } = readSource('input.unet', readFileSync(path));

  it('has the expected tree, diagnostics and canonical text', () => {
    const { file, diagnostics } = parse(source);
    const formatted = format(source);
    const isWhole = diagnostics.length === 0;
    matches(join(root, name, 'expected.tree.txt'), `${summarize(file)}\n`);
    matches(join(root, name, 'expected.diagnostics.txt'), listDiagnostics(diagnostics));
    matches(join(root, name, 'expected.unet'), isWhole ? formatted.text : '');
    if (!isWhole) expect(formatted.text).toBe(source.text);
  });

  it('keeps its meaning and its comments when formatted, and is formatted then', () => {
    const { file, diagnostics } = parse(source);
    if (diagnostics.length > 0) return;
    const text = format(source).text;
    const again = parse(createSource('input.unet', text));
    expect(again.diagnostics).toEqual([]);
    expect(bare(again.file)).toEqual(bare(file));
    expect(again.file.comments.map((comment) => comment.text).sort()).toEqual(
      file.comments.map((comment) => comment.text).sort(),
    );
    expect(format(createSource('input.unet', text)).text).toBe(text);
  });
});
