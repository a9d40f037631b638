/** Exit codes of every command. */
export const exitCodes = {
  /** Done; warnings alone do not change this. */
  success: 0,
  /** Anything is wrong with specs, data, weights, runs or files, those that are not there or in the way among them. */
  diagnostics: 1,
  /** The command line itself is wrong: an unknown flag, a missing argument, a model it leaves open or does not find. */
  usage: 2,
  /** Stopped by SIGINT (Ctrl-C), SIGTERM, SIGHUP or SIGUSR1; a training run can be resumed. */
  interrupted: 130,
} as const;

/** Bad usage: one sentence, and where it helps one more. Printed without a stack; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(
    message: string,
    readonly help?: string,
  ) {
    super(message);
  }
}

/** A file that cannot be read, or is in the way: one sentence, printed like bad usage; exit code 1. */
export class FileError extends Error {
  override readonly name = 'FileError';
}

/** What was given has faults that are told in a form of their own. Exit code 1. */
export class Faults extends Error {
  override readonly name = 'Faults';

  /**
   * @param text for people, lines ended
   * @param data for programs that asked for JSON
   */
  constructor(
    readonly text: string,
    readonly data: object,
  ) {
    super('faults');
  }
}

/** The command is done and has said so itself; only the exit code is left. */
export class Finished extends Error {
  override readonly name = 'Finished';

  constructor(readonly code: number) {
    super('finished');
  }
}
