import type { Span } from '../../grammar/source.js';
import type { Axis } from '../ir/ir.js';
import { constantOf, formatSize } from '../shape/size.js';
import { argumentLimit } from '../evaluate/limits.js';
import { formatShape, type ChoiceValue, type TensorValue } from '../evaluate/values.js';
import { abandon, type PrimitiveCall } from './primitive.js';

function spanOf(call: PrimitiveCall, name: string): Span {
  return call.bound.get(name)?.span ?? call.span;
}

/** The whole number bound to `name`, at least `least` (UNET3019); a spatial size is none (UNET3027). */
export function integerArgument(call: PrimitiveCall, name: string, least: number, otherwise?: number): number {
  const value = call.bound.get(name)?.value;
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (value?.kind === 'size') {
    call.evaluation.fail(call.frame, 'UNET3027', { size: formatSize(value.size) }, spanOf(call, name));
    return abandon();
  }
  if (value?.kind !== 'number') return abandon();
  return inRange(call, name, value.value, least);
}

function inRange(call: PrimitiveCall, name: string, value: number, least: number): number {
  if (value >= least && value <= argumentLimit) return value;
  const range = value > argumentLimit ? `between ${least} and ${argumentLimit}` : `of at least ${least}`;
  const parts = { what: `\`${name}\``, range: `a whole number ${range}`, found: String(value) };
  call.evaluation.fail(call.frame, 'UNET3019', parts, spanOf(call, name));
  return abandon();
}

export function booleanArgument(call: PrimitiveCall, name: string, otherwise: boolean): boolean {
  const value = call.bound.get(name)?.value;
  if (value === undefined) return otherwise;
  return value.kind === 'boolean' ? value.value : abandon();
}

/** A number from `least` to `most`, `most` itself excluded where `open`. */
export function numberArgument(
  call: PrimitiveCall,
  name: string,
  range: { readonly least: number; readonly most: number; readonly open?: boolean; readonly text: string },
  otherwise?: number,
): number {
  const value = call.bound.get(name)?.value;
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (value?.kind !== 'number') return abandon();
  const inside = value.value >= range.least && (range.open ? value.value < range.most : value.value <= range.most);
  if (inside) return value.value;
  const parts = { what: `\`${name}\``, range: range.text, found: String(value.value) };
  call.evaluation.fail(call.frame, 'UNET3019', parts, spanOf(call, name));
  return abandon();
}

/** One whole number per spatial axis: a single one stands for all (UNET3012). */
export function sizesArgument(
  call: PrimitiveCall,
  name: string,
  rank: number,
  least: number,
  otherwise?: readonly number[],
): readonly number[] {
  const value = call.bound.get(name)?.value;
  if (value === undefined && otherwise !== undefined) return otherwise;
  if (value?.kind === 'number') return Array.from({ length: rank }, () => inRange(call, name, value.value, least));
  if (value?.kind === 'size') return [integerArgument(call, name, least)];
  if (value?.kind !== 'list') return abandon();
  if (value.items.length !== rank) {
    const parts = { what: `\`${name}\``, given: value.items.length, axes: rank };
    call.evaluation.fail(call.frame, 'UNET3012', parts, spanOf(call, name));
    return abandon();
  }
  return value.items.map((item) => (item.kind === 'number' ? inRange(call, name, item.value, least) : abandon()));
}

export function choiceArgument(call: PrimitiveCall, name: string): ChoiceValue | undefined {
  const value = call.bound.get(name)?.value;
  if (value === undefined) return undefined;
  return value.kind === 'choice' ? value : abandon();
}

/** The number of channels: the size of the first axis, which must be known. */
export function channelsOf(call: PrimitiveCall, tensor: TensorValue = call.tensors[0]): number {
  const [first] = tensor.shape;
  if (first === undefined) {
    const parts = { what: `\`${call.name}\``, expected: '`[C, ...S]`', found: 'none' };
    call.evaluation.fail(call.frame, 'UNET3010', parts, call.span);
    return abandon();
  }
  const channels = constantOf(first.size);
  if (channels !== undefined) return channels;
  call.evaluation.fail(call.frame, 'UNET3027', { size: formatSize(first.size) }, call.span);
  return abandon();
}

/** The spatial axes, one to three of them (UNET3010). */
export function spatialOf(call: PrimitiveCall, tensor: TensorValue = call.tensors[0]): readonly Axis[] {
  const spatial = tensor.shape.slice(1);
  if (spatial.length >= 1 && spatial.length <= 3) return spatial;
  const parts = {
    what: `\`${call.name}\``,
    expected: '`[C, ...S]` with one to three spatial axes',
    found: formatShape(tensor.shape),
  };
  call.evaluation.fail(call.frame, 'UNET3010', parts, call.span);
  return abandon();
}
