import { withAllowances, type Allowance, type Caution } from '../runtime/data/cautions/cautions.js';
import { UserError } from '../runtime/errors/user-error.js';
import { printable } from '../text/printable.js';
import { messageLines } from './message.js';
import { tell } from './terminal.js';

/** Flags that allow what is otherwise an error. */
export interface AllowanceFlags {
  readonly allowTrainingCases?: boolean;
  readonly allowSharedLabels?: boolean;
  readonly allowUnfinished?: boolean;
}

/** Returns the allowances given by the flags of a command. */
export function allowedBy(flags: AllowanceFlags): Allowance[] {
  const given: readonly (readonly [Allowance, boolean | undefined])[] = [
    ['training-cases', flags.allowTrainingCases],
    ['shared-labels', flags.allowSharedLabels],
    ['unfinished', flags.allowUnfinished],
  ];
  return given.filter(([, allowed]) => allowed === true).map(([allowance]) => allowance);
}

/** Formats a caution for standard error, with a final line break. */
export function cautionText({ code, message, help }: Caution): string {
  const lines = messageLines({ severity: 'warning', code, text: printable(message), help: printable(help) });
  return `${lines.join('\n')}\n`;
}

/** Prints warnings to standard error. */
function printCautions(cautions: readonly Caution[]): void {
  for (const caution of cautions) tell(cautionText(caution));
}

/**
 * Prints the warnings among some cautions, with the errors that are allowed.
 * @returns all of them, as the command's result records them
 * @throws UserError the first error that is not allowed
 */
export function applyCautions(cautions: readonly Caution[], flags: AllowanceFlags): Caution[] {
  const weighed = withAllowances(cautions, allowedBy(flags));
  printCautions(weighed.filter(({ severity }) => severity === 'warning'));
  const error = weighed.find(({ severity }) => severity === 'error');
  if (error !== undefined) throw new UserError(error.code, error.message, error.help);
  return weighed;
}
