import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnosticLimit } from '../../grammar/parse.js';
import { format } from '../../grammar/print.js';
import { childrenOf, visit } from '../../grammar/nodes.js';
import { createSource, positionAt } from '../../grammar/source.js';
import { bare, codesOf, parseText, parseValue, runs } from './support.js';

const cases = join(import.meta.dirname, 'cases');
const samples = readdirSync(cases).map((name) => readFileSync(join(cases, name, 'input.unet'), 'utf8'));
const tour = readFileSync(join(cases, 'tour-model', 'input.unet'), 'utf8');

describe('parse', () => {
  it('survives any mangled text, with spans inside it and children inside their parents', () => {
    const mangled = fc.record({
      text: fc.constantFrom(...samples),
      edits: fc.array(
        fc.record({
          at: fc.nat(),
          drop: fc.nat(12),
          insert: fc.oneof(
            fc.constantFrom(
              '(',
              ')',
              '[',
              ']',
              '{',
              '}',
              '"',
              '`',
              '\n',
              ',',
              ':',
              '=',
              '->',
              'let ',
              'if ',
              '..',
              '//',
            ),
            fc.string({ unit: 'binary', maxLength: 3 }),
          ),
        }),
        { minLength: 1, maxLength: 8 },
      ),
    });
    fc.assert(
      fc.property(mangled, ({ text, edits }) => {
        const result = edits.reduce((current, { at, drop, insert }) => {
          const place = at % (current.length + 1);
          return current.slice(0, place) + insert + current.slice(place + drop);
        }, text);
        const { file, diagnostics } = parseText(result);
        const wrong: string[] = [];
        for (const { span, code } of diagnostics) {
          if (!isOrdered(0, span.start, span.end, result.length)) wrong.push(code);
        }
        visit(file, {
          enter: (node) => {
            if (!isOrdered(0, node.span.start, node.span.end, result.length)) wrong.push(node.kind);
            if (diagnostics.length > 0) return;
            for (const { kind, span } of childrenOf(node)) {
              if (!isOrdered(node.span.start, span.start, span.end, node.span.end))
                wrong.push(`${kind} in ${node.kind}`);
            }
          },
        });
        expect(wrong).toEqual([]);
        format(createSource('test.unet', result));
      }),
      { numRuns: runs },
    );
  });

  const open = ['UNET1002', 'UNET1008', 'UNET1012'];
  const nested = ['UNET1008'];
  const closed = ['UNET1003', 'UNET1012'];
  it.each([
    ['(', open],
    ['[', open],
    ['f(', open],
    ['a[', open],
    ['{', open],
    ['if ', nested],
    ['if a then b else ', nested],
    ['-', nested],
    ['not ', nested],
    ['a -> ', nested],
    ['a + ', nested],
    ['a.', nested],
    ['a(', open],
    [')', closed],
    [']', closed],
    ['}', closed],
  ])('reads 10,000 times %j without running out of stack or time', (piece, codes) => {
    const start = performance.now();
    const { diagnostics } = parseText(`block deep {\n  x: [C]\n  ${piece.repeat(10_000)}\n}\nmodel A = B { c = d }`);
    expect([...new Set(diagnostics.map(({ code }) => code))].sort()).toEqual(codes);
    expect(diagnostics.length).toBeLessThanOrEqual(diagnosticLimit);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it.each([
    ['brackets', '(', 64],
    ['calls', 'f(', 62],
  ])('reads %s nested as deep as it says', (_, opener, depth) => {
    const text = (count: number) => `block deep { ${opener.repeat(count)}a${')'.repeat(count)} }`;
    expect(codesOf(text(depth - 1))).toEqual([]);
    expect(codesOf(text(depth * 2))).toEqual(['UNET1008']);
  });

  it('reads all the rest of a text with one thing nested too deeply', () => {
    const { file, diagnostics } = parseText(
      `block a { ${'['.repeat(5000)}1${']'.repeat(5000)} }\nblock b { x: [C], y, }\nmodel C = D { e = f }`,
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['UNET1008']);
    expect(file.statements.map(({ kind }) => kind)).toEqual(['Block', 'Block', 'Variant']);
  });

  it('takes time in proportion to the text', () => {
    const time = (copies: number): number => {
      const text = tour.replace(/^use.*$/m, '').repeat(copies);
      const start = performance.now();
      expect(parseText(text).diagnostics).toEqual([]);
      return performance.now() - start;
    };
    time(20);
    const small = time(20);
    expect(time(160)).toBeLessThan(8 * 6 * Math.max(small, 5));
  });

  it('shows no more than its limit of diagnostics, the last of which says so', () => {
    const { diagnostics } = parseText('use a\n'.repeat(500));
    expect(diagnostics).toHaveLength(diagnosticLimit);
    expect(diagnostics.at(-1)?.code).toBe('UNET1012');
  });

  it('reports every independent mistake of a file in the order of their places, one each', () => {
    const text = readFileSync(join(cases, 'thirty-mistakes', 'input.unet'), 'utf8');
    const { diagnostics } = parseText(text);
    const lines = diagnostics.map(({ span }) => positionAt(span.source, span.start).line);
    expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
    expect(lines.length).toBeGreaterThanOrEqual(30);
  });

  it('reads line ends of all kinds, tabs and a byte order mark alike', () => {
    const text = 'block a {\n  x: [C,\n    D]\n  let y = x\n    -> f // why\n  y\n}\n';
    const plain = bare(parseText(text).file);
    expect(bare(parseText(text.replace(/\n/g, '\r\n')).file)).toEqual(plain);
    expect(bare(parseText(text.replace(/\n/g, '\r')).file)).toEqual(plain);
    expect(bare(parseText(`\uFEFF${text.replace(/ {2}/g, '\t')}`).file)).toEqual(plain);
  });

  it('gives the documentation above a declaration, and only that', () => {
    const { file } = parseText(
      '/// One.\n///  Two.\r\nblock a {}\n/// Not this.\n\nblock b {}\n// nor this\nblock c {} /// nor this\nblock d {}\n' +
        'model e {\n  /// A knob.\n  knob f: int = 3\n  knob g: int = 4\n}',
    );
    const docs: (string | undefined)[] = [];
    visit(file, { enter: (node) => void ('doc' in node && node.kind !== 'Comment' && docs.push(node.doc)) });
    expect(docs).toEqual(['One.\n Two.', undefined, undefined, undefined, undefined, 'A knob.', undefined]);
  });

  it('reads the rest of a study with mistakes, and what follows it', () => {
    const { file, diagnostics } = parseText(
      'study A {\n  b: [c unmatched why, d]\n  e {\n}\n  f: g equal params by h\n}\nmodel B = C { d = e }',
    );
    expect(diagnostics.map(({ code }) => code)).toEqual(['UNET1001', 'UNET1001']);
    expect(file.statements.map(({ kind }) => kind)).toEqual(['Study', 'Variant']);
    const [study] = file.statements;
    const names = study?.kind === 'Study' ? study.entries.map(({ name }) => name.name) : [];
    expect(names).toEqual(['b', 'e', 'f']);
  });

  it.each([
    ['base:\n  A unmatched "why"', []],
    ['variants:\n  leave_one_out equal params by width', []],
    // Two words in a row are a member elsewhere.
    ['base:\n  head equal: 1', ['UNET1001', 'UNET1001']],
  ])('a value of a study goes on with its words on the line after its name: %j', (text, codes) => {
    expect(codesOf(`study A {\n  ${text}\n}`)).toEqual(codes);
  });

  it('gives spans that cover what was written, parentheses too', () => {
    const { file } = parseText('block a { let y = (1 + b) * c }');
    const texts: string[] = [];
    visit(file, {
      enter: ({ kind, span }) => void (kind === 'Binary' && texts.push(span.source.text.slice(span.start, span.end))),
    });
    expect(texts).toEqual(['(1 + b) * c', '(1 + b)']);
  });
});

describe('parseExpression', () => {
  it('reads a value', () => {
    const { expression, diagnostics } = parseValue('ssfb(rank: 16)');
    expect(diagnostics).toEqual([]);
    expect(expression.kind).toBe('Call');
  });

  it.each([
    ['', 'UNET1001'],
    ['1 2', 'UNET1001'],
    ['f(1', 'UNET1002'],
    ['a, b', 'UNET1001'],
    ['a\nb', 'UNET1001'],
    ['let', 'UNET1001'],
    ['a }', 'UNET1003'],
  ])('reports what is wrong in %j once', (text, code) => {
    expect(parseValue(text).diagnostics.map((each) => each.code)).toEqual([code]);
  });
});

function isOrdered(...offsets: readonly number[]): boolean {
  return offsets.every((offset, i) => i === 0 || offset >= (offsets[i - 1] ?? 0));
}
