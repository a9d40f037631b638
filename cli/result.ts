import { jsonText } from '../text/json.js';
import { print } from './terminal.js';

/** The `--json` flag. Commands that print data also have `--format json`. */
export interface ResultFlags {
  readonly json?: boolean | undefined;
}

/** Prints the result of a command, as JSON if requested. */
export function printResult({ json }: ResultFlags, data: object, text: string): void {
  print(json === true ? jsonText(data) : text);
}

/** Prints the path of the file that a report was written to with `-o`, as JSON if the report is JSON. */
export function printWritten(path: string, format: string): void {
  printResult({ json: format === 'json' }, { written: [path] }, `${path}\n`);
}

/** Whether a command line requests JSON, even if it is invalid otherwise. */
export function asksForJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, index) =>
      word === '--json' || word === '--format=json' || (word === 'json' && argv[index - 1] === '--format'),
  );
}
