import type { CallNode, ElementNode, Expression } from '../../grammar/ast.js';
import type { Label } from '../../grammar/diagnostics/diagnostic.js';
import type { FunctionName } from '../bind/builtins.js';
import type { Axis } from '../ir/ir.js';
import { ceilDivide, constant, constantOf, floorDivide, formatSize, multiply, sameSize, type Size } from '../shape/size.js';
import { introduceAxis, isAxisName, readAxes, requireAxis } from './axes.js';
import { conform } from './conform.js';
import type { Evaluation, Frame } from './evaluation.js';
import { joinId } from './evaluation.js';
import {
  describeValue,
  errorValue,
  formatShape,
  numberOf,
  sizeValue,
  unknownTensor,
  type LayerValue,
  type TensorValue,
  type Value,
} from './values.js';

/** A call of a built-in function. */
interface FunctionCall {
  readonly evaluation: Evaluation;
  readonly frame: Frame;
  readonly node: CallNode;
  readonly name: FunctionName;
  readonly positional: readonly ElementNode[];
  readonly named: ReadonlyMap<string, ElementNode>;
}

/** What a function takes: names for its positional arguments (a star: any number more) and its named ones. */
const forms: Record<FunctionName, { positional: readonly string[]; any?: true; named?: readonly string[] }> = {
  einsum: { positional: ['a', 'b'], named: ['into'] },
  softmax: { positional: ['x'], named: ['over'] },
  mean: { positional: ['x'], named: ['over'] },
  sum: { positional: ['x'], named: ['over'] },
  max: { positional: ['number'], any: true, named: ['over'] },
  min: { positional: ['number'], any: true },
  concat: { positional: ['tensor'], any: true },
  merge: { positional: ['x', 'axes'], named: ['into'] },
  split: { positional: ['x', 'axis'], named: ['into'] },
  pick: { positional: ['table', 'identifier'], named: ['absent'] },
  roll: { positional: ['x'], named: ['axis', 'by'] },
  floor: { positional: ['x'] },
  ceil: { positional: ['x'] },
  sqrt: { positional: ['x'] },
  exp: { positional: ['x'] },
  log: { positional: ['x'] },
  abs: { positional: ['x'] },
  shared: { positional: ['layer'] },
  repeat: { positional: ['count', 'layer'] },
  chain: { positional: ['count', 'layer'] },
};

const optionalNames = new Set(['absent']);

/** Evaluates `name(...)` for a built-in function; arguments are checked first (UNET2018 to UNET2021). */
export function callFunction(evaluation: Evaluation, frame: Frame, node: CallNode, name: FunctionName): Value {
  const form = forms[name];
  const positional: ElementNode[] = [];
  const named = new Map<string, ElementNode>();
  for (const element of node.arguments) {
    if (element.name === undefined) {
      positional.push(element);
    } else if (!(form.named ?? []).includes(element.name.name)) {
      return evaluation.fail(frame, 'UNET2018', { name: element.name.name, of: name }, element.name.span);
    } else if (named.has(element.name.name)) {
      return evaluation.fail(frame, 'UNET2021', { name: element.name.name, of: name }, element.name.span);
    } else {
      named.set(element.name.name, element);
    }
  }
  const lacking = form.positional[positional.length];
  if (lacking !== undefined) return evaluation.fail(frame, 'UNET2019', { name: lacking, of: name }, node.callee.span);
  if (positional.length > form.positional.length && form.any === undefined) {
    const parts = { of: name, takes: form.positional.length, given: positional.length };
    return evaluation.fail(frame, 'UNET2020', parts, positional[form.positional.length]?.span ?? node.span);
  }
  const required = name === 'max' ? [] : (form.named ?? []).filter((each) => !optionalNames.has(each));
  const missing = required.find((each) => !named.has(each));
  if (missing !== undefined) return evaluation.fail(frame, 'UNET2019', { name: missing, of: name }, node.callee.span);
  return dispatch({ evaluation, frame, node, name, positional, named });
}

