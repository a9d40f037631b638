/**
 * An error caused by user input (data, files, flags, engine) rather than by a bug. Its message is one sentence that
 * names the place (case, file, flag), its help one that suggests a fix. The command line prints it without a stack
 * trace and exits with 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    /** Stable code with a page in docs/diagnostics: `UNET6003`. */
    readonly code: string,
    message: string,
    readonly help?: string,
  ) {
    super(message);
  }
}
