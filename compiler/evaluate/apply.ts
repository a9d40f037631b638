import type { BlockNode, LetNode, ListNode, ParamNode, TensorNode } from '../../grammar/ast.js';
import type { DiagnosticExtras, Label } from '../../grammar/diagnostics/diagnostic.js';
import type { Axis, Initial, Shape, Weight } from '../ir/ir.js';
import { constant, constantOf, formatSize } from '../shape/size.js';
import { applyPrimitive } from './apply-primitive.js';
import { introduceAxis, isAxisName } from './axes.js';
import type { BlockUse } from './block-use.js';
import { conformChoice } from './choices.js';
import { conform } from './conform.js';
import { inModule, joinId, withNames, type Application, type Evaluation, type Frame } from './evaluation.js';
import { plainInitial } from './initial.js';
import { defineFamily } from './family.js';
import { layerState } from './layer-state.js';
import { printArguments } from './print-value.js';
import { describeShared, sharedHelp } from './sharing.js';
import { readType } from './types.js';
import {
  describeValue,
  errorValue,
  formatShape,
  type Argument,
  type LayerValue,
  type Recipe,
  type TensorValue,
  type Value,
} from './values.js';
import type { Symbol } from '../bind/symbol.js';

type RecipeOf<K extends Recipe['kind']> = Extract<Recipe, { kind: K }>;

/** Applies a layer to tensors: with new parameters each time, except those of `shared`. */
export function applyLayer(application: Application): Value {
  const { evaluation, span, id } = application;
  const first = evaluation.ops.length;
  const value = applyRecipe(application);
  evaluation.trace.observe(span, value, true, id, first);
  return value;
}

function applyRecipe(application: Application): Value {
  const { evaluation, frame, layer, span } = application;
  if (!evaluation.spend(frame, span)) return errorValue;
  const [missing] = layerState(layer).missing;
  if (missing !== undefined) {
    return evaluation.fail(frame, 'UNET3024', { layer: layerState(layer).name, argument: missing }, span);
  }
  const { recipe } = layer;
  switch (recipe.kind) {
    case 'primitive':
      return applyBuiltin(application, recipe);
    case 'block':
      return applyBlock(application, recipe);
    case 'sequence':
      return applySequence(application, recipe);
    case 'repeat':
      return applyRepeat(application, recipe);
    case 'chain':
      return applyChain(application, recipe);
    case 'shared':
      return applyShared(application, recipe);
  }
}

function countTensors(count: number): string {
  return count === 1 ? 'one tensor' : `${count} tensors`;
}

function applyBuiltin(application: Application, recipe: RecipeOf<'primitive'>): Value {
  const { primitive, bound } = recipe;
  const { evaluation, frame, tensors, span } = application;
  const [first, ...rest] = tensors;
  const [fewest, most] = primitive.tensors;
  if (first === undefined || tensors.length < fewest || tensors.length > most) {
    const takes = fewest === most ? countTensors(fewest) : `${fewest} or ${countTensors(most)}`;
    return evaluation.fail(frame, 'UNET3020', { layer: primitive.name, takes, given: tensors.length }, span);
  }
  for (const argument of bound.values()) if (argument.value.kind === 'error') return errorValue;
  if (primitive.kind === undefined) return first;
  const firstOp = evaluation.ops.length;
  const value = applyPrimitive(application, primitive, bound, [first, ...rest]);
  for (const op of evaluation.ops.slice(firstOp)) evaluation.applications.addOperation(recipe, op.id);
  return value;
}

/** UNET3001: the output of a step must be a tensor; only the last may return a list, as `chain` does. */
function applySequence(application: Application, { steps }: RecipeOf<'sequence'>): Value {
  const { evaluation } = application;
  const frame = inModule(evaluation, application.frame, application.id);
  let tensors = application.tensors;
  let names = application.tensorNames;
  let value: Value = tensors.length === 1 ? (tensors[0] ?? errorValue) : { kind: 'tuple', items: tensors };
  let source = application.span;
  for (const { layer, name, span, optional } of steps) {
    if (layer === undefined) continue;
    if (value.kind !== 'tuple') {
      const taken = conform(evaluation, frame, value, { kind: 'tensor' }, 'The input of a layer', source);
      if (taken.kind !== 'tensor') return errorValue;
      tensors = [taken];
    }
    const id = joinId(application.id, name);
    const next = evaluation.apply({
      ...application,
      frame,
      layer,
      tensors,
      id,
      span,
      ...(names === undefined ? {} : { tensorNames: names }),
    });
    if (optional && !keepsShape(evaluation, frame, value, next, span)) return errorValue;
    value = next;
    source = span;
    names = undefined;
  }
  return value;
}

