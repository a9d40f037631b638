import { printable } from '../../compiler/emit/printable.js';

/** A piece of a spec as a code block; characters that would reorder it are escaped. */
export function fenced(text: string): string {
  const lines = text.replaceAll('```', '').split('\n').map(printable);
  return `\`\`\`unet\n${lines.join('\n')}\n\`\`\``;
}

/** Text without backticks as code within a line. */
export function inlineCode(text: string): string {
  return `\`${printable(text).replaceAll('`', '')}\``;
}

/** Cells of a row that are Markdown already; a `|` within code would end a cell. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, '\\|')).join(' | ')} |`;
}
