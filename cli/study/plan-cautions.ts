import { withAllowances } from '../../runtime/data/cautions/caution.js';
import { UserError } from '../../runtime/errors/user-error.js';
import type { SpreadCaution } from '../../runtime/study/spread-cautions.js';
import { printable } from '../../text/printable.js';
import { allowedBy, type AllowanceFlags } from '../cautions.js';
import { messageLines } from '../message.js';
import { tell } from '../terminal.js';

/** Turns errors that flags allow into warnings. */
export function weigh(cautions: readonly SpreadCaution[], flags: AllowanceFlags): SpreadCaution[] {
  const allowed = allowedBy(flags);
  return cautions.map((each) => ({ ...each, caution: withAllowances([each.caution], allowed)[0] ?? each.caution }));
}

export function isRefused({ caution }: SpreadCaution): boolean {
  return caution.severity === 'error';
}

/** A caution with the rows it concerns, unless it concerns all of them, as lines of text. */
export function cautionLines({ caution, variants, isGeneral, text }: SpreadCaution): string[] {
  const { severity, code, help } = caution;
  const rows = isGeneral ? '' : `${variants.join(', ')}: `;
  const message = text.slice(0, -` (${code})`.length);
  return messageLines({ severity, code, text: printable(rows + message), help: printable(help) });
}

/**
 * Prints cautions about a study's data.
 * @throws UserError for the first error that is not allowed
 */
export function applyStudyCautions(cautions: readonly SpreadCaution[], flags: AllowanceFlags): void {
  const weighed = weigh(cautions, flags);
  for (const each of weighed.filter((one) => !isRefused(one))) for (const line of cautionLines(each)) tell(`${line}\n`);
  const refused = weighed.find(isRefused)?.caution;
  if (refused !== undefined) throw new UserError(refused.code, refused.message, refused.help);
}
