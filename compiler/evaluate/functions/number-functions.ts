import { numberFunction, type NumberFunction } from '../../ir/ops/unary-functions.js';
import { ceilDivide, floorDivide, formatSize } from '../../shape/size.js';
import { tensorArithmetic } from '../arithmetic.js';
import { conform } from '../conform.js';
import { type Value, describeValue, errorValue, numberOf, sizeValue } from '../values.js';
import { type FunctionCall, argument, evaluateAll, evaluateAt, idOf } from './function-call.js';

/** The maximum or minimum of numbers, or of two tensors (or a tensor and a number) element by element. */
export function extremum(call: FunctionCall, name: 'max' | 'min'): Value {
  const { evaluation, frame } = call;
  let best: number | undefined;
  let whole = true;
  let unknown = false;
  const values = evaluateAll(call);
  if (values.some((value) => value.kind === 'error')) return errorValue;
  if (values.length === 2 && values.some(isTensor)) return extremumOfTensors(call, name, values);
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
      const both = `\`${name}(x, y)\` compares two tensors element by element`;
      const ofOne =
        name === 'max'
          ? `Name the axes to reduce, \`max(x, over: [H, W])\`; ${both}.`
          : `${both.charAt(0)}${both.slice(1)}.`;
      const help = value.kind === 'tensor' ? ofOne : undefined;
      return evaluation.fail(frame, 'UNET3001', parts, argument(call, index).span, { help });
    }
  }
  if (unknown || best === undefined) return { kind: 'unknown', type: { kind: whole ? 'int' : 'float' } };
  return numberOf(best, whole);
}

function isTensor(value: Value): boolean {
  return value.kind === 'tensor' || (value.kind === 'unknown' && value.type.kind === 'tensor');
}

function extremumOfTensors(call: FunctionCall, name: 'max' | 'min', values: readonly Value[]): Value {
  const { evaluation, frame, node } = call;
  const [left = errorValue, right = errorValue] = values;
  const sides = { span: node.span, left: argument(call, 0), right: argument(call, 1) };
  return tensorArithmetic(evaluation, frame, name, left, right, sides, idOf(call));
}

/** `floor` and `ceil` of a number, or of a spatial size divided by a number. */
export function round(call: FunctionCall, name: 'floor' | 'ceil'): Value {
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
  const value = conform(
    evaluation,
    frame,
    evaluation.evaluate(evaluation, frame, node),
    { kind: 'float' },
    `The argument of \`${name}\``,
    node.span,
  );
  if (value.kind === 'number') return numberOf(Math[name](value.value), true);
  return value.kind === 'error' ? errorValue : { kind: 'unknown', type: { kind: 'int' } };
}

/** A function of a number or, elementwise, of a tensor. */
export function unaryFunction(call: FunctionCall, name: NumberFunction): Value {
  const { evaluation, frame, node } = call;
  const value = evaluateAt(call, 0);
  switch (value.kind) {
    case 'error':
      return errorValue;
    case 'number': {
      const result = numberFunction(name)(value.value);
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
      const parts = {
        what: `The argument of \`${name}\``,
        expected: 'a number or a tensor',
        found: describeValue(value),
      };
      return evaluation.fail(frame, 'UNET3001', parts, argument(call, 0).span);
    }
  }
}
