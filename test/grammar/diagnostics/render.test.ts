import { describe, expect, it } from 'vitest';
import { diagnosticsJson } from '../../../grammar/diagnostics/json.js';
import type { DiagnosticExtras } from '../../../grammar/diagnostics/diagnostic.js';
import { report } from '../../../grammar/diagnostics/registry.js';
import { renderDiagnostic, renderDiagnostics } from '../../../grammar/diagnostics/render.js';
import { createSource, type SourceFile, type Span } from '../../../grammar/source.js';

/** The span of the n-th occurrence of `part`. */
function at(source: SourceFile, part: string, n = 0): Span {
  let start = source.text.indexOf(part);
  for (let i = 0; i < n; i++) start = source.text.indexOf(part, start + 1);
  return { source, start, end: start + part.length };
}

function render(span: Span, extras: DiagnosticExtras = {}): string[] {
  const diagnostic = report('UNET1001', { expected: 'a name', found: '`x`' }, span, extras);
  return renderDiagnostic(diagnostic, { colours: false }).split('\n');
}

describe('renderDiagnostic', () => {
  it('shows the line with signs under the fault, labels, notes and help', () => {
    const source = createSource('specs/a.unet', 'one two\nthree four\nfive\nsix\nseven');
    const labels = [{ span: at(source, 'two'), text: 'because of this' }];
    expect(render(at(source, 'four'), { labels, notes: ['A note.'], help: 'A help.' })).toEqual([
      'error UNET1001: Expected a name, found `x`.',
      ' --> specs/a.unet:2:7',
      '  |',
      '1 | one two',
      '  |     --- because of this',
      '2 | three four',
      '  |       ^^^^',
      '  = note: A note.',
      '  = help: A help.',
    ]);
  });

  it('leaves out lines between the places and aligns numbers', () => {
    const source = createSource('a', Array.from({ length: 12 }, (_, i) => `line${i + 1}`).join('\n'));
    const labels = [{ span: at(source, 'line12'), text: 'here' }];
    expect(render(at(source, 'line2'), { labels }).slice(1)).toEqual([
      '  --> a:2:1',
      '   |',
      ' 2 | line2',
      '   | ^^^^^',
      '...',
      '12 | line12',
      '   | ------ here',
    ]);
  });

  it('marks each line of a span over some lines, and the first and last of one over many', () => {
    const source = createSource('a', '{\n  b\n\n  c }\n' + 'x\n'.repeat(9));
    const whole = { source, start: 0, end: source.text.indexOf('}') + 1 };
    expect(render(whole).slice(3)).toEqual([
      '1 | {',
      '  | ^',
      '2 |   b',
      '  |   ^',
      '3 |',
      '  | ^',
      '4 |   c }',
      '  |   ^^^',
    ]);
    const all = { source, start: 0, end: source.text.length };
    expect(render(all).slice(3)).toEqual([' 1 | {', '   | ^', '...', '13 | x', '   | ^']);
  });

  it('counts wide characters, combining ones and tabs as terminals do', () => {
    const source = createSource('a', '\t深度 = é́ + 👩‍👩‍👧 x');
    expect(render(at(source, 'x')).slice(3)).toEqual([
      '1 |     深度 = é́ + 👩\\u{200d}👩\\u{200d}👧 x',
      `  | ${' '.repeat(38)}^`,
    ]);
  });

  it('shows a place at the end of the file and in an empty file', () => {
    const source = createSource('a', 'one\n');
    expect(render({ source, start: 4, end: 4 }).slice(1)).toEqual([' --> a:2:1', '  |', '2 |', '  | ^']);
    const empty = createSource('b', '');
    expect(render({ source: empty, start: 0, end: 0 }).slice(1)).toEqual([' --> b:1:1', '  |', '1 |', '  | ^']);
  });

  it('shows only the surroundings of the fault of a very long line', () => {
    const source = createSource('a', `${'abcde '.repeat(5000)}FAULT${' fghij'.repeat(5000)}`);
    const lines = render(at(source, 'FAULT'));
    expect(lines[1]).toBe(' --> a:1:30001');
    const column = lines[4]?.indexOf('^') ?? -1;
    expect(lines[3]?.slice(column, column + 5)).toBe('FAULT');
    expect(lines[4]?.slice(column)).toBe('^^^^^');
    for (const line of lines) expect(line.length).toBeLessThan(200);
  });

  it('lets no control character or mark of direction of a text through to the terminal', () => {
    const source = createSource('a\u001B[31m', 'x \u001B[2J \u202E y \u0000');
    const text = render(at(source, 'y')).join('\n');

    expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/);
    expect(text).toContain('x \\u{1b}[2J');
  });

  it('shows places in other files in frames of their own', () => {
    const one = createSource('one', 'a b');
    const two = createSource('two', 'c d');
    const labels = [{ span: at(two, 'd'), text: 'declared here' }];
    expect(render(at(one, 'b'), { labels }).slice(1)).toEqual([
      ' --> one:1:3',
      '  |',
      '1 | a b',
      '  |   ^',
      ' --> two:1:3',
      '  |',
      '1 | c d',
      '  |   - declared here',
    ]);
  });

  it('colours on request and separates several by an empty line', () => {
    const source = createSource('a', 'b');
    const diagnostic = report('UNET1009', {}, at(source, 'b'));
    expect(renderDiagnostic(diagnostic, { colours: true })).toContain('\u001B[31m');
    expect(renderDiagnostics([diagnostic, diagnostic], { colours: false }).split('\n\n')).toHaveLength(2);
  });
});

describe('diagnosticsJson', () => {
  it('has the fields that are promised', () => {
    const source = createSource('a.unet', 'one\ntwo three');
    const labels = [{ span: at(source, 'one'), text: 'this' }];
    const fixes = [{ title: 'Take it away', span: at(source, 'three'), text: '' }];
    const diagnostic = report('UNET1003', { bracket: ')' }, at(source, 'three'), { labels, notes: ['n'], fixes });
    expect(diagnosticsJson([diagnostic])).toEqual({
      diagnostics: [
        {
          code: 'UNET1003',
          severity: 'error',
          message: 'The closing bracket `)` has no matching opening bracket.',
          file: 'a.unet',
          start: { line: 2, column: 5 },
          end: { line: 2, column: 10 },
          labels: [{ file: 'a.unet', start: { line: 1, column: 1 }, end: { line: 1, column: 4 }, text: 'this' }],
          notes: ['n'],
          help: null,
          fixes: [
            {
              title: 'Take it away',
              file: 'a.unet',
              start: { line: 2, column: 5 },
              end: { line: 2, column: 10 },
              text: '',
            },
          ],
        },
      ],
    });
  });
});
