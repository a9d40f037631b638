import { printable } from '../text/printable.js';
import { colours } from './colours.js';

/** A warning with its code and remedy, as lines for a person. */
export function warningLines(code: string, message: string, help?: string): string[] {
  const head = `${colours.yellow(`warning ${code}`)}: ${printable(message)}`;
  return help === undefined ? [head] : [head, `  ${colours.cyan('help')}: ${printable(help)}`];
}
