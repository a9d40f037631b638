import type { Axis } from '../../ir/ir.js';
import type { ElementNode } from '../../../grammar/ast.js';
import type { Span } from '../../../grammar/source.js';
import { type Size, constant, constantOf, floorDivide, multiply, sameSize, formatSize } from '../../shape/size.js';
import { introduceAxis, isAxisName, readAxes, requireAxis } from '../axes.js';
import { conform } from '../conform.js';
import { type Value, errorValue, unknownTensor } from '../values.js';
import { type FunctionCall, argument, idOf, namedValue, tensorAt } from './function-call.js';
import { counted } from '../../../text/count.js';

/** The axis `into` of a merge, or the axes `into` of a split with their written sizes. */
function readInto(
  call: FunctionCall,
): { axis: string; size: Value | undefined; element: ElementNode | undefined }[] | undefined {
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
        ? conform(
            evaluation,
            frame,
            evaluation.evaluate(evaluation, frame, element.value),
            { kind: 'int' },
            'A size',
            element.value.span,
          )
        : undefined;
    return { axis: axes[index]?.name ?? '', size, element };
  });
}

function failByAxes(call: FunctionCall, what: string, expected: string, span: Span, count: number): Value {
  const found = count === 0 ? 'none' : counted(count, 'axis', 'axes');
  return call.evaluation.fail(call.frame, 'UNET3001', { what, expected, found }, span);
}

/** `merge(x, [H, E], into: C)`: one axis or more as one (UNET3001, UNET3009). */
export function merge(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const axes = readAxes(evaluation, frame, argument(call, 1));
  const into = readInto(call);
  if (tensor === 'error' || axes === undefined || into === undefined) return errorValue;
  if (axes.length === 0) return failByAxes(call, 'What `merge` merges', 'one axis or more', argument(call, 1).span, 0);
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

/** One axis as several (UNET3001). UNET3022: the sizes multiply to the axis's; one that is left out is worked out. */
export function split(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const written = readAxes(evaluation, frame, argument(call, 1));
  const parts = readInto(call);
  if (tensor === 'error' || written === undefined || parts === undefined) return errorValue;
  const [source] = written;
  if (source === undefined || written.length > 1)
    return failByAxes(call, 'What `split` splits', 'one axis', argument(call, 1).span, written.length);
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
  if (rest === undefined) return fail(text);
  if (
    !evaluation.requireEqual(axis.size, multiply(known, rest), node.span, `axis ${axis.name} must split into ${text}`)
  ) {
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