/** UNET3021: a step under `when` must preserve the shape. */
export function keepsShape(
  evaluation: Evaluation,
  frame: Frame,
  before: Value,
  after: Value,
  span: Frame['via'][number]['span'],
): boolean {
  if (before.kind !== 'tensor' || after.kind === 'error') return true;
  const shape = formatShape(before.shape);
  const made = after.kind === 'tensor' ? formatShape(after.shape) : describeValue(after);
  if (made === shape) return true;
  evaluation.fail(frame, 'UNET3021', { before: shape, after: made }, span);
  return false;
}

function applyRepeat(application: Application, { count, layer }: RecipeOf<'repeat'>): Value {
  const outputs = applyCopies(application, count, layer);
  if (outputs === undefined) return errorValue;
  return outputs.at(-1) ?? application.tensors[0] ?? errorValue;
}

function applyChain(application: Application, { count, layer }: RecipeOf<'chain'>): Value {
  const items = applyCopies(application, count, layer);
  return items === undefined ? errorValue : { kind: 'list', items };
}

function applyCopies(application: Application, count: number, layer: LayerValue): TensorValue[] | undefined {
  const { evaluation, span } = application;
  const frame = inModule(evaluation, application.frame, application.id);
  const outputs: TensorValue[] = [];
  let tensors = application.tensors;
  for (let copy = 1; copy <= count; copy++) {
    const made = evaluation.apply({
      ...application,
      frame,
      layer,
      tensors,
      id: joinId(application.id, String(copy)),
    });
    const next = conform(evaluation, frame, made, { kind: 'tensor' }, 'The result of a repeated layer', span);
    if (next.kind !== 'tensor') return undefined;
    outputs.push(next);
    tensors = [next];
  }
  return outputs;
}

/** UNET3031: every use of a shared layer must have exactly the weights that the first one created. */
function applyShared(application: Application, { layer, weights }: RecipeOf<'shared'>): Value {
  const { evaluation, frame, span } = application;
  if (weights.state === 'failed') return errorValue;
  const use = { weights, first: weights.state === 'unused', next: 0 };
  weights.state = 'made';
  const before = evaluation.sharing;
  evaluation.sharing = [use, ...before];
  const value = evaluation.apply({ ...application, layer });
  evaluation.sharing = before;
  if (value.kind === 'error') {
    weights.state = 'failed';
    return errorValue;
  }
  const left = use.first ? undefined : weights.made[use.next];
  if (left === undefined) return value;
  const parts = { first: describeShared(left), here: 'no further weights' };
  return evaluation.fail(frame, 'UNET3031', parts, span, { help: sharedHelp });
}

/**
 * Evaluates a block's body with its tensors' axes renamed to the block's names; results get the caller's names back.
 */
function applyBlock(application: Application, recipe: RecipeOf<'block'>): Value {
  const { evaluation, frame, span, id } = application;
  const { block } = recipe;
  const declared = block.members.filter((member): member is TensorNode => member.kind === 'Tensor');
  const tensors = orderTensors(application, declared);
  if (tensors === undefined) return errorValue;
  const via: Label[] = [{ span, text: `\`${block.name.name}\` is applied here` }, ...frame.via];
  const bound = recipe.bound;
  const tensorsByName = new Map<string, TensorValue>();
  const use: BlockUse = { id, block, bound, tensors: tensorsByName, values: new Map() };
  evaluation.applications.addUse(recipe, use);
  const described = { name: block.name.name, arguments: printArguments(bound, block.parameters) };
  const { module } = inModule(evaluation, frame, id, described);
  const place = { id, stage: frame.stage, module, use, via, depth: frame.depth + 1, abstract: false };
  const inner = blockFrame(place);
  const outward = new Map<string, string>();
  const local = namesWritten(block);
  for (const [index, node] of declared.entries()) {
    const tensor = tensors[index];
    if (tensor === undefined) return errorValue;
    const tensorBound = bindAxes(evaluation, frame, inner, node, tensor, outward, local, block.name.name, span);
    const symbol = symbolFor(evaluation, node);
    if (tensorBound === undefined || symbol === undefined) return errorValue;
    inner.values.set(symbol, tensorBound);
    tensorsByName.set(node.name.name, tensorBound);
  }
  bindParameters(evaluation, inner, block, bound);
  return leaveBlock(evaluation, frame, evaluateBody(evaluation, inner, block), outward, span);
}

/** Finds the symbols of declarations in the evaluation's table. */
function symbolFor(evaluation: Evaluation, node: object): Symbol | undefined {
  return evaluation.declared.get(node);
}

