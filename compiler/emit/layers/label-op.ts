/** Operations in the words of a figure: `conv 3×3×3, stride 2`, `GN`, `max pool 2×2×2`. */
import type { Axis, Op, OpBase, OpKind, Padding } from '../../ir/ir.js';
import type { FigureKind } from '../../ir/ops/operation.js';
import { definitionOf } from '../../ir/ops/operations.js';
import { formatSize } from '../../shape/size.js';
import { printable } from '../printable.js';

/** What a layer is, as a figure tells kinds apart. */
export type LayerKind = FigureKind;

/** How a figure colours an operation. */
export function kindOfOp<K extends OpKind>(op: OpBase<K>): LayerKind {
  return definitionOf(op.kind).figure(op.attributes);
}

/** What a block that computes it is known by, if that is this operation. */
export function blockKindOf<K extends OpKind>(op: OpBase<K>): LayerKind | undefined {
  return definitionOf(op.kind).block(op.attributes);
}

/** An operation in a few words. Numbers of channels are left to shapes. */
export function labelOp<K extends OpKind>(op: OpBase<K>): string {
  return definitionOf(op.kind).label(op);
}

/** Every attribute of an operation, for telling two of one kind apart: `conv(out: 24, kernel: 3×3×3, ...)`. */
export function attributeTexts(op: Op): ReadonlyMap<string, string> {
  const entries = Object.entries(op.attributes as Readonly<Record<string, unknown>>);
  return new Map(entries.map(([name, value]) => [name, printable(attributeText(name, value))]));
}

function attributeText(name: string, value: unknown): string {
  if (name === 'pad' || name === 'amounts') {
    if (value === undefined) return 'to fit';
    return (value as Padding).map(([before, after]) => (before === after ? before : `${before}+${after}`)).join('×');
  }
  if (Array.isArray(value)) return value.map(elementText).join(value.every(Number.isInteger) ? '×' : ', ');
  return typeof value === 'string' ? value : JSON.stringify(value ?? 'none');
}

/** An axis, a name or a number in a list of them. */
function elementText(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('size' in value) || !('name' in value)) {
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  const { name, size } = value as Axis;
  return `${name} = ${formatSize(size)}`;
}
