import type { Hover } from 'vscode-languageserver';
import type { Node } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import type { Reference } from '../../compiler/bind/references.js';
import { nodesAround, referenceAt, symbolOf, type Place } from '../place.js';
import { choiceDocs } from '../choice-docs.js';
import { baseSignature, calledBy, declarationText, signatureText } from '../signatures.js';
import { fenced } from '../text/markdown.js';
import { toRange } from '../text/positions.js';
import { studyEntryForms } from '../../compiler/study/read-study.js';
import type { Workspace } from '../workspace.js';
import { protocolWord } from './protocols.js';
import { describeModel, describeOccurrences } from './occurrences.js';
import { studyLines, studyOf } from './studies.js';

/**
 * The hover text at a position: declaration, documentation, and its results in the models that reach it: values,
 * shapes, parameters, MACs and receptive fields.
 */
export function hoverAt(workspace: Workspace, place: Place): Hover | undefined {
  const nodes = nodesAround(place);
  const reference = referenceAt(place);
  const described =
    reference === undefined ? describeUndeclared(workspace, place, nodes) : describeReference(place, reference);
  if (described === undefined) return undefined;
  const { span, text, doc, came } = described;
  const sections = [fenced(text)];
  if (doc !== undefined) sections.push(doc);
  sections.push(...describeModel(place, reference), ...describeStudy(place, reference));
  sections.push(...describeOccurrences(workspace, place, came));
  return { contents: { kind: 'markdown', value: sections.join('\n\n') }, range: toRange(span) };
}

/** The jobs and rows of a study of the file itself. */
function describeStudy({ analysis }: Place, reference: Reference | undefined): readonly string[] {
  const node = analysis.studies.find((each) => each === reference?.declaration);
  const study = node === undefined ? undefined : studyOf(analysis, node);
  return study === undefined ? [] : [studyLines(study).join('\n')];
}

interface Described {
  readonly span: Span;
  readonly text: string;
  readonly doc?: string | undefined;
  /** The results at the first place that has any. */
  readonly came: readonly Span[];
}

function describeReference(place: Place, { at, declaration, kind }: Reference): Described {
  const nodes = nodesAround(place);
  const doc =
    'doc' in declaration && typeof declaration.doc === 'string' ? declaration.doc : loopDoc(at.name, declaration);
  const text = kind === 'axis' ? `axis ${at.name}` : declarationText(declaration);
  return { span: at.span, text, doc, came: placesOf(nodes, declaration) };
}

/** Documentation of the two variables of a part. */
function loopDoc(name: string, declaration: Node): string | undefined {
  if (declaration.kind !== 'Identifier') return undefined;
  return name === 'i' ? 'The level, 0 at full resolution.' : name === 'c' ? 'The width of the level.' : undefined;
}

/** Positions to look up: the step or call that contains the name, the value declared here, the name itself. */
function placesOf(nodes: readonly Node[], declaration: Node | undefined): readonly Span[] {
  const name = nodes.at(-1);
  const parent = nodes.at(-2);
  if (name === undefined) return [];
  const spans: Span[] = [];
  if (parent?.kind === 'Call' && parent.callee === name) spans.push(parent.span);
  if (parent !== undefined && isMember(parent) && nameOfMember(parent) === name) spans.push(parent.value.span);
  if (parent?.kind === 'Pipe' && parent.as === name) spans.push(parent.step.span);
  // The value of a `let` was computed where it is declared.
  const held = declaration !== undefined && isMember(declaration) ? [declaration.value.span] : [];
  return declaration?.kind === 'Let' && declaration.indices.length === 0
    ? [...spans, ...held, name.span]
    : [...spans, name.span, ...held];
}

/** Whether a node declares the name it begins with. */
function isMember(node: Node): node is Extract<Node, { kind: 'Let' | 'Knob' | 'Part' | 'Head' | 'Assign' | 'Aux' }> {
  return ['Let', 'Knob', 'Part', 'Head', 'Assign', 'Aux'].includes(node.kind);
}

function nameOfMember(node: Extract<Node, { kind: 'Let' | 'Knob' | 'Part' | 'Head' | 'Assign' | 'Aux' }>): Node {
  return node.kind === 'Head' || node.kind === 'Assign' || node.kind === 'Aux' ? node.output : node.name;
}

/** Documentation of keywords in a study. */
const studyWordDocs: Readonly<Record<string, string>> = {
  all: 'All folds of the split of the protocol.',
  leave_one_out: 'One row per knob of the base that has an `off` value, with only this knob set to `off`.',
  add_one_in:
    'The base with all such knobs set to `off`, one row per knob with only this knob at its value, and the full model.',
};

/** Documentation of names that the language provides. */
function describeUndeclared(workspace: Workspace, place: Place, nodes: readonly Node[]): Described | undefined {
  const word = protocolWord(workspace, place, nodes);
  if (word === undefined) return describeBase(place, nodes);
  return { span: word.at.span, text: word.text, doc: word.doc, came: [] };
}

/** Built-in layers and functions, their named arguments, and parts of the U. */
function describeBase(place: Place, nodes: readonly Node[]): Described | undefined {
  const node = nodes.at(-1);
  const parent = nodes.at(-2);
  if (node?.kind === 'Name') {
    const symbol = symbolOf(place, node);
    const signature = symbol?.kind === 'builtin' ? baseSignature(symbol.name) : undefined;
    if (signature !== undefined) {
      return { span: node.span, text: signatureText(signature), doc: signature.doc, came: placesOf(nodes, undefined) };
    }
    const entry = nodes.findLast((each) => each.kind === 'StudyEntry');
    const study = symbol === undefined && entry !== undefined ? studyWordDocs[node.name] : undefined;
    if (study !== undefined) return { span: node.span, text: node.name, doc: study, came: [] };
    if (symbol?.kind === 'depth')
      return { span: node.span, text: 'n', doc: 'The number of levels.', came: [node.span] };
    if (symbol?.kind === 'levels') {
      const text = symbol.name;
      return { span: node.span, text, doc: `The outputs of the levels of the ${text}, indexed by level.`, came: [] };
    }
    const chosen = symbol === undefined ? choiceDoc(node.name) : undefined;
    return chosen === undefined ? undefined : { span: node.span, text: node.name, doc: chosen, came: [] };
  }
  if (node?.kind !== 'Identifier') return undefined;
  if (parent?.kind === 'Element') {
    const call = nodes.findLast((each) => each.kind === 'Call');
    const signature = call === undefined ? undefined : calledBy(place.analysis, call);
    const parameter = signature?.parameters.find(({ name }) => name === node.name);
    if (signature === undefined || parameter === undefined) return undefined;
    return { span: node.span, text: parameter.text, doc: `An argument of \`${signature.name}\`.`, came: [] };
  }
  if (parent?.kind === 'StudyEntry') {
    const form = studyEntryForms.get(node.name);
    return form === undefined ? undefined : { span: node.span, text: `${node.name}:`, doc: form, came: [] };
  }
  if (parent?.kind === 'Part') {
    return { span: node.span, text: declarationText(parent), came: [parent.value.span] };
  }
  if (parent?.kind === 'Pipe') {
    return { span: node.span, text: `as ${node.name}`, came: placesOf(nodes, undefined) };
  }
  return undefined;
}

function choiceDoc(name: string): string | undefined {
  return Object.hasOwn(choiceDocs, name) ? (choiceDocs as Readonly<Record<string, string>>)[name] : undefined;
}
