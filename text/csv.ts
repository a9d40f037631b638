import { stringify } from 'csv-stringify/sync';

/** A value of a CSV file; null and undefined are an empty field. */
export type Cell = string | number | null | undefined;

/**
 * CSV (RFC 4180) with a heading: the columns given, or the keys of the first row. Text that a spreadsheet would take for
 * a formula (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return) gets a `'` before it; numbers and all other
 * text are unchanged.
 */
export function csvText(rows: readonly Readonly<Record<string, Cell>>[], columns?: readonly string[]): string {
  return stringify([...rows], {
    header: true,
    escape_formulas: true,
    // Readers take a lone carriage return for the end of a line.
    quoted_match: /\r/,
    ...(columns === undefined ? {} : { columns: [...columns] }),
  });
}
