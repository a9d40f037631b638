import stringWidth from 'fast-string-width';
import { printable } from '../text/printable.js';
import { isColoured } from './colours.js';
import { shown } from './terminal.js';

/** The properties of a stream that a status line needs. */
export type TerminalStream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** A status line at the bottom of the terminal; other lines are printed above it. */
export interface StatusLine {
  /** Draws `text`, cut to the width of the terminal. */
  show(text: string): void;
  /** Prints a line of its own above the status. */
  print(line: string): void;
  /** Ends the status line, which remains as drawn last; further output follows below it. */
  stop(): void;
}

const ERASE_TO_END = '\u001b[K';

/** Milliseconds between two drawings. */
const interval = 80;

/** Whether a stream can show a line that changes. */
export function canRedraw({ isTTY }: Pick<TerminalStream, 'isTTY'>): boolean {
  return isTTY && process.env['TERM'] !== 'dumb';
}

/** Truncates `text` so that the last column is free, because some terminals wrap there. */
function cut(text: string, columns: number): string {
  let shown = '';
  let width = 0;
  for (const character of text) {
    width += stringWidth(character);
    if (width >= columns) break;
    shown += character;
  }
  return shown;
}

/**
 * Creates a status line on a terminal. It moves the cursor only within its own line and does not change terminal modes: nothing
 * has to be restored when the process is killed, and nothing is drawn over what was printed before. (cli-progress saves
 * the cursor's place on the screen and returns to it, over all that was printed meanwhile, and takes the first Ctrl-C.)
 */
export function statusLine(stream: TerminalStream = process.stderr): StatusLine {
  let status: string | undefined;
  let drawn = '';
  let last = -Infinity;
  const draw = (): void => {
    if (status === undefined || status === drawn) return;
    stream.write(`\r${cut(printable(status), stream.columns || 80)}${ERASE_TO_END}`);
    drawn = status;
    last = performance.now();
  };
  return {
    show: (text) => {
      status = text;
      if (performance.now() - last >= interval) draw();
    },
    print: (line) => {
      stream.write(`${status === undefined ? '' : `\r${ERASE_TO_END}`}${shown(line, isColoured(2))}\n`);
      drawn = '';
      draw();
    },
    stop: () => {
      draw();
      if (status !== undefined) stream.write('\n');
      status = undefined;
      drawn = '';
    },
  };
}

/** `####......`, 30 characters. */
export function barText(done: number, total: number): string {
  const width = 30;
  const full = total === 0 ? width : Math.min(width, Math.floor((width * done) / total));
  return '#'.repeat(full) + '.'.repeat(width - full);
}
