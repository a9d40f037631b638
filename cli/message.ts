import { colours } from './colours.js';
import { tell } from './terminal.js';

/** A message to the user. */
export interface Message {
  readonly severity: 'error' | 'warning' | 'note';
  /** The code of its page in docs/diagnostics. */
  readonly code?: string | undefined;
  readonly text: string;
  readonly help?: string | undefined;
}

const paint = { error: colours.red, warning: colours.yellow, note: colours.cyan } as const;

/** A message with its remedy, as lines for a person. */
export function messageLines({ severity, code, text, help }: Message): string[] {
  const head = paint[severity](code === undefined ? severity : `${severity} ${code}`);
  return [`${head}: ${text}`, ...(help === undefined ? [] : [`  ${colours.cyan('help')}: ${help}`])];
}

/** Prints a message to standard error. */
export function tellMessage(message: Message): void {
  tell(`${messageLines(message).join('\n')}\n`);
}
