import { colours } from './colours.js';
import { note } from './terminal.js';

/** The codes of the errors that this command has printed, and of its warnings. */
const reported = { error: new Set<string>(), warning: new Set<string>() };

/** The most codes that the last line names. */
const most = 5;

/** Remembers the code of a message that is printed. */
export function rememberCode(code: string, severity: keyof typeof reported): void {
  reported[severity].add(code);
}

/** Forgets all codes, at the start of a command. */
export function forgetCodes(): void {
  for (const codes of Object.values(reported)) codes.clear();
}

/** Prints the command that explains the errors of this command. */
export function tellExplanation(): void {
  const command = explainCommand();
  if (command !== undefined) note(`\nFor more: ${colours.bold(command)}\n`);
}

/** The command that explains the errors of this command, or its warnings if it has no errors; undefined without either. */
function explainCommand(): string | undefined {
  const { error, warning } = reported;
  const codes = [...(error.size > 0 ? error : warning)].sort().slice(0, most);
  return codes.length === 0 ? undefined : `unet explain ${codes.join(' ')}`;
}
