import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import { beforeAll, expect, test } from 'vitest';
import { lex } from '../../grammar/lex.js';
import { createSource, positionAt } from '../../grammar/source.js';
import * as token from '../../grammar/tokens.js';
import { root } from './client.js';

/** The colours of the extension, by the engine that VS Code has, beside the language's own lexer. */
let grammar: textmate.IGrammar;

beforeAll(async () => {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const path = join(root, 'editor/vscode/syntaxes/unet.tmLanguage.json');
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => oniguruma.createOnigScanner(patterns),
      createOnigString: (text) => oniguruma.createOnigString(text),
    }),
    loadGrammar: () => Promise.resolve(textmate.parseRawGrammar(readFileSync(path, 'utf8'), path)),
  });
  const loaded = await registry.loadGrammar('source.unet');
  if (loaded === null) throw new Error('there is no grammar');
  grammar = loaded;
});

/** The innermost scope at each offset of a text. */
function scopesOf(text: string): (line: number, column: number) => string {
  let stack = textmate.INITIAL;
  const lines = text.split(/\r\n|\n|\r/).map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    return tokens;
  });
  return (line, column) => {
    const found = lines[line - 1]?.findLast(({ startIndex }) => startIndex <= column - 1);
    return found?.scopes.at(-1) ?? '';
  };
}

/** What a token of the lexer must be coloured as; names may be many things. */
function expected(type: (typeof token.vocabulary)[number]): RegExp | undefined {
  if (type === token.StringLiteral) return /^string/;
  if (type === token.IntegerLiteral) return /^constant\.numeric\.integer/;
  if (type === token.FloatLiteral) return /^constant\.numeric\.float/;
  if (type === token.True || type === token.False || type === token.Off) return /^constant\.language/;
  if (token.reservedWords.includes(type)) return /^keyword/;
  if (type === token.Arrow) return /^keyword\.operator\.arrow/;
  if (type === token.DotDot || (type.CATEGORIES ?? []).includes(token.Infix)) return /^keyword\.operator/;
  if (type === token.QuotedName) return /^(variable|entity)/;
  return undefined;
}

const specs = readdirSync(join(root, 'specs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.unet'),
);

test.each(specs)('%s', (name) => {
  const source = createSource(name, readFileSync(join(root, 'specs', name), 'utf8'));
  const scopeAt = scopesOf(source.text);
  const { tokens, comments } = lex(source);
  for (const found of tokens) {
    const { line, column } = positionAt(source, found.startOffset);
    const wanted = expected(found.tokenType);
    if (wanted !== undefined) expect(`${found.image} ${line}: ${scopeAt(line, column)}`).toMatch(scoped(wanted));
  }
  for (const { doc, span } of comments) {
    const { line, column } = positionAt(source, span.start);
    expect(scopeAt(line, column)).toMatch(doc ? /^comment\.line\.documentation/ : /^comment\.line\.double-slash/);
  }
});

/** A scope after what it is the scope of. */
function scoped({ source }: RegExp): RegExp {
  return new RegExp(`: ${source.replace('^', '')}`);
}

test('words are keywords by position', () => {
  const text = [
    'use "a.unet"',
    'model head {',
    '  input scan: image(T1w)[D, H]',
    '  knob encoder: int = 8 off 4',
    '  encoder { widths: [8] }',
    '  let head = scan -> conv(8, kernel: 3) -> relu',
    '  head mask: head',
    '  param table: [C] = 1 fallback',
    '}',
  ].join('\n');
  const scopeAt = scopesOf(text);
  const shown = (line: number, word: string): string => {
    const column = (text.split('\n')[line - 1] ?? '').indexOf(word) + 1;
    return scopeAt(line, column).replace('.unet', '');
  };
  expect(shown(1, 'use')).toBe('keyword.control.import');
  expect(shown(2, 'model')).toBe('keyword.declaration');
  expect(shown(2, 'head')).toBe('entity.name.function');
  expect(shown(3, 'T1w')).toBe('entity.name.type');
  expect(shown(4, 'encoder')).toBe('variable.other.declaration');
  expect(shown(4, 'int')).toBe('storage.type');
  expect(shown(5, 'encoder')).toBe('keyword.declaration');
  expect(shown(6, 'head')).toBe('variable.other.declaration');
  expect(shown(6, 'conv')).toBe('support.function');
  expect(shown(6, 'kernel')).toBe('variable.parameter');
  expect(shown(7, 'head')).toBe('keyword.declaration');
  expect(shown(8, 'fallback')).toBe('keyword.other');
});

test('words of a study are keywords where they go on with a value', () => {
  const text = [
    'study Parts {',
    '  rivals: [A unmatched "why", `b c` equal params by width]',
    '  variants: leave_one_out equal macs by `neck width`',
    '  unmatched: equal',
    '  by: A unmatched',
    '}',
  ].join('\n');
  const scopeAt = scopesOf(text);
  const shown = (line: number, word: string): string => {
    const column = (text.split('\n')[line - 1] ?? '').indexOf(word) + 1;
    return scopeAt(line, column).replace('.unet', '');
  };
  expect(shown(1, 'study')).toBe('keyword.declaration');
  expect(shown(1, 'Parts')).toBe('entity.name.function');
  expect(shown(2, 'unmatched')).toBe('keyword.other');
  expect(shown(2, '"why"')).toBe('string.quoted.double');
  expect(['equal', 'params', 'by', 'width'].map((word) => shown(2, word))).toEqual([
    ...['keyword.other', 'support.constant', 'keyword.other', 'variable.other'],
  ]);
  expect(shown(3, 'leave_one_out')).toBe('support.constant');
  expect(shown(3, '`neck width`')).toBe('variable.other');
  expect(shown(4, 'unmatched')).toBe('variable.parameter');
  expect(shown(4, 'equal')).toBe('source');
  expect(shown(5, 'unmatched')).toBe('keyword.other');
});
