import { LanguageSupport, StreamLanguage, type StreamParser, type StringStream } from '@codemirror/language';
import { words } from './words.js';

type State = Record<string, never>;

const groups = [
  [new Set(words.declarations), 'definitionKeyword'],
  [new Set(words.control), 'controlKeyword'],
  [new Set(words.operators), 'operatorKeyword'],
  [new Set(words.constants), 'atom'],
  [new Set(words.types), 'typeName'],
  [new Set(words.functions), 'variableName.function'],
  [new Set(words.choices), 'string.special'],
] as const;

function wordStyle(stream: StringStream, word: string): string {
  // The name of an argument or an entry, and not the word of the language that it may also be.
  if (stream.match(/^\s*:(?!:)/, false) !== null) return 'propertyName';
  const group = groups.find(([members]) => members.has(word));
  if (group !== undefined) return group[1];
  return /^[A-Z]/.test(word) ? 'className' : 'variableName';
}

const parser: StreamParser<State> = {
  name: 'unet',
  startState: () => ({}),
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\/\/.*/) !== null) return 'docComment';
    if (stream.match(/^\/\/.*/) !== null) return 'comment';
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) !== null) return 'string';
    if (stream.match(/^`[^`]*`?/) !== null) return 'variableName';
    if (stream.match(/^\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?/) !== null) return 'number';
    const word = stream.match(/^[\p{L}_][\p{L}\p{N}_]*/u);
    if (typeof word === 'object' && word !== null) return wordStyle(stream, word[0]);
    if (stream.match(/^(?:->|[-+*/^=<>!.:]+)/) !== null) return 'operator';
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', '"', '`'] } },
};

/** Highlighting of the language by its tokens; everything that needs meaning comes from the server. */
export function unetLanguage(): LanguageSupport {
  return new LanguageSupport(StreamLanguage.define(parser));
}
