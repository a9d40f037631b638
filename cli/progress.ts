import { barText, canRedraw, statusLine } from './status-line.js';
import { isQuiet, note } from './terminal.js';

/**
 * Shows the progress of a long operation: a bar with the remaining time on a terminal, occasional lines in a log. The part
 * that is done may be a fraction.
 */
export interface Progress {
  update(done: number, total: number, text: string): void;
  stop(): void;
}

/** Seconds between two lines of a log. */
const logSeconds = 10;

/**
 * Starts a progress bar with the label `label` on standard error, so that standard output contains only the command's
 * result.
 */
export function progressBar(label: string): Progress {
  const begun = Date.now();
  const line = (done: number, total: number, text: string, bar = ''): string => {
    const left = done === 0 ? '' : `, ${duration(((Date.now() - begun) / done) * (total - done))} left`;
    return `${label} ${bar}${Math.floor(done)}/${total}${left}${text === '' ? '' : `  ${text}`}`;
  };
  return canRedraw(process.stderr) && !isQuiet() ? onTerminal(line) : inLog(line);
}

type Line = (done: number, total: number, text: string, bar?: string) => string;

function onTerminal(line: Line): Progress {
  const status = statusLine();
  return {
    update: (done, total, text) => status.show(line(done, total, text, `${barText(done, total)} `)),
    stop: () => status.stop(),
  };
}

function inLog(line: Line): Progress {
  let last = 0;
  return {
    update: (done, total, text) => {
      const now = Date.now();
      if (done < total && now - last < logSeconds * 1000) return;
      last = now;
      note(`${line(done, total, text)}\n`);
    },
    stop: () => undefined,
  };
}

/** Formats milliseconds: `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
