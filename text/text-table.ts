/** A table of plain text, for every output format: rows of equal length; columns from `firstNumber` on are numbers. */
export interface TextTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly firstNumber: number;
}
