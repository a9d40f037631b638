/** Constants for the values that a spec names: numbers, lists, layers. */
import type { Expression } from '../../grammar/ast.js';
import type { Symbol } from '../bind/symbol.js';
import type { Value } from '../evaluate/values.js';
import { layerType, layerValue } from './apply-layer.js';
import { code, type Code } from './code.js';
import { layerOf } from './layer-code.js';
import { scalarCode } from './scalar-code.js';
import { Unstructured } from './unstructured.js';
import type { Writer } from './writer.js';

/** Declares a number, a list of numbers or a layer as a constant. */
export function constantOf(
  writer: Writer,
  node: Expression,
  value: Value,
): { readonly value: Code; readonly type?: string } | undefined {
  if (value.kind === 'layer') {
    const type = layerType(writer, value);
    if (type === undefined) throw new Unstructured('a named layer of several tensors');
    return { value: layerValue(writer, node), type };
  }
  if (value.kind === 'number' || value.kind === 'boolean') return { value: code(scalarCode(writer, node)) };
  const type = value.kind === 'list' ? tupleType(value) : undefined;
  if (type === undefined) return undefined;
  // In a block, the length may differ from use to use.
  return { value: code(scalarCode(writer, node)), ...(writer.block === undefined ? { type } : {}) };
}

/** The type of a list of numbers; undefined if it contains anything else. */
function tupleType(value: Value): string | undefined {
  if (value.kind === 'number' || value.kind === 'boolean') return value.kind;
  if (value.kind !== 'list') return undefined;
  const items = value.items.map(tupleType);
  return items.every((item) => item !== undefined) ? `[${items.join(', ')}]` : undefined;
}

export function isTensors(value: Value): boolean {
  return value.kind === 'list' && value.items.some(({ kind }) => kind === 'tensor');
}

/** Records the variable that a name of the spec has in the code. */
export function bindValue(writer: Writer, symbol: Symbol, text: string, node: Expression, value: Value): void {
  if (value.kind === 'layer') {
    writer.bindings.set(symbol, { kind: 'layer', text, layer: layerOf(writer, node) });
    return;
  }
  const kind = value.kind === 'tensor' ? 'tensor' : isTensors(value) ? 'tensors' : 'scalar';
  writer.bindings.set(symbol, { kind, text });
}
