/**
 * Maps of weight names: JSON files that state, for each weight of a network, where its values are in a file. See
 * docs/formats.md.
 */
import { z } from 'zod';
import { UserError } from '../errors/user-error.js';
import { readJson } from '../files/read-json.js';
import { repeatedKey } from '../files/repeated-key.js';
import { matchPattern, patternOf, substitute, type Pattern } from './name-pattern.js';
import { plainSource, type WeightSource } from './weight-source.js';

const axes = z.array(z.int().nonnegative()).min(1);
const sourceSchema = z.strictObject({
  from: z.union([z.string(), z.array(z.string()).min(1)]),
  axis: z.int().nonnegative().optional(),
  reshape: axes.optional(),
  transpose: axes.optional(),
  part: z
    .string()
    .regex(/^[1-9]\d{0,3}\/[1-9]\d{0,3}$/, 'must be of the form "1/3"')
    .optional(),
});
const openSchema = z.strictObject({ candidates: z.array(z.string()), shape: z.array(z.int()).optional() });
const entrySchema = z.union([z.string(), sourceSchema, openSchema]);
const textSchema = z.union([z.string(), z.array(z.string())]);

/** An entry that a draft leaves to its reader. */
interface OpenEntry {
  readonly candidates: readonly string[];
}

type Entry = { readonly source: WeightSource } | OpenEntry;

/** A parsed map. */
export interface NameMap {
  readonly file: string;
  /** By the key, an id or a pattern of ids. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Patterns of names in the file that are not needed. */
  readonly ignore: readonly string[];
}

/** Keys that do not stand for weights. */
const special: Readonly<Record<string, z.ZodType>> = {
  $comment: textSchema,
  $ignore: z.array(z.string()),
  $unmatched: z.record(z.string(), z.array(z.int())),
};

function invalid(file: string, fault: string, help?: string): UserError {
  const usual = 'Write a JSON object: `{"<weight id>": "<name in the weights file>", ...}`; see docs/formats.md.';
  return new UserError('UNET6065', `The map of weight names \`${file}\` ${fault}.`, help ?? usual);
}

/**
 * Parses a map of names.
 * @throws UserError UNET6065 for an invalid one, or one with two entries for a key
 */
export function parseNameMap(text: string, file: string): NameMap {
  const content = readJson(z.record(z.string(), z.unknown()), text, ({ fault, help }) => invalid(file, fault, help));
  const twice = repeatedKey(text);
  if (twice !== undefined) {
    throw invalid(file, `has two entries for \`${twice.key}\``, 'Remove one of them: a weight has one source.');
  }
  const entries = new Map<string, Entry>();
  for (const [key, value] of Object.entries(content)) {
    const schema = key.startsWith('$') ? special[key] : entrySchema;
    if (schema === undefined) throw invalid(file, `has the unknown key \`${key}\``, keysHelp);
    if (!schema.safeParse(value).success) throw invalid(file, `has an invalid entry for \`${key}\``, entryHelp);
    if (!key.startsWith('$')) entries.set(key, entryOf(value as z.infer<typeof entrySchema>, key, file));
  }
  return { file, entries, ignore: (content['$ignore'] as string[] | undefined) ?? [] };
}

const keysHelp = `Keys that begin with \`$\` are ${Object.keys(special).join(', ')}.`;
const entryHelp =
  'An entry is a name, or `{"from": name or names, "axis": 0, "reshape": [...], "transpose": [...], "part": "1/3"}`.';

function entryOf(value: z.infer<typeof entrySchema>, key: string, file: string): Entry {
  if (typeof value === 'string') return { source: plainSource(value) };
  if ('candidates' in value) return value;
  const { from, axis = 0, reshape, transpose, part } = value;
  const [number = 1, of = 1] = part?.split('/').map(Number) ?? [];
  if (number > of) throw invalid(file, `asks for part ${part} of \`${key}\``, 'Parts are counted from 1.');
  return {
    source: {
      names: typeof from === 'string' ? [from] : from,
      axis,
      ...(reshape === undefined ? {} : { reshape }),
      ...(transpose === undefined ? {} : { transpose }),
      ...(part === undefined ? {} : { part: { number, of } }),
    },
  };
}

/** A map applied to the weights of a network. */
export interface MappedWeights {
  /** By id, for each weight that the map does not leave open; a weight without an entry keeps its name. */
  readonly sources: Map<string, WeightSource>;
  /** Ids that a draft leaves open, with their candidates. */
  readonly open: Map<string, readonly string[]>;
  /** Keys without a pattern that are not ids of the network. */
  readonly unknown: readonly string[];
  /** Ids that no entry matches. */
  readonly unlisted: ReadonlySet<string>;
}

/**
 * Applies a map: an entry for the very id, else the first pattern that matches it, else its own name. Patterns may match
 * nothing, so that one map serves several variants.
 * @throws UserError UNET6065 for a pattern that cannot be read
 */
export function applyNameMap(map: NameMap, ids: readonly string[]): MappedWeights {
  const patterns: { readonly pattern: Pattern; readonly entry: Entry }[] = [];
  for (const [key, entry] of map.entries) {
    const pattern = readPattern(key, map.file);
    if (pattern !== undefined) patterns.push({ pattern, entry });
  }
  const mapped = {
    sources: new Map<string, WeightSource>(),
    open: new Map<string, readonly string[]>(),
    unlisted: new Set<string>(),
  };
  for (const id of ids) {
    const exact = map.entries.get(id);
    if (exact !== undefined) put(mapped, id, exact);
    else if (!patterns.some(({ pattern, entry }) => putMatch(mapped, id, { pattern, entry, ids, file: map.file }))) {
      mapped.unlisted.add(id);
      mapped.sources.set(id, plainSource(id));
    }
  }
  const known = new Set(ids);
  const keys = [...map.entries.keys()];
  return { ...mapped, unknown: keys.filter((key) => !known.has(key) && !/[{*]/.test(key)) };
}

function readPattern(key: string, file: string): Pattern | undefined {
  try {
    return patternOf(key);
  } catch (error) {
    throw invalid(file, `has an invalid pattern \`${key}\`: ${(error as Error).message}`);
  }
}

function put(mapped: Pick<MappedWeights, 'sources' | 'open'>, id: string, entry: Entry): void {
  if ('candidates' in entry) mapped.open.set(id, entry.candidates);
  else mapped.sources.set(id, entry.source);
}

interface Attempt {
  readonly pattern: Pattern;
  readonly entry: Entry;
  readonly ids: readonly string[];
  readonly file: string;
}

/** Puts the entry of a pattern if it matches the id. */
function putMatch(mapped: Pick<MappedWeights, 'sources' | 'open'>, id: string, attempt: Attempt): boolean {
  const { pattern, entry, ids, file } = attempt;
  const match = matchPattern(pattern, id, ids);
  if (match === undefined) return false;
  if ('candidates' in entry) put(mapped, id, entry);
  else {
    try {
      const names = entry.source.names.map((name) => substitute(name, match));
      mapped.sources.set(id, { ...entry.source, names });
    } catch (error) {
      throw invalid(file, `has an invalid name for \`${pattern.text}\`: ${(error as Error).message}`);
    }
  }
  return true;
}