function dispatch(call: FunctionCall): Value {
  switch (call.name) {
    case 'einsum':
      return einsum(call);
    case 'softmax':
      return softmax(call);
    case 'mean':
    case 'sum':
      return reduce(call, call.name);
    case 'max':
      return call.named.has('over') ? reduce(call, 'max') : extremum(call, 'max');
    case 'min':
      return extremum(call, 'min');
    case 'concat':
      return concat(call);
    case 'merge':
      return merge(call);
    case 'split':
      return split(call);
    case 'pick':
      return pick(call);
    case 'roll':
      return roll(call);
    case 'floor':
    case 'ceil':
      return round(call, call.name);
    case 'sqrt':
    case 'exp':
    case 'log':
    case 'abs':
      return unaryFunction(call, call.name);
    case 'shared':
    case 'repeat':
    case 'chain':
      return layerFunction(call, call.name);
  }
}

function argument(call: FunctionCall, index: number): Expression {
  const element = call.positional[index];
  return element === undefined ? { kind: 'Missing', span: call.node.span } : element.value;
}

function evaluateAt(call: FunctionCall, index: number): Value {
  return call.evaluation.evaluate(call.evaluation, call.frame, argument(call, index));
}

/** Every positional argument: faults of one do not hide those of the next. */
function evaluateAll(call: FunctionCall): readonly Value[] {
  return call.positional.map((_, index) => evaluateAt(call, index));
}

/** The tensor at `index`; undefined where it is not known or faulty, the second with a report. */
function tensorAt(call: FunctionCall, index: number): TensorValue | undefined | 'error' {
  const value = evaluateAt(call, index);
  if (value.kind === 'tensor') return value;
  if (value.kind === 'error') return 'error';
  if (value.kind === 'unknown' && (value.type.kind === 'tensor' || value.type.kind === 'any')) return undefined;
  const parts = { what: `An argument of \`${call.name}\``, expected: 'a tensor', found: describeValue(value) };
  call.evaluation.fail(call.frame, 'UNET3001', parts, argument(call, index).span);
  return 'error';
}

function idOf(call: FunctionCall): string {
  return joinId(call.frame.prefix, call.frame.names.get(call.node) ?? call.name);
}

function namedValue(call: FunctionCall, name: string): Expression {
  return call.named.get(name)?.value ?? { kind: 'Missing', span: call.node.span };
}

function einsum(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const left = tensorAt(call, 0);
  const right = tensorAt(call, 1);
  const into = readAxes(evaluation, frame, namedValue(call, 'into'));
  if (left === 'error' || right === 'error' || into === undefined) return errorValue;
  if (left === undefined || right === undefined) return unknownTensor;
  for (const axis of into) {
    if ([...left.shape, ...right.shape].some((each) => each.name === axis.name)) continue;
    const axes = `${formatShape(left.shape)} and ${formatShape(right.shape)}`;
    return evaluation.fail(frame, 'UNET3008', { axis: axis.name, axes }, axis.span);
  }
  for (const axis of left.shape) {
    const other = right.shape.find((each) => each.name === axis.name);
    if (other === undefined) continue;
    if (evaluation.requireEqual(axis.size, other.size, node.span, `the tensors of \`einsum\` must agree in axis ${axis.name}`)) continue;
    const parts = { what: 'The tensors of `einsum`', axis: axis.name, left: formatSize(axis.size), right: formatSize(other.size) };
    return evaluation.fail(frame, 'UNET3006', parts, node.span, {
      labels: [
        { span: argument(call, 0).span, text: formatShape(left.shape) },
        { span: argument(call, 1).span, text: formatShape(right.shape) },
      ],
    });
  }
  const attributes = { into: into.map((axis) => axis.name) };
  return evaluation.emit(frame, 'einsum', idOf(call), attributes, [left, right], node.span);
}

