import type { ElementNode, Expression, Identifier, NameNode } from '../../grammar/ast.js';
import type { EntryWords, Word, Words } from '../../contract/protocol-words.js';

/** A written call `word(a, name: b)`; a lone word counts as a call without arguments. */
export interface Said<Name extends string = string> {
  readonly word: Name;
  readonly positional: readonly Expression[];
  readonly named: ReadonlyMap<string, Expression>;
}

/** The word of some that is said, with arguments that it takes and no others. */
export function said<W extends Words>(
  expression: Expression | undefined,
  words: W,
): Said<keyof W & string> | undefined {
  const call = expression === undefined ? undefined : written(expression);
  if (call === undefined || !isOf(call.word, words)) return undefined;
  const { takes, named = {} }: Word = words[call.word] as Word;
  const count = call.positional.length;
  const least = takes === undefined || takes.optional === true ? 0 : 1;
  const most = takes === undefined ? 0 : takes.many === true ? Infinity : 1;
  if (count < least || count > most) return undefined;
  if (![...call.named.keys()].every((name) => Object.hasOwn(named, name))) return undefined;
  return { ...call, word: call.word };
}

/** The same of a word that takes no arguments. */
export function chosen<W extends Words>(expression: Expression | undefined, words: W): (keyof W & string) | undefined {
  return expression?.kind === 'Name' && isOf(expression.name, words) ? expression.name : undefined;
}

function isOf<W extends Words>(name: string, words: W): name is keyof W & string {
  return Object.hasOwn(words, name);
}

function written(expression: Expression): Said | undefined {
  if (expression.kind === 'Name') return { word: expression.name, positional: [], named: new Map() };
  if (expression.kind !== 'Call' || expression.callee.kind !== 'Name') return undefined;
  const positional: Expression[] = [];
  const named = new Map<string, Expression>();
  for (const element of expression.arguments) {
    if (element.name === undefined) positional.push(element.value);
    else if (named.has(element.name.name)) return undefined;
    else named.set(element.name.name, element.value);
  }
  return { word: expression.callee.name, positional, named };
}

/** A word or the name of an argument that is not known where it stands, and those that are. */
export interface UnknownWord {
  readonly at: NameNode | Identifier;
  readonly known: readonly string[];
}

/** The first word in an entry's value that is not known there. */
export function unknownWord(expression: Expression, { words, items }: EntryWords): UnknownWord | undefined {
  if (expression.kind !== 'List') return words === undefined ? undefined : unknownIn(expression, words);
  return items === undefined ? undefined : firstOf(expression.items, ({ value }) => unknownIn(value, items));
}

function unknownIn(expression: Expression, words: Words): UnknownWord | undefined {
  switch (expression.kind) {
    case 'Name':
      return isOf(expression.name, words) ? undefined : { at: expression, known: Object.keys(words) };
    case 'Binary':
      return unknownIn(expression.left, words) ?? unknownIn(expression.right, words);
    case 'Call': {
      const { callee } = expression;
      const word = callee.kind === 'Name' && isOf(callee.name, words) ? words[callee.name] : undefined;
      if (word === undefined) return unknownIn(callee, words);
      return firstOf(expression.arguments, (argument) => unknownInArgument(argument, word));
    }
    default:
      return undefined;
  }
}

function unknownInArgument({ name, value }: ElementNode, { takes, named = {} }: Word): UnknownWord | undefined {
  if (name !== undefined && !Object.hasOwn(named, name.name)) return { at: name, known: Object.keys(named) };
  const words = name === undefined ? takes?.words : named[name.name]?.words;
  return words === undefined ? undefined : unknownIn(value, words);
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
