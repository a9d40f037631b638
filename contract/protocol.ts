/**
 * A training protocol as plain data: what `protocol` in a spec lowers to, and what a run folder keeps as `protocol.json`.
 * Every value is explicit, defaults included. The type is derived from the table of protocol words; what each field means
 * is documented there.
 */
import type { EntryName, ScalarKind, entryWords } from './protocol-words.js';

interface ScalarTypes extends Record<ScalarKind, unknown> {
  number: number;
  whole: number;
  bool: boolean;
  string: string;
  strings: readonly string[];
  sizes: readonly number[];
  millimetres: readonly [number, number, number];
  axes: readonly string[];
  numbers: readonly number[];
  weights: readonly LabelWeight[];
  range: Range;
  unions: readonly ClassUnion[];
}

/** A union of classes by name. */
export interface ClassUnion {
  readonly name: string;
  readonly classes: readonly string[];
}

/** The weight of a class or region; without a name, of the one at this position. */
export interface LabelWeight {
  readonly label: string | null;
  readonly weight: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

type Simplify<T> = { readonly [K in keyof T]: T[K] };

type CamelCase<S> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S;

type ScalarOf<P> = P extends { scalar: { is: infer Kind extends ScalarKind } } ? ScalarTypes[Kind] : never;

type NullOf<P> = P extends { default: null } ? null : never;

/** What is stored for an argument. */
type Stored<P> = ScalarOf<P> | (P extends { words: infer Words } ? StoredArgument<Words> : never) | NullOf<P>;

type TakesArguments<W> = W extends { takes: unknown } | { named: unknown } ? true : never;

type TakesNamesOnly<Words> = [TakesArguments<Words[keyof Words]>] extends [never] ? true : false;

type Positional<W> = W extends { takes: infer P }
  ? P extends { scalar: { is: 'range' } }
    ? Range
    : P extends { field: infer Field extends string }
      ? { readonly [F in Field]: Stored<P> }
      : never
  : unknown;

type Named<W> = W extends { named: infer Arguments }
  ? { readonly [Name in keyof Arguments as CamelCase<Name> & string]: Stored<Arguments[Name]> }
  : unknown;

type Becomes<W> = W extends { becomes: infer Value } ? (Value extends readonly never[] ? readonly [] : Value) : never;

/** One of the words of an argument: its name, or its own arguments. */
type StoredArgument<Words> = {
  [Name in keyof Words]: Words[Name] extends { becomes: unknown }
    ? Becomes<Words[Name]>
    : TakesNamesOnly<Words> extends true
      ? Name
      : Simplify<Positional<Words[Name]> & Named<Words[Name]>>;
}[keyof Words];

/** One of the words of an entry; `Extra` is what is stored besides. */
type StoredWord<Words, Extra = unknown> = {
  [Name in keyof Words]: Words[Name] extends { becomes: unknown }
    ? Becomes<Words[Name]>
    : TakesNamesOnly<Words> extends true
      ? Name
      : Simplify<{ readonly kind: Name } & Extra & Positional<Words[Name]> & Named<Words[Name]>>;
}[keyof Words];

type StoredEntry<E> = E extends { sources: infer Words }
  ? readonly { readonly input: string; readonly source: Exclude<StoredWord<Words>, null> }[]
  : E extends { items: infer Words }
    ? readonly StoredWord<Words>[]
    : E extends { sum: true; words: infer Words }
      ? readonly StoredWord<Words, { readonly weight: number }>[]
      : ScalarOf<E> | (E extends { words: infer Words } ? StoredWord<Words> | ByChannel<E, Words> : never) | NullOf<E>;

type ByChannel<E, Words> = E extends { byChannel: true }
  ? readonly { readonly channel: string; readonly word: StoredWord<Words> }[]
  : never;

/** The two ways to state how long a training takes; one of them is stored as `length`. */
export type LengthEntry = 'epochs' | 'steps';

type Length = { readonly kind: 'epochs'; readonly epochs: number } | { readonly kind: 'steps'; readonly steps: number };

export type Protocol = Simplify<
  { readonly name: string; readonly length: Length } & {
    readonly [Name in Exclude<EntryName, LengthEntry>]: StoredEntry<(typeof entryWords)[Name]>;
  }
>;

/** How case ids are divided into training and validation. */
export type SplitProtocol = Protocol['split'];
/** How training patches are drawn. */
export type PatchProtocol = Protocol['patch'];
/** How the intensities of a channel are normalised. */
export type Normalization = Exclude<Protocol['normalize'], readonly unknown[]>;
/** What is reported of predictions. */
export type ReportProtocol = Protocol['report'];
/** One step of augmentation. */
export type Augmentation = Protocol['augment'][number];
/** A term of the loss and its weight. */
export type LossTerm = Protocol['loss'][number];
