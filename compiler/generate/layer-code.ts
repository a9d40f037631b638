/** Classifies layer expressions of a spec for code generation. */
import type { BlockNode, CallNode, ElementNode, Expression, PipeNode } from '../../grammar/ast.js';
import { layerState } from '../evaluate/layer-state.js';
import type { Recipe } from '../evaluate/values.js';
import { primitives, type Primitive } from '../bind/builtins.js';
import type { Code } from './code.js';
import type { LayerCode, LayerStep } from './layer-form.js';
import { valueOf, valuesOf, type Writer } from './writer.js';
import { Unstructured } from './unstructured.js';

/** Whether an expression is a layer in the given uses. */
export function isLayer(writer: Writer, node: Expression): boolean {
  return valueOf(writer, node)?.kind === 'layer';
}

export function layerOf(writer: Writer, node: Expression): LayerCode {
  switch (node.kind) {
    case 'Name':
      return namedLayer(writer, node);
    case 'Call':
      return calledLayer(writer, node);
    case 'Pipe':
      return { kind: 'steps', steps: stepsOf(writer, node) };
    case 'Conditional': {
      const taken = truths(writer, node.condition);
      if (taken.size === 1) return layerOf(writer, taken.has(true) ? node.then : node.otherwise);
      return { kind: 'conditional', condition: node.condition, then: node.then, otherwise: node.otherwise };
    }
    default:
      throw new Unstructured(`a layer that is ${node.kind}`);
  }
}

/** The boolean values that a condition takes. */
export function truths(writer: Writer, node: Expression): ReadonlySet<boolean> {
  return new Set(valuesOf(writer, node).flatMap((value) => (value.kind === 'boolean' ? [value.value] : [])));
}

function recipesOf(writer: Writer, node: Expression): readonly Recipe[] {
  return valuesOf(writer, node).flatMap((value) => (value.kind === 'layer' ? [value.recipe] : []));
}

function namedLayer(writer: Writer, node: Extract<Expression, { kind: 'Name' }>): LayerCode {
  const symbol = writer.context.evaluation.symbolOf(node);
  const binding = symbol === undefined ? undefined : writer.bindings.get(symbol);
  if (binding?.kind === 'layer') return { kind: 'variable', text: binding.text, given: [], node };
  const recipes = recipesOf(writer, node);
  if (symbol?.kind === 'block') return { kind: 'block', block: symbol.declaration, bound: new Map(), recipes };
  const primitive = symbol?.kind === 'builtin' ? primitives.get(node.name) : undefined;
  if (primitive !== undefined) return { kind: 'primitive', primitive, bound: new Map(), recipes };
  throw new Unstructured(`the layer ${node.name}`);
}

function calledLayer(writer: Writer, node: CallNode): LayerCode {
  const callee = node.callee.kind === 'Name' ? node.callee.name : '';
  const symbol = node.callee.kind === 'Name' ? writer.context.evaluation.symbolOf(node.callee) : undefined;
  if (symbol?.kind === 'builtin' && (callee === 'repeat' || callee === 'chain' || callee === 'shared')) {
    const [first, second] = node.arguments.map(({ value }) => value);
    if (first !== undefined && callee === 'shared') return { kind: 'shared', layer: first };
    if (first !== undefined && second !== undefined && callee !== 'shared') {
      return { kind: 'copies', how: callee, count: first, layer: second };
    }
  }
  return withArguments(writer, node, layerOf(writer, node.callee), recipesOf(writer, node));
}

/** The arguments of a call that are not tensors. */
export function settingsOf(writer: Writer, node: CallNode): readonly ElementNode[] {
  return node.arguments.filter(({ value }) => valueOf(writer, value)?.kind !== 'tensor');
}

function withArguments(writer: Writer, node: CallNode, layer: LayerCode, recipes: readonly Recipe[]): LayerCode {
  const given = settingsOf(writer, node);
  if (given.length === 0) return layer;
  if (layer.kind === 'variable') {
    if (given.length === missingCount(writer, layer.node) && given.every(({ name }) => name === undefined)) {
      return { ...layer, given: given.map(({ value }) => value) };
    }
    const symbol = layer.node.kind === 'Name' ? writer.context.evaluation.symbolOf(layer.node) : undefined;
    const binding = symbol === undefined ? undefined : writer.bindings.get(symbol);
    if (binding?.kind !== 'layer' || binding.layer === undefined) throw new Unstructured('arguments of a variable');
    return withArguments(writer, node, binding.layer, recipes);
  }
  if (layer.kind !== 'primitive' && layer.kind !== 'block') throw new Unstructured(`arguments of ${layer.kind}`);
  const names = parameterNames(layer);
  const open = layer.bound.size === 0 ? names : requiredNames(layer);
  const bound = new Map<string, Expression | Code>(layer.bound);
  let position = 0;
  for (const { name, value } of given) {
    const parameter = name === undefined ? open[position++] : name.name;
    if (parameter !== undefined) bound.set(parameter, value);
  }
  return { ...layer, bound, recipes };
}

/** The number of required arguments that a layer is missing. */
function missingCount(writer: Writer, node: Expression): number {
  const value = valueOf(writer, node);
  return value?.kind === 'layer' ? layerState(value).missing.length : 0;
}

function missing(parameters: Primitive['parameters'], bound: ReadonlyMap<string, unknown>): readonly string[] {
  return parameters.flatMap(({ name, required }) => (required && !bound.has(name) ? [name] : []));
}

function missingOfBlock(block: BlockNode, bound: ReadonlyMap<string, unknown>): readonly string[] {
  return block.parameters.flatMap(({ name, value }) =>
    value === undefined && !bound.has(name.name) ? [name.name] : [],
  );
}

type Callable = Extract<LayerCode, { kind: 'primitive' | 'block' }>;

function parameterNames(layer: Callable): readonly string[] {
  return layer.kind === 'primitive'
    ? layer.primitive.parameters.map(({ name }) => name)
    : layer.block.parameters.map(({ name }) => name.name);
}

/** Required arguments that are missing. */
export function requiredNames(layer: Callable): readonly string[] {
  return layer.kind === 'primitive'
    ? missing(layer.primitive.parameters, layer.bound)
    : missingOfBlock(layer.block, layer.bound);
}

/** The layers of a chain with their names. */
function stepsOf(writer: Writer, root: PipeNode): readonly LayerStep[] {
  const nodes: { node: Expression; when: Expression | undefined }[] = [];
  let node: Expression = root;
  while (node.kind === 'Pipe') {
    nodes.unshift({ node: node.step, when: node.when });
    node = node.source;
  }
  nodes.unshift({ node, when: undefined });
  const value = valueOf(writer, root);
  const steps = value?.kind === 'layer' && value.recipe.kind === 'sequence' ? value.recipe.steps : [];
  if (steps.length !== nodes.length) throw new Unstructured('a chain of chains');
  return nodes.map((each, index) => ({ ...each, name: steps[index]?.name ?? '' }));
}
