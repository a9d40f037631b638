/** Text from a spec on its way to a terminal, a table or a comment. */
import { formatCount } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { formatSize } from '../shape/size.js';
import type { Shape } from '../ir/ir.js';

export { printable };

/** `text` fit for one line of any comment: printable, and unable to end a block comment. */
export function commentText(text: string): string {
  return printable(text).replaceAll('*/', '*\u2215');
}

/** `24 x D x ceil(H / 2)`; `scalar` where there are no axes. */
export function formatSizes(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.map(({ size }) => formatSize(size)).join(' x ');
}

/** A difference of whole numbers with its sign: `+1,024`, `−1,024`, `0`. */
export function formatDifference(difference: number): string {
  if (difference === 0) return '0';
  return `${difference > 0 ? '+' : '−'}${formatCount(Math.abs(difference))}`;
}

/** `65 x 65 x 65`; `global` where something in it sees everything. */
export function formatField(part: { readonly receptiveField: readonly number[]; readonly global: boolean }): string {
  return `${part.receptiveField.join(' x ')}${part.global ? ', global' : ''}`;
}
