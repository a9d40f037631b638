import { printable } from '../../text/printable.js';

/** Returns `text` in a form that is safe in any one-line comment: printable, and unable to end a block comment. */
export function commentText(text: string): string {
  return printable(text).replaceAll('*/', '*\u2215');
}
