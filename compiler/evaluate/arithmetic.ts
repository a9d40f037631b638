import type { BinaryNode } from '../../grammar/ast.js';
import type { Attributes, Shape } from '../ir/ir.js';
import {
  add,
  constant,
  floorDivide,
  formatSize,
  multiply,
  sameSize,
  scale,
  constantOf,
  type Size,
} from '../shape/size.js';
import type { Evaluation, Frame } from './evaluation.js';
import { joinId } from './evaluation.js';
import { isWithinLimits } from './limits.js';
import {
  booleanOf,
  countElements,
  describeValue,
  errorValue,
  formatShape,
  numberOf,
  sizeValue,
  unknownTensor,
  type ListValue,
  type NumberValue,
  type SizeValue,
  type TensorValue,
  type Value,
} from './values.js';

type ArithmeticOperator = '+' | '-' | '*' | '/' | '^';
type TensorOperator = Attributes['binary']['operator'];

function isNumeric(value: Value): value is NumberValue | SizeValue {
  return value.kind === 'number' || value.kind === 'size';
}

function asSize(value: NumberValue | SizeValue): Size {
  return value.kind === 'size' ? value.size : constant(value.value);
}

function isArithmetic(operator: BinaryNode['operator']): operator is ArithmeticOperator {
  return ['+', '-', '*', '/', '^'].includes(operator);
}

function isTensor(value: Value): boolean {
  return value.kind === 'tensor' || (value.kind === 'unknown' && value.type.kind === 'tensor');
}

/** Evaluates `+ - * / ^` and comparisons. */
export function evaluateBinary(
  evaluation: Evaluation,
  frame: Frame,
  node: BinaryNode,
  left: Value,
  right: Value,
): Value {
  if (left.kind === 'error' || right.kind === 'error') return errorValue;
  const { operator } = node;
  if (operator === '==' || operator === '!=') return compareEqual(evaluation, frame, node, left, right);
  if (isTensor(left) || isTensor(right)) {
    const id = joinId(frame.prefix, frame.names.get(node) ?? 'step');
    if (isArithmetic(operator)) return tensorArithmetic(evaluation, frame, operator, left, right, node, id);
    const parts = { what: `An operand of \`${operator}\``, expected: 'a number', found: 'a tensor' };
    return evaluation.fail(frame, 'UNET3001', parts, isTensor(left) ? node.left.span : node.right.span);
  }
  if (isListOfNumbers(left) || isListOfNumbers(right)) return listArithmetic(evaluation, frame, node, left, right);
  for (const [value, operand] of [
    [left, node.left],
    [right, node.right],
  ] as const) {
    const numeric =
      isNumeric(value) || (value.kind === 'unknown' && ['int', 'float', 'any', 'size'].includes(value.type.kind));
    if (!numeric) {
      const parts = { what: `An operand of \`${operator}\``, expected: 'a number', found: describeValue(value) };
      return evaluation.fail(frame, 'UNET3001', parts, operand.span);
    }
  }
  if (!isNumeric(left) || !isNumeric(right)) return unknownResult(operator, left, right);
  if (isArithmetic(operator)) return numberArithmetic(evaluation, frame, operator, left, right, node);
  return compare(evaluation, frame, node, left, right);
}

function unknownResult(operator: BinaryNode['operator'], left: Value, right: Value): Value {
  if (!isArithmetic(operator)) return { kind: 'unknown', type: { kind: 'bool' } };
  if ([left, right].some((each) => each.kind === 'unknown' && each.type.kind === 'any')) {
    return { kind: 'unknown', type: { kind: 'any' } };
  }
  if ([left, right].some((each) => each.kind === 'unknown' && each.type.kind === 'size')) {
    return { kind: 'unknown', type: { kind: 'size' } };
  }
  const whole = [left, right].every(
    (each) =>
      each.kind === 'size' ||
      (each.kind === 'number' && each.integer) ||
      (each.kind === 'unknown' && each.type.kind === 'int'),
  );
  return { kind: 'unknown', type: { kind: whole && operator !== '/' && operator !== '^' ? 'int' : 'float' } };
}

function isListOfNumbers(value: Value): value is ListValue {
  return value.kind === 'list' && value.items.every((item) => item.kind === 'number');
}

/** Evaluates `[1, 2, 2] - 1` and `[1, 2] * [3, 4]` element by element, which sizes with a value per axis need. */
function listArithmetic(evaluation: Evaluation, frame: Frame, node: BinaryNode, left: Value, right: Value): Value {
  const lengths = [left, right].flatMap((each) => (each.kind === 'list' ? [each.items.length] : []));
  const length = lengths[0] ?? 0;
  const comparable = [left, right].every((each) => each.kind === 'number' || isListOfNumbers(each));
  if (!comparable || lengths.some((each) => each !== length) || !isArithmetic(node.operator)) {
    const parts = {
      what: `The operands of \`${node.operator}\``,
      expected: isArithmetic(node.operator) ? 'numbers, or lists of equally many numbers' : 'numbers',
      found: `${describeValue(left)} and ${describeValue(right)}`,
    };
    return evaluation.fail(frame, 'UNET3001', parts, node.span);
  }
  if (!evaluation.spend(frame, node.span, length)) return errorValue;
  const element = (value: Value, index: number): Value =>
    value.kind === 'list' ? (value.items[index] ?? errorValue) : value;
  const items = Array.from({ length }, (_, index) =>
    evaluateBinary(evaluation, frame, node, element(left, index), element(right, index)),
  );
  return items.some((item) => item.kind === 'error') ? errorValue : { kind: 'list', items };
}

