import type { Hover } from 'vscode-languageserver';
import type { Node } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import { formatCount, formatField, formatSizes, printable } from '../../compiler/emit/printable.js';
import { buildReport } from '../../compiler/emit/report/report.js';
import type { Reference } from '../../compiler/bind/references.js';
import { describeValue, formatShape, type Value } from '../../compiler/evaluate/values.js';
import { formatSize } from '../../compiler/shape/size.js';
import type { Analysis, Sight } from '../analysis.js';
import { formatMacs, partFigures, type Figured } from '../figures.js';
import { nodesAround, referenceAt, symbolOf, type Place } from '../place.js';
import { baseSignature, calledBy, declarationText, signatureText } from '../signatures.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';

/** Rows of a table of places that are shown; the rest is counted. */
const longestTable = 12;

/**
 * What stands at a place: its declaration and documentation, and what it came to in the models that reach it: values,
 * shapes, parameters, MACs and receptive fields.
 */
export function hoverAt(workspace: Workspace, place: Place): Hover | undefined {
  const nodes = nodesAround(place);
  const reference = referenceAt(place);
  const described = reference === undefined ? describeBase(place, nodes) : describeReference(place, reference);
  if (described === undefined) return undefined;
  const { span, text, doc, came } = described;
  const sections = [`\`\`\`unet\n${text.replaceAll('```', '')}\n\`\`\``];
  if (doc !== undefined) sections.push(doc);
  sections.push(...describeModel(place, reference), ...describeSights(workspace, place, came));
  return { contents: { kind: 'markdown', value: sections.join('\n\n') }, range: toRange(span) };
}

interface Described {
  readonly span: Span;
  readonly text: string;
  readonly doc?: string | undefined;
  /** The places to look up what it came to, the first that came to anything. */
  readonly came: readonly Span[];
}

function describeReference(place: Place, { at, declaration, kind }: Reference): Described {
  const nodes = nodesAround(place);
  const doc =
    'doc' in declaration && typeof declaration.doc === 'string' ? declaration.doc : loopDoc(at.name, declaration);
  const text = kind === 'axis' ? `axis ${at.name}` : declarationText(declaration);
  return { span: at.span, text, doc, came: placesOf(nodes, declaration) };
}

/** What the two variables of a part are. */
function loopDoc(name: string, declaration: Node): string | undefined {
  if (declaration.kind !== 'Identifier') return undefined;
  return name === 'i' ? 'The level, 0 at full resolution.' : name === 'c' ? 'The width of the level.' : undefined;
}

/** Where to look: the step or call the name stands in, the value that is declared here, the name itself. */
function placesOf(nodes: readonly Node[], declaration: Node | undefined): readonly Span[] {
  const name = nodes.at(-1);
  const parent = nodes.at(-2);
  if (name === undefined) return [];
  const spans: Span[] = [];
  if (parent?.kind === 'Call' && parent.callee === name) spans.push(parent.span);
  if (parent !== undefined && isMember(parent) && nameOfMember(parent) === name) spans.push(parent.value.span);
  if (parent?.kind === 'Pipe' && parent.as === name) spans.push(parent.step.span);
  // What a `let` holds was made where it is declared.
  const held = declaration !== undefined && isMember(declaration) ? [declaration.value.span] : [];
  return declaration?.kind === 'Let' && declaration.indices.length === 0
    ? [...spans, ...held, name.span]
    : [...spans, name.span, ...held];
}

/** A node that gives the name it begins with its value. */
function isMember(node: Node): node is Extract<Node, { kind: 'Let' | 'Knob' | 'Part' | 'Head' | 'Assign' | 'Aux' }> {
  return ['Let', 'Knob', 'Part', 'Head', 'Assign', 'Aux'].includes(node.kind);
}

function nameOfMember(node: Extract<Node, { kind: 'Let' | 'Knob' | 'Part' | 'Head' | 'Assign' | 'Aux' }>): Node {
  return node.kind === 'Head' || node.kind === 'Assign' || node.kind === 'Aux' ? node.output : node.name;
}

/** Layers and functions of the base, their named arguments, and parts of the U. */
function describeBase(place: Place, nodes: readonly Node[]): Described | undefined {
  const node = nodes.at(-1);
  const parent = nodes.at(-2);
  if (node?.kind === 'Name') {
    const symbol = symbolOf(place, node);
    const signature = symbol?.kind === 'builtin' ? baseSignature(symbol.name) : undefined;
    if (signature !== undefined) {
      return { span: node.span, text: signatureText(signature), doc: signature.doc, came: placesOf(nodes, undefined) };
    }
    if (symbol?.kind === 'depth')
      return { span: node.span, text: 'n', doc: 'The number of levels.', came: [node.span] };
    if (symbol?.kind === 'levels') {
      const text = symbol.name;
      return { span: node.span, text, doc: `The outputs of the ${text}'s levels, by level.`, came: [] };
    }
    return undefined;
  }
  if (node?.kind !== 'Identifier') return undefined;
  if (parent?.kind === 'Element') {
    const call = nodes.findLast((each) => each.kind === 'Call');
    const signature = call === undefined ? undefined : calledBy(place.analysis, call);
    const parameter = signature?.parameters.find(({ name }) => name === node.name);
    if (signature === undefined || parameter === undefined) return undefined;
    return { span: node.span, text: parameter.text, doc: `An argument of \`${signature.name}\`.`, came: [] };
  }
  if (parent?.kind === 'Part') {
    return { span: node.span, text: declarationText(parent), came: [parent.value.span] };
  }
  if (parent?.kind === 'Pipe') {
    return { span: node.span, text: `as ${node.name}`, came: placesOf(nodes, undefined) };
  }
  return undefined;
}

/** What a whole model costs, and the patches it can run on. */
function describeModel({ analysis }: Place, reference: Reference | undefined): readonly string[] {
  if (reference?.kind !== 'model') return [];
  const model = reference.declaration;
  const figured = model.kind === 'Model' || model.kind === 'Variant' ? analysis.figuresOf(model) : undefined;
  const result = figured === undefined ? undefined : buildReport(figured.network, figured.patch);
  if (figured === undefined || result?.ok !== true) return [];
  const { params, macs } = result.report;
  const costs = [`${formatCount(params.total)} parameters`, `${formatMacs(macs)} MACs`];
  const legal = figured.network.legal.map(({ axis, first, step }) => {
    return step === 0 ? `${axis} = ${first}` : `${axis} = ${first}, ${first + step}, ${first + 2 * step}, ...`;
  });
  const sizes = legal.length === 0 ? [] : [`Patches: ${legal.join('; ')}`];
  return [[...costs, `receptive field ${formatField(result.report)}`].join(' · '), ...sizes, shownAt(figured)];
}

/** What the first place that came to anything came to: a line, or a table where a block or part is used in several. */
function describeSights(workspace: Workspace, place: Place, spans: readonly Span[]): readonly string[] {
  for (const analysis of analysesOf(workspace, place)) {
    for (const span of spans) {
      const sights = preferApplied(analysis.sightsOf(span));
      if (sights.length > 0) return renderSights(analysis, sights);
    }
  }
  return [];
}

/** The file's own analysis; for a library, those of what uses it. */
export function* analysesOf(workspace: Workspace, place: Pick<Place, 'analysis' | 'path'>): Generator<Analysis> {
  yield place.analysis;
  if (place.analysis.models.length > 0) return;
  for (const each of workspace.openDependents(place.path)) if (each !== place.analysis) yield each;
}

/** What came of putting a layer to tensors says more than the layer itself. */
export function preferApplied(sights: readonly Sight[]): readonly Sight[] {
  const applied = sights.filter(({ observation }) => observation.applied && observation.value.kind === 'tensor');
  return applied.length > 0 ? applied : sights;
}

function renderSights(analysis: Analysis, sights: readonly Sight[]): readonly string[] {
  const [first] = sights;
  if (first === undefined) return [];
  const figured = analysis.figuresOf(first.model);
  const tensors = sights.filter(({ observation }) => observation.value.kind === 'tensor');
  if (tensors.length === 0) {
    // A layer is what its text says.
    const plain = sights.filter(({ observation }) => observation.value.kind !== 'layer');
    const values = [...new Set(plain.map(({ observation }) => valueText(observation.value)))];
    return values.length === 0 ? [] : [values.slice(0, longestTable).join(', ')];
  }
  const note = figured === undefined ? [] : [shownAt(figured)];
  const [only] = tensors;
  if (tensors.length === 1 && only !== undefined) {
    const [shape = '', field = '', params, macs] = cells(figured, only);
    const costs = params === undefined ? [] : [`${params} parameters`, `${macs ?? ''} MACs`];
    return [[shape, ...costs, ...(field === '' ? [] : [`receptive field ${field}`])].join(' · '), ...note];
  }
  const rows = tensors.slice(0, longestTable).map((sight) => {
    const [shape = '', ...rest] = cells(figured, sight);
    return `| ${[printable(sight.observation.id), shape, ...rest].join(' | ')} |`;
  });
  const width = rows[0]?.split('|').length ?? 0;
  const titles = ['at', 'shape', 'receptive field', 'parameters', 'MACs'].slice(0, width - 2);
  const more = tensors.length > longestTable ? [`... and ${tensors.length - longestTable} more`] : [];
  const table = [`| ${titles.join(' | ')} |`, `|${titles.map(() => ' --- ').join('|')}|`, ...rows].join('\n');
  return [table, ...more, ...note];
}

function shownAt(figured: Figured): string {
  return `At ${patchText(figured)}, batch 1.`;
}

/** Shape, receptive field, and what was made here costs; the shape alone where the model has faults. */
function cells(figured: Figured | undefined, sight: Sight): readonly string[] {
  const { value } = sight.observation;
  const shape = `\`${value.kind === 'tensor' ? formatShape(value.shape) : ''}\``;
  if (figured === undefined) return [shape];
  const { first, end } = sight.observation;
  const figures = partFigures(figured, sight);
  const costs = first === end ? [] : [formatCount(figures.params), formatMacs(figures.macs)];
  return [shape, formatField(figures), ...costs];
}

/** `D = 64, H = 64, W = 64`. */
export function patchText({ axes, patch }: Figured): string {
  return axes.map((axis, index) => `${axis} = ${patch[index] ?? ''}`).join(', ');
}

/** A value as the language would write it, or what it is. */
export function valueText(value: Value): string {
  switch (value.kind) {
    case 'number':
      return String(value.value);
    case 'size':
      return formatSize(value.size);
    case 'list':
      return `[${value.items.map(valueText).join(', ')}]`;
    case 'tensor':
      return formatSizes(value.shape);
    default:
      return describeValue(value);
  }
}
