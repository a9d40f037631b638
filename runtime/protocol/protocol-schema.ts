/** The schema of `protocol.json`, derived from the table of protocol words. */
import { z } from 'zod';
import {
  entryNames,
  entryWords,
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
import type { LengthEntry, Protocol } from '../../contract/protocol.js';
import { UserError } from '../errors/user-error.js';
import { checkJson, parseJson, type ProblemError } from '../files/read-json.js';

type Shape = Readonly<Record<string, z.ZodType>>;

function rangeShape({ from, to }: Scalar & { readonly is: 'range' }): Shape {
  return { from: z.number().min(from).max(to), to: z.number().min(from).max(to) };
}

function scalarSchema(scalar: Scalar): z.ZodType {
  switch (scalar.is) {
    case 'number':
      return z.number().min(scalar.from).max(scalar.to);
    case 'whole':
      return z.int().min(scalar.from).max(scalar.to);
    case 'string':
      return z.string().min(1);
    case 'strings':
      return z.array(z.string().min(1));
    case 'sizes':
      return z.array(z.int().min(1)).min(1).max(3);
    case 'bool':
      return z.boolean();
    case 'millimetres': {
      const size = z.number().min(smallestSize).max(largestSize);
      return z.tuple([size, size, size]);
    }
    case 'axes':
    case 'labels':
      return z.array(z.string().min(1)).min(1);
    case 'numbers':
      return z
        .array(z.number().min(0).max(1e6))
        .refine((numbers) => numbers.some((each) => each > 0), { error: 'must have a number above 0' });
    case 'weights':
      return oneOf([weightsSchema(z.string().min(1)), weightsSchema(z.null())]);
    case 'range':
      return z.strictObject(rangeShape(scalar));
    case 'unions':
      return z.array(z.strictObject({ name: z.string().min(1), classes: z.array(z.string().min(1)).min(1) })).min(1);
  }
}

function weightsSchema(label: z.ZodType): z.ZodType {
  return z.array(z.strictObject({ label, weight: z.number().min(Number.MIN_VALUE).max(1e6) })).min(1);
}

/** The stored values of an argument. */
function argumentSchema(place: Place): z.ZodType {
  const { scalar, words } = place;
  const scalars = scalar === undefined ? [] : [scalarSchema(scalar)];
  const schema = oneOf([...scalars, ...(words === undefined ? [] : wordSchemas(words, undefined))]);
  return place.default === null ? schema.nullable() : schema;
}

function oneOf(schemas: readonly z.ZodType[]): z.ZodType {
  return schemas.length === 1 ? schemas[0]! : z.union(schemas);
}

/** The stored values of some words; `extra` are fields of an entry's words besides `kind` and the arguments. */
function wordSchemas(words: Words, extra: Shape | undefined): z.ZodType[] {
  const stored = Object.entries(words).filter(([, { becomes }]) => becomes === undefined);
  const replaced = Object.values(words).flatMap(({ becomes }) => (becomes === undefined ? [] : [exactly(becomes)]));
  if (takesNamesOnly(words))
    return [...(stored.length === 0 ? [] : [z.enum(stored.map(([name]) => name))]), ...replaced];
  const calls = stored.map(([name, word]) => {
    const fields = fieldSchemas(word);
    const call = z.strictObject(extra === undefined ? fields : { kind: z.literal(name), ...extra, ...fields });
    if (word.takes?.scalar?.is !== 'range') return call;
    const apart = word.takes.scalar.apart === true;
    const fits = ({ from, to }: Record<string, unknown>): boolean =>
      apart ? (from as number) < (to as number) : (from as number) <= (to as number);
    return call.refine(fits, `\`from\` must be ${apart ? 'below' : 'at most'} \`to\``);
  });
  return [...calls, ...replaced];
}

/** A value that is stored in place of a word. */
function exactly(value: unknown): z.ZodType {
  if (Array.isArray(value)) return z.tuple([]);
  if (value === null) return z.null();
  return z.strictObject(
    Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, z.literal(each as string)])),
  );
}

function fieldSchemas({ takes, named = {} }: Word): Shape {
  const fields = Object.entries(named).map(([name, place]): [string, z.ZodType] => [
    fieldOf(name),
    argumentSchema(place),
  ]);
  if (takes === undefined) return Object.fromEntries(fields);
  if (takes.scalar?.is === 'range') return { ...rangeShape(takes.scalar), ...Object.fromEntries(fields) };
  return { [takes.field]: argumentSchema(takes), ...Object.fromEntries(fields) };
}

/** One of an entry's words. Errors refer to the word that `kind` names. */
function entryWordSchema(words: Words, extra: Shape = {}): z.ZodType {
  const schemas = wordSchemas(words, extra);
  const objects = schemas.filter((schema) => schema instanceof z.ZodObject);
  const [first, ...others] = objects;
  const calls =
    first === undefined ? [] : others.length === 0 ? [first] : [z.discriminatedUnion('kind', [first, ...others])];
  return oneOf([...calls, ...schemas.filter((schema) => !(schema instanceof z.ZodObject))]);
}

function entrySchema(entry: EntryWords): z.ZodType {
  const { sum, items, sources, words, scalar, byChannel } = entry;
  if (sum === true) return z.array(entryWordSchema(words ?? {}, { weight: z.number() })).min(1);
  if (items !== undefined) return z.array(entryWordSchema(items));
  if (sources !== undefined)
    return z.array(z.strictObject({ input: z.string(), source: entryWordSchema(stored(sources)) }));
  if (byChannel === true) return oneOf([entryWordSchema(words ?? {}), byChannelSchema(words ?? {})]);
  const schemas = words === undefined ? [] : [entryWordSchema(words)];
  const schema = oneOf(scalar === undefined ? schemas : [...schemas, scalarSchema(scalar)]);
  return entry.default === null ? schema.nullable() : schema;
}

/** A word for each channel, none of them twice. */
function byChannelSchema(words: Words): z.ZodType {
  return z
    .array(z.strictObject({ channel: z.string().min(1), word: entryWordSchema(words) }))
    .min(1)
    .refine((all) => new Set(all.map(({ channel }) => channel)).size === all.length, {
      error: 'names a channel twice',
    });
}

/** Words, except those for which nothing is stored. */
function stored(words: Words): Words {
  return Object.fromEntries(Object.entries(words).filter(([, { becomes }]) => becomes !== null));
}

function lengthSchema(name: LengthEntry): z.ZodObject {
  return z.strictObject({ kind: z.literal(name), [name]: entrySchema(entryWords[name]) });
}

/** A protocol as plain data: every value explicit, nothing unknown. */
export const protocolSchema = z.strictObject({
  name: z.string(),
  ...Object.fromEntries(
    entryNames
      .filter((name) => name !== 'epochs' && name !== 'steps')
      .map((name) => [name, entrySchema(entryWords[name])]),
  ),
  length: z.discriminatedUnion('kind', [lengthSchema('epochs'), lengthSchema('steps')]),
}) as unknown as z.ZodType<Protocol>;

/**
 * Parses and validates a protocol.
 * @param json the text of the file, or its parsed content
 * @param path origin, for the message
 * @throws UserError UNET6019 that names the first invalid field
 */
export function parseProtocol(json: unknown, path: string): Protocol {
  const errorOf: ProblemError = ({ fault, help }) =>
    new UserError(
      'UNET6019',
      `The training protocol \`${path}\` ${fault}.`,
      help ?? 'Restore the file from a copy, or start the run again in another folder.',
    );
  return checkJson(protocolSchema, typeof json === 'string' ? parseJson(json, errorOf) : json, errorOf);
}
