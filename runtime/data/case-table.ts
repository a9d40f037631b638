import { CsvError, parse } from 'csv-parse/sync';
import { UserError } from '../errors/user-error.js';
import { readTextFile } from '../files/read-file.js';
import { cannotRead, systemCode } from './place.js';

/** The additional data in `cases.csv` about each case. */
export interface CaseTable {
  /** Columns besides `case`, in file order. */
  readonly columns: readonly string[];
  /** By case id: column to value; values are trimmed, an empty one means none. */
  readonly rows: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** The table of a data set without `cases.csv`. */
export const emptyTable: CaseTable = { columns: [], rows: new Map() };

const HELP =
  'The first line contains the column names, beginning with `case` (`case,site`); every other line describes one case.';

function invalid(file: string, fault: string): UserError {
  return new UserError('UNET6015', `\`${file}\`: ${fault}.`, HELP);
}

function parseRows(file: string, text: string): string[][] {
  try {
    return parse(text, { bom: true, trim: true, skip_empty_lines: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalid(file, error.message.replace(/\.$/, ''));
  }
}

function checkColumns(file: string, header: readonly string[]): void {
  if (header[0] !== 'case') throw invalid(file, `the first column must be \`case\`, got \`${header[0] ?? ''}\``);
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(file, `duplicate column \`${twice}\``);
  if (header.includes('')) throw invalid(file, 'a column has no name');
}

/**
 * Parses the text of a `cases.csv` (RFC 4180).
 * @throws UserError UNET6015
 */
export function parseCaseTable(file: string, text: string): CaseTable {
  const [header, ...lines] = parseRows(file, text);
  if (header === undefined) throw invalid(file, 'the file is empty');
  checkColumns(file, header);
  const rows = new Map<string, Readonly<Record<string, string>>>();
  for (const [id, ...values] of lines) {
    if (id === undefined || id === '') throw invalid(file, 'a row has no case id');
    if (rows.has(id)) throw invalid(file, `duplicate case \`${id}\``);
    rows.set(id, Object.fromEntries(header.slice(1).map((name, index) => [name, values[index] ?? ''])));
  }
  return { columns: header.slice(1), rows };
}

/** Reads a `cases.csv`; undefined if it does not exist. */
export async function readCaseTable(file: string): Promise<CaseTable | undefined> {
  const text = await readIfPresent(file);
  return text === undefined ? undefined : parseCaseTable(file, text);
}

/** Reads the lines of a CSV file; undefined if it does not exist. */
export async function readCsv(file: string): Promise<string[][] | undefined> {
  const text = await readIfPresent(file);
  return text === undefined ? undefined : parseRows(file, text);
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readTextFile(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error instanceof UserError ? error : cannotRead({ file }, error);
  }
}