/** UNET3004: the conditions of `if` and `when` cannot depend on spatial sizes. */
function compare(
  evaluation: Evaluation,
  frame: Frame,
  node: BinaryNode,
  left: NumberValue | SizeValue,
  right: NumberValue | SizeValue,
): Value {
  for (const [value, operand] of [
    [left, node.left],
    [right, node.right],
  ] as const) {
    if (value.kind === 'size') {
      return evaluation.fail(frame, 'UNET3004', { size: formatSize(value.size) }, operand.span);
    }
  }
  if (left.kind === 'size' || right.kind === 'size') return errorValue;
  switch (node.operator) {
    case '<':
      return booleanOf(left.value < right.value);
    case '<=':
      return booleanOf(left.value <= right.value);
    case '>':
      return booleanOf(left.value > right.value);
    default:
      return booleanOf(left.value >= right.value);
  }
}

function compareEqual(evaluation: Evaluation, frame: Frame, node: BinaryNode, left: Value, right: Value): Value {
  if (left.kind === 'unknown' || right.kind === 'unknown') return { kind: 'unknown', type: { kind: 'bool' } };
  if (!evaluation.spend(frame, node.span, Math.max(countElements(left), countElements(right)))) return errorValue;
  const equal = equalValues(left, right);
  if (equal === undefined) {
    const size = left.kind === 'size' ? left : right.kind === 'size' ? right : undefined;
    if (size !== undefined) return evaluation.fail(frame, 'UNET3004', { size: formatSize(size.size) }, node.span);
    const parts = {
      what: 'A comparison',
      expected: 'between numbers, Booleans or lists of them',
      found: `${describeValue(left)} and ${describeValue(right)}`,
    };
    return evaluation.fail(frame, 'UNET3001', parts, node.span);
  }
  return booleanOf(node.operator === '==' ? equal : !equal);
}

/** Whether two values are equal; undefined if they cannot be compared. A list only equals a list. */
function equalValues(left: Value, right: Value): boolean | undefined {
  if (isNumeric(left) && isNumeric(right)) {
    if (left.kind === 'number' && right.kind === 'number') return left.value === right.value;
    return sameSize(asSize(left), asSize(right)) ? true : undefined;
  }
  if (left.kind === 'boolean' && right.kind === 'boolean') return left.value === right.value;
  if (left.kind === 'list' && right.kind === 'list') {
    if (left.items.length !== right.items.length) return false;
    return left.items.every((item, index) => equalValues(item, right.items[index] ?? errorValue) === true);
  }
  if (left.kind === 'list' && right.kind === 'number')
    return left.items.every((item) => equalValues(item, right) === true);
  if (right.kind === 'list' && left.kind === 'number')
    return right.items.every((item) => equalValues(item, left) === true);
  return undefined;
}

function numberArithmetic(
  evaluation: Evaluation,
  frame: Frame,
  operator: ArithmeticOperator,
  left: NumberValue | SizeValue,
  right: NumberValue | SizeValue,
  node: BinaryNode,
): Value {
  if (left.kind === 'number' && right.kind === 'number') {
    const value = arithmetic(operator, left.value, right.value);
    if (!Number.isFinite(value)) {
      return evaluation.fail(frame, 'UNET3029', { operation: `${left.value} ${operator} ${right.value}` }, node.span);
    }
    return numberOf(value, left.integer && right.integer && Number.isInteger(value));
  }
  const sizes = [left, right].map(asSize) as [Size, Size];
  const whole = [left, right].every((each) => each.kind === 'size' || Number.isInteger(each.value));
  if (!whole || operator === '^') {
    const size = formatSize(left.kind === 'size' ? left.size : sizes[1]);
    return evaluation.fail(frame, 'UNET3027', { size }, node.span);
  }
  if (operator === '/') return exactQuotient(evaluation, frame, sizes[0], sizes[1], node);
  const result = sizeArithmetic(operator, sizes[0], sizes[1]);
  return isWithinLimits(result) ? sizeValue(result) : evaluation.failBySize(frame, undefined, result, node.span);
}

function sizeArithmetic(operator: '+' | '-' | '*', left: Size, right: Size): Size {
  switch (operator) {
    case '+':
      return add(left, right);
    case '-':
      return add(left, scale(right, -1));
    case '*':
      return multiply(left, right);
  }
}

