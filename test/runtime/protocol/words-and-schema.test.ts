/** The compiler's reader and the runtime's schema take the same values for every argument of every protocol word. */
import { describe, expect, it } from 'vitest';
import { lowerProtocol } from '../../../compiler/protocol/lower-protocol.js';
import {
  entryNames,
  entryWords,
  fieldOf,
  type EntryName,
  type EntryWords,
  type Place,
  type Scalar,
  type Word,
} from '../../../contract/protocol-words.js';
import { parseProtocol } from '../../../runtime/protocol/protocol-schema.js';
import { openText } from '../../compiler/spec-text.js';

type Path = readonly (string | number)[];

/** A value as it is written and as it is stored, or not: `outside` may not be either. */
interface Sample {
  readonly text: string;
  readonly value: unknown;
  readonly outside?: true;
}

function samplesOf(scalar: Scalar): readonly Sample[] {
  const number = (value: number): Sample => ({ text: `${value}`, value });
  switch (scalar.is) {
    case 'number':
      return [number(scalar.from), number(scalar.to), ...outside(number(scalar.from - 1), number(2 * scalar.to + 1))];
    case 'whole':
      return [
        number(scalar.from),
        number(scalar.to),
        ...outside(number(scalar.from - 1), number(scalar.to + 1), number(scalar.from + 0.5)),
      ];
    case 'string':
      return [{ text: '"a"', value: 'a' }, ...outside({ text: '""', value: '' })];
    case 'strings':
      return [{ text: '["a", "b"]', value: ['a', 'b'] }, ...outside({ text: '["a", ""]', value: ['a', ''] })];
    case 'sizes':
      return [
        { text: '[8]', value: [8] },
        { text: '[1, 2, 3]', value: [1, 2, 3] },
        ...outside(
          { text: '[]', value: [] },
          { text: '[0]', value: [0] },
          { text: '[1, 1, 1, 1]', value: [1, 1, 1, 1] },
        ),
      ];
    case 'bool':
      return [
        { text: 'true', value: true },
        { text: 'false', value: false },
        ...outside({ text: '1', value: 1 }, { text: '"true"', value: 'true' }),
      ];
    case 'millimetres':
      return [
        { text: '[0.5, 1, 1000]', value: [0.5, 1, 1000] },
        ...outside(
          { text: '[1, 1]', value: [1, 1] },
          { text: '[0, 1, 1]', value: [0, 1, 1] },
          { text: '[1, 1, 1001]', value: [1, 1, 1001] },
          { text: '[1, 1, 1, 1]', value: [1, 1, 1, 1] },
        ),
      ];
    case 'axes':
      return [
        { text: 'D', value: ['D'] },
        { text: '[D, H]', value: ['D', 'H'] },
        ...outside({ text: '[]', value: [] }, { text: '[[D]]', value: [['D']] }, { text: '1', value: 1 }),
      ];
    case 'labels':
      return [
        { text: 'edema', value: ['edema'] },
        { text: 'edema, "necrotic core"', value: ['edema', 'necrotic core'] },
        ...outside({ text: '""', value: [''] }, { text: '1', value: 1 }),
      ];
    case 'numbers':
      return [
        { text: '[1, 0.5, 0]', value: [1, 0.5, 0] },
        ...outside({ text: '[]', value: [] }, { text: '[0, 0]', value: [0, 0] }, { text: '[1, -1]', value: [1, -1] }),
      ];
    case 'weights': {
      const weight = (label: string | null, weight: number) => ({ label, weight });
      return [
        { text: '[1, 2]', value: [weight(null, 1), weight(null, 2)] },
        { text: '[edema: 2]', value: [weight('edema', 2)] },
        ...outside(
          { text: '[]', value: [] },
          { text: '[0]', value: [weight(null, 0)] },
          { text: '[edema: -1]', value: [weight('edema', -1)] },
          { text: '[edema: 2, 1]', value: [weight('edema', 2), weight(null, 1)] },
        ),
      ];
    }
    case 'range':
      return [
        // Alone: then any higher `from` is above `to`.
        ...(scalar.apart === true ? [] : [number(scalar.from)]),
        { text: `${scalar.from} .. ${scalar.to}`, value: scalar.from },
        ...outside(number(scalar.from - 1), number(2 * scalar.to + 1), {
          text: `${scalar.to} .. ${scalar.from}`,
          value: scalar.to,
        }),
      ];
    case 'unions':
      return [
        {
          text: 'A: [b, "c d"], E: [b]',
          value: [
            { name: 'A', classes: ['b', 'c d'] },
            { name: 'E', classes: ['b'] },
          ],
        },
        ...outside(
          { text: 'A: []', value: [{ name: 'A', classes: [] }] },
          { text: 'A: [""]', value: [{ name: 'A', classes: [''] }] },
        ),
      ];
  }
}

function outside(...samples: readonly Sample[]): readonly Sample[] {
  return samples.map((sample) => ({ ...sample, outside: true }));
}

/** One argument's value in an entry that is otherwise least. */
interface Case extends Sample {
  readonly path: Path;
}

function leastText({ scalar, words = {} }: Place): string {
  if (scalar !== undefined) return samplesOf(scalar)[0]!.text;
  const [name, word] = Object.entries(words)[0]!;
  return callText(name, word, {});
}

