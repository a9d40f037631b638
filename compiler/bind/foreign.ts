/** Words of PyTorch, Keras, MONAI and nnU-Net: their counterparts here, and calls rewritten with them. */
import type { BlockNode, CallNode, ElementNode, Expression, NameNode, Node } from '../../grammar/ast.js';
import type { Fix } from '../../grammar/diagnostics/diagnostic.js';
import {
  foreignConstructs,
  foreignLayers,
  foreignModules,
  foreignValues,
  type ForeignConstruct,
  type ForeignLayer,
} from '../../grammar/diagnostics/foreign-words.js';
import { replacement } from '../../grammar/diagnostics/suggest.js';
import { childrenOf } from '../../grammar/nodes.js';
import { textOf, type Span } from '../../grammar/source.js';
import { builtinNames, functionNames, primitives } from './builtins.js';

/** A parameter of a layer or block of ours; `otherwise` is its default as written, if it has one. */
export interface OwnParameter {
  readonly name: string;
  readonly required: boolean;
  readonly otherwise: string | undefined;
}

/** The parameters of a built-in layer, or a block that is visible or could be imported; undefined if there is none. */
export type ParametersOf = (name: string) => readonly OwnParameter[] | undefined;

/** What to tell about a foreign word. */
export interface ForeignHelp {
  /** The word as written, with its prefix. */
  readonly word: string;
  /** Where the word is. */
  readonly span: Span;
  readonly help: string;
  readonly fixes: readonly Fix[];
  /** The call of the word: other errors in it follow from the word. */
  readonly covers: Span;
}

/** The parameters of a built-in layer; those of a function are not named. */
export function builtinParameters(name: string): readonly OwnParameter[] | undefined {
  const primitive = primitives.get(name);
  if (primitive !== undefined) return primitive.parameters;
  return builtinNames.has(name) ? [] : undefined;
}

export function blockParameters(block: BlockNode): readonly OwnParameter[] {
  return block.parameters.map(({ name, value }) => ({
    name: name.name,
    required: value === undefined,
    otherwise: value === undefined ? undefined : textOf(value.span),
  }));
}

/** The names of `nn.functional.relu`, outermost first, with the node of the first; undefined for other expressions. */
export function dottedPath(
  node: Expression,
): { readonly root: NameNode; readonly words: readonly string[] } | undefined {
  if (node.kind === 'Name') return { root: node, words: [node.name] };
  if (node.kind !== 'Member') return undefined;
  const target = dottedPath(node.target);
  return target === undefined ? undefined : { root: target.root, words: [...target.words, node.name.name] };
}

/** The expression that names what a call applies: that of `layers.Conv3D(8, 3)(x)` is `layers.Conv3D`. */
export function calleeOf(node: Expression): Expression {
  return node.kind === 'Call' ? calleeOf(node.callee) : node;
}

/** Help for an expression whose callee, or which itself, is a word of another library; undefined if it is not known. */
export function foreignHelp(node: Expression, parametersOf: ParametersOf): ForeignHelp | undefined {
  const callee = calleeOf(node);
  const path = dottedPath(callee);
  const word = path?.words.at(-1) ?? '';
  if (path === undefined) return undefined;
  const help = helpFor(node, path.words, word, parametersOf);
  if (help === undefined) return undefined;
  const value = path.words.length === 1 ? foreignValues[word]?.ours : undefined;
  const text = value === '' ? undefined : (value ?? rewriteForeign(node, parametersOf));
  const fixes = text === undefined ? [] : [replacement(node.span, text)];
  return { word: path.words.join('.'), span: callee.span, help, fixes, covers: node.span };
}

function helpFor(
  node: Expression,
  path: readonly string[],
  word: string,
  parametersOf: ParametersOf,
): string | undefined {
  const value = path.length === 1 ? foreignValues[word] : undefined;
  if (value !== undefined) return value.help;
  const rewritten = rewriteForeign(node, parametersOf);
  const layer = layerFor(word, parametersOf);
  if (layer !== undefined) {
    const note = layer.note === undefined ? '' : ` ${layer.note}`;
    const form = rewritten ?? signature(layer.ours, parametersOf(layer.ours) ?? []);
    return `${rewritten === undefined ? 'The counterpart is' : 'Write'} \`${form}\`.${note}`;
  }
  const construct = constructFor(path, word);
  if (construct !== undefined) return construct.help;
  const [prefix = ''] = path;
  if (path.length < 2 || !foreignModules.includes(prefix)) return undefined;
  const own = ownName(word, parametersOf);
  return own === undefined
    ? 'Names have no prefix here: layers and functions are built in or imported by `use`.'
    : `Names have no prefix here: write \`${rewritten ?? own}\`.`;
}

