/** Translates numbers, booleans and lists of a spec to JavaScript. */
import type { BinaryNode, CallNode, Expression, NameNode } from '../../grammar/ast.js';
import { isAxisName } from '../evaluate/axes.js';
import { describeValue, type Value } from '../evaluate/values.js';
import { literal } from './code.js';
import { valueOf, valuesOf, type Writer } from './writer.js';
import { Unstructured } from './unstructured.js';

/** An expression and the precedence of its operator. */
interface Scalar {
  readonly text: string;
  readonly level: number;
  /** Whether it contains no names, so that its value is the same wherever it is used. */
  readonly isLiteral: boolean;
}

const levels = { conditional: 0, or: 1, and: 2, equality: 3, comparison: 4, sum: 5, product: 6, unary: 7, atom: 8 };

export function scalarCode(writer: Writer, node: Expression): string {
  return scalar(writer, node).text;
}

/** Whether an expression contains no names, so that its value can be used during code generation. */
export function isLiteral(writer: Writer, node: Expression): boolean {
  return scalar(writer, node).isLiteral;
}

function scalar(writer: Writer, node: Expression): Scalar {
  const made = scalarOf(writer, node);
  if (!made.isLiteral || made.level === levels.atom) return made;
  const [value] = valuesOf(writer, node);
  const folded = value === undefined ? undefined : literalOf(value);
  return folded === undefined ? made : atom(folded, true);
}

function atom(text: string, isLiteral = false): Scalar {
  return { text, level: levels.atom, isLiteral };
}

function literalOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'number':
    case 'boolean':
      return literal(value.value);
    case 'list': {
      const items = value.items.map(literalOf);
      return items.every((item) => item !== undefined) ? `[${items.join(', ')}]` : undefined;
    }
    default:
      return undefined;
  }
}

/** The value that an expression has in all uses, as a literal. */
function sharedLiteral(writer: Writer, node: Expression): Scalar {
  const texts = new Set(valuesOf(writer, node).map(literalOf));
  const [text] = texts;
  if (texts.size !== 1 || text === undefined) throw new Unstructured(`no single value: ${node.kind}`);
  return atom(text, true);
}

function scalarOf(writer: Writer, node: Expression): Scalar {
  switch (node.kind) {
    case 'Number':
    case 'Boolean':
      return atom(literal(node.value), true);
    case 'Name':
      return nameScalar(writer, node);
    case 'Unary': {
      const operand = scalar(writer, node.operand);
      const sign = node.operator === 'not' ? '!' : '-';
      return { text: sign + within(operand, levels.unary), level: levels.unary, isLiteral: operand.isLiteral };
    }
    case 'Binary':
      return binaryScalar(writer, node);
    case 'Conditional': {
      const taken = new Set(valuesOf(writer, node.condition).map((value) => value.kind === 'boolean' && value.value));
      if (taken.size === 1) return scalar(writer, taken.has(true) ? node.then : node.otherwise);
      const parts = [node.condition, node.then, node.otherwise].map((part) => scalar(writer, part));
      const [condition = '', then = '', otherwise = ''] = parts.map((part) => within(part, levels.or));
      const isLiteral = parts.every((part) => part.isLiteral);
      return { text: `${condition} ? ${then} : ${otherwise}`, level: levels.conditional, isLiteral };
    }
    case 'List': {
      const items = node.items.map((item) => scalar(writer, item.value));
      const texts = items.map(({ text }, index) => (node.items[index]?.spread === true ? `...${text}` : text));
      return atom(
        `[${texts.join(', ')}]`,
        items.every((item) => item.isLiteral),
      );
    }
    case 'Index': {
      const [item] = node.items;
      const target = valueOf(writer, node.target);
      if (item === undefined || target?.kind !== 'list') return sharedLiteral(writer, node);
      const list = scalar(writer, node.target);
      const index = scalar(writer, item.value);
      if (list.isLiteral && index.isLiteral) return sharedLiteral(writer, node);
      // The lists of `build` are tuples, so that TypeScript knows that an element is there.
      const isTuple = writer.block === undefined && index.isLiteral;
      return atom(isTuple ? `${within(list, levels.atom)}[${index.text}]` : `unet.at(${list.text}, ${index.text})`);
    }
    case 'Member':
      return memberScalar(writer, node);
    case 'Call':
      return callScalar(writer, node);
    default:
      return sharedLiteral(writer, node);
  }
}

function within({ text, level }: Scalar, least: number): string {
  return level < least ? `(${text})` : text;
}

function memberScalar(writer: Writer, node: Extract<Expression, { kind: 'Member' }>): Scalar {
  const target = valueOf(writer, node.target);
  const symbol = node.target.kind === 'Name' ? writer.context.evaluation.symbolOf(node.target) : undefined;
  const binding = symbol === undefined ? undefined : writer.bindings.get(symbol);
  if (writer.block === undefined || target?.kind !== 'identifier' || binding === undefined) {
    return sharedLiteral(writer, node);
  }
  return atom(`unet.count(${binding.text})`);
}

