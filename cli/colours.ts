import { isatty } from 'node:tty';
import pc from 'picocolors';

/** Values of `--color`. */
export const colourChoices = ['auto', 'always', 'never'] as const;

/** When output is coloured. */
export type ColourChoice = (typeof colourChoices)[number];

/** Paints text always: `print` and `tell` remove the colours where a stream has none. */
export const colours = pc.createColors(true);

let chosen: ColourChoice = 'auto';

/** Applies `--color`. */
export function chooseColours(choice: ColourChoice): void {
  chosen = choice;
}

/**
 * Whether a stream is coloured: as `--color` says, else never if `NO_COLOR` is set, always if `FORCE_COLOR` is, else on a
 * terminal.
 * @param descriptor 1 for standard output, 2 for standard error
 */
export function isColoured(descriptor: 1 | 2): boolean {
  if (chosen !== 'auto') return chosen === 'always';
  const { NO_COLOR = '', FORCE_COLOR = '', TERM } = process.env;
  if (NO_COLOR !== '') return false;
  if (FORCE_COLOR !== '') return !['0', 'false'].includes(FORCE_COLOR);
  return isatty(descriptor) && TERM !== 'dumb';
}
