/** Strings about the words of a protocol, for messages and editors. */
import {
  fieldOf,
  largestSize,
  smallestSize,
  type EntryWords,
  type Place,
  type Scalar,
  type Word,
  type Words,
} from '../../contract/protocol-words.js';

/** Returns the values of a scalar in words: `a whole number from 2 to 1000`. */
function scalarText(scalar: Scalar): string {
  switch (scalar.is) {
    case 'number':
      return scalar.from === Number.MIN_VALUE
        ? `a number above 0 and at most ${scalar.to}`
        : `a number from ${scalar.from} to ${scalar.to}`;
    case 'whole':
      return scalar.to === 2 ** 31
        ? `a whole number of at least ${scalar.from}`
        : `a whole number from ${scalar.from} to ${scalar.to}`;
    case 'string':
      return 'a string that is not empty';
    case 'strings':
      return 'a list of strings';
    case 'sizes':
      return 'a list of one to three whole numbers of at least 1';
    case 'bool':
      return '`true` or `false`';
    case 'millimetres':
      return `a list of three numbers from ${smallestSize} to ${largestSize}`;
    case 'axes':
      return 'names of axes';
    case 'labels':
      return 'names of classes';
    case 'numbers':
      return 'a list of numbers from 0, not all 0';
    case 'weights':
      return 'numbers above 0, by class as in `[edema: 2]`, or one for every class';
    case 'range':
      if (scalar.apart === true) return `a range \`A .. B\` from ${scalar.from} to ${scalar.to}, A below B`;
      return `a number or a range \`A .. B\` from ${scalar.from} to ${scalar.to}, A at most B`;
    case 'unions':
      return 'names of unions, each with a list of classes';
  }
}

function alternatives(texts: readonly string[], conjunction: 'and' | 'or'): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

/** What may be written for an argument: `N`, `gaussian | constant`, `EPOCHS | never`. */
function placeText({ scalar, words = {}, text }: Place & { readonly text?: string }): string {
  const scalars = scalar === undefined ? [] : [text ?? 'N'];
  return [...scalars, ...Object.entries(words).map(([name, word]) => wordText(name, word))].join(' | ');
}

/** The arguments of a word: its positional one, whose name is empty, and its named ones. */
export function wordArguments({ takes, named = {} }: Word): readonly ArgumentText[] {
  const positional = takes === undefined ? [] : [{ name: '', text: placeText(takes), doc: placeDoc(takes) }];
  const others = Object.entries(named).map(([name, place]) => {
    return { name, text: `${name}: ${placeText(place)}`, doc: placeDoc(place) };
  });
  return [...positional, ...others];
}

/** An argument of a word as it is written, and its documentation. */
export interface ArgumentText {
  readonly name: string;
  readonly text: string;
  readonly doc: string;
}

/** Returns a word with all its arguments: `kfold(FOLDS, seed: N)`. */
export function wordText(name: string, word: Word): string {
  const taken = wordArguments(word).map(({ text }) => text);
  return taken.length === 0 ? name : `${name}(${taken.join(', ')})`;
}

function wordTexts(words: Words, conjunction: 'and' | 'or'): string {
  return alternatives(
    Object.entries(words).map(([name, word]) => `\`${wordText(name, word)}\`${requiredText(word)}`),
    conjunction,
  );
}

/** Words without their arguments, of which a list of words has too many for a message. */
function itemTexts(items: Words): readonly string[] {
  return Object.entries(items).map(([name, word]) => `\`${name}${wordArguments(word).length === 0 ? '' : '(...)'}\``);
}

/** Names the required arguments of a word that has optional ones too. */
function requiredText({ named = {} }: Word): string {
  const all = Object.entries(named);
  const required = all.filter(([, place]) => place.default === undefined).map(([name]) => `\`${name}\``);
  if (required.length === 0 || required.length === all.length) return '';
  return `, of which only ${alternatives(required, 'and')} is required`;
}

/** Returns the form of an entry's value, which completes the sentence "The entry must be ...". */
export function entryForm({ sum, items, sources, words = {}, scalar, byChannel }: EntryWords): string {
  if (scalar !== undefined && Object.keys(words).length === 0) return scalarText(scalar);
  if (scalar !== undefined) return `${wordTexts(words, 'or')}, or ${scalarText(scalar)}`;
  if (sum === true)
    return `a sum of ${alternatives(itemTexts(words), 'and')}, each optionally preceded by a weight and \`*\``;
  if (items !== undefined) return `a list of ${alternatives(itemTexts(items), 'and')}, or one of them`;
  if (byChannel === true)
    return `${wordTexts(words, 'or')}, or a list \`[CHANNEL: WORD, ...]\` of them for different channels`;
  if (sources === undefined) return wordTexts(words, 'or');
  return `a list \`[INPUT: SOURCE, ...]\` with the sources ${wordTexts(sources, 'and')}, or ${wordTexts(words, 'or')}`;
}

/** Returns the form of an argument's value, which completes the sentence "The argument must be ...". */
export function placeForm({ scalar, words = {} }: Place): string {
  const texts = Object.entries(words).map(([name, word]) => `\`${wordText(name, word)}\``);
  return alternatives(scalar === undefined ? texts : [scalarText(scalar), ...texts], 'or');
}

/** Returns the default of an entry or argument as it is written; undefined if it has none or no word stands for it. */
export function defaultText(place: EntryWords): string | undefined {
  return place.default === undefined ? undefined : valueText(place.default, place);
}

/** Returns what an entry or argument is for, with its default. */
export function placeDoc(place: EntryWords): string {
  const value = defaultText(place);
  return value === undefined ? place.doc : `${place.doc} Defaults to \`${value}\`.`;
}

/** A stored value as it is written in a protocol; undefined for null that no word stands for. */
function valueText(value: unknown, { words = {}, items = {} }: EntryWords): string | undefined {
  const becoming = Object.entries(words).find(([, { becomes }]) => JSON.stringify(becomes) === JSON.stringify(value));
  if (becoming !== undefined) return becoming[0];
  if (value === null) return undefined;
  if (Array.isArray(value))
    return `[${value.map((item: unknown) => valueText(item, { doc: '', words: items })).join(', ')}]`;
  if (typeof value === 'string' || typeof value === 'number') return `${value}`;
  const { kind = '', ...fields } = value as Readonly<Record<string, string>>;
  return callText(kind, words[kind], fields);
}

function callText(name: string, word: Word | undefined, fields: Readonly<Record<string, unknown>>): string {
  const { takes, named = {} } = word ?? {};
  const written = Object.entries(named).map(([each, place]) => `${each}: ${valueText(fields[fieldOf(each)], place)}`);
  if (takes !== undefined) written.unshift(valueText(fields[takes.field], takes) ?? '');
  return written.length === 0 ? name : `${name}(${written.join(', ')})`;
}
