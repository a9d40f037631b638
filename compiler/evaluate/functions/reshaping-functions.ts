import type { Axis } from '../../ir/ir.js';
import type { ElementNode, Expression } from '../../../grammar/ast.js';
import type { Label } from '../../../grammar/diagnostics/diagnostic.js';
import type { Span } from '../../../grammar/source.js';
import { sizesAsked } from '../../ir/ir.js';
import { type Size, constant, formatSize, multiply, quotient, symbolsOf } from '../../shape/size.js';
import type { Evaluation } from '../evaluation.js';
import { introduceAxis, readAxes, requireAxis } from '../axes.js';
import { conform } from '../conform.js';
import { type TensorValue, type Value, errorValue, sizeValue, unknownTensor } from '../values.js';
import { type FunctionCall, argument, idOf, namedValue, tensorAt } from './function-call.js';
import { counted } from '../../../text/count.js';

/** A part of `into`: its name and, if known, its size. */
interface Part {
  readonly axis: string;
  readonly size: Value | undefined;
}

/** Reads the axis `into` of a merge, or the axes `into` of a split with their sizes; those of `...S` are known. */
function readInto(call: FunctionCall, sized: boolean): readonly Part[] | undefined {
  const { evaluation, frame } = call;
  const expression = namedValue(call, 'into');
  const axes = readAxes(evaluation, frame, expression, sized);
  if (axes === undefined || expression.kind !== 'List')
    return axes?.map(({ name }) => ({ axis: name, size: undefined }));
  return expression.items.flatMap((item): readonly Part[] => {
    if (item.spread && item.value.kind === 'Name') {
      const group = frame.groups.get(item.value.name) ?? [];
      return group.map(({ name, size }) => ({ axis: name, size: sizeValue(size) }));
    }
    return [{ axis: axisName(item), size: item.separator === '=' ? writtenSize(call, item.value) : undefined }];
  });
}

function axisName({ name, value }: ElementNode): string {
  return name?.name ?? (value.kind === 'Name' ? value.name : '');
}

function writtenSize({ evaluation, frame }: FunctionCall, node: Expression): Value {
  return conform(evaluation, frame, evaluation.evaluate(evaluation, frame, node), { kind: 'int' }, 'A size', node.span);
}

function failByAxes(call: FunctionCall, what: string, expected: string, span: Span, count: number): Value {
  const found = count === 0 ? 'none' : counted(count, 'axis', 'axes');
  return call.evaluation.fail(call.frame, 'UNET3001', { what, expected, found }, span);
}

/** `merge(x, [H, E], into: C)`: merges axes into one (UNET3001, UNET3009). */
export function merge(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const axes = readAxes(evaluation, frame, argument(call, 1));
  const into = readInto(call, false);
  if (tensor === 'error' || axes === undefined || into === undefined) return errorValue;
  if (axes.length === 0)
    return failByAxes(call, 'The second argument of `merge`', 'one or more axes', argument(call, 1).span, 0);
  const [target] = into;
  if (target === undefined || into.length > 1)
    return failByAxes(call, '`into` of `merge`', 'one axis', namedValue(call, 'into').span, into.length);
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

/**
 * Splits one axis into several (UNET3001). UNET3022: the product of the sizes must equal the size of the axis; one
 * omitted size is inferred.
 */
export function split(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const written = readAxes(evaluation, frame, argument(call, 1));
  const parts = readInto(call, true);
  if (tensor === 'error' || written === undefined || parts === undefined) return errorValue;
  const [source] = written;
  if (source === undefined || written.length > 1)
    return failByAxes(call, 'The second argument of `split`', 'one axis', argument(call, 1).span, written.length);
  if (tensor === undefined) {
    for (const part of parts) introduceAxis(frame, part.axis, undefined);
    return unknownTensor;
  }
  const axis = requireAxis(evaluation, frame, tensor, source);
  if (axis === undefined) return errorValue;
  const into = sizesOfSplit(call, axis, parts);
  if (into === undefined) return errorValue;
  const kept = tensor.shape.filter((each) => each.name !== axis.name).map((each) => each.name);
  const repeated = into.find((each) => kept.includes(each.name));
  if (repeated !== undefined)
    return evaluation.fail(frame, 'UNET3009', { axis: repeated.name }, namedValue(call, 'into').span);
  for (const each of into) introduceAxis(frame, each.name, each.size);
  const operands = [tensor, ...imagesOf(evaluation, into)];
  return evaluation.emit(frame, 'split', idOf(call), { axis: axis.name, into }, operands, node.span);
}

/** The images that determine the sizes of the parts if more than one size is not constant. */
function imagesOf(evaluation: Evaluation, into: readonly Axis[]): readonly TensorValue[] {
  const symbols = new Set(sizesAsked(into).flatMap((size) => [...symbolsOf(size)]));
  return evaluation.ops.flatMap(({ kind, id, shape, batched }) => {
    const tells = kind === 'input' && shape.some(({ size }) => size.kind === 'symbol' && symbols.delete(size.name));
    return tells ? [{ kind: 'tensor', op: id, shape, batched } as const] : [];
  });
}

function sizesOfSplit(call: FunctionCall, axis: Axis, parts: readonly Part[]): readonly Axis[] | undefined {
  const { evaluation, frame, node } = call;
  const fail = (text: string, labels: readonly Label[] = []): undefined => {
    const message = { axis: axis.name, size: formatSize(axis.size), parts: text };
    evaluation.fail(frame, 'UNET3022', message, node.span, { labels });
    return undefined;
  };
  const sizes = parts.map(({ size }) => sizeOf(size));
  if (parts.some(({ size }) => size?.kind === 'error')) return undefined;
  const open = sizes.filter((size) => size === undefined).length;
  if (open > 1) return fail('parts if more than one has no size');
  const known = sizes.reduce<Size>(
    (product, size) => (size === undefined ? product : multiply(product, size)),
    constant(1),
  );
  const text = parts
    .map((part, index) => `${part.axis} = ${sizes[index] === undefined ? '?' : formatSize(sizes[index])}`)
    .join(', ');
  if (open === 0) {
    if (!evaluation.requireEqual(axis.size, known, node.span, `axis ${axis.name} must split into ${text}`))
      return fail(text);
    return parts.map((part, index) => ({ name: part.axis, size: sizes[index] ?? constant(1) }));
  }
  const rest = quotient(axis.size, known);
  if (rest === undefined) {
    const labels = [{ span: namedValue(call, 'into').span, text: 'Give the size of every part.' }];
    return fail(text, labels);
  }
  if (
    !evaluation.requireEqual(axis.size, multiply(known, rest), node.span, `axis ${axis.name} must split into ${text}`)
  ) {
    return fail(text);
  }
  return parts.map((part, index) => ({ name: part.axis, size: sizes[index] ?? rest }));
}

function sizeOf(value: Value | undefined): Size | undefined {
  if (value?.kind === 'number') return constant(value.value);
  return value?.kind === 'size' ? value.size : undefined;
}
