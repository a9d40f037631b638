import type { ElementNode, IndexNode } from '../../grammar/ast.js';
import { constant, constantOf } from '../shape/size.js';
import { requireAxis } from './axes.js';
import { conform, conformNumber } from './conform.js';
import { joinId, type Evaluation, type Frame } from './evaluation.js';
import { errorValue, unknownTensor, type TensorValue, type Value } from './values.js';

/** Whether an index takes elements, `x[C: 0 .. 3]`, rather than renaming axes. */
export function isTake({ items }: IndexNode): boolean {
  return items.some(({ separator }) => separator === ':');
}

/**
 * `x[C: 0 .. 3, D: [2, 0]]`: elements at fixed indices (UNET3001, UNET3008, UNET3009, UNET3013, UNET3019). With an unknown
 * tensor, only the indices are checked.
 */
export function takeElements(
  evaluation: Evaluation,
  frame: Frame,
  node: IndexNode,
  tensor: TensorValue | undefined,
): Value {
  const parts: { readonly axis: string; readonly indices: readonly number[] }[] = [];
  let unknown = tensor === undefined;
  for (const item of node.items) {
    const part = readPart(evaluation, frame, item, tensor);
    if (part === 'error') return errorValue;
    if (part === 'unknown') unknown = true;
    else if (parts.some(({ axis }) => axis === part.axis)) {
      return evaluation.fail(frame, 'UNET3009', { axis: part.axis }, item.span);
    } else parts.push(part);
  }
  if (unknown || tensor === undefined) return unknownTensor;
  const id = joinId(frame.prefix, frame.names.get(node) ?? 'slice');
  return evaluation.emit(frame, 'take', id, { parts }, [tensor], node.span);
}

function readPart(evaluation: Evaluation, frame: Frame, item: ElementNode, tensor: TensorValue | undefined) {
  const { name, separator, value } = item;
  if (separator !== ':' || name === undefined || !/^[A-Z]/.test(name.name)) {
    const found = 'another expression';
    evaluation.fail(frame, 'UNET3001', { what: 'A part of this slice', expected: '`AXIS: range`', found }, item.span);
    return 'error';
  }
  const type = { kind: 'list', of: { kind: 'int' } } as const;
  const what = `The indices along ${name.name}`;
  const list = conform(evaluation, frame, evaluation.evaluate(evaluation, frame, value), type, what, value.span);
  if (list.kind === 'error') return 'error';
  const axis = tensor === undefined ? undefined : requireAxis(evaluation, frame, tensor, name);
  if (tensor !== undefined && axis === undefined) return 'error';
  if (list.kind !== 'list') return 'unknown';
  const indices: number[] = [];
  for (const each of list.items) {
    const index = conformNumber(evaluation, frame, each, what, value.span);
    if (index.kind === 'error') return 'error';
    if (index.kind !== 'number') return 'unknown';
    indices.push(index.value);
  }
  if (axis === undefined) return 'unknown';
  // A branch that is not taken may be the one for no elements: `if k == 0 then x else x[C: 0 .. k - 1]`.
  if (indices.length === 0 && frame.abstract) return 'unknown';
  if (indices.length === 0) {
    const range = 'a list of one or more indices';
    evaluation.fail(frame, 'UNET3019', { what, range, found: 'none' }, value.span);
    return 'error';
  }
  const length = constantOf(axis.size);
  const outside = indices.find((index) => index < 0 || (length !== undefined && index >= length));
  if (outside !== undefined) {
    evaluation.fail(frame, 'UNET3013', { index: outside, length: length ?? 0 }, value.span);
    return 'error';
  }
  const last = Math.max(...indices);
  const reason = `index ${last} must lie inside ${axis.name}`;
  evaluation.requireAtLeast(axis.size, constant(last + 1), value.span, reason);
  return { axis: axis.name, indices };
}
