import { SingleBar } from 'cli-progress';

/** A progress bar with time left on a terminal; a line every so often in a log. */
export interface Progress {
  update(done: number, total: number, text: string): void;
  stop(): void;
}

/** Seconds between two lines of a log. */
const logSeconds = 10;

/** Starts a bar called `label`; it goes to standard error, so that standard output stays the command's result. */
export function progressBar(label: string): Progress {
  return process.stderr.isTTY ? terminalBar(label) : logLines(label);
}

function terminalBar(label: string): Progress {
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total} {eta_formatted} left  {text}`,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    hideCursor: true,
    clearOnComplete: false,
    stream: process.stderr,
    etaBuffer: 30,
  });
  let started = false;
  return {
    update: (done, total, text) => {
      if (!started) bar.start(total, done, { text });
      started = true;
      bar.setTotal(total);
      bar.update(done, { text });
    },
    stop: () => {
      if (started) bar.stop();
    },
  };
}

function logLines(label: string): Progress {
  const begun = Date.now();
  let last = 0;
  return {
    update: (done, total, text) => {
      const now = Date.now();
      if (done < total && now - last < logSeconds * 1000) return;
      last = now;
      const left = done === 0 ? '' : `, ${duration(((now - begun) / done) * (total - done))} left`;
      process.stderr.write(`${label} ${done}/${total}${left}${text === '' ? '' : `  ${text}`}\n`);
    },
    stop: () => undefined,
  };
}

/** Milliseconds as people say them: `45 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