/** A frame in which no value is known yet. */
export function blockFrame(
  place: Pick<Frame, 'stage' | 'module' | 'use' | 'via' | 'depth' | 'abstract'> & { readonly id: string },
): Frame {
  return {
    values: new Map(),
    axes: new Map(),
    ambiguous: new Map(),
    groups: new Map(),
    prefix: place.id,
    stage: place.stage,
    module: place.module,
    use: place.use,
    names: new Map(),
    abstract: place.abstract,
    via: place.via,
    depth: place.depth,
  };
}

/** Binds the arguments, then the defaults of the remaining parameters. */
export function bindParameters(
  evaluation: Evaluation,
  inner: Frame,
  block: BlockNode,
  bound: ReadonlyMap<string, Argument>,
): void {
  for (const parameter of block.parameters) {
    const symbol = symbolFor(evaluation, parameter);
    if (symbol === undefined) continue;
    const given = bound.get(parameter.name.name);
    const report = (diagnostic: Evaluation['diagnostics'][number]): void => evaluation.add(diagnostic);
    const type = readType(parameter.type, report);
    if (given !== undefined) {
      inner.values.set(symbol, given.value);
    } else if (parameter.value !== undefined) {
      const scope = withNames(inner, evaluation.namesIn(parameter.value));
      const value = evaluation.evaluate(evaluation, scope, parameter.value);
      const what = `The default of \`${parameter.name.name}\``;
      inner.values.set(symbol, conform(evaluation, inner, value, type, what, parameter.value.span));
    } else {
      inner.values.set(symbol, { kind: 'unknown', type });
    }
  }
}

/** Orders tensors by name for a fusion, else as given (UNET3020). */
function orderTensors(application: Application, declared: readonly TensorNode[]): readonly TensorValue[] | undefined {
  const { evaluation, frame, layer, tensors, tensorNames, span } = application;
  if (tensorNames !== undefined) {
    const byName = declared.map((node) => tensors[tensorNames.indexOf(node.name.name)]);
    if (byName.every((tensor) => tensor !== undefined)) return byName;
  }
  if (tensors.length === declared.length) return tensors;
  const takes = countTensors(declared.length);
  evaluation.fail(frame, 'UNET3020', { layer: layerState(layer).name, takes, given: tensors.length }, span);
  return undefined;
}

/** Every capitalised name in the block's tensor declarations: the names that its axes may have. */
function namesWritten(block: BlockNode): ReadonlySet<string> {
  const names = new Set<string>();
  for (const member of block.members) {
    if (member.kind !== 'Tensor') continue;
    for (const item of member.axes.items) if (item.value.kind === 'Name' && !item.spread) names.add(item.value.name);
  }
  return names;
}

/** Tensors have no batch axis here: `[N, C, D, H, W]` is `[C, D, H, W]`. */
function withoutBatch(items: TensorNode['axes']['items']): DiagnosticExtras {
  const [first, second] = items;
  const name = first?.value.kind === 'Name' ? first.value.name : '';
  const isBatch = ['N', 'B'].includes(name) && second?.value.kind === 'Name' && second.value.name === 'C';
  if (first === undefined || second === undefined || !isBatch) return {};
  const span = { ...first.span, end: second.span.start };
  const fixes = [{ title: `Remove the axis \`${name}\``, span, text: '' }];
  return { help: 'The batch axis is implicit: declare the channels and the spatial axes only.', fixes };
}

