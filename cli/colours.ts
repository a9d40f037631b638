import { isatty } from 'node:tty';
import pc from 'picocolors';

/** Whether text may be coloured: only on a terminal, and never if `NO_COLOR` is set. */
function isColouredAt(descriptor: number): boolean {
  return isatty(descriptor) && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
}

/** Whether standard error is coloured. */
export const isColoured: boolean = isColouredAt(2);

/** Whether standard output is coloured. */
export const isOutputColoured: boolean = isColouredAt(1);

/** Colours for standard error. (picocolors' own choice looks at standard output and at CI.) */
export const colours = pc.createColors(isColoured);

/** Colours for standard output. */
export const outputColours = pc.createColors(isOutputColoured);
