import type { Identifier, NameNode, Node } from '../../grammar/ast.js';
import { entryForm, placeDoc, wordText } from '../../compiler/protocol/protocol-text.js';
import {
  argumentOf,
  entryWords,
  isEntryName,
  wordOf,
  type EntryWords,
  type Word,
  type Words,
} from '../../contract/protocol-words.js';
import { identifierInputs } from '../identifiers.js';
import type { Place } from '../place.js';
import { declarationText } from '../signatures.js';
import type { Workspace } from '../workspace.js';

/** A word of a protocol and its documentation. */
export interface ProtocolWord {
  readonly at: NameNode | Identifier;
  readonly text: string;
  readonly doc: string;
}

/** The word, entry name or argument name at the last of the nodes around a place; undefined outside protocols. */
export function protocolWord(workspace: Workspace, place: Place, nodes: readonly Node[]): ProtocolWord | undefined {
  const index = nodes.findIndex(({ kind }) => kind === 'Entry');
  const entry = nodes[index];
  const at = nodes.at(-1);
  if (entry?.kind !== 'Entry' || nodes[index - 1]?.kind !== 'Protocol' || !isEntryName(entry.name.name))
    return undefined;
  if (at?.kind !== 'Name' && at?.kind !== 'Identifier') return undefined;
  const { name } = entry.name;
  if (at === entry.name) {
    return { at, text: `${name}:`, doc: `${placeDoc(entryWords[name])}\n\nTakes ${entryForm(entryWords[name])}.` };
  }
  const input = identified(nodes);
  return input === undefined
    ? wordIn(at, nodes.slice(index + 1), entryWords[name])
    : describeInput(workspace, place, input);
}

/** The input name of an item of `identify`, if it is the last of the nodes around a place. */
export function identified(nodes: readonly Node[]): Identifier | undefined {
  const [entry, list, item, name] = nodes.slice(-4);
  if (entry?.kind !== 'Entry' || list?.kind !== 'List' || item?.kind !== 'Element') return undefined;
  return entry.name.name === 'identify' && name === item.name ? item.name : undefined;
}

function describeInput(workspace: Workspace, place: Place, at: Identifier): ProtocolWord {
  const inputs = identifierInputs(workspace, place, at.name);
  const docs = inputs.flatMap(({ doc }) => doc ?? []);
  return {
    at,
    text: [...new Set(inputs.map(declarationText))].join('\n') || `${at.name}:`,
    doc: [...new Set(docs)].join('\n\n') || 'An identifier input of the trained model.',
  };
}

/** Follows the nodes down to the last one. */
function wordIn(at: NameNode | Identifier, nodes: readonly Node[], entry: EntryWords): ProtocolWord | undefined {
  let words: Words | undefined = entry.words ?? entry.items;
  let word: Word | undefined;
  for (const node of nodes) {
    if (node.kind === 'List')
      words = entry.items ?? entry.sources ?? (entry.byChannel === true ? entry.words : undefined);
    else if (node.kind === 'Call') word = node.callee.kind === 'Name' ? wordOf(words, node.callee.name) : undefined;
    else if (node.kind === 'Element' && node.name !== undefined && node.name === at) {
      const argument = argumentOf(word, at.name);
      return argument === undefined ? undefined : { at, text: `${at.name}:`, doc: placeDoc(argument) };
    } else if (node.kind === 'Element' && word !== undefined) words = argumentOf(word, node.name?.name)?.words;
  }
  const found = wordOf(words, at.name);
  return found === undefined ? undefined : { at, text: wordText(at.name, found), doc: found.doc };
}