/** UNET3010, UNET3006: the tensor must have the declared number of axes, and an axis named twice must have one size. */
function bindAxes(
  evaluation: Evaluation,
  frame: Frame,
  inner: Frame,
  node: TensorNode,
  tensor: TensorValue,
  outward: Map<string, string>,
  local: ReadonlySet<string>,
  block: string,
  span: Frame['via'][number]['span'],
): TensorValue | undefined {
  const items = node.axes.items;
  const spread = items.findIndex((item) => item.spread);
  const fixed = items.length - (spread >= 0 ? 1 : 0);
  const fits = spread >= 0 ? tensor.shape.length >= fixed : tensor.shape.length === fixed;
  if (!fits) {
    const parts = { what: `\`${block}\``, expected: `\`${writtenAxes(node.axes)}\``, found: formatShape(tensor.shape) };
    const labels = node.span.source === span.source ? [{ span: node.span, text: 'declared here' }] : [];
    evaluation.fail(frame, 'UNET3010', parts, span, { labels, ...withoutBatch(items) });
    return undefined;
  }
  const shape: Axis[] = [];
  for (const [index, item] of items.entries()) {
    const name = item.value.kind === 'Name' ? item.value.name : '';
    if (!item.spread) {
      const outer = tensor.shape[spread >= 0 && index > spread ? index - items.length + tensor.shape.length : index];
      if (outer === undefined) return undefined;
      if (!enterAxis(evaluation, frame, inner, name, outer, outward, block, span)) return undefined;
      shape.push({ name, size: outer.size });
      continue;
    }
    const group = tensor.shape.slice(index, tensor.shape.length - (items.length - index - 1));
    const known = inner.groups.get(name);
    if (known !== undefined && known.length !== group.length) {
      const parts = {
        what: `\`${block}\``,
        expected: `the same number in \`...${name}\` as before (${known.length})`,
        found: formatShape(tensor.shape),
      };
      evaluation.fail(frame, 'UNET3010', parts, span);
      return undefined;
    }
    const axes = group.map((axis, place) => ({
      name:
        known?.[place]?.name ?? (local.has(axis.name) || outward.has(axis.name) ? `${name}_${axis.name}` : axis.name),
      size: axis.size,
    }));
    for (const [place, axis] of axes.entries()) {
      const outer = group[place];
      if (outer !== undefined && !enterAxis(evaluation, frame, inner, axis.name, outer, outward, block, span))
        return undefined;
    }
    if (known === undefined) inner.groups.set(name, axes);
    shape.push(...axes);
  }
  return { ...tensor, shape };
}

function writtenAxes(axes: ListNode): string {
  const items = axes.items.map(
    (item) => (item.spread ? '...' : '') + (item.value.kind === 'Name' ? item.value.name : '?'),
  );
  return `[${items.join(', ')}]`;
}

function enterAxis(
  evaluation: Evaluation,
  frame: Frame,
  inner: Frame,
  name: string,
  outer: Axis,
  outward: Map<string, string>,
  block: string,
  span: Frame['via'][number]['span'],
): boolean {
  const known = inner.axes.get(name);
  if (known === undefined) {
    introduceAxis(inner, name, outer.size);
    outward.set(name, outer.name);
    return true;
  }
  if (evaluation.requireEqual(known, outer.size, span, `the tensors of ${block} must have the same size along ${name}`))
    return true;
  const parts = {
    what: `The tensors of \`${block}\``,
    axis: name,
    left: formatSize(known),
    right: formatSize(outer.size),
  };
  evaluation.fail(frame, 'UNET3006', parts, span);
  return false;
}

/**
 * Evaluates members in order and returns the result (UNET2022 and UNET2023 are reported where the block is checked).
 */
export function evaluateBody(evaluation: Evaluation, inner: Frame, block: BlockNode): Value {
  let result: Value = errorValue;
  for (const member of block.members) {
    if (evaluation.exhausted) return errorValue;
    if (member.kind === 'Param') {
      const symbol = symbolFor(evaluation, member);
      if (symbol !== undefined) inner.values.set(symbol, evaluateParam(evaluation, inner, member));
    } else if (member.kind === 'Let') {
      evaluateLet(evaluation, inner, member);
    } else if (member.kind === 'Result') {
      result = evaluation.evaluate(evaluation, withNames(inner, evaluation.namesIn(member.value)), member.value);
    }
  }
  return result;
}

function evaluateLet(evaluation: Evaluation, inner: Frame, node: LetNode): void {
  const symbol = symbolFor(evaluation, node);
  if (symbol === undefined) return;
  const define = (scope: Frame, indices: readonly number[]): Value => {
    const prefix = joinId(inner.prefix, [node.name.name, ...indices].join('.'));
    const own = inModule(evaluation, withNames(scope, evaluation.namesIn(node.value), prefix), prefix);
    return evaluation.evaluate(evaluation, own, node.value);
  };
  if (node.indices.length > 0) defineFamily(evaluation, inner, node, define);
  // The binder has reported a loop without an index.
  else inner.values.set(symbol, node.clauses.length > 0 ? errorValue : define(inner, []));
}

function leaveBlock(
  evaluation: Evaluation,
  frame: Frame,
  result: Value,
  outward: ReadonlyMap<string, string>,
  span: Frame['via'][number]['span'],
): Value {
  if (result.kind === 'list') {
    if (!evaluation.spend(frame, span, result.items.length)) return errorValue;
    return { kind: 'list', items: result.items.map((item) => leaveBlock(evaluation, frame, item, outward, span)) };
  }
  if (result.kind !== 'tensor') {
    if (result.kind === 'error') return result;
    const parts = { what: 'The result of a block', expected: 'a tensor', found: describeValue(result) };
    return evaluation.fail(frame, 'UNET3001', parts, span);
  }
  const shape: Shape = result.shape.map((axis) => ({ name: outward.get(axis.name) ?? axis.name, size: axis.size }));
  const seen = new Set<string>();
  for (const axis of shape) {
    if (seen.has(axis.name)) return evaluation.fail(frame, 'UNET3009', { axis: axis.name }, span);
    seen.add(axis.name);
    if (!frame.axes.has(axis.name)) introduceAxis(frame, axis.name, axis.size);
  }
  return { ...result, shape };
}