function softmax(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const over = readAxes(evaluation, frame, namedValue(call, 'over'));
  if (tensor === 'error' || over === undefined) return errorValue;
  if (tensor === undefined) return unknownTensor;
  if (over.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  return evaluation.emit(frame, 'softmax', idOf(call), { over: over.map((axis) => axis.name) }, [tensor], node.span);
}

function reduce(call: FunctionCall, name: 'mean' | 'sum' | 'max'): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const over = readAxes(evaluation, frame, namedValue(call, 'over'));
  if (tensor === 'error' || over === undefined) return errorValue;
  if (tensor === undefined) return unknownTensor;
  if (over.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  const attributes = { function: name, over: over.map((axis) => axis.name) };
  return evaluation.emit(frame, 'reduce', idOf(call), attributes, [tensor], node.span);
}

/** The largest or smallest of numbers. */
function extremum(call: FunctionCall, name: 'max' | 'min'): Value {
  const { evaluation, frame } = call;
  let best: number | undefined;
  let whole = true;
  let unknown = false;
  const values = evaluateAll(call);
  if (values.some((value) => value.kind === 'error')) return errorValue;
  for (const [index, value] of values.entries()) {
    if (value.kind === 'unknown' && ['int', 'float', 'any'].includes(value.type.kind)) {
      unknown = true;
      whole &&= value.type.kind === 'int';
    } else if (value.kind === 'number') {
      best = best === undefined ? value.value : Math[name](best, value.value);
      whole &&= value.integer;
    } else if (value.kind === 'size') {
      return evaluation.fail(frame, 'UNET3027', { size: formatSize(value.size) }, argument(call, index).span);
    } else {
      const parts = { what: `An argument of \`${name}\``, expected: 'a number', found: describeValue(value) };
      const help = value.kind === 'tensor' && name === 'max' ? 'name the axes to take it over: `max(x, over: [H, W])`' : undefined;
      return evaluation.fail(frame, 'UNET3001', parts, argument(call, index).span, { help });
    }
  }
  if (unknown || best === undefined) return { kind: 'unknown', type: { kind: whole ? 'int' : 'float' } };
  return numberOf(best, whole);
}

/** Joins channels, all else equal (UNET3006, UNET3010). A list counts as its elements. */
function concat(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensors: TensorValue[] = [];
  const places: Expression[] = [];
  let unknown = false;
  for (const [index, value] of evaluateAll(call).entries()) {
    const items = value.kind === 'list' ? value.items : [value];
    for (const item of items) {
      if (item.kind === 'error') return errorValue;
      if (item.kind === 'tensor') {
        tensors.push(item);
        places.push(argument(call, index));
      } else if (item.kind === 'unknown') unknown = true;
      else {
        const parts = { what: 'An argument of `concat`', expected: 'a tensor', found: describeValue(item) };
        return evaluation.fail(frame, 'UNET3001', parts, argument(call, index).span);
      }
    }
  }
  const [first] = tensors;
  if (unknown || first === undefined) return unknownTensor;
  for (const [index, tensor] of tensors.entries()) {
    const labels = [labelOf(places[0], first), labelOf(places[index], tensor)].flat();
    const fault = requireJoinable(call, first, tensor, labels);
    if (fault !== undefined) return fault;
  }
  if (tensors.length === 1) return first;
  return evaluation.emit(frame, 'concat', idOf(call), {}, tensors, node.span);
}

/** The shape of a tensor, where it is written. */
function labelOf(node: Expression | undefined, tensor: TensorValue): readonly Label[] {
  return node === undefined ? [] : [{ span: node.span, text: formatShape(tensor.shape) }];
}

function requireJoinable(
  call: FunctionCall,
  first: TensorValue,
  tensor: TensorValue,
  labels: readonly Label[],
): Value | undefined {
  const { evaluation, frame, node } = call;
  const names = (each: TensorValue): string => each.shape.slice(1).map((axis) => axis.name).join();
  if (names(first) !== names(tensor) || first.shape.length === 0 || tensor.shape.length === 0) {
    const expected = `like those of its first, ${formatShape(first.shape)}`;
    const axes = first.shape.map((axis) => axis.name).join(', ');
    const renamed = first.shape.length === tensor.shape.length;
    const help = renamed ? `if they are the same axes, rename them: \`(...)[${axes}]\`` : undefined;
    const parts = { what: '`concat`', expected, found: formatShape(tensor.shape) };
    return evaluation.fail(frame, 'UNET3010', parts, node.span, { labels, help });
  }
  for (const [index, axis] of first.shape.entries()) {
    const other = tensor.shape[index];
    if (index === 0 || other === undefined) continue;
    const reason = `the tensors of \`concat\` must agree in axis ${axis.name}`;
    if (evaluation.requireEqual(axis.size, other.size, node.span, reason)) continue;
    const parts = { what: 'The tensors of `concat`', axis: axis.name, left: formatSize(axis.size), right: formatSize(other.size) };
    return evaluation.fail(frame, 'UNET3006', parts, node.span, { labels });
  }
  return undefined;
}

/** The axis `into` of a merge, or the axes `into` of a split with their written sizes. */
function readInto(call: FunctionCall): { axis: string; size: Value | undefined; element: ElementNode | undefined }[] | undefined {
  const { evaluation, frame } = call;
  const expression = namedValue(call, 'into');
  if (expression.kind === 'Name' && isAxisName(expression.name)) {
    return [{ axis: expression.name, size: undefined, element: undefined }];
  }
  if (expression.kind !== 'List') {
    readAxes(evaluation, frame, expression);
    return undefined;
  }
  const axes = readAxes(evaluation, frame, expression);
  if (axes === undefined) return undefined;
  if (axes.length !== expression.items.length) {
    return axes.map((axis) => ({ axis: axis.name, size: undefined, element: undefined }));
  }
  return expression.items.map((element, index) => {
    const size =
      element.separator === '='
        ? conform(evaluation, frame, evaluation.evaluate(evaluation, frame, element.value), { kind: 'int' }, 'A size', element.value.span)
        : undefined;
    return { axis: axes[index]?.name ?? '', size, element };
  });
}

function merge(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const axes = readAxes(evaluation, frame, argument(call, 1));
  const [target] = readInto(call) ?? [];
  if (tensor === 'error' || axes === undefined || target === undefined) return errorValue;
  if (tensor === undefined) {
    introduceAxis(frame, target.axis, undefined);
    return unknownTensor;
  }
  if (axes.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  const kept = tensor.shape.filter((axis) => !axes.some((each) => each.name === axis.name));
  if (kept.some((axis) => axis.name === target.axis)) {
    return evaluation.fail(frame, 'UNET3009', { axis: target.axis }, namedValue(call, 'into').span);
  }
  const attributes = { axes: axes.map((axis) => axis.name), into: target.axis };
  const merged = evaluation.emit(frame, 'merge', idOf(call), attributes, [tensor], node.span);
  if (merged.kind === 'tensor') {
    introduceAxis(frame, target.axis, merged.shape.find((axis) => axis.name === target.axis)?.size);
  }
  return merged;
}

/** UNET3022: the sizes multiply to the axis's; one that is left out is worked out. */
function split(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const written = readAxes(evaluation, frame, argument(call, 1));
  const parts = readInto(call);
  if (tensor === 'error' || written === undefined || parts === undefined) return errorValue;
  const [source] = written;
  if (tensor === undefined || source === undefined) {
    for (const part of parts) introduceAxis(frame, part.axis, undefined);
    return unknownTensor;
  }
  const axis = requireAxis(evaluation, frame, tensor, source);
  if (axis === undefined) return errorValue;
  const into = sizesOfSplit(call, axis, parts);
  if (into === undefined) return errorValue;
  const kept = tensor.shape.filter((each) => each.name !== axis.name).map((each) => each.name);
  const repeated = into.find((each) => kept.includes(each.name));
  if (repeated !== undefined) return evaluation.fail(frame, 'UNET3009', { axis: repeated.name }, namedValue(call, 'into').span);
  for (const each of into) introduceAxis(frame, each.name, each.size);
  return evaluation.emit(frame, 'split', idOf(call), { axis: axis.name, into }, [tensor], node.span);
}

function sizesOfSplit(
  call: FunctionCall,
  axis: Axis,
  parts: readonly { axis: string; size: Value | undefined }[],
): readonly Axis[] | undefined {
  const { evaluation, frame, node } = call;
  const fail = (text: string): undefined => {
    evaluation.fail(frame, 'UNET3022', { axis: axis.name, size: formatSize(axis.size), parts: text }, node.span);
    return undefined;
  };
  const sizes = parts.map(({ size }) => sizeOf(size));
  if (parts.some(({ size }) => size?.kind === 'error')) return undefined;
  const open = sizes.filter((size) => size === undefined).length;
  if (open > 1) return fail('parts of which more than one has no size');
  const known = sizes.reduce<Size>((product, size) => (size === undefined ? product : multiply(product, size)), constant(1));
  const text = parts.map((part, index) => `${part.axis} = ${sizes[index] === undefined ? '?' : formatSize(sizes[index])}`).join(', ');
  if (open === 0) {
    if (!evaluation.requireEqual(axis.size, known, node.span, `axis ${axis.name} must split into ${text}`)) return fail(text);
    return parts.map((part, index) => ({ name: part.axis, size: sizes[index] ?? constant(1) }));
  }
  const rest = quotient(axis.size, known);
  if (rest === undefined) return fail(text);
  if (!evaluation.requireEqual(axis.size, multiply(known, rest), node.span, `axis ${axis.name} must split into ${text}`)) {
    return fail(text);
  }
  return parts.map((part, index) => ({ name: part.axis, size: sizes[index] ?? rest }));
}

/** size / by where that can be written: `by` a constant, or the same size. */
function quotient(size: Size, by: Size): Size | undefined {
  if (sameSize(size, by)) return constant(1);
  const divisor = constantOf(by);
  return divisor === undefined || divisor < 1 ? undefined : floorDivide(size, divisor);
}

function sizeOf(value: Value | undefined): Size | undefined {
  if (value?.kind === 'number') return constant(value.value);
  return value?.kind === 'size' ? value.size : undefined;
}

function pick(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const table = tensorAt(call, 0);
  const identifier = evaluateAt(call, 1);
  const absent = call.named.get('absent');
  const fallback = absent === undefined ? undefined : evaluation.evaluate(evaluation, frame, absent.value);
  if (table === 'error' || identifier.kind === 'error' || fallback?.kind === 'error') return errorValue;
  if (identifier.kind !== 'identifier') {
    if (identifier.kind === 'unknown' && ['identifier', 'any'].includes(identifier.type.kind)) return unknownTensor;
    const parts = { what: 'The second argument of `pick`', expected: 'an identifier', found: describeValue(identifier) };
    return evaluation.fail(frame, 'UNET3001', parts, argument(call, 1).span);
  }
  if (table === undefined || frame.abstract) return unknownTensor;
  const [rows] = table.shape;
  const { count } = identifier.input;
  if (rows === undefined || constantOf(rows.size) !== count || table.batched) {
    const parts = { what: 'The table of `pick`', expected: `a param of ${count} rows`, found: `a tensor ${formatShape(table.shape)}` };
    return evaluation.fail(frame, 'UNET3001', parts, argument(call, 0).span);
  }
  const source = evaluation.ops.find((op) => op.kind === 'input' && op.id === identifier.input.name);
  if (source === undefined) return errorValue;
  const operands: TensorValue[] = [table, { kind: 'tensor', op: source.id, shape: [], batched: true }];
  if (absent !== undefined && fallback !== undefined) {
    const expected = formatShape(table.shape.slice(1));
    if (fallback.kind !== 'tensor' || fallback.batched || formatShape(fallback.shape) !== expected) {
      const parts = { what: '`absent`', expected: `a param ${expected}`, found: describeValue(fallback) };
      return evaluation.fail(frame, 'UNET3001', parts, absent.value.span);
    }
    operands.push(fallback);
  }
  return evaluation.emit(frame, 'pick', idOf(call), { count }, operands, node.span);
}

function roll(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const axes = readAxes(evaluation, frame, namedValue(call, 'axis'));
  const byNode = namedValue(call, 'by');
  const by = conform(evaluation, frame, evaluation.evaluate(evaluation, frame, byNode), { kind: 'int' }, '`by`', byNode.span);
  if (tensor === 'error' || axes === undefined || by.kind === 'error') return errorValue;
  if (tensor === undefined || by.kind === 'unknown') return unknownTensor;
  if (by.kind !== 'number') return evaluation.fail(frame, 'UNET3027', { size: describeValue(by) }, byNode.span);
  if (axes.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  const shifts = axes.map((axis) => ({ axis: axis.name, by: by.value }));
  return evaluation.emit(frame, 'roll', idOf(call), { shifts }, [tensor], node.span);
}

/** floor and ceil of a number, or of a quotient of a spatial size by a number. */
function round(call: FunctionCall, name: 'floor' | 'ceil'): Value {
  const { evaluation, frame } = call;
  const node = argument(call, 0);
  if (node.kind === 'Binary' && node.operator === '/') {
    const left = evaluation.evaluate(evaluation, frame, node.left);
    const right = evaluation.evaluate(evaluation, frame, node.right);
    if (left.kind === 'error' || right.kind === 'error') return errorValue;
    if (left.kind === 'size' && right.kind === 'number' && Number.isInteger(right.value) && right.value > 0) {
      return sizeValue(name === 'floor' ? floorDivide(left.size, right.value) : ceilDivide(left.size, right.value));
    }
    if (left.kind === 'number' && right.kind === 'number' && right.value !== 0) {
      return numberOf(Math[name](left.value / right.value), true);
    }
  }
  const value = conform(evaluation, frame, evaluation.evaluate(evaluation, frame, node), { kind: 'float' }, `The argument of \`${name}\``, node.span);
  if (value.kind === 'number') return numberOf(Math[name](value.value), true);
  return value.kind === 'error' ? errorValue : { kind: 'unknown', type: { kind: 'int' } };
}

/** sqrt, exp, log, abs of a number or, elementwise, of a tensor. */
function unaryFunction(call: FunctionCall, name: 'sqrt' | 'exp' | 'log' | 'abs'): Value {
  const { evaluation, frame, node } = call;
  const value = evaluateAt(call, 0);
  switch (value.kind) {
    case 'error':
      return errorValue;
    case 'number': {
      const result = Math[name](value.value);
      if (Number.isFinite(result)) return numberOf(result, false);
      return evaluation.fail(frame, 'UNET3029', { operation: `${name}(${value.value})` }, node.span);
    }
    case 'tensor':
      return evaluation.emit(frame, 'unary', idOf(call), { function: name }, [value], node.span);
    case 'size':
      return evaluation.fail(frame, 'UNET3027', { size: formatSize(value.size) }, argument(call, 0).span);
    case 'unknown':
      return value.type.kind === 'int' ? { kind: 'unknown', type: { kind: 'float' } } : value;
    default: {
      const parts = { what: `The argument of \`${name}\``, expected: 'a number or a tensor', found: describeValue(value) };
      return evaluation.fail(frame, 'UNET3001', parts, argument(call, 0).span);
    }
  }
}

/** Longest chain a `repeat` may ask for. */
const longestRepeat = 1000;

function layerFunction(call: FunctionCall, name: 'shared' | 'repeat' | 'chain'): Value {
  const { evaluation, frame } = call;
  const layerNode = argument(call, name === 'shared' ? 0 : 1);
  const value = evaluation.evaluate(evaluation, frame, layerNode);
  const layer = conform(evaluation, frame, value, { kind: 'layer', waits: false }, `The layer of \`${name}\``, layerNode.span);
  const count = name === 'shared' ? numberOf(1, true) : repetitions(call, name);
  if (layer.kind === 'error' || count.kind === 'error') return errorValue;
  if (layer.kind !== 'layer' || count.kind !== 'number') return { kind: 'unknown', type: { kind: 'layer', waits: false } };
  const made: LayerValue =
    name === 'shared'
      ? { kind: 'layer', recipe: { kind: 'shared', layer, owner: { prefix: undefined } } }
      : { kind: 'layer', recipe: { kind: name, count: count.value, layer } };
  return made;
}

function repetitions(call: FunctionCall, name: string): Value {
  const { evaluation, frame } = call;
  const node = argument(call, 0);
  const count = conform(evaluation, frame, evaluation.evaluate(evaluation, frame, node), { kind: 'int' }, 'The count', node.span);
  if (count.kind === 'size') return evaluation.fail(frame, 'UNET3027', { size: formatSize(count.size) }, node.span);
  if (count.kind !== 'number' || (count.value >= 0 && count.value <= longestRepeat)) return count;
  const parts = { what: `The count of \`${name}\``, range: `from 0 to ${longestRepeat}`, found: String(count.value) };
  return evaluation.fail(frame, 'UNET3019', parts, node.span);
}
