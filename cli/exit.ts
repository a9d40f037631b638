/** Exit codes of every command. */
export const exitCodes = {
  /** Done; warnings alone do not change this. */
  success: 0,
  /** What was given has faults: diagnostics, data errors, a failed run. */
  diagnostics: 1,
  /** The command itself was wrong: an unknown flag, a missing argument, an ambiguous model. */
  usage: 2,
  /** Stopped by Ctrl-C; a training run can be resumed. */
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
