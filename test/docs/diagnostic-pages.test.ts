import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { registry } from '../../grammar/diagnostics/registry.js';
import { parse } from '../../grammar/parse.js';
import { createSource } from '../../grammar/source.js';
import { checkText } from '../compiler/check/check-text.js';

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'docs/diagnostics');
const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));

function read(code: string): string {
  return readFileSync(join(folder, `${code}.md`), 'utf8');
}

/** The fenced examples of a page that are marked so: ```unet fails, ```unet fixed. */
function examples(page: string, mark: 'fails' | 'fixed'): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`unet ${mark}\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text ?? '');
}

/** Every code that a source below `folder` writes as a literal. */
function codesIn(folder: string, pattern: RegExp): readonly string[] {
  const sources = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const texts = sources.map((name) => readFileSync(join(root, folder, name), 'utf8'));
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, code]) => code ?? '')))].sort();
}

const runtimeCodes = codesIn('runtime', /'(UNET[56]\d{3})'/g);

describe('a page for every code', () => {
  test.each(Object.entries(registry))('%s', (code, { title }) => {
    expect(pages).toContain(`${code}.md`);
    expect(read(code).split('\n')[0]).toBe(`# ${code}: ${title}`);
  });

  test.each(runtimeCodes)('%s', (code) => {
    expect(pages).toContain(`${code}.md`);
    const page = read(code);
    expect(page).toMatch(new RegExp(`^# ${code}: \\S`));
    for (const part of ['What it means', 'Why', 'Example', 'Fixed']) expect(page).toContain(`\n## ${part}\n`);
  });
});

test('there is no page without a code', () => {
  const known = new Set([...Object.keys(registry), ...runtimeCodes, ...codesIn('cli', /'(UNET[56]\d{3})'/g)]);
  expect(pages.filter((name) => !known.has(name.replace('.md', '')))).toEqual([]);
});

/** What needs something outside a text: more faults than are shown, bytes that are no text, megabytes, a `--patch`. */
const withoutExample = new Set(['UNET1012', 'UNET1013', 'UNET1014', 'UNET3016']);

/** Pages of the text and its syntax show pieces that mean nothing by themselves: only their syntax is read. */
function codesOf(text: string, ofSyntax: boolean): readonly string[] {
  const found = ofSyntax ? parse(createSource('spec.unet', text)).diagnostics : checkText(text);
  return [...new Set(found.map((diagnostic) => diagnostic.code))];
}

describe('examples', () => {
  test.each(Object.keys(registry))('%s: the failing one fails so, the fixed one is sound', (code) => {
    const page = read(code);
    const [fails, fixed] = [examples(page, 'fails'), examples(page, 'fixed')];
    if (!withoutExample.has(code)) expect([fails.length > 0, fixed.length > 0]).toEqual([true, true]);
    const ofSyntax = code.startsWith('UNET1');
    for (const text of fails) expect(codesOf(text, ofSyntax)).toEqual([code]);
    for (const text of fixed) expect(codesOf(text, ofSyntax)).toEqual([]);
  });
});
