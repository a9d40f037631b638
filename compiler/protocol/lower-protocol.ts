import type { EntryNode, ProtocolNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { suggestionFor } from '../../grammar/diagnostics/suggest.js';
import { entryNames, entryWords, isEntryName, type EntryName, type EntryWords } from '../../contract/protocol-words.js';
import type { Protocol } from '../../contract/protocol.js';
import { entryForm, placeForm } from './protocol-text.js';
import { misfitOf, readEntry } from './read-entry.js';
import { repeatsInReport } from './report-words.js';

interface WrittenEntry {
  readonly entry: EntryNode;
  /** As it is stored; undefined if it is not of the entry's form. */
  readonly value: unknown;
}

type WrittenEntries = ReadonlyMap<EntryName, WrittenEntry>;

/** The entry that excludes another one. */
const alternatives: Readonly<Partial<Record<EntryName, EntryName>>> = { epochs: 'steps', steps: 'epochs' };

/**
 * Lowers a protocol to data, every default made explicit (UNET2002, UNET3050 to UNET3053, UNET3056). Undefined if it has an error.
 */
export function lowerProtocol(node: ProtocolNode): { protocol: Protocol | undefined; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const repeated = repeatsInReport(node);
  const written = readEntries(node, diagnostics, repeated.length > 0);
  diagnostics.push(...repeated);
  const missing = entryNames.filter(
    (name) => isRequired(name) && !written.has(name) && !written.has(alternatives[name] ?? name),
  );
  const lacking = missing.filter((name) => name !== 'steps');
  if (lacking.length > 0) {
    diagnostics.push(report('UNET3052', { name: lacking.join('`, `'), protocol: node.name.name }, node.name.span));
  }
  if (diagnostics.length > 0 || [...written.values()].some(({ value }) => value === undefined)) {
    return { protocol: undefined, diagnostics };
  }
  const protocol = assemble(node.name.name, written);
  if (protocol.select.kind === 'best' && protocol.validate.every === null) {
    const span = (written.get('validate')?.entry ?? node).span;
    return { protocol: undefined, diagnostics: [report('UNET3053', {}, span)] };
  }
  return { protocol, diagnostics };
}

function isRequired(name: EntryName): boolean {
  return (entryWords[name] as EntryWords).default === undefined;
}

/** @param repeats whether `report` lists a name twice, which is an error of its own */
function readEntries(node: ProtocolNode, diagnostics: Diagnostic[], repeats: boolean): WrittenEntries {
  const written = new Map<EntryName, WrittenEntry>();
  for (const entry of node.entries) {
    const { name, span } = entry.name;
    if (name === '') continue;
    if (!isEntryName(name)) {
      diagnostics.push(report('UNET3050', { name }, span, suggestionFor(name, entryNames, span)));
      continue;
    }
    const first = written.get(name) ?? written.get(alternatives[name] ?? name);
    if (first !== undefined) {
      const labels = [{ span: first.entry.name.span, text: 'first given here' }];
      diagnostics.push(report('UNET2002', { name }, span, { labels }));
      continue;
    }
    const value = valueOf(entry, name);
    const isKnown = repeats && name === 'report';
    if (value === undefined && entry.value.kind !== 'Missing' && !isKnown) diagnostics.push(malformed(entry, name));
    written.set(name, { entry, value });
  }
  return written;
}

function valueOf({ value }: EntryNode, name: EntryName): unknown {
  const read = readEntry(value, entryWords[name]);
  return name === 'split' && isUnusable(read as Protocol['split'] | undefined) ? undefined : read;
}

/** Nothing to train on, or a case that is both trained on and validated on. */
function isUnusable(split: Protocol['split'] | undefined): boolean {
  if (split?.kind !== 'cases') return false;
  return split.train.length === 0 || split.train.some((name) => split.validation.includes(name));
}

/** Reports the part of an entry that is not as the table specifies, or the whole if no single part is at fault. */
function malformed({ value }: EntryNode, name: EntryName): Diagnostic {
  const { at, unknown, argument } = misfitOf(value, entryWords[name]) ?? { at: value };
  const extras = unknown === undefined ? {} : suggestionFor(unknown.name, unknown.known, at.span);
  const parts =
    argument === undefined
      ? { name, expected: entryForm(entryWords[name]) }
      : { name: `${argument.name}\` of \`${argument.word}`, expected: placeForm(argument.place) };
  return report('UNET3051', parts, at.span, extras);
}

function assemble(name: string, written: WrittenEntries): Protocol {
  const fields = entryNames.flatMap((entry) => {
    const value = written.has(entry) ? written.get(entry)!.value : (entryWords[entry] as EntryWords).default;
    if (entry !== 'epochs' && entry !== 'steps') return [[entry, value]];
    return value === undefined ? [] : [['length', { kind: entry, [entry]: value }]];
  });
  // Each value was read as the table specifies, from which the type is derived.
  return { name, ...(Object.fromEntries(fields) as object) } as Protocol;
}
