/** Variables of tensors in a generated function. */
import type { Expression } from '../../grammar/ast.js';
import type { Code } from './code.js';
import { scalarCode } from './scalar-code.js';
import { valueOf, type Writer } from './writer.js';

/** A tensor that has a name in the code: a name in the spec, an element of a list, a level of the U. */
export function knownTensor(writer: Writer, node: Expression): string | undefined {
  if (node.kind === 'Name') {
    const symbol = writer.context.evaluation.symbolOf(node);
    const binding = symbol === undefined ? undefined : writer.bindings.get(symbol);
    if (binding?.kind === 'tensor' || binding?.kind === 'tensors' || binding?.kind === 'scalar') return binding.text;
  }
  if (node.kind !== 'Name' && node.kind !== 'Index') return undefined;
  const value = valueOf(writer, node);
  const variable = value?.kind === 'tensor' ? writer.variables.get(value.op) : undefined;
  if (variable !== undefined && writer.block === undefined) return variable;
  if (node.kind !== 'Index' || valueOf(writer, node.target)?.kind !== 'list') return undefined;
  const list = knownTensor(writer, node.target);
  const [item] = node.items;
  if (list === undefined || item === undefined || value?.kind !== 'tensor') return undefined;
  return `unet.at(${list}, ${scalarCode(writer, item.value)})`;
}

/** Returns a variable for a result: in a block it is named after the step alone, if that name is free. */
export function settle(writer: Writer, value: Code, id: string): string {
  if (isVariable(value)) return value.flat;
  const word = id.slice(id.lastIndexOf('.') + 1);
  const words = writer.block === undefined ? [id] : [word, id, 'y'];
  const variable = writer.names.nameFor(words.find((each) => writer.names.isFree(each)) ?? word);
  writer.statements.push({ kind: 'assign', variable, value });
  return variable;
}

export function isVariable({ flat }: Code): boolean {
  return /^([\w$]+(\[\d+\])?|unet\.at\([\w$]+, [\w$]+\))$/.test(flat);
}

export function assignTo(writer: Writer, variable: string | undefined, value: Code, id: string): string {
  if (variable === undefined) return settle(writer, value, id);
  if (value.flat !== variable) writer.statements.push({ kind: 'assign', variable, value });
  return variable;
}

/** Whether a variable was assigned here, so that it may be reassigned. */
export function isOwn(writer: Writer, variable: string | undefined): boolean {
  return writer.statements.some((each) => each.kind === 'assign' && each.variable === variable);
}
