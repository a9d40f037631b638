import type { ElementNode, Expression } from '../../grammar/ast.js';
import type { Label } from '../../grammar/diagnostics/diagnostic.js';
import { suggestionFor } from '../../grammar/diagnostics/suggest.js';
import { misplacedInAxes } from '../../grammar/element-forms.js';
import type { Span } from '../../grammar/source.js';
import type { Axis } from '../ir/ir.js';
import { formatSize, sameSize, type Size } from '../shape/size.js';
import type { Evaluation, Frame } from './evaluation.js';
import { formatShape, sizeValue, type TensorValue, type Value } from './values.js';
import { unknownAnything } from './values.js';

/** An axis name as written, with its span. */
export interface WrittenAxis {
  readonly name: string;
  readonly span: Span;
}

export function isAxisName(name: string): boolean {
  return /^[A-Z]/.test(name);
}

/** Introduces an axis into a frame; a name introduced again with a different size can no longer be used as a number. */
export function introduceAxis(frame: Frame, name: string, size: Size | undefined): void {
  const known = frame.axes.get(name);
  if (!frame.axes.has(name)) {
    frame.axes.set(name, size);
  } else if (known !== undefined && size !== undefined && !sameSize(known, size)) {
    frame.ambiguous.set(name, [...(frame.ambiguous.get(name) ?? [known]), size]);
  }
}

/** Returns an axis as a number: its size where it was introduced. */
export function axisAsNumber(evaluation: Evaluation, frame: Frame, name: string, span: Span): Value {
  const sizes = frame.ambiguous.get(name);
  if (sizes !== undefined) {
    return evaluation.fail(frame, 'UNET3028', { axis: name, sizes: sizes.map(formatSize).join(', ') }, span);
  }
  const size = frame.axes.get(name);
  if (size !== undefined) return sizeValue(size);
  if (frame.axes.has(name) || frame.abstract) return { kind: 'unknown', type: { kind: 'int' } };
  return evaluation.fail(frame, 'UNET2001', { name }, span, suggestionFor(name, frame.axes.keys(), span));
}

/**
 * Returns the axes in a list such as `[H, W]`, `[...S]` or a single `E`; undefined, with an error reported, if it names
 * anything else. If `sized`, an axis may have a size: `[H = heads, E]`.
 */
export function readAxes(
  evaluation: Evaluation,
  frame: Frame,
  expression: Expression,
  sized = false,
): readonly WrittenAxis[] | undefined {
  if (expression.kind === 'Name') {
    if (isAxisName(expression.name)) return [{ name: expression.name, span: expression.span }];
  } else if (expression.kind === 'List') {
    return readElements(evaluation, frame, expression.items, sized);
  }
  evaluation.fail(
    frame,
    'UNET3001',
    { what: 'This', expected: 'an axis or a list of axes', found: 'another expression' },
    expression.span,
    { help: 'Names of axes begin with a capital letter: `over: [H, W]`.' },
  );
  return undefined;
}

function readElements(
  evaluation: Evaluation,
  frame: Frame,
  items: readonly ElementNode[],
  sized = false,
): readonly WrittenAxis[] | undefined {
  const misplaced = items.flatMap((item) => misplacedInAxes(item, sized));
  for (const each of misplaced) evaluation.add(each);
  if (misplaced.length > 0) return undefined;
  const axes: WrittenAxis[] = [];
  for (const item of items) {
    const name = item.separator === '=' ? item.name?.name : item.value.kind === 'Name' ? item.value.name : undefined;
    const span = item.separator === '=' ? (item.name?.span ?? item.span) : item.value.span;
    if (name === undefined || !isAxisName(name)) {
      const parts = { what: 'An element here', expected: 'an axis', found: 'another expression' };
      evaluation.fail(frame, 'UNET3001', parts, item.span);
      return undefined;
    }
    if (!item.spread) {
      axes.push({ name, span });
      continue;
    }
    const group = frame.groups.get(name);
    if (group === undefined) {
      if (!frame.groups.has(name)) {
        const extras = suggestionFor(name, frame.groups.keys(), span);
        evaluation.fail(frame, 'UNET2001', { name: `...${name}` }, item.span, extras);
        return undefined;
      }
      axes.push({ name: `...${name}`, span });
      continue;
    }
    for (const axis of group) axes.push({ name: axis.name, span });
  }
  const seen = new Set<string>();
  for (const { name, span } of axes) {
    if (seen.has(name)) {
      evaluation.fail(frame, 'UNET3009', { axis: name }, span);
      return undefined;
    }
    seen.add(name);
  }
  return axes;
}

/** Returns the axis of `tensor` with the name `name`, or undefined and UNET3008. */
export function requireAxis(
  evaluation: Evaluation,
  frame: Frame,
  tensor: TensorValue,
  axis: WrittenAxis,
): Axis | undefined {
  const found = tensor.shape.find((each) => each.name === axis.name);
  if (found !== undefined) return found;
  const names = tensor.shape.map((each) => each.name);
  const removed = removalOf(evaluation, tensor.op, axis.name);
  const near = suggestionFor(axis.name, names, axis.span);
  const extras =
    removed === undefined
      ? near
      : { labels: [removed], help: `Use one of its axes, or the tensor from before \`${axis.name}\` was removed.` };
  evaluation.fail(frame, 'UNET3008', { axis: axis.name, axes: formatShape(tensor.shape) }, axis.span, extras);
  return undefined;
}

/** The operation before `op` that removed an axis, such as a mean over it. */
function removalOf(evaluation: Evaluation, op: string, axis: string): Label | undefined {
  let current = evaluation.ops.find(({ id }) => id === op);
  for (let steps = 0; current !== undefined && steps < 100; steps++) {
    const [operand] = current.operands;
    if (operand === undefined) return undefined;
    if (operand.shape.some(({ name }) => name === axis))
      return { span: current.span, text: `this removes \`${axis}\`` };
    current = evaluation.ops.find(({ id }) => id === operand.op);
  }
  return undefined;
}

/** `t[C, E]`: the same tensor with its axes renamed, in order. */
export function renameAxes(
  evaluation: Evaluation,
  frame: Frame,
  tensor: TensorValue,
  items: readonly ElementNode[],
  span: Span,
): Value {
  const axes = readElements(evaluation, frame, items);
  if (axes === undefined) return { kind: 'error' };
  if (axes.length !== tensor.shape.length) {
    const expected = `[${axes.map((each) => each.name).join(', ')}]`;
    const parts = { what: 'This renaming', expected, found: formatShape(tensor.shape) };
    return evaluation.fail(frame, 'UNET3010', parts, span);
  }
  const shape = tensor.shape.map((axis, index) => ({ name: axes[index]?.name ?? axis.name, size: axis.size }));
  for (const axis of shape) if (!frame.axes.has(axis.name)) introduceAxis(frame, axis.name, axis.size);
  return { ...tensor, shape };
}

/** Introduces the axes of a renaming or `into` when shapes are unknown. */
export function introduceWritten(evaluation: Evaluation, frame: Frame, items: readonly ElementNode[]): Value {
  const axes = readElements(evaluation, frame, items);
  if (axes === undefined) return { kind: 'error' };
  for (const { name } of axes) introduceAxis(frame, name, undefined);
  return unknownAnything;
}
