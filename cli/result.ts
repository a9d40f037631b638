import { jsonText } from '../text/json.js';
import { print } from './terminal.js';
/** A command that writes files takes it; those that print data take `--format json`, and this as well. */
export interface ResultFlags {
  readonly json?: boolean | undefined;
}

/** Tells on standard output what a command did, as JSON where that is asked for. */
export function tellResult({ json }: ResultFlags, data: object, text: string): void {
  print(json === true ? jsonText(data) : text);
}

/** Whether a command line asks for JSON, however wrong it may be otherwise. */
export function asksForJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, index) =>
      word === '--json' || word === '--format=json' || (word === 'json' && argv[index - 1] === '--format'),
  );
}
