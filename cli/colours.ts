import { isatty } from 'node:tty';
import pc from 'picocolors';

/** Whether messages may be coloured: on a terminal alone, and not where `NO_COLOR` is set to anything. */
export const isColoured: boolean =
  isatty(process.stderr.fd) && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';

/** Colours for standard error. (picocolors' own choice looks at standard output and at CI.) */
export const colours = pc.createColors(isColoured);
