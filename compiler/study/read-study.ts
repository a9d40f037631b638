import type {
  EntrantNode,
  Expression,
  ModelNode,
  NameNode,
  ProtocolNode,
  StudyEntryNode,
  StudyNode,
  VariantNode,
} from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { suggestionFor } from '../../grammar/diagnostics/suggest.js';
import type { Span } from '../../grammar/source.js';
import { wordTable } from '../../grammar/word-table.js';
import type { Symbol } from '../bind/symbol.js';
import { ablationModes, measures, type AblationMode, type Measure } from './study.js';

/** A model as a study names it. */
export interface NamedModel {
  readonly declaration: ModelNode | VariantNode;
  readonly unmatched: string | undefined;
  readonly equal: WrittenCapacity | undefined;
  readonly span: Span;
}

/** `equal params by width` */
export interface WrittenCapacity {
  readonly measure: Measure;
  readonly knob: string;
  readonly span: Span;
}

/** `variants: leave_one_out equal params by width` */
export interface DerivedVariants {
  readonly mode: AblationMode;
  readonly equal: WrittenCapacity | undefined;
  readonly span: Span;
}

/** The entries of a study as parsed, each valid on its own. */
export interface WrittenStudy {
  readonly protocol: ProtocolNode;
  readonly base: NamedModel;
  readonly seeds: readonly number[];
  /** `all` means every fold of the protocol's split. */
  readonly folds: 'all' | readonly { readonly fold: number; readonly span: Span }[];
  readonly variants: DerivedVariants | readonly NamedModel[];
  readonly rivals: readonly NamedModel[];
}

/** The form of each entry, as described in messages. */
const forms = {
  protocol: 'the name of a protocol',
  seeds: 'a list of non-negative whole numbers, such as `1 .. 5` or `[1, 2, 3]`',
  folds: '`all` or a list of non-negative whole numbers, such as `[0, 1]`',
  base: 'the name of a model',
  variants:
    '`leave_one_out`, `add_one_in`, or a list of variants of the base, each with an optional `equal params by KNOB`',
  rivals: 'a list of models, each with an optional `unmatched "reason"` or `equal params by KNOB`',
} as const;

type EntryName = keyof typeof forms;

/** The form of each study entry in words and examples, by name. */
export const studyEntryForms: ReadonlyMap<string, string> = new Map(Object.entries(forms));

/** Keywords that an entry accepts, by name. */
export const studyEntryWords = wordTable<readonly string[]>({ folds: ['all'], variants: ablationModes });

/** The maximum number of seeds or folds in a range; more is assumed to be a mistake. */
const rangeLimit = 1000;

/**
 * Reads the entries of a study (UNET2002, UNET3060 to UNET3063). Undefined if one is invalid; unresolved names have
 * been reported.
 */
export function readStudy(
  node: StudyNode,
  symbols: ReadonlyMap<NameNode, Symbol>,
): { study: WrittenStudy | undefined; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const entries = entriesOf(node, diagnostics);
  const lacking: string[] = (['protocol', 'seeds', 'base'] as const).filter((name) => !entries.has(name));
  if (!entries.has('variants') && !entries.has('rivals')) lacking.push('variants');
  // An entry with an unknown name may be the missing one.
  if (lacking.length > 0 && !diagnostics.some(({ code }) => code === 'UNET3060')) {
    diagnostics.push(report('UNET3062', { name: lacking.join('`, `'), study: node.name.name }, node.name.span));
  }
  const read = <T extends object | 'all'>(name: EntryName, reader: (entry: StudyEntryNode) => Read<T>, absent?: T) => {
    const entry = entries.get(name);
    if (entry === undefined) return absent;
    const value = reader(entry);
    if (value === 'reported') return undefined;
    if (value !== undefined && !isEntrant(value)) return value;
    const span = value?.span ?? valueSpan(entry);
    diagnostics.push(
      report('UNET3061', { name, expected: forms[name] }, span, suggestedKeyword(name, value ?? single(entry))),
    );
    return undefined;
  };
  const protocol = read('protocol', (entry) => protocolOf(entry, symbols));
  const base = read('base', (entry) => baseModel(entry, symbols));
  const seeds = read('seeds', numbersOf);
  const folds = read('folds', foldsOf, 'all' as const);
  const variants = read('variants', (entry) => variantsOf(entry, symbols), []);
  const rivals = read('rivals', (entry) => modelsOf(entry, symbols), []);
  diagnostics.push(...repeated('The seed', seeds ?? []), ...repeated('The fold', foldList(folds)));
  const lacks = protocol === undefined || base === undefined || seeds === undefined;
  if (lacks || folds === undefined || variants === undefined || rivals === undefined) {
    return { study: undefined, diagnostics };
  }
  const written = {
    protocol,
    base,
    seeds: seeds.map(({ value }) => value),
    folds: folds === 'all' ? folds : folds.map(({ value, span }) => ({ fold: value, span })),
    variants,
    rivals,
  };
  return { study: written, diagnostics };
}

