import type { CallNode, ElementNode, Expression } from '../../../grammar/ast.js';
import type { Label } from '../../../grammar/diagnostics/diagnostic.js';
import type { FunctionName } from '../../bind/builtins.js';
import { type Evaluation, type Frame, joinId } from '../evaluation.js';
import { type TensorValue, type Value, describeValue, formatShape } from '../values.js';

/** A call of a built-in function. */
export interface FunctionCall {
  readonly evaluation: Evaluation;
  readonly frame: Frame;
  readonly node: CallNode;
  readonly name: FunctionName;
  readonly positional: readonly ElementNode[];
  readonly named: ReadonlyMap<string, ElementNode>;
}

/** The expression at `index`. */
export function argument(call: FunctionCall, index: number): Expression {
  const element = call.positional[index];
  return element === undefined ? { kind: 'Missing', span: call.node.span } : element.value;
}

/** Its value. */
export function evaluateAt(call: FunctionCall, index: number): Value {
  return call.evaluation.evaluate(call.evaluation, call.frame, argument(call, index));
}

/** Evaluates every positional argument; an error in one does not hide errors in the next. */
export function evaluateAll(call: FunctionCall): readonly Value[] {
  return call.positional.map((_, index) => evaluateAt(call, index));
}

/** The tensor at `index`; undefined if it is unknown or, with an error reported, not a tensor. */
export function tensorAt(call: FunctionCall, index: number): TensorValue | undefined | 'error' {
  const value = evaluateAt(call, index);
  if (value.kind === 'tensor') return value;
  if (value.kind === 'error') return 'error';
  if (value.kind === 'unknown' && (value.type.kind === 'tensor' || value.type.kind === 'any')) return undefined;
  const parts = { what: `An argument of \`${call.name}\``, expected: 'a tensor', found: describeValue(value) };
  call.evaluation.fail(call.frame, 'UNET3001', parts, argument(call, index).span);
  return 'error';
}

/** Id of the operation that the call creates. */
export function idOf(call: FunctionCall): string {
  return joinId(call.frame.prefix, call.frame.names.get(call.node) ?? call.name);
}

/** The expression of a named argument. */
export function namedValue(call: FunctionCall, name: string): Expression {
  return call.named.get(name)?.value ?? { kind: 'Missing', span: call.node.span };
}

/** A label that shows the shape of a tensor. */
export function labelOf(node: Expression | undefined, tensor: TensorValue): readonly Label[] {
  return node === undefined ? [] : [{ span: node.span, text: formatShape(tensor.shape) }];
}
