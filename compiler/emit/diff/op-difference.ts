/** How two matched operations differ, apart from their operands. */
import type { Op } from '../../ir/ir.js';
import { formatSizes } from '../printable.js';
import { attributeTexts, labelOp } from '../layers/label-op.js';

/** How two matched operations differ. */
export type OpDifference =
  | { readonly kind: 'none' }
  /** Only numbers of channels, and what follows from them. */
  | { readonly kind: 'size' }
  | { readonly kind: 'attributes'; readonly before: string; readonly after: string }
  | { readonly kind: 'other' };

const sizeAttributes = ['out'];

/** Compares kind, attributes and weights. Operands are compared in `compare.ts`, which knows the matches. */
export function opDifference(before: Op, after: Op): OpDifference {
  if (before.kind !== after.kind) return { kind: 'other' };
  const [left, right] = [settingsOf(before), settingsOf(after)];
  const names = [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name));
  const telling = names.filter((name) => !sizeAttributes.includes(name));
  if (telling.length > 0) return told(before, after, telling, settingsOf);
  if (names.length > 0 || weightShapes(before) !== weightShapes(after)) return { kind: 'size' };
  const starts = [initialValues(before), initialValues(after)] as const;
  const changed = [...starts[0].keys()].filter((name) => starts[0].get(name) !== starts[1].get(name));
  return changed.length > 0 ? told(before, after, changed, initialValues) : { kind: 'none' };
}

/** The attributes, including what an image's declaration fixes. */
function settingsOf(op: Op): ReadonlyMap<string, string> {
  const settings = new Map(attributeTexts(op));
  if (op.kind === 'input') settings.set('shape', formatSizes(op.shape));
  if (op.weights.some(({ trainable, statistic }) => !trainable && statistic !== true)) settings.set('frozen', 'true');
  return settings;
}

function weightShapes({ weights }: Op): string {
  return weights.map(({ name, shape }) => `${name} ${shape.join('×')}`).join(', ');
}

/** How each weight is initialised; compared only if all else is equal, because the numbers also follow from sizes. */
function initialValues({ weights }: Op): ReadonlyMap<string, string> {
  return new Map(
    weights.map(({ name, initial }) => {
      const numbers = Object.entries(initial).filter(([key]) => key !== 'kind');
      return [`${name} starts`, [initial.kind, ...numbers.map(([, value]) => Number(value).toPrecision(4))].join(' ')];
    }),
  );
}

function told(
  before: Op,
  after: Op,
  names: readonly string[],
  textsOf: (op: Op) => ReadonlyMap<string, string>,
): OpDifference {
  const text = (op: Op): string => {
    const texts = textsOf(op);
    return `${labelOp(op)} (${names.map((name) => `${name.replaceAll('_', ' ')} ${texts.get(name) ?? 'none'}`).join(', ')})`;
  };
  return { kind: 'attributes', before: text(before), after: text(after) };
}
