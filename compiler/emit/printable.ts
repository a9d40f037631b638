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

/** `65 x 65 x 65`; `global` if an operation sees the whole image. */
export function formatField(part: { readonly receptiveField: readonly number[]; readonly global: boolean }): string {
  return `${part.receptiveField.join(' x ')}${part.global ? ', global' : ''}`;
}
