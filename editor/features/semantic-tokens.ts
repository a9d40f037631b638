import {
  SemanticTokenModifiers,
  SemanticTokensBuilder,
  SemanticTokenTypes,
  type SemanticTokens,
  type SemanticTokensLegend,
} from 'vscode-languageserver';
import type { Node } from '../../grammar/ast.js';
import { lex } from '../../grammar/lex.js';
import { visit } from '../../grammar/nodes.js';
import * as token from '../../grammar/tokens.js';
import { choiceNames } from '../../compiler/bind/builtins.js';
import type { NamedKind } from '../../compiler/bind/references.js';
import type { Symbol } from '../../compiler/bind/symbol.js';
import { studyEntryWords } from '../../compiler/study/read-study.js';
import type { Analysis } from '../analysis.js';
import { toPosition } from '../text/positions.js';

/** The colour of each kind of name. */
const typeOfKind = {
  block: SemanticTokenTypes.function,
  model: SemanticTokenTypes.class,
  protocol: SemanticTokenTypes.struct,
  study: SemanticTokenTypes.struct,
  parameter: SemanticTokenTypes.parameter,
  tensor: SemanticTokenTypes.parameter,
  param: SemanticTokenTypes.property,
  let: SemanticTokenTypes.variable,
  knob: SemanticTokenTypes.property,
  input: SemanticTokenTypes.variable,
  output: SemanticTokenTypes.variable,
  list: SemanticTokenTypes.variable,
  loop: SemanticTokenTypes.variable,
  levels: SemanticTokenTypes.variable,
  depth: SemanticTokenTypes.variable,
  builtin: SemanticTokenTypes.function,
  axis: SemanticTokenTypes.typeParameter,
} as const satisfies Readonly<Record<NamedKind | Exclude<Symbol['kind'], 'foreign'>, SemanticTokenTypes>>;

const { declaration, defaultLibrary } = SemanticTokenModifiers;
const { enumMember, keyword, parameter, property, type, variable } = SemanticTokenTypes;

const types = [...new Set<string>([...Object.values(typeOfKind), enumMember, keyword, type])];
const modifiers: readonly string[] = [declaration, defaultLibrary];

/** The types and modifiers that the numbers of `semanticTokens` refer to. */
export const legend: SemanticTokensLegend = { tokenTypes: types, tokenModifiers: [...modifiers] };

/** How a word is coloured; undefined for a name whose meaning is unknown. */
type Colour = { readonly type: string; readonly modifiers: readonly string[] } | undefined;

/**
 * Names by what they mean, and the words that are keywords where they are written; numbers, strings, comments and
 * operators look the same everywhere and are left to the editor's grammar.
 */
export function semanticTokens(analysis: Analysis, path: string): SemanticTokens {
  const file = analysis.fileOf(path);
  const builder = new SemanticTokensBuilder();
  if (file === undefined) return builder.build();
  const colours = coloursOf(analysis, path, file);
  for (const { startOffset, image, tokenType } of lex(file.source).tokens) {
    const isKeyword = token.words.includes(tokenType) && !colours.has(startOffset);
    const colour = isKeyword ? { type: keyword, modifiers: [] } : colours.get(startOffset);
    if (colour === undefined) continue;
    const { line, character } = toPosition(file.source, startOffset);
    const bits = colour.modifiers.reduce((sum, each) => sum | (1 << modifiers.indexOf(each)), 0);
    builder.push(line, character, image.length, types.indexOf(colour.type), bits);
  }
  return builder.build();
}

/** The colour of each name, by its offset. */
function coloursOf(analysis: Analysis, path: string, file: Node): ReadonlyMap<number, Colour> {
  const colours = new Map<number, Colour>();
  visit(file, {
    enter: (node, ancestors) => {
      if (node.kind === 'Name') colours.set(node.span.start, colourOfName(analysis, node.name, node, ancestors));
      if (node.kind === 'Identifier') colours.set(node.span.start, colourOfIdentifier(node, ancestors));
    },
  });
  for (const { at, kind, declares } of analysis.referencesIn(path, false)) {
    colours.set(at.span.start, { type: typeOfKind[kind], modifiers: declares ? [declaration] : [] });
  }
  return colours;
}

/** The colour of a name that refers to no declaration: a built-in one, a choice, a label, a word of a protocol. */
function colourOfName(analysis: Analysis, name: string, node: Node, ancestors: readonly Node[]): Colour {
  const symbol = node.kind === 'Name' ? analysis.program.symbols.get(node) : undefined;
  if (symbol?.kind === 'foreign') return undefined;
  if (symbol !== undefined) return { type: typeOfKind[symbol.kind], modifiers: [defaultLibrary] };
  const member = ancestors.find(({ kind }) => ['Input', 'Output', 'Entry', 'StudyEntry', 'Param'].includes(kind));
  const parent = ancestors.at(-1);
  const isCallee = parent?.kind === 'Call' && parent.callee === node;
  switch (member?.kind) {
    case 'Input':
    case 'Output':
      return isCallee ? { type, modifiers: [defaultLibrary] } : { type: enumMember, modifiers: [] };
    case 'StudyEntry': {
      const words: readonly string[] = studyEntryWords[member.name.name] ?? [];
      return words.includes(name) ? { type: enumMember, modifiers: [defaultLibrary] } : undefined;
    }
    case 'Entry':
      return { type: isCallee ? typeOfKind.builtin : enumMember, modifiers: [defaultLibrary] };
    case 'Param':
      return { type: enumMember, modifiers: [defaultLibrary] };
    default:
      return choiceNames.has(name) ? { type: enumMember, modifiers: [defaultLibrary] } : undefined;
  }
}

/** The colour of an identifier that refers to no declaration, by where it is written. */
function colourOfIdentifier(node: Node, ancestors: readonly Node[]): Colour {
  const parent = ancestors.at(-1);
  switch (parent?.kind) {
    case 'Type':
      return { type, modifiers: [defaultLibrary] };
    case 'Element': {
      const isLabel = ancestors.some(({ kind }) => kind === 'Output');
      return { type: isLabel ? enumMember : parameter, modifiers: [] };
    }
    case 'Equal':
      return node === parent.measure ? { type: enumMember, modifiers: [defaultLibrary] } : undefined;
    case 'Part':
    case 'Entry':
    case 'StudyEntry':
    case 'Member':
      return { type: property, modifiers: [defaultLibrary] };
    case 'Pipe':
      return { type: variable, modifiers: [declaration] };
    default:
      return undefined;
  }
}
