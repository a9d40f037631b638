/** Calls of operations that functions and operators of the language make. */
import type { CallNode, Expression } from '../../grammar/ast.js';
import type { Op } from '../ir/ir.js';
import { callCode, literal, type Code, type Setting } from './code.js';
import { completeCall, opCall, splitSizes, type OpCall } from './op-call.js';
import { scalarCode } from './scalar-code.js';
import { Unstructured } from './unstructured.js';
import { operationOf, valuesOf, type Writer } from './writer.js';

/** The operation of an expression, with numbers as written. */
export function operation(writer: Writer, node: Expression, id: string, tensors: readonly string[]): Code {
  const op = operationOf(writer, node);
  if (op === undefined) throw new Unstructured(`an operation that was not made: ${id}`);
  const call = writtenNumbers(writer, node, op, opCall(op));
  const images = op.kind === 'split' ? op.operands.slice(1).map((image) => imageOf(writer, image.op)) : [];
  return callCode(completeCall(call, writer.idCode(id), [...tensors, ...images]));
}

/** The variable of an image whose sizes a split needs. */
export function imageOf(writer: Writer, id: string): string {
  const variable = writer.variables.get(id);
  if (variable === undefined) throw new Unstructured(`the image ${id} is not at hand`);
  return variable;
}

/** Replaces the numbers of one use by the expressions in the spec. */
function writtenNumbers(writer: Writer, node: Expression, op: Op, call: OpCall): OpCall {
  if (op.kind === 'scalar' && node.kind === 'Binary') {
    const number = op.attributes.reversed ? node.left : node.right;
    return { ...call, positional: [scalarCode(writer, number)] };
  }
  if (op.kind === 'scalar' && node.kind === 'Call') {
    const number = node.arguments.find(({ value }) => valuesOf(writer, value).every(({ kind }) => kind === 'number'));
    return number === undefined ? call : { ...call, positional: [scalarCode(writer, number.value)] };
  }
  if (op.kind === 'roll' && node.kind === 'Call') {
    const by = node.arguments.find((each) => each.name?.name === 'by');
    return by === undefined ? call : withSetting(call, 'by', scalarCode(writer, by.value));
  }
  // Sizes that depend on images are formulas, which are part of the operation.
  if (op.kind === 'split' && op.operands.length === 1 && node.kind === 'Call') {
    return withSetting(call, 'into', splitSizes(writtenParts(writer, node, op)));
  }
  return call;
}

/** The call with another value of one of its settings. */
function withSetting(call: OpCall, name: string, text: string): OpCall {
  const settings = (call.settings ?? []).map(([key, value]): Setting => [key, key === name ? text : value]);
  return { ...call, settings };
}

/** The parts of a split: numbers as written, null for an inferred size. */
function writtenParts(
  writer: Writer,
  node: CallNode,
  op: Extract<Op, { kind: 'split' }>,
): readonly (readonly [string, string])[] {
  const { into } = op.attributes;
  const list = node.arguments.find((each) => each.name?.name === 'into')?.value;
  const sizes = new Map<string, string>();
  for (const item of list?.kind === 'List' ? list.items : []) {
    const name = item.separator === '=' ? item.name?.name : undefined;
    const values = valuesOf(writer, item.value);
    if (name !== undefined && values.length > 0 && values.every(({ kind }) => kind === 'number')) {
      sizes.set(name, scalarCode(writer, item.value));
    } else if (item.separator !== '=' && !item.spread && item.value.kind === 'Name') {
      sizes.set(item.value.name, 'null');
    }
  }
  return into.map(({ name, size }) => [
    name,
    sizes.get(name) ?? (size.kind === 'constant' ? literal(size.value) : 'null'),
  ]);
}
