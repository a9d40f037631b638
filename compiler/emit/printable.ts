/** Text from a spec on its way to a terminal, a table or a comment. */
import { formatSize } from '../shape/size.js';
import type { Shape } from '../ir/ir.js';

// Control characters, line separators, the marks that reorder text, and what no XML document may hold.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFE\uFFFF]/gu;

/** `text` on one line, with every character that would act instead of being seen written as `\u{...}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** `text` fit for one line of any comment: printable, and unable to end a block comment. */
export function commentText(text: string): string {
  return printable(text).replaceAll('*/', '*\u2215');
}

/** `24 x D x ceil(H / 2)`; `scalar` where there are no axes. */
export function formatSizes(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.map(({ size }) => formatSize(size)).join(' x ');
}

/** A whole number with thousands separators: `2,219,074`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
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
