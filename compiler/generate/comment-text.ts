import { printable } from '../../text/printable.js';

/** `text` fit for one line of any comment: printable, and unable to end a block comment. */
export function commentText(text: string): string {
  return printable(text).replaceAll('*/', '*\u2215');
}
