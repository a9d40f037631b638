/** Reads the values of a protocol's entries as the table of protocol words specifies. */
import type { ElementNode, Expression, Identifier, NameNode } from '../../grammar/ast.js';
import { misplacedInList } from '../../grammar/element-forms.js';
import type { LabelWeight } from '../../contract/protocol.js';
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
export function readEntry(
  expression: Expression,
  { sum, items, sources, words, scalar, byChannel }: EntryWords,
): unknown {
  if (sum === true) return readSum(expression, words ?? {});
  if (items !== undefined) return readListed(expression, items);
  if (sources !== undefined && expression.kind === 'List') return readSources(expression.items, sources);
  if (byChannel === true && expression.kind === 'List') return readByChannel(expression.items, words ?? {});
  const value = scalar === undefined ? undefined : readScalar([expression], scalar);
  return value !== undefined || words === undefined ? value : readWord(expression, words, {});
}

/** A list of words, or a word that stands for a list of itself. */
function readListed(expression: Expression, words: Words): readonly unknown[] | undefined {
  if (expression.kind === 'List') return readItems(expression, ({ value }) => readWord(value, words, {}));
  const word = readWord(expression, words, {});
  return word === undefined ? undefined : [word];
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

/** `[CHANNEL: WORD, ...]`, no channel twice. */
function readByChannel(items: readonly ElementNode[], words: Words): readonly unknown[] | undefined {
  const read = items.map(({ name, separator, value }) => {
    const word = separator === ':' ? readWord(value, words, {}) : undefined;
    return name === undefined || word === undefined ? undefined : { channel: name.name, word };
  });
  const isWhole = read.length > 0 && read.every((each) => each !== undefined);
  return isWhole && new Set(read.map((each) => each?.channel)).size === read.length ? read : undefined;
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
  if (takes?.scalar?.is === 'unions') return readUnions(positional, named, takes.field);
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

/** Named lists of names, in place of the named arguments of other words. */
function readUnions(
  positional: readonly Expression[],
  named: ReadonlyMap<string, Expression>,
  field: string,
): Record<string, unknown> | undefined {
  const unions = [...named].map(([name, value]) => {
    const classes = readItems(value, (item) => label(item.value));
    return classes === undefined || classes.length === 0 ? undefined : { name, classes };
  });
  const isWhole = positional.length === 0 && unions.length > 0 && unions.every((each) => each !== undefined);
  return isWhole ? { [field]: unions } : undefined;
}

function readPositional(expressions: readonly Expression[], place: Place): unknown {
  const [first, ...others] = expressions;
  if (first === undefined) return place.default;
  if (place.scalar?.is === 'axes' || place.scalar?.is === 'labels') return readScalar(expressions, place.scalar);
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
    case 'numbers': {
      const numbers = readItems(expression, ({ value }) => bounded(value, 0, 1e6));
      return numbers?.some((each) => (each as number) > 0) === true ? numbers : undefined;
    }
    case 'weights':
      return readWeights(expression);
    case 'bool':
      return expression.kind === 'Boolean' ? expression.value : undefined;
    case 'axes':
      return readAxes(expressions);
    case 'labels':
      return readLabels(expressions);
    case 'range':
      return readRange(expression, scalar);
    case 'unions':
      return undefined;
  }
}

/** `[NAME: N, ...]`, no name twice, or `[N, ...]`. */
function readWeights(expression: Expression): readonly LabelWeight[] | undefined {
  if (expression.kind !== 'List' || expression.items.length === 0) return undefined;
  const weights = expression.items.map(({ name, separator, value }): LabelWeight | undefined => {
    const weight = name === undefined || separator === ':' ? bounded(value, Number.MIN_VALUE, 1e6) : undefined;
    return weight === undefined ? undefined : { label: name?.name ?? null, weight };
  });
  if (!weights.every((each) => each !== undefined)) return undefined;
  const names = weights.flatMap(({ label }) => (label === null ? [] : [label]));
  const distinct = new Set(names).size;
  return distinct === 0 || distinct === weights.length ? weights : undefined;
}

/** Names of axes, each an argument of its own or in the list that is the only one. */
function readAxes(expressions: readonly Expression[]): readonly string[] | undefined {
  const [first] = expressions;
  const listed =
    first?.kind === 'List' && expressions.length === 1 ? elements(first)?.map(({ value }) => value) : expressions;
  const names = listed?.map(axis) ?? [];
  return names.length > 0 && names.every((name) => name !== undefined) ? names : undefined;
}

function axis(expression: Expression): string | undefined {
  return expression.kind === 'Name' && /^[A-Z]/.test(expression.name) ? expression.name : undefined;
}

/** Names of classes, none twice. */
function readLabels(expressions: readonly Expression[]): readonly string[] | undefined {
  const names = expressions.map(label);
  const isWhole = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  return isWhole ? names : undefined;
}

/** The name of a class. */
function label(expression: Expression): string | undefined {
  return expression.kind === 'Name' ? expression.name : text(expression);
}

/** A range, or a number that stands for a range of itself. */
function readRange(expression: Expression, bounds: Scalar & { readonly is: 'range' }): object | undefined {
  const ends = expression.kind === 'Range' ? expression : { from: expression, to: expression };
  const from = bounded(ends.from, bounds.from, bounds.to);
  const to = bounded(ends.to, bounds.from, bounds.to);
  if (from === undefined || to === undefined || from > to || (bounds.apart === true && from === to)) return undefined;
  return { from, to };
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

/** The part of an entry that is not as the table specifies. */
export interface Misfit {
  readonly at: Expression | Identifier;
  /** Known words or names, for one that is unknown. */
  readonly unknown?: { readonly name: string; readonly known: readonly string[] };
  /** The argument whose value it is. */
  readonly argument?: { readonly name: string; readonly word: string; readonly place: Place };
}

/** Returns the first part of an entry's value that is not as the table specifies; undefined if no single part is at fault. */
export function misfitOf(expression: Expression, { words, items, sources, byChannel }: EntryWords): Misfit | undefined {
  const lone = words ?? items;
  if (expression.kind !== 'List') return lone === undefined ? undefined : misfitIn(expression, lone);
  const listed = items ?? sources ?? (byChannel === true ? words : undefined);
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
      if (callee.kind !== 'Name' || !Object.hasOwn(words, callee.name)) return misfitIn(callee, words);
      const word = words[callee.name]!;
      return firstOf(expression.arguments, (argument) => misfitInArgument(argument, callee, word));
    }
    default:
      return undefined;
  }
}

function unknown(at: NameNode | Identifier, known: object): Misfit {
  return { at, unknown: { name: at.name, known: Object.keys(known) } };
}

function misfitInArgument({ name, value }: ElementNode, callee: NameNode, word: Word): Misfit | undefined {
  const { takes, named = {} } = word;
  if (takes?.scalar?.is === 'unions') return undefined;
  if (name !== undefined && !Object.hasOwn(named, name.name)) return unknown(name, named);
  const place = name === undefined ? takes : named[name.name];
  if (place === undefined) return undefined;
  const argument = { name: name?.name ?? takes!.text, word: callee.name, place };
  const misfit = place.words === undefined ? undefined : misfitIn(value, place.words);
  if (misfit !== undefined) return misfit.at === value ? { ...misfit, argument } : misfit;
  if (place.scalar === undefined || readPlace(value, place) !== undefined) return undefined;
  return { at: value, argument };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
