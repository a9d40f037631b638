/** Text from a spec on its way to a terminal, a table or a comment. */
import { formatCount } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { formatSizes } from '../ir/format-sizes.js';

export { formatSizes, printable };

/** A difference of whole numbers with its sign: `+1,024`, `−1,024`, `0`. */
export function formatDifference(difference: number): string {
  if (difference === 0) return '0';
  return `${difference > 0 ? '+' : '−'}${formatCount(Math.abs(difference))}`;
}

/** `121, global`: the sizes if they differ, and whether an operation sees the whole image. */
export function formatField(part: { readonly receptiveField: readonly number[]; readonly global: boolean }): string {
  return `${sizesOnce(part.receptiveField).join(' × ')}${part.global ? ', global' : ''}`;
}

/** Equal sizes along all axes as one. */
export function sizesOnce(sizes: readonly number[]): readonly number[] {
  return sizes.every((size) => size === sizes[0]) ? sizes.slice(0, 1) : sizes;
}
