/** Exit codes of every command. */
export const exitCodes = {
  /** Success, possibly with warnings. */
  success: 0,
  /** An error in a spec, data, weights, a run or a file, including missing files and existing output files. */
  diagnostics: 1,
  /** An invalid command line: an unknown flag, a missing argument, an ambiguous or unknown model. */
  usage: 2,
  /** Interrupted by SIGINT (Ctrl-C), SIGTERM, SIGHUP or SIGUSR1; a training run can be resumed. */
  interrupted: 130,
} as const;

/** An invalid command line, with an optional suggestion. Printed without a stack trace; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    readonly help?: string,
  ) {
    super(message);
  }
}

/** A file that cannot be read or must not be overwritten. Printed without a stack trace; exit code 1. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** Input with errors that are printed in their own format. Exit code 1. */
export class DiagnosticsError extends Error {
  override readonly name = 'DiagnosticsError';

  /**
   * @param text for people, with a final line break
   * @param data the JSON output
   */
  constructor(
    readonly text: string,
    readonly data: object,
  ) {
    super('faults');
  }
}

/** Ends a command that has already printed its outcome, with an exit code. */
export class Finished extends Error {
  override readonly name = 'Finished';

  constructor(readonly code: number) {
    super('finished');
  }
}