/** `D / 16` on a spatial size is exact: it becomes a constraint on the patch. */
function exactQuotient(evaluation: Evaluation, frame: Frame, left: Size, right: Size, node: BinaryNode): Value {
  const by = constantOf(right);
  if (by === undefined || by < 1) {
    return evaluation.fail(frame, 'UNET3027', { size: formatSize(right) }, node.right.span);
  }
  const quotient = floorDivide(left, by);
  const reason = `${formatSize(left)} / ${by} must be a whole number`;
  if (!evaluation.requireEqual(left, scale(quotient, by), node.span, reason)) {
    const parts = { what: 'This quotient', found: `${formatSize(left)} / ${by}` };
    return evaluation.fail(frame, 'UNET3003', parts, node.span);
  }
  return sizeValue(quotient);
}

function arithmetic(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '^':
      return left ** right;
  }
}

/** The two sides of an operator, or of `max` and `min`. */
type Sides = Pick<BinaryNode, 'left' | 'right' | 'span'>;

/** Arithmetic of tensors with tensors or numbers; the operation is called `id`. */
export function tensorArithmetic(
  evaluation: Evaluation,
  frame: Frame,
  operator: TensorOperator | '^',
  left: Value,
  right: Value,
  node: Sides,
  id: string,
): Value {
  for (const [value, operand] of [
    [left, node.left],
    [right, node.right],
  ] as const) {
    const fine =
      isTensor(value) ||
      value.kind === 'number' ||
      (value.kind === 'unknown' && ['int', 'float', 'any'].includes(value.type.kind));
    if (fine) continue;
    if (value.kind === 'size' && !frame.abstract) {
      return evaluation.fail(frame, 'UNET3027', { size: formatSize(value.size) }, operand.span);
    }
    const parts = {
      what: `An operand of \`${operator}\``,
      expected: 'a tensor or a number',
      found: describeValue(value),
    };
    return evaluation.fail(frame, 'UNET3001', parts, operand.span);
  }
  if (frame.abstract) return unknownTensor;
  if (left.kind === 'tensor' && right.kind === 'tensor') {
    if (operator === '^') {
      const parts = { what: 'An operand of `^`', expected: 'a number', found: 'a tensor' };
      const help = 'For a power of two tensors, write `exp(y * log(x))`.';
      return evaluation.fail(frame, 'UNET3001', parts, node.right.span, { help });
    }
    if (!joinable(evaluation, frame, operator, left, right, node)) return errorValue;
    return evaluation.emit(frame, 'binary', id, { operator }, [left, right], node.span);
  }
  const tensor = left.kind === 'tensor' ? left : right;
  const number = left.kind === 'tensor' ? right : left;
  if (tensor.kind !== 'tensor' || number.kind !== 'number') return unknownTensor;
  const reversed = left.kind !== 'tensor';
  if (operator === '^' && reversed && number.value <= 0) {
    const parts = { what: 'The base of a power of a tensor', range: 'greater than 0', found: String(number.value) };
    return evaluation.fail(frame, 'UNET3019', parts, node.left.span);
  }
  const isSymmetric = operator === 'min' || operator === 'max';
  const attributes = {
    operator: operator === '^' ? 'power' : operator,
    value: number.value,
    reversed: reversed && !isSymmetric,
  } as const;
  return evaluation.emit(frame, 'scalar', id, attributes, [tensor], node.span);
}

/** UNET3005, UNET3006: the axes of one side must contain those of the other, with sizes that are equal or 1. */
function joinable(
  evaluation: Evaluation,
  frame: Frame,
  operator: string,
  left: TensorValue,
  right: TensorValue,
  node: Sides,
): boolean {
  const labels = [
    { span: node.left.span, text: formatShape(left.shape) },
    { span: node.right.span, text: formatShape(right.shape) },
  ];
  if (!contains(left.shape, right.shape) && !contains(right.shape, left.shape)) {
    const parts = { operator, left: formatShape(left.shape), right: formatShape(right.shape) };
    const renamed = right.shape.length === left.shape.length;
    const names = left.shape.map((axis) => axis.name).join(', ');
    const help = renamed ? `If they are the same axes, rename one side: \`(...)[${names}]\`.` : undefined;
    evaluation.fail(frame, 'UNET3005', parts, node.span, { labels, help });
    return false;
  }
  for (const axis of left.shape) {
    const other = right.shape.find((each) => each.name === axis.name);
    if (other === undefined || constantOf(axis.size) === 1 || constantOf(other.size) === 1) continue;
    const reason = `the two sides of \`${operator}\` must have the same size along ${axis.name}`;
    if (evaluation.requireEqual(axis.size, other.size, node.span, reason)) continue;
    const parts = {
      what: `The two sides of \`${operator}\``,
      axis: axis.name,
      left: formatSize(axis.size),
      right: formatSize(other.size),
    };
    evaluation.fail(frame, 'UNET3006', parts, node.span, { labels });
    return false;
  }
  return true;
}

function contains(outer: Shape, inner: Shape): boolean {
  return inner.every((axis) => outer.some((each) => each.name === axis.name));
}