/** A word with its required arguments and those given. */
function callText(name: string, { takes, named = {} }: Word, given: Readonly<Record<string, string>>): string {
  const positional = takes === undefined ? [] : [given[''] ?? leastText(takes)];
  const written = Object.entries(named).flatMap(([each, place]) => {
    // No case may be in two lists.
    const least = place.scalar?.is === 'strings' ? `["of ${each}"]` : leastText(place);
    const text = given[each] ?? (place.default === undefined ? least : undefined);
    return text === undefined ? [] : [`${each}: ${text}`];
  });
  const taken = [...positional, ...written];
  return taken.length === 0 ? name : `${name}(${taken.join(', ')})`;
}

function casesOfPlace(place: Place, path: Path): readonly Case[] {
  const scalars = place.scalar === undefined ? [] : samplesOf(place.scalar).map((sample) => ({ ...sample, path }));
  const words = Object.entries(place.words ?? {}).flatMap(([name, word]) => casesOfWord(name, word, path));
  const unknown = { text: 'other_word', value: 'other_word', outside: true, path } as const;
  return [...scalars, ...words, ...(place.words === undefined ? [] : [unknown])];
}

function casesOfWord(name: string, word: Word, path: Path): readonly Case[] {
  if (word.becomes !== undefined) return [{ text: callText(name, word, {}), value: word.becomes, path }];
  const places = Object.entries(word.named ?? {}).map(([each, place]) => [each, fieldOf(each), place] as const);
  const { takes } = word;
  // A range is stored as two fields.
  const field = takes?.scalar?.is === 'range' ? 'from' : takes?.field;
  const positional = takes === undefined ? [] : [['', field!, takes] as const];
  const cases = [...positional, ...places].flatMap(([argument, field, place]) =>
    casesOfPlace(place, [...path, field]).map((each) => ({
      ...each,
      text: callText(name, word, { [argument]: each.text }),
    })),
  );
  return cases.length === 0 ? [{ text: name, value: undefined, path }] : cases;
}

function casesOf(name: EntryName): readonly Case[] {
  const entry: EntryWords = entryWords[name];
  if (name === 'epochs' || name === 'steps') return casesOfPlace(entry, ['length', name]);
  if (entry.items !== undefined) {
    const cases = Object.entries(entry.items).flatMap(([word, each]) => casesOfWord(word, each, [name, 0]));
    return cases.map((each) => ({ ...each, text: `[${each.text}]` }));
  }
  if (entry.sources !== undefined) {
    const cases = Object.entries(entry.sources).flatMap(([word, each]) => casesOfWord(word, each, [name, 0, 'source']));
    return cases.map((each) => ({ ...each, text: `[site: ${each.text}]` }));
  }
  const cases = casesOfPlace(entry, entry.sum === true ? [name, 0] : [name]);
  if (entry.byChannel !== true) return cases;
  const listed = Object.entries(entry.words ?? {}).flatMap(([word, each]) =>
    casesOfWord(word, each, [name, 0, 'word']),
  );
  return [
    ...cases,
    ...listed.map((each) => ({ ...each, text: `[CT: ${each.text}, PET: none]` })),
    { text: '[CT: none, CT: none]', value: [], path: [name], outside: true },
    { text: '[]', value: [], path: [name], outside: true },
  ];
}

function lowered(name: EntryName, text: string): unknown {
  const least: Partial<Record<EntryName, string>> = {
    patch: 'random([8])',
    loss: 'dice',
    optimizer: 'adamw(lr: 1)',
    ...(name === 'steps' ? {} : { epochs: '1' }),
    [name]: text,
  };
  const entries = Object.entries(least).map(([entry, value]) => `${entry}: ${value}`);
  const [file] = openText(`protocol P {\n  ${entries.join('\n  ')}\n}`).files.values();
  const node = file?.node.statements.find((each) => each.kind === 'Protocol');
  return node === undefined ? undefined : lowerProtocol(node).protocol;
}

function withValue(target: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const copy = structuredClone(target) as Record<string | number, unknown>;
  copy[first] = withValue(copy[first], rest, value);
  return copy;
}

function valueAt(target: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (inner as Record<string | number, unknown>)[key], target);
}

/** The word that a text begins with: words of one entry may have arguments of the same name. */
function firstWord(text: string): string | undefined {
  return /\w+/.exec(text)?.[0];
}

const accepts = (json: unknown): boolean => {
  try {
    parseProtocol(json, 'protocol.json');
    return true;
  } catch {
    return false;
  }
};

describe.each(entryNames)('the entry %s', (name) => {
  const cases = casesOf(name);
  const valid = cases.filter((each) => each.outside !== true);
  const invalid = cases.filter((each) => each.outside === true);

  it('stores what is written, in the form that the schema has', () => {
    expect.hasAssertions();
    for (const { text, path, value } of valid) {
      const protocol = lowered(name, text);
      expect(protocol, text).toBeDefined();
      // An identifier without a source is not stored.
      if (value !== undefined && value !== null) expect(valueAt(protocol, path), text).toEqual(value);
      expect(parseProtocol(JSON.stringify(protocol), 'protocol.json'), text).toEqual(protocol);
    }
  });

  it('refuses the same values when they are written and when they are stored', () => {
    for (const { text, path, value } of invalid) {
      expect(lowered(name, text), text).toBeUndefined();
      const sharesPath = valid.filter((each) => each.path.join() === path.join());
      const host = (sharesPath.find((each) => firstWord(each.text) === firstWord(text)) ?? sharesPath[0] ?? valid[0])!
        .text;
      expect(accepts(withValue(lowered(name, host), path, value)), `${path.join('.')} ${String(value)}`).toBe(false);
    }
  });
});
