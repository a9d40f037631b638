import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { format, lineWidth, print, printExpression } from '../../grammar/print.js';
import { createSource } from '../../grammar/source.js';
import { expression, file } from './arbitrary.js';
import { bare, parseText, parseValue, runs } from './support.js';

const cases = join(import.meta.dirname, 'cases');
const canonical = readdirSync(cases)
  .filter((name) => readdirSync(join(cases, name)).includes('expected.unet'))
  .map((name) => readFileSync(join(cases, name, 'expected.unet'), 'utf8'));

const formatText = (text: string) => format(createSource('test.unet', text));

describe('print', () => {
  it('gives a text that parses to the tree it was made from, and prints it the same again', () => {
    fc.assert(
      fc.property(file, (tree) => {
        const text = print(tree);
        const parsed = parseText(text);
        expect(parsed.diagnostics, text).toEqual([]);
        expect(bare(parsed.file), text).toEqual(bare(tree));
        expect(print(parsed.file)).toBe(text);
      }),
      { numRuns: runs },
    );
  });

  it('gives an expression on one line that parses to it', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        const text = printExpression(tree);
        expect(text).not.toMatch(/[\r\n]/);
        const parsed = parseValue(text);
        expect(parsed.diagnostics, text).toEqual([]);
        expect(bare(parsed.expression), text).toEqual(bare(tree));
      }),
      { numRuns: runs },
    );
  });

  it('keeps every comment once, wherever it was put, and settles', () => {
    const place = fc.record({ text: fc.constantFrom(...canonical), seeds: fc.array(fc.nat(), { maxLength: 6 }) });
    fc.assert(
      fc.property(place, ({ text, seeds }) => {
        const source = addComments(text, seeds);
        const before = parseText(source);
        if (before.diagnostics.length > 0) return;
        const once = formatText(source).text;
        const after = parseText(once);
        expect(after.diagnostics, source).toEqual([]);
        expect(withoutDoc(bare(after.file)), source).toEqual(withoutDoc(bare(before.file)));
        const marks = once.match(/<\d+>/g) ?? [];
        expect([...marks].sort(), source).toEqual(seeds.map((_, i) => `<${i}>`).sort());
        expect(formatText(once).text, source).toBe(once);
      }),
      { numRuns: runs },
    );
  });

  it('keeps lines to their width where they can break', () => {
    for (const line of canonical.flatMap((text) => text.split('\n'))) {
      if (!line.includes('//')) expect(line.length).toBeLessThanOrEqual(lineWidth);
    }
  });

  it.each([
    ['', ''],
    ['\n\n', ''],
    ['// alone', '// alone\n'],
    ['\uFEFFuse "a"', 'use "a"\n'],
    ['use "a"\r\n\r\n\r\n\r\nuse "b"\r\n', 'use "a"\n\nuse "b"\n'],
    ['block a { x: [C], x }', 'block a { x: [C], x }\n'],
    ['block a {\n\tx: [C]\n\n\n\n\tx\n\n}', 'block a {\n  x: [C]\n\n  x\n}\n'],
    ['model A = B { }', 'model A = B {}\n'],
    ['model A = B {\n a = off, b = 1\n }', 'model A = B {\n  a = off, b = 1\n}\n'],
    ['block a() { (((x)))+(y->f)*2 }', 'block a { x + (y -> f) * 2 }\n'],
    ['block a { let `b` = `let`.`c` }', 'block a { let b = `let`.c }\n'],
  ])('formats %j', (text, expected) => {
    expect(formatText(text)).toEqual({ text: expected, diagnostics: [] });
  });

  it('leaves a text with syntax errors as it is', () => {
    const text = 'block a {   x: [C\n x }';
    const result = formatText(text);
    expect(result.text).toBe(text);
    expect(result.diagnostics.map(({ code }) => code)).toEqual(['UNET1002']);
  });

  it('formats a text with errors of meaning', () => {
    expect(formatText('model A=Unknown{b=off,b=off}').text).toBe('model A = Unknown { b = off, b = off }\n');
  });
});

/** Puts comments into `text`: at the ends of lines, on lines of their own, and where blanks are. */
function addComments(text: string, seeds: readonly number[]): string {
  let result = text;
  seeds.forEach((seed, i) => {
    const places = [...result.matchAll(/[ \n]/g)].map(({ index }) => index);
    const place = places[seed % Math.max(1, places.length)] ?? 0;
    const slashes = seed % 7 === 0 ? '///' : '//';
    result = `${result.slice(0, place)} ${slashes} <${i}>\n${result.slice(place)}`;
  });
  return result;
}

/** Comments that begin with `///` may have become documentation, which is no meaning. */
function withoutDoc(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'doc' ? undefined : inner)));
}
