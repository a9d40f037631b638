/** Ctrl-C; `kill`; a closed terminal; Slurm's usual warning, on which Node.js would otherwise start its debugger. */
const endingSignals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'];

/** Exit code of a command that was terminated by any signal. */
const interrupted = 130;

/**
 * Makes signals end the process with exit code 130, after its clean-up for `exit` (locks, temporary files), unless
 * the command listens to that signal itself.
 * @param signals excluding those best handled by the system, which can terminate a process that computes without a pause
 */
function endOnSignals(signals: readonly NodeJS.Signals[] = endingSignals): void {
  for (const signal of signals) {
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return;
      if (signal !== 'SIGHUP') process.stderr.write(`Stopped by ${signal}.\n`);
      process.exit(interrupted);
    });
  }
}

/**
 * Calls `stop` on the first signal, for a command that has something to finish. After it, Ctrl-C ends the process at once,
 * and other signals are ignored: Slurm, a shell and a closing terminal may each send several.
 * @returns stops listening
 */
function onEndingSignal(stop: (signal: NodeJS.Signals) => void): () => void {
  let first = true;
  const listener = (signal: NodeJS.Signals): void => {
    // The terminal may be gone; a message that cannot be written must not keep the command from finishing.
    if (signal === 'SIGHUP') for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    if (first) {
      first = false;
      process.removeAllListeners('SIGINT');
      stop(signal);
    }
  };
  for (const signal of endingSignals) process.on(signal, listener);
  return () => {
    for (const signal of endingSignals) process.removeListener(signal, listener);
  };
}

export = { endingSignals, interrupted, endOnSignals, onEndingSignal };
