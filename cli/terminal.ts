import { printableLines } from '../text/printable.js';
import { isColoured, isOutputColoured } from './colours.js';

/** The colours that picocolors writes for us: bold, dim, six foreground colours, and the ends of these. */
const colour = /(\u001B\[(?:[12]|22|3[1-69])m)/;

/**
 * `text` as a terminal may be given it. Line breaks and tabs remain, and our own colours if there are any; every other
 * character that would act on the terminal, reorder text or be invisible is written as `\u{...}`.
 */
export function shown(text: string, coloured: boolean): string {
  if (!coloured) return printableLines(text);
  return text
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join('');
}

/** Writes text for people, or JSON, to standard output. */
export function print(text: string): void {
  process.stdout.write(shown(text, isOutputColoured));
}

/** Writes data that other programs read (CSV) to standard output: unchanged, except on a terminal. */
export function printData(text: string): void {
  if (process.stdout.isTTY) print(text);
  else process.stdout.write(text);
}

/** Writes text to standard error. */
export function tell(text: string): void {
  process.stderr.write(shown(text, isColoured));
}
