/** Reads the values of a protocol's entries as the table of protocol words specifies. */
import type { ElementNode, Expression, Identifier, NameNode } from '../../grammar/ast.js';
import { misplacedInList } from '../../grammar/element-forms.js';
import {
  fieldOf,
  largestSize,
  smallestSize,
  takesNamesOnly,
  type EntryWords,
  type Place,
  type Scalar,
  type Word,
  type Words,
} from '../../contract/protocol-words.js';

/** A written word with its arguments; a lone name is a word without arguments. */
interface Call {
  readonly name: string;
  readonly word: Word;
  readonly positional: readonly Expression[];
  readonly named: ReadonlyMap<string, Expression>;
}

/** Returns the value of an entry as it is stored; undefined if the expression does not have the entry's form. */
export function readEntry(expression: Expression, { sum, items, sources, words, scalar }: EntryWords): unknown {
  if (sum === true) return readSum(expression, words ?? {});
  if (items !== undefined) return readItems(expression, ({ value }) => readWord(value, items, {}));
  if (sources !== undefined && expression.kind === 'List') return readSources(expression.items, sources);
  return words === undefined ? scalar && readScalar([expression], scalar) : readWord(expression, words, {});
}

/** Every item of a list; undefined if one does not have its form. */
function readItems(expression: Expression, read: (item: ElementNode) => unknown): readonly unknown[] | undefined {
  const items = elements(expression)?.map(read);
  return items?.every((item) => item !== undefined) === true ? items : undefined;
}

/** The elements of a list of values, which have no names. */
function elements(expression: Expression): readonly ElementNode[] | undefined {
  const items = expression.kind === 'List' ? expression.items : undefined;
  return items?.every((item) => misplacedInList(item).length === 0) === true ? items : undefined;
}

function readSources(items: readonly ElementNode[], words: Words): readonly unknown[] | undefined {
  const sources = items.map(({ name, separator, value }) => {
    const source = separator === ':' ? readWord(value, words, {}) : undefined;
    return name === undefined || source === undefined ? undefined : { input: name.name, source };
  });
  if (!sources.every((each) => each !== undefined)) return undefined;
  return sources.filter(({ source }) => source !== null);
}

/** Terms `weight * word(...)`, joined by `+`; the weight defaults to 1. */
function readSum(expression: Expression, words: Words): readonly unknown[] | undefined {
  if (expression.kind === 'Binary' && expression.operator === '+') {
    const left = readSum(expression.left, words);
    const right = readSum(expression.right, words);
    return left === undefined || right === undefined ? undefined : [...left, ...right];
  }
  const term = readTerm(expression, words, 1);
  return term === undefined ? undefined : [term];
}

function readTerm(expression: Expression, words: Words, weight: number): unknown {
  if (expression.kind !== 'Binary') return readWord(expression, words, { weight });
  const factor = expression.operator === '*' ? bounded(expression.left, 0, 1e6) : undefined;
  return factor === undefined ? undefined : readTerm(expression.right, words, weight * factor);
}

function readPlace(expression: Expression, { scalar, words }: Place): unknown {
  const value = scalar === undefined ? undefined : readScalar([expression], scalar);
  return value !== undefined || words === undefined ? value : readWord(expression, words, undefined);
}

/** A word: its name if no word there takes arguments, else its arguments, of an entry after `kind` and `extra`. */
function readWord(expression: Expression, words: Words, extra: object | undefined): unknown {
  const call = writtenCall(expression, words);
  const fields = call === undefined ? undefined : readArguments(call);
  if (call === undefined || fields === undefined) return undefined;
  if (call.word.becomes !== undefined) return call.word.becomes;
  if (takesNamesOnly(words)) return call.name;
  return extra === undefined ? fields : { kind: call.name, ...extra, ...fields };
}

function writtenCall(expression: Expression, words: Words): Call | undefined {
  const callee = expression.kind === 'Call' ? expression.callee : expression;
  if (callee.kind !== 'Name' || !Object.hasOwn(words, callee.name)) return undefined;
  const positional: Expression[] = [];
  const named = new Map<string, Expression>();
  for (const { name, value } of expression.kind === 'Call' ? expression.arguments : []) {
    if (name === undefined) positional.push(value);
    else if (named.has(name.name)) return undefined;
    else named.set(name.name, value);
  }
  return { name: callee.name, word: words[callee.name]!, positional, named };
}

/** All arguments of a word by the names under which they are stored; undefined if one does not have its form. */
function readArguments({ word, positional, named }: Call): Record<string, unknown> | undefined {
  const { takes, named: known = {} } = word;
  if (takes === undefined && positional.length > 0) return undefined;
  if (![...named.keys()].every((name) => Object.hasOwn(known, name))) return undefined;
  const fields = Object.entries(known).map(([name, place]): [string, unknown] => {
    const given = named.get(name);
    return [fieldOf(name), given === undefined ? place.default : readPlace(given, place)];
  });
  if (takes !== undefined) fields.unshift([takes.field, readPositional(positional, takes)]);
  if (!fields.every(([, value]) => value !== undefined)) return undefined;
  const { range, ...rest } = Object.fromEntries(fields) as { readonly range?: object };
  return { ...range, ...rest };
}

