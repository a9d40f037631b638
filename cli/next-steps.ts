import { note } from './terminal.js';

/** Quotes a path as one word of a POSIX shell. */
export function quoted(path: string): string {
  return /^[\w./~:@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Prints the commands to try next, each on a line to be copied. */
export function tellNext(commands: readonly string[]): void {
  note(`Next:\n${commands.map((command) => `  ${command}\n`).join('')}`);
}