/** The entries by name; unknown and repeated ones are reported. */
function entriesOf(node: StudyNode, diagnostics: Diagnostic[]): ReadonlyMap<string, StudyEntryNode> {
  const entries = new Map<string, StudyEntryNode>();
  for (const entry of node.entries) {
    const { name, span } = entry.name;
    if (name === '') continue;
    const first = entries.get(name);
    if (!studyEntryForms.has(name)) {
      diagnostics.push(report('UNET3060', { name }, span, suggestionFor(name, studyEntryForms.keys(), span)));
    } else if (first !== undefined) {
      const labels = [{ span: first.name.span, text: 'first given here' }];
      diagnostics.push(report('UNET2002', { name }, span, { labels }));
    } else entries.set(name, entry);
  }
  return entries;
}

function valueSpan(entry: StudyEntryNode): Span {
  return single(entry)?.span ?? entry.span;
}

/** The keyword that an invalid value may be intended for. */
function suggestedKeyword(entry: EntryName, entrant: EntrantNode | undefined): ReturnType<typeof suggestionFor> {
  const measure = entrant?.equal?.measure;
  if (measure !== undefined && !isMeasure(measure.name)) return suggestionFor(measure.name, measures, measure.span);
  const value = entrant?.value;
  return value?.kind === 'Name' ? suggestionFor(value.name, studyEntryWords[entry] ?? [], value.span) : {};
}

/**
 * The content of an entry: `reported` if it is invalid and the error was reported; the one of its values that is invalid,
 * or undefined if the entry as a whole is.
 */
type Read<T> = T | 'reported' | EntrantNode | undefined;

function isEntrant(value: object | string): value is EntrantNode {
  return typeof value === 'object' && 'kind' in value && value.kind === 'Entrant';
}

/** Whether a value consists of a single expression. */
function isPlain({ unmatched, equal }: EntrantNode): boolean {
  return unmatched === undefined && equal === undefined;
}

function single(entry: StudyEntryNode): EntrantNode | undefined {
  return entry.listed ? undefined : entry.values[0];
}

/** What a name leads to; `reported` if it is unresolved or missing in the text. */
function leadsTo(value: Expression, symbols: ReadonlyMap<NameNode, Symbol>): Symbol | 'reported' | undefined {
  if (value.kind === 'Missing') return 'reported';
  return value.kind === 'Name' ? (symbols.get(value) ?? 'reported') : undefined;
}

function protocolOf(
  entry: StudyEntryNode,
  symbols: ReadonlyMap<NameNode, Symbol>,
): ProtocolNode | 'reported' | undefined {
  const entrant = single(entry);
  if (entrant === undefined || !isPlain(entrant)) return undefined;
  const symbol = leadsTo(entrant.value, symbols);
  if (symbol === 'reported') return 'reported';
  return symbol?.kind === 'protocol' ? symbol.declaration : undefined;
}

function baseModel(entry: StudyEntryNode, symbols: ReadonlyMap<NameNode, Symbol>): NamedModel | 'reported' | undefined {
  const entrant = single(entry);
  return entrant === undefined || !isPlain(entrant) ? undefined : modelOf(entrant, symbols);
}

