import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { exceptions, findPhrases, rules } from '../../scripts/english-rules.mjs';
import { proseOfMarkdown, proseOfScript, proseOfSpec } from '../../scripts/prose.mjs';

const phrasesIn = (prose: string): string[] => findPhrases(prose).map(({ phrase }) => phrase);

describe('the phrases', () => {
  it.each([
    ['the folder is no study', 'is no s'],
    ['without bias unless told', 'unless told'],
    ['The rate; 0 where left out.', 'where left out'],
    ['So many folds', 'So many'],
    ['the same command goes on', 'goes on'],
    ['where each job stands', 'stands'],
    ['what the file says, as the header says', 'header says'],
    ['the engine that is told', 'is told'],
    ['heeded by onnx', 'heeded'],
    ['trained anew', 'anew'],
    ['checked by itself', 'by itself'],
    ['the logits likewise', 'likewise'],
    ['what computes here', 'what computes'],
    ['everything that is wrong', 'that is wrong'],
    ['this is a fault of the spec', 'a fault'],
    ['expected a number, got a text', 'a text'],
    ['the color of a plot', 'color'],
    ['the behavior of the engine', 'behavior'],
    ['values are normalized', 'normalized'],
  ])('%s', (prose, phrase) => expect(phrasesIn(prose)).toContain(phrase));

  it.each([
    'The run resumes; there is no checkpoint, and it is no longer locked.',
    'An axis stands for its size.',
    'The colour at the centre is normalised.',
    'The optimizer runs `normalize(color)` with `--color`.',
    'A literal stands in for the value.',
  ])('not in: %s', (prose) => expect(phrasesIn(prose)).toEqual([]));

  it('come with a replacement, and every exception with a reason and a use', () => {
    for (const { instead } of rules) expect(instead).toMatch(/\w{2}/);
    for (const { text, reason } of exceptions) {
      expect(reason).toMatch(/\w+ \w+/);
      expect(rules.some(({ pattern }) => new RegExp(pattern, 'i').test(text))).toBe(true);
    }
  });

  it('are found at their place', () => {
    expect(findPhrases('one\nis no two')).toMatchObject([{ phrase: 'is no t', index: 4 }]);
  });
});

describe('prose', () => {
  it('of a script: comments and strings of several words, with their lines', () => {
    const text = [
      "import a from 'some words here';",
      '/** A comment. */',
      'const b = `It takes ${a} words`; // after it',
      "const c = 'word';",
      'const d = `<svg width="1">`;',
    ].join('\n');
    expect(proseOfScript(text, 'a.ts')).toEqual([
      { kind: 'comment', line: 2, prose: '/** A comment. */' },
      { kind: 'message', line: 3, prose: 'It takes … words' },
      { kind: 'comment', line: 3, prose: '// after it' },
    ]);
  });

  it('of a page: without fenced code, on the same lines', () => {
    const [{ prose = '' } = {}] = proseOfMarkdown('above\n```sh\na fault\n```\nbelow\n');
    expect(prose.split('\n').map((row) => row.trim())).toEqual(['above', '', '', '', 'below', '']);
  });

  it('of a spec: its comments', () => {
    expect(proseOfSpec('block a {\n  x: [C] // an axis\n}\n')).toEqual([
      { kind: 'comment', line: 2, prose: '// an axis' },
    ]);
  });
});

it('finds nothing in the repository', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/lint-english.mjs'], { encoding: 'utf8' });
  expect({ status, found: stderr.split('\n').filter((line) => line.includes('): write')) }).toEqual({
    status: 0,
    found: [],
  });
});
