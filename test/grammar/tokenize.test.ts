import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Lexer, type IToken } from 'chevrotain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { UnetParser } from '../../grammar/parser.js';
import { tokenize } from '../../grammar/tokenize.js';
import { vocabulary } from '../../grammar/tokens.js';
import { change, mangle } from '../compiler/check/mangle.js';

const lexer = new Lexer(vocabulary, { positionTracking: 'onlyOffset', ensureOptimizations: true });
const folder = resolve(import.meta.dirname, '../../specs');
const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.unet'))
  .map((name) => readFileSync(join(folder, name), 'utf8'));

const plain = ({ image, startOffset, tokenType }: IToken) => `${startOffset} ${tokenType.name} ${image}`;

/** What Chevrotain's lexer makes of a text. */
function reference(text: string) {
  const { tokens, groups, errors } = lexer.tokenize(text);
  return {
    tokens: tokens.map(plain),
    comments: (groups['comments'] ?? []).map(plain),
    foreign: errors.map(({ offset, length }) => ({ start: offset, end: offset + length })),
  };
}

function ours(text: string) {
  const { tokens, comments, foreign } = tokenize(text);
  return { tokens: tokens.map(plain), comments: comments.map(plain), foreign };
}

it('splits a text as Chevrotain splits it', () => {
  for (const text of specs) expect(ours(text)).toEqual(reference(text));
  const mangled = fc.tuple(fc.constantFrom(...specs), fc.array(change, { minLength: 1, maxLength: 20 }));
  const texts = fc.oneof(
    mangled.map(([text, changes]) => new TextDecoder().decode(mangle(text, changes))),
    fc.string({
      unit: fc.constantFrom(...' \n\r\t/."`\'#0123eE+-_axé→\ud800;&', 'let', 'letter', '...', '=='),
      maxLength: 40,
    }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(ours(text)).toEqual(reference(text));
    }),
    { numRuns: 300, seed: 20261125 },
  );
});

it('has a grammar without faults', () => {
  expect(() => new UnetParser(true)).not.toThrow();
});