/** `param name: shape = initial`: UNET3023 if a size is not a number. */
function evaluateParam(evaluation: Evaluation, inner: Frame, node: ParamNode): Value {
  const shape = paramShape(evaluation, inner, node);
  const initial = paramInitial(evaluation, inner, node);
  if (shape === undefined || initial === undefined) return errorValue;
  if (inner.abstract || shape === 'unknown') return { kind: 'unknown', type: { kind: 'tensor' } };
  const sizes: number[] = [];
  for (const axis of shape) {
    const size = constantOf(axis.size);
    if (size === undefined) {
      const help = 'Fix the size at the input of the model: `image(...)[D = 96, H = 96, W = 96]`.';
      const parts = { name: node.name.name, size: formatSize(axis.size) };
      return evaluation.fail(inner, 'UNET3023', parts, node.shape.span, { help });
    }
    if (size < 1) {
      const parts = {
        what: `A size of \`${node.name.name}\``,
        range: 'a whole number of at least 1',
        found: String(size),
      };
      return evaluation.fail(inner, 'UNET3019', parts, node.shape.span);
    }
    sizes.push(size);
  }
  const weight: Weight = {
    id: '',
    name: 'value',
    shape: sizes,
    initial,
    trainable: true,
    fallback: node.fallback,
    usedWhen: undefined,
  };
  return evaluation.emitParam(inner, joinId(inner.prefix, node.name.name), shape, weight, node.span);
}

function paramShape(evaluation: Evaluation, inner: Frame, node: ParamNode): Shape | undefined | 'unknown' {
  const { shape } = node;
  if (shape.kind === 'Name' && shape.name === 'scalar') return [];
  if (shape.kind !== 'List') {
    const parts = {
      what: 'The shape of a param',
      expected: '`scalar` or a list of axes and sizes',
      found: 'another expression',
    };
    evaluation.fail(inner, 'UNET3001', parts, shape.span);
    return undefined;
  }
  const axes: Axis[] = [];
  let unknown = false;
  for (const [index, item] of shape.items.entries()) {
    if (item.spread && item.value.kind === 'Name') {
      const group = inner.groups.get(item.value.name);
      if (group === undefined) unknown = true;
      else axes.push(...group);
      continue;
    }
    const name =
      item.separator === '='
        ? item.name?.name
        : item.value.kind === 'Name' && isAxisName(item.value.name)
          ? item.value.name
          : undefined;
    const value = conform(
      evaluation,
      inner,
      evaluation.evaluate(evaluation, inner, item.value),
      { kind: 'int' },
      `A size of \`${node.name.name}\``,
      item.value.span,
    );
    if (value.kind === 'error') return undefined;
    if (value.kind === 'number') axes.push({ name: name ?? `Row${index}`, size: constant(value.value) });
    else if (value.kind === 'size') axes.push({ name: name ?? `Row${index}`, size: value.size });
    else unknown = true;
    if (item.separator === '=' && name !== undefined && !unknown) introduceAxis(inner, name, axes.at(-1)?.size);
  }
  return unknown ? 'unknown' : axes;
}

function paramInitial(evaluation: Evaluation, inner: Frame, node: ParamNode): Initial | undefined {
  const value = evaluation.evaluate(evaluation, inner, node.value);
  if (value.kind === 'number') return { kind: 'constant', value: value.value };
  if (value.kind === 'choice' && ['truncated_normal', 'normal', 'zeros', 'ones'].includes(value.name)) {
    const chosen = conformChoice(evaluation, inner, value, 'an initialiser', node.value.span);
    return chosen.kind === 'choice' ? plainInitial(chosen) : undefined;
  }
  if (value.kind === 'unknown') return { kind: 'constant', value: 0 };
  if (value.kind === 'error') return undefined;
  const parts = {
    what: `The initial value of \`${node.name.name}\``,
    expected: 'a number, `normal(d)` or `truncated_normal(d)`',
    found: describeValue(value),
  };
  evaluation.fail(inner, 'UNET3001', parts, node.value.span);
  return undefined;
}
