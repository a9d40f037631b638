import { columnsIn, indentOf, wordsOf, wrapLine } from './wrap.js';

/** A column of a table. */
export interface TableColumn {
  readonly head: string;
  /** Where its cells are; numbers are right. Defaults to left. */
  readonly align?: 'left' | 'right';
  /** Whether it may be left out of a table that is too wide; the last such column goes first. */
  readonly optional?: boolean;
}

/** The columns of a table whose first `texts` columns are text and the others numbers. */
export function columnsOf(heads: readonly string[], texts: number): TableColumn[] {
  return heads.map((head, index) => ({ head, align: index < texts ? 'left' : 'right' }));
}

const gap = '  ';

/** How a table is laid out. */
export interface TableLayout {
  /** Whether a rule separates rows as well, for cells of several lines. Defaults to false. */
  readonly ruled?: boolean;
}

/**
 * A table for a terminal: heads, a rule, and rows, two columns apart. If it is wider than `width`, first heads are broken
 * between words, then optional columns are left out if that does not suffice, then cells are broken between words, the
 * widest first. Words are never broken, so that a table of long words may stay wider.
 * @param rows a cell for each column; heads and cells may be coloured and have several lines
 * @returns no line break at the end
 */
export function tableText(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width = Infinity,
  { ruled = false }: TableLayout = {},
): string {
  const shown = shownColumns(columns, rows, width);
  const cells = rows.map((row) => shown.map((index) => row[index] ?? ''));
  const kept = shown.map((index) => columns[index]!);
  const widths = fittingWidths(kept, cells, width);
  const heads = wrapRow(
    kept.map(({ head }) => head),
    widths,
  );
  const body = cells.map((row) => wrapRow(row, widths).map((line) => lineOf(line, kept, widths)));
  const rule = widths.map((each) => '─'.repeat(each)).join(gap);
  const head = headLines(heads).map((line) => lineOf(line, kept, widths));
  return [...head, ...body.flatMap((lines, index) => (ruled || index === 0 ? [rule, ...lines] : lines))].join('\n');
}

/** The columns that fit, by their indices. */
function shownColumns(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const least = columns.map(({ head }, index) => leastWidth([head, ...rows.map((row) => row[index] ?? '')]));
  const shown = [...columns.keys()];
  while (totalOf(shown.map((index) => least[index]!)) > width) {
    const last = shown.findLastIndex((index) => columns[index]!.optional === true);
    if (last < 0) break;
    shown.splice(last, 1);
  }
  return shown;
}

/** Returns a width for each column whose sum fits, as far as words allow. */
function fittingWidths(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const cells = columns.map((_, index) => rows.map((row) => row[index] ?? ''));
  const natural = cells.map((column) => Math.max(0, ...column.map(cellWidth)));
  const widths = columns.map(({ head }, index) => Math.max(cellWidth(head), natural[index]!));
  const headsBroken = columns.map(({ head }, index) => Math.max(leastWidth([head]), natural[index]!));
  const allBroken = columns.map(({ head }, index) => leastWidth([head, ...cells[index]!]));
  for (const least of [headsBroken, allBroken]) shrink(widths, least, width);
  return widths;
}

/** Narrows the widest columns until all fit or none can be narrower. */
function shrink(widths: number[], least: readonly number[], width: number): void {
  while (totalOf(widths) > width) {
    const candidates = [...widths.keys()].filter((index) => widths[index]! > least[index]!);
    if (candidates.length === 0) return;
    const widest = candidates.reduce((best, index) => (widths[index]! > widths[best]! ? index : best));
    widths[widest]!--;
  }
}

function totalOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + gap.length * Math.max(0, widths.length - 1);
}

/** The columns of the longest line of a cell. */
function cellWidth(cell: string): number {
  return Math.max(...cell.split('\n').map(columnsIn));
}

/** The columns of the longest word, with the indent of its line. */
function leastWidth(cells: readonly string[]): number {
  const lines = cells.flatMap((cell) => cell.split('\n'));
  const least = lines.map((line) => {
    const indent = indentOf(line).length;
    const words = wordsOf(line.slice(indent)).map(columnsIn);
    return Math.max(indent + (words[0] ?? 0), ...words.slice(1).map((word) => indent + 2 + word));
  });
  return Math.max(0, ...least);
}

/** The lines of a row, each with a cell for every column. */
function wrapRow(cells: readonly string[], widths: readonly number[]): readonly (readonly string[])[] {
  const wrapped = cells.map((cell, index) => cell.split('\n').flatMap((line) => wrapLine(line, widths[index]!)));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => wrapped.map((lines) => lines[line] ?? ''));
}

/** Removes the indent of the second lines of heads. */
function headLines(lines: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return lines.map((line) => line.map((cell) => cell.trim()));
}

function lineOf(cells: readonly string[], columns: readonly TableColumn[], widths: readonly number[]): string {
  const padded = cells.map((cell, index) => {
    const padding = ' '.repeat(Math.max(0, widths[index]! - columnsIn(cell)));
    return columns[index]!.align === 'right' ? padding + cell : cell + padding;
  });
  return padded.join(gap).trimEnd();
}

/** Rows without heads, one a line: columns aligned on the left, two columns apart, nothing wrapped. */
export function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const columns = (rows[0] ?? []).map((): TableColumn => ({ head: '' }));
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => cellWidth(row[index] ?? ''))));
  return rows.map((row) => lineOf(row, columns, widths));
}

/** Names with their values, one pair a line; a long value continues under its beginning. */
export function factsText(facts: readonly (readonly [string, string])[], width = Infinity): string {
  const names = Math.max(0, ...facts.map(([name]) => columnsIn(name)));
  return facts
    .flatMap(([name, value]) => {
      const lines = wrapLine(value, Math.max(20, width - names - gap.length)).map((line) => line.trimStart());
      return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(names)}${gap}${line}`);
    })
    .join('\n');
}