/** The counterpart of a word, if it exists. */
function layerFor(word: string, parametersOf: ParametersOf): ForeignLayer | undefined {
  return foreignLayers.find(({ words, ours }) => words.includes(word) && parametersOf(ours) !== undefined);
}

/** A construct for a word; a lower-case one needs its prefix, because `range` may be the user's own name. */
function constructFor(path: readonly string[], word: string): ForeignConstruct | undefined {
  return path[0] === 'self'
    ? foreignConstructs.find(({ words }) => words.includes('self'))
    : foreignConstructs.find(({ words }) => words.includes(word));
}

function ownName(word: string, parametersOf: ParametersOf): string | undefined {
  return [word, word.toLowerCase()].find((each) => parametersOf(each) !== undefined);
}

function signature(name: string, parameters: readonly OwnParameter[]): string {
  const required = parameters.filter((each) => each.required).map((each) => each.name);
  const rest = required.length < parameters.length ? ['...'] : [];
  const given = [...required, ...rest];
  return given.length === 0 ? name : `${name}(${given.join(', ')})`;
}

/** A foreign name or call in our words; undefined if it is not foreign or not all of it has a counterpart. */
function rewriteForeign(node: Expression, parametersOf: ParametersOf): string | undefined {
  if (node.kind === 'Call' && node.callee.kind === 'Call') {
    const layer = rewriteForeign(node.callee, parametersOf);
    const tensors = node.arguments.map(({ name, value }) =>
      name === undefined ? rewritten(value, parametersOf) : undefined,
    );
    if (layer === undefined || tensors.includes(undefined)) return undefined;
    return `${tensors.length === 1 ? tensors.join('') : `(${tensors.join(', ')})`} -> ${layer}`;
  }
  const path = dottedPath(node.kind === 'Call' ? node.callee : node);
  const word = path?.words.at(-1) ?? '';
  if (path === undefined) return undefined;
  const elements = node.kind === 'Call' ? node.arguments : [];
  const layer = layerFor(word, parametersOf);
  if (layer !== undefined) {
    return rewriteLayer(elements, layer, Object.keys(layer.parameters), parametersOf, layer.defaults ?? {});
  }
  const construct = constructFor(path.words, word);
  if (construct?.rewrite === 'sequence') return rewriteEach(elements, parametersOf)?.join(' -> ');
  if (construct?.rewrite === 'concat') return rewriteConcat(elements, parametersOf);
  if (construct !== undefined || path.words.length < 2 || !foreignModules.includes(path.root.name)) return undefined;
  const own = ownName(word, parametersOf);
  const given = rewriteEach(elements, parametersOf);
  if (own === undefined || given === undefined) return undefined;
  return given.length === 0 ? own : `${own}(${given.join(', ')})`;
}

/** The arguments of a call rewritten; undefined if one has a name or cannot be rewritten. */
function rewriteEach(elements: readonly ElementNode[], parametersOf: ParametersOf): readonly string[] | undefined {
  const texts = elements.flatMap(({ name, spread, value }) =>
    name === undefined && !spread ? [rewritten(value, parametersOf)] : [undefined],
  );
  return texts.every((text) => text !== undefined && text !== '') ? (texts as string[]) : undefined;
}

/** `cat([a, b], dim=1)`: the axis must be that of the channels, which is 1 in PyTorch and -1 in Keras. */
function rewriteConcat(elements: readonly ElementNode[], parametersOf: ParametersOf): string | undefined {
  const [first, axis] = elements;
  const tensors =
    first?.value.kind === 'List'
      ? rewriteEach(first.value.items, parametersOf)
      : first?.value.kind === 'Tuple'
        ? first.value.items.map((item) => textOf(item.span))
        : undefined;
  const isChannels = axis === undefined || ['1', '-1', '-4'].includes(textOf(axis.value.span));
  return tensors === undefined || !isChannels || elements.length > 2 ? undefined : `concat(${tensors.join(', ')})`;
}

/** The text of a node with every foreign value and call in it rewritten; undefined if one cannot be. */
function rewritten(node: Node, parametersOf: ParametersOf): string | undefined {
  const value = node.kind === 'Name' ? foreignValues[node.name] : undefined;
  if (value !== undefined) return value.ours;
  if (node.kind === 'String') return undefined;
  if (node.kind === 'Call' || node.kind === 'Member') {
    const text = rewriteForeign(node, parametersOf);
    if (text !== undefined) return text;
    const path = dottedPath(calleeOf(node));
    if (path !== undefined && (foreignModules.includes(path.root.name) || path.root.name === 'self')) return undefined;
  }
  if (node.kind === 'Tuple') {
    const items = node.items.map((item) => rewritten(item, parametersOf));
    return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
  }
  const { text } = node.span.source;
  let result = '';
  let at = node.span.start;
  for (const child of childrenOf(node)) {
    const inner = rewritten(child, parametersOf);
    if (inner === undefined) return undefined;
    result += text.slice(at, child.span.start) + inner;
    at = child.span.end;
  }
  return result + text.slice(at, node.span.end);
}