function nameScalar(writer: Writer, node: NameNode): Scalar {
  const symbol = writer.context.evaluation.symbolOf(node);
  const binding = symbol === undefined ? undefined : writer.bindings.get(symbol);
  if (binding !== undefined) return atom(binding.text);
  if (symbol === undefined && isAxisName(node.name)) return axisScalar(writer, node);
  return sharedLiteral(writer, node);
}

/**
 * The size of an axis: a constant in the function if a tensor has the axis and the size does not depend on the patch.
 */
function axisScalar(writer: Writer, node: NameNode): Scalar {
  const values = valuesOf(writer, node);
  const symbolic = values.find(({ kind }) => kind !== 'number');
  if (symbolic !== undefined) throw new Unstructured(`a size that depends on the patch: ${describeValue(symbolic)}`);
  const known = writer.axes.get(node.name);
  if (known !== undefined) return atom(known);
  if (writer.block === undefined) return sharedLiteral(writer, node);
  const [use] = writer.uses;
  for (const [name, { shape }] of use?.tensors ?? []) {
    const place = shape.findIndex((axis) => axis.name === node.name);
    const declared = writer.block.members.find((member) => member.kind === 'Tensor' && member.name.name === name);
    const symbol = declared === undefined ? undefined : writer.context.evaluation.declared.get(declared);
    const tensor = symbol === undefined ? undefined : writer.bindings.get(symbol);
    if (place < 0 || tensor === undefined) continue;
    const variable = writer.names.axisFor(node.name);
    const call = place === 0 ? `unet.channels(${tensor.text})` : `unet.size(${tensor.text}, ${place})`;
    writer.opening.push({ kind: 'assign', variable, value: { flat: call, broken: call } });
    writer.axes.set(node.name, variable);
    return atom(variable);
  }
  return innerAxis(writer, node);
}

/** The size of an axis that the block itself introduces, read from a tensor that has it. */
function innerAxis(writer: Writer, node: NameNode): Scalar {
  for (const [symbol, binding] of writer.bindings) {
    if (binding.kind !== 'tensor' || symbol.kind !== 'let') continue;
    const value = valueOf(writer, symbol.declaration.value);
    const place = value?.kind === 'tensor' ? value.shape.findIndex((axis) => axis.name === node.name) : -1;
    if (place >= 0)
      return atom(`unet.${place === 0 ? `channels(${binding.text})` : `size(${binding.text}, ${place})`}`);
  }
  return sharedLiteral(writer, node);
}

const operators: Partial<Record<BinaryNode['operator'], readonly [operator: string, level: number]>> = {
  '+': ['+', levels.sum],
  '-': ['-', levels.sum],
  '*': ['*', levels.product],
  '/': ['/', levels.product],
  '==': ['===', levels.equality],
  '!=': ['!==', levels.equality],
  '<': ['<', levels.comparison],
  '<=': ['<=', levels.comparison],
  '>': ['>', levels.comparison],
  '>=': ['>=', levels.comparison],
  and: ['&&', levels.and],
  or: ['||', levels.or],
};

function binaryScalar(writer: Writer, node: BinaryNode): Scalar {
  const left = scalar(writer, node.left);
  const right = scalar(writer, node.right);
  if (node.operator === '^') return atom(`Math.pow(${left.text}, ${right.text})`, left.isLiteral && right.isLiteral);
  if (node.operator === 'and' || node.operator === 'or') {
    // In `build`, the level may decide one side; the result is the other side, or nothing.
    const decided = node.operator === 'and' ? 'false' : 'true';
    for (const [side, other] of [
      [left, right],
      [right, left],
    ] as const) {
      if (side.isLiteral) return side.text === decided ? side : other;
    }
  }
  const [operator, level] = operators[node.operator] ?? ['', levels.atom];
  const isLiteral = left.isLiteral && right.isLiteral;
  if (level === levels.equality || level === levels.comparison) {
    // Knobs are constants; TypeScript rejects comparing them with other constants.
    if (writer.block === undefined) return sharedLiteral(writer, node);
    if ([node.left, node.right].some((side) => valuesOf(writer, side).some(({ kind }) => kind === 'list'))) {
      const text = `unet.isEqual(${left.text}, ${right.text})`;
      return node.operator === '!='
        ? { text: `!${text}`, level: levels.unary, isLiteral }
        : { text, level: levels.atom, isLiteral };
    }
  }
  const text = `${within(left, level)} ${operator} ${within(right, level + 1)}`;
  return { text, level, isLiteral };
}

const functions = new Set(['floor', 'ceil', 'sqrt', 'exp', 'log', 'abs', 'max', 'min']);

function callScalar(writer: Writer, node: CallNode): Scalar {
  const [list] = node.arguments;
  if (node.callee.kind === 'Name' && node.callee.name === 'length' && list !== undefined) {
    const { text, level, isLiteral } = scalar(writer, list.value);
    return atom(`${within({ text, level, isLiteral }, levels.atom)}.length`, isLiteral);
  }
  if (node.callee.kind !== 'Name' || !functions.has(node.callee.name)) return sharedLiteral(writer, node);
  const parts = node.arguments.map((element) => scalar(writer, element.value));
  const text = `Math.${node.callee.name}(${parts.map((part) => part.text).join(', ')})`;
  return atom(
    text,
    parts.every((part) => part.isLiteral),
  );
}
