import { printable } from './printable.js';

/** Text as Markdown shows it letter by letter, on one line. */
export function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_~[\]<>|#&]/g, (character) => `\\${character}`);
}