/**
 * A call with foreign arguments as a call of our layer. Arguments without a name are assigned in `order`; `defaults` are
 * written where the call leaves them out. Arguments that equal our defaults are left out.
 */
function rewriteLayer(
  elements: readonly ElementNode[],
  { ours, parameters }: ForeignLayer,
  order: readonly string[],
  parametersOf: ParametersOf,
  defaults: Readonly<Record<string, string>>,
): string | undefined {
  const own = parametersOf(ours) ?? [];
  const given = new Map<string, string>();
  const passed = new Set<string>();
  let tensor = '';
  let activation = '';
  let position = 0;
  for (const { name, spread, value } of elements) {
    const foreign = name?.name ?? order[position++];
    if (foreign === undefined || spread) return undefined;
    const isOwn = own.some((each) => each.name === foreign);
    const target = isOwn && name !== undefined ? foreign : (parameters[foreign] ?? (isOwn ? foreign : undefined));
    if (target === undefined || passed.has(target)) return undefined;
    if (target === '-') continue;
    passed.add(target);
    const text =
      target === 'activation' ? activationText(value, parametersOf) : argumentText(target, value, parametersOf);
    if (text === undefined) return undefined;
    if (target === 'tensor') tensor = `${text} -> `;
    else if (target === 'activation') activation = text;
    else if (own.some((each) => each.name === target)) given.set(target, text);
    else if (!['', '0', 'false'].includes(text)) return undefined;
  }
  for (const [name, text] of Object.entries(defaults)) if (!passed.has(name)) given.set(name, text);
  if (own.some(({ name, required }) => required && (given.get(name) ?? '') === '')) return undefined;
  const texts = own.flatMap((parameter) => {
    const text = given.get(parameter.name);
    if (text === undefined || text === '' || isDefault(parameter, text, given)) return [];
    return [parameter.required ? text : `${parameter.name}: ${text}`];
  });
  return `${tensor}${ours}${texts.length === 0 ? '' : `(${texts.join(', ')})`}${activation}`;
}

/** The value of an argument in our words; empty if it is to be left out. */
function argumentText(name: string, value: Expression, parametersOf: ParametersOf): string | undefined {
  if (value.kind !== 'String') return rewritten(value, parametersOf);
  if (name === 'pad') return value.value === 'same' ? '' : value.value === 'valid' ? '0' : undefined;
  return name === 'mode' && /^[a-z_]+$/.test(value.value) ? value.value : undefined;
}

/** Keras names the activation that follows a layer. */
function activationText(value: Expression, parametersOf: ParametersOf): string | undefined {
  const word = value.kind === 'String' ? value.value : textOf(value.span);
  if (word === 'None' || word === 'linear') return '';
  const isLayer = parametersOf(word) !== undefined && !functionNames.some((each) => each === word);
  return !isLayer ? undefined : ` -> ${word}`;
}

/** Whether an argument has the value that it has by default. */
function isDefault({ otherwise }: OwnParameter, text: string, given: ReadonlyMap<string, string>): boolean {
  const kernel = given.get('kernel');
  if (otherwise === 'the kernel') return text === kernel;
  if (otherwise !== 'half the kernel') return text === otherwise;
  const stride = given.get('stride') ?? '1';
  if (stride === kernel && Number(kernel) % 2 === 0) return text === '0';
  return !given.has('dilation') && Number(kernel) === 2 * Number(text) + 1;
}

/**
 * A call of one of our layers with arguments of another library, rewritten: their names, and their order if the names
 * alone do not explain the call. Undefined if neither does.
 */
export function rewriteArguments(node: CallNode, name: string, parametersOf: ParametersOf): string | undefined {
  const own = (parametersOf(name) ?? []).map((each) => each.name);
  const alike = foreignLayers.filter((each) => each.ours === name && each.parameters['input'] === undefined);
  for (const byOwnOrder of [true, false]) {
    for (const layer of alike) {
      const order = byOwnOrder ? own : Object.keys(layer.parameters);
      const text = rewriteLayer(node.arguments, layer, order, parametersOf, {});
      if (text !== undefined && text !== textOf(node.span)) return text;
    }
  }
  return undefined;
}

/** A call of one of our layers whose arguments without names are in the order of another library, rewritten. */
export function reorderArguments(node: CallNode, name: string, parametersOf: ParametersOf): string | undefined {
  const alike = foreignLayers.filter((each) => each.ours === name && each.parameters['input'] === undefined);
  for (const layer of alike) {
    const text = rewriteLayer(node.arguments, layer, Object.keys(layer.parameters), parametersOf, {});
    if (text !== undefined && text !== textOf(node.span)) return text;
  }
  return undefined;
}