function readPositional(expressions: readonly Expression[], place: Place): unknown {
  const [first, ...others] = expressions;
  if (first === undefined) return place.default;
  if (place.scalar?.is === 'axes') return readScalar(expressions, place.scalar);
  return others.length > 0 ? undefined : readPlace(first, place);
}

function readScalar(expressions: readonly Expression[], scalar: Scalar): unknown {
  const expression = expressions[0]!;
  switch (scalar.is) {
    case 'number':
      return bounded(expression, scalar.from, scalar.to);
    case 'whole':
      return wholeNumber(expression, scalar.from, scalar.to);
    case 'string':
      return text(expression);
    case 'strings':
      return readItems(expression, ({ value }) => text(value));
    case 'sizes': {
      const sizes = readItems(expression, ({ value }) => wholeNumber(value, 1, 2 ** 31));
      return sizes !== undefined && sizes.length >= 1 && sizes.length <= 3 ? sizes : undefined;
    }
    case 'millimetres': {
      const sizes = readItems(expression, ({ value }) => bounded(value, smallestSize, largestSize));
      return sizes?.length === 3 ? sizes : undefined;
    }
    case 'axes': {
      const names = expressions.map((each) => (each.kind === 'Name' ? each.name : ''));
      return names.every((name) => /^[A-Z]/.test(name)) ? names : undefined;
    }
    case 'range': {
      const from = expression.kind === 'Range' ? number(expression.from) : undefined;
      const to = expression.kind === 'Range' ? number(expression.to) : undefined;
      return from === undefined || to === undefined || from > to ? undefined : { from, to };
    }
  }
}

function text(expression: Expression): string | undefined {
  return expression.kind === 'String' && expression.value !== '' ? expression.value : undefined;
}

function number(expression: Expression): number | undefined {
  if (expression.kind === 'Number') return expression.value;
  if (expression.kind !== 'Unary' || expression.operator !== '-') return undefined;
  const value = number(expression.operand);
  return value === undefined ? undefined : -value;
}

function bounded(expression: Expression, from: number, to: number): number | undefined {
  const value = number(expression);
  return value !== undefined && value >= from && value <= to ? value : undefined;
}

function wholeNumber(expression: Expression, from: number, to: number): number | undefined {
  const value = bounded(expression, from, to);
  return Number.isInteger(value) ? value : undefined;
}

/** A word or the name of an argument that is unknown at its place, and the known ones; or a value that is not allowed. */
export type Misfit =
  | { readonly kind: 'word'; readonly at: NameNode | Identifier; readonly known: readonly string[] }
  | { readonly kind: 'value'; readonly scalar: Scalar; readonly argument: string };

/** Returns the first part of an entry's value that is not as the table specifies; undefined if no single part is at fault. */
export function misfitOf(expression: Expression, { words, items, sources }: EntryWords): Misfit | undefined {
  if (expression.kind !== 'List') return words === undefined ? undefined : misfitIn(expression, words);
  const listed = items ?? sources;
  return listed === undefined ? undefined : firstOf(expression.items, ({ value }) => misfitIn(value, listed));
}

function misfitIn(expression: Expression, words: Words): Misfit | undefined {
  switch (expression.kind) {
    case 'Name':
      return Object.hasOwn(words, expression.name) ? undefined : unknown(expression, words);
    case 'Binary':
      return misfitIn(expression.left, words) ?? misfitIn(expression.right, words);
    case 'Call': {
      const { callee } = expression;
      const word = callee.kind === 'Name' && Object.hasOwn(words, callee.name) ? words[callee.name] : undefined;
      if (word === undefined) return misfitIn(callee, words);
      return firstOf(expression.arguments, (argument) => misfitInArgument(argument, word));
    }
    default:
      return undefined;
  }
}

function unknown(at: NameNode | Identifier, known: object): Misfit {
  return { kind: 'word', at, known: Object.keys(known) };
}

function misfitInArgument({ name, value }: ElementNode, { takes, named = {} }: Word): Misfit | undefined {
  if (name !== undefined && !Object.hasOwn(named, name.name)) return unknown(name, named);
  const place = name === undefined ? takes : named[name.name];
  const word = place?.words === undefined ? undefined : misfitIn(value, place.words);
  if (word !== undefined || place?.scalar === undefined) return word;
  if (readPlace(value, place) !== undefined) return undefined;
  return { kind: 'value', scalar: place.scalar, argument: name?.name ?? takes!.text };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
