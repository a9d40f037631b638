import type { Expression } from '../../../grammar/ast.js';
import type { Label } from '../../../grammar/diagnostics/diagnostic.js';
import { constantOf, formatSize } from '../../shape/size.js';
import { readAxes, requireAxis } from '../axes.js';
import { conform } from '../conform.js';
import { type TensorValue, type Value, describeValue, errorValue, formatShape, unknownTensor } from '../values.js';
import {
  type FunctionCall,
  argument,
  evaluateAll,
  evaluateAt,
  idOf,
  labelOf,
  namedValue,
  tensorAt,
} from './function-call.js';
import { counted } from '../../../text/count.js';

/** `einsum(a, b, into: [...])`: products summed over every axis that `into` omits (UNET3006, UNET3008). */
export function einsum(call: FunctionCall): Value {
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
    if (
      evaluation.requireEqual(
        axis.size,
        other.size,
        node.span,
        `the tensors of \`einsum\` must have the same size along ${axis.name}`,
      )
    )
      continue;
    const parts = {
      what: 'The tensors of `einsum`',
      axis: axis.name,
      left: formatSize(axis.size),
      right: formatSize(other.size),
    };
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

/** `softmax(x, over: [...])`. */
export function softmax(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const over = readAxes(evaluation, frame, namedValue(call, 'over'));
  if (tensor === 'error' || over === undefined) return errorValue;
  if (tensor === undefined) return unknownTensor;
  if (over.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  return evaluation.emit(frame, 'softmax', idOf(call), { over: over.map((axis) => axis.name) }, [tensor], node.span);
}

/** `mean`, `sum` and `max` of a tensor over axes. */
export function reduce(call: FunctionCall, name: 'mean' | 'sum' | 'max'): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const over = readAxes(evaluation, frame, namedValue(call, 'over'));
  if (tensor === 'error' || over === undefined) return errorValue;
  if (tensor === undefined) return unknownTensor;
  if (over.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  const attributes = { function: name, over: over.map((axis) => axis.name) };
  return evaluation.emit(frame, 'reduce', idOf(call), attributes, [tensor], node.span);
}

/** Concatenates channels; all other axes must be equal (UNET3006, UNET3010). A list counts as its elements. */
export function concat(call: FunctionCall): Value {
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
  if (unknown || (first === undefined && frame.abstract)) return unknownTensor;
  if (first === undefined) return evaluation.fail(frame, 'UNET2019', { name: 'tensor', of: 'concat' }, node.span);
  for (const [index, tensor] of tensors.entries()) {
    const labels = [labelOf(places[0], first), labelOf(places[index], tensor)].flat();
    const fault = requireJoinable(call, first, tensor, labels);
    if (fault !== undefined) return fault;
  }
  if (tensors.length === 1) return first;
  return evaluation.emit(frame, 'concat', idOf(call), {}, tensors, node.span);
}

function requireJoinable(
  call: FunctionCall,
  first: TensorValue,
  tensor: TensorValue,
  labels: readonly Label[],
): Value | undefined {
  const { evaluation, frame, node } = call;
  const names = (each: TensorValue): string =>
    each.shape
      .slice(1)
      .map((axis) => axis.name)
      .join();
  if (names(first) !== names(tensor) || first.shape.length === 0 || tensor.shape.length === 0) {
    const expected = `like those of its first tensor, ${formatShape(first.shape)}`;
    const axes = first.shape.map((axis) => axis.name).join(', ');
    const renamed = first.shape.length === tensor.shape.length;
    const help = renamed ? `If they are the same axes, rename them: \`(...)[${axes}]\`.` : undefined;
    const parts = { what: '`concat`', expected, found: formatShape(tensor.shape) };
    return evaluation.fail(frame, 'UNET3010', parts, node.span, { labels, help });
  }
  for (const [index, axis] of first.shape.entries()) {
    const other = tensor.shape[index];
    if (index === 0 || other === undefined) continue;
    const reason = `the tensors of \`concat\` must have the same size along ${axis.name}`;
    if (evaluation.requireEqual(axis.size, other.size, node.span, reason)) continue;
    const parts = {
      what: 'The tensors of `concat`',
      axis: axis.name,
      left: formatSize(axis.size),
      right: formatSize(other.size),
    };
    return evaluation.fail(frame, 'UNET3006', parts, node.span, { labels });
  }
  return undefined;
}

/** `pick(table, identifier, absent: fallback)`: selects a row of a table for each case. */
export function pick(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const table = tensorAt(call, 0);
  const identifier = evaluateAt(call, 1);
  const absent = call.named.get('absent');
  const fallback = absent === undefined ? undefined : evaluation.evaluate(evaluation, frame, absent.value);
  if (table === 'error' || identifier.kind === 'error' || fallback?.kind === 'error') return errorValue;
  if (identifier.kind !== 'identifier') {
    if (identifier.kind === 'unknown' && ['identifier', 'any'].includes(identifier.type.kind)) return unknownTensor;
    const parts = {
      what: 'The second argument of `pick`',
      expected: 'an identifier',
      found: describeValue(identifier),
    };
    return evaluation.fail(frame, 'UNET3001', parts, argument(call, 1).span);
  }
  if (table === undefined || frame.abstract) return unknownTensor;
  const [rows] = table.shape;
  const { count } = identifier.input;
  if (rows === undefined || constantOf(rows.size) !== count || table.batched) {
    const parts = {
      what: 'The table of `pick`',
      expected: `a param of ${counted(count, 'row')}`,
      found: `a tensor ${formatShape(table.shape)}`,
    };
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

/** `roll(x, axis: D, by: 3)`: a circular shift. */
export function roll(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const axes = readAxes(evaluation, frame, namedValue(call, 'axis'));
  const byNode = namedValue(call, 'by');
  const by = conform(
    evaluation,
    frame,
    evaluation.evaluate(evaluation, frame, byNode),
    { kind: 'int' },
    '`by`',
    byNode.span,
  );
  if (tensor === 'error' || axes === undefined || by.kind === 'error') return errorValue;
  if (tensor === undefined || by.kind === 'unknown') return unknownTensor;
  if (by.kind !== 'number') return evaluation.fail(frame, 'UNET3027', { size: describeValue(by) }, byNode.span);
  if (axes.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  const shifts = axes.map((axis) => ({ axis: axis.name, by: by.value }));
  return evaluation.emit(frame, 'roll', idOf(call), { shifts }, [tensor], node.span);
}