function modelOf(entrant: EntrantNode, symbols: ReadonlyMap<NameNode, Symbol>): NamedModel | 'reported' | undefined {
  const symbol = leadsTo(entrant.value, symbols);
  if (symbol === 'reported') return 'reported';
  if (symbol?.kind !== 'model') return undefined;
  const equal = capacityOf(entrant);
  if (entrant.unmatched?.kind === 'Missing' || equal === 'reported') return 'reported';
  const reason = entrant.unmatched?.value.trim();
  if (reason === '' || equal === 'malformed') return undefined;
  return { declaration: symbol.declaration, unmatched: reason, equal, span: entrant.span };
}

function capacityOf({ equal }: EntrantNode): WrittenCapacity | 'reported' | 'malformed' | undefined {
  if (equal === undefined) return undefined;
  const { measure, knob, span } = equal;
  if (measure.name === '' || knob.name === '') return 'reported';
  if (!isMeasure(measure.name)) return 'malformed';
  return { measure: measure.name, knob: knob.name, span };
}

function isMeasure(name: string): name is Measure {
  return (measures as readonly string[]).includes(name);
}

function modelsOf(entry: StudyEntryNode, symbols: ReadonlyMap<NameNode, Symbol>): Read<readonly NamedModel[]> {
  if (!entry.listed || entry.values.length === 0) return undefined;
  const models = entry.values.map((value) => modelOf(value, symbols));
  const misformed = entry.values.find((_, index) => models[index] === undefined);
  if (misformed !== undefined) return misformed;
  if (models.includes('reported')) return 'reported';
  return models.filter((model) => typeof model === 'object');
}

function variantsOf(
  entry: StudyEntryNode,
  symbols: ReadonlyMap<NameNode, Symbol>,
): Read<DerivedVariants | readonly NamedModel[]> {
  if (entry.listed) return entry.values.find(({ unmatched }) => unmatched !== undefined) ?? modelsOf(entry, symbols);
  const entrant = single(entry);
  if (entrant?.value.kind === 'Missing') return 'reported';
  if (entrant?.value.kind !== 'Name' || entrant.unmatched !== undefined) return undefined;
  const { name } = entrant.value;
  const mode = ablationModes.find((each) => each === name);
  if (mode === undefined) return undefined;
  const equal = capacityOf(entrant);
  if (equal === 'reported') return 'reported';
  return equal === 'malformed' ? undefined : { mode, equal, span: entrant.span };
}

interface PlacedNumber {
  readonly value: number;
  readonly span: Span;
}

function wholeNumber(value: Expression): number | undefined {
  const fits = value.kind === 'Number' && value.integer && value.value >= 0 && value.value <= 2 ** 31;
  return fits ? value.value : undefined;
}

/** `1 .. 5`, `[1, 2, 3]` or `7`. */
function numbersOf({ values }: StudyEntryNode): Read<readonly PlacedNumber[]> {
  if (values.length === 0) return undefined;
  const numbers: PlacedNumber[] = [];
  for (const entrant of values) {
    const { value, span } = entrant;
    if (value.kind === 'Missing') return 'reported';
    if (!isPlain(entrant)) return entrant;
    const from = wholeNumber(value.kind === 'Range' ? value.from : value);
    const to = value.kind === 'Range' ? wholeNumber(value.to) : from;
    if (from === undefined || to === undefined || to < from || to - from >= rangeLimit) return entrant;
    for (let number = from; number <= to; number++) numbers.push({ value: number, span });
  }
  return numbers;
}

function foldsOf(entry: StudyEntryNode): Read<'all' | readonly PlacedNumber[]> {
  const entrant = single(entry);
  const isAll = entrant?.value.kind === 'Name' && entrant.value.name === 'all' && isPlain(entrant);
  return isAll ? 'all' : numbersOf(entry);
}

function foldList(folds: 'all' | readonly PlacedNumber[] | undefined): readonly PlacedNumber[] {
  return folds === undefined || folds === 'all' ? [] : folds;
}

/** UNET3063 */
function repeated(what: string, numbers: readonly PlacedNumber[]): Diagnostic[] {
  const seen = new Map<number, Span>();
  return numbers.flatMap(({ value, span }) => {
    const first = seen.get(value);
    if (first === undefined) {
      seen.set(value, span);
      return [];
    }
    const labels = first === span ? [] : [{ span: first, text: 'given here' }];
    return [report('UNET3063', { what: `${what} ${value}` }, span, { labels })];
  });
}
