import { printableLines } from '../text/printable.js';
import { wrapLines } from '../text/wrap.js';
import { isColoured } from './colours.js';

/** The styles that picocolors writes for us: bold, dim, italic, underline, the foreground colours, and the ends of these. */
const style = /(\u001B\[(?:[1-4]|2[2-4]|3[1-69]|90)m)/;

/**
 * `text` as a terminal may be given it. Line breaks and tabs remain, and our own styles if it is `coloured`; every other
 * character that would act on the terminal, reorder text or be invisible is written as `\u{...}`.
 */
export function shown(text: string, coloured: boolean): string {
  return text
    .split(style)
    .map((part, index) => (index % 2 === 0 ? printableLines(part) : coloured ? part : ''))
    .join('');
}

/** Columns of tables and reports where standard output is not a terminal. */
const plainColumns = 120;

/** The columns of a stream: `COLUMNS` if it is set, else those of the terminal; undefined if it is not a terminal. */
export function columnsOf({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number | undefined {
  const wanted = Number(process.env['COLUMNS']);
  if (Number.isInteger(wanted) && wanted > 0) return wanted;
  return isTTY && columns > 0 ? columns : undefined;
}

/** The columns that tables and reports on standard output may take. */
export function outputColumns(): number {
  return columnsOf(process.stdout) ?? plainColumns;
}

/** Writes text for people, or JSON, to standard output. */
export function print(text: string): void {
  process.stdout.write(shown(text, isColoured(1)));
}

/** Writes data that other programs read (CSV) to standard output: unchanged, except on a terminal. */
export function printData(text: string): void {
  if (process.stdout.isTTY) print(text);
  else process.stdout.write(text);
}

/** Writes text that has its own layout, such as the source lines of a diagnostic, to standard error. */
export function tellAsIs(text: string): void {
  process.stderr.write(shown(text, isColoured(2)));
}

/** Writes messages to standard error, on a terminal in lines that are broken between words. */
export function tell(text: string): void {
  tellAsIs(wrapLines(text, columnsOf(process.stderr)));
}

/** Clears the screen if standard error is a terminal that can be cleared. */
export function clearScreen(): void {
  if (process.stderr.isTTY && process.env['TERM'] !== 'dumb') process.stderr.write('\u001B[2J\u001B[H');
}

let quiet = false;

/** Applies `--quiet`: progress, notes and next steps are not shown. */
export function chooseQuiet(choice: boolean): void {
  quiet = choice;
}

/** Whether only results, warnings and errors are shown. */
export function isQuiet(): boolean {
  return quiet;
}

/** Writes what `--quiet` leaves out to standard error. */
export function note(text: string): void {
  if (!quiet) tell(text);
}
