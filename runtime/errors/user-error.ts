/**
 * A fault that lies with what the user gave (data, files, flags, engine) and not with us. Its message is one sentence
 * that names the place (case, file, flag), its help one that names the remedy. The command line prints it without a
 * stack and exits with 1.
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
