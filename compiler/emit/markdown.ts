import { printable } from './printable.js';

/** Escapes a string so that Markdown shows it verbatim, on one line. */
export function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_~[\]<>|#&]/g, (character) => `\\${character}`);
}
