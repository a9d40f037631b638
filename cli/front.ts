import { exitCodes } from './exit.js';
import { chooseColours } from './colours.js';
import { createProgram } from './program.js';
import { forgetCodes } from './reported-codes.js';
import { asksForJson } from './result.js';
import { runCommand, reportBug } from './run-command.js';
import { chooseQuiet } from './terminal.js';

/** Runs one command line in the form of `process.argv`. @returns the exit code */
export function main(argv: readonly string[]): Promise<number> {
  process.on('uncaughtException', exitOnClosedPipe);
  forgetEmptyVariables();
  forgetCodes();
  chooseColours('auto');
  chooseQuiet(false);
  return runCommand(() => createProgram().parseAsync([...argv]), asksForJson(argv));
}

/** `UNET_THREADS=` in front of a command is treated like an unset variable. */
function forgetEmptyVariables(): void {
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('UNET_') && value?.trim() === '') delete process.env[name];
  }
}

/** A reader that has seen enough (`| head`) closes the pipe, which is not an error. (Listening to the pipe would open it.) */
function exitOnClosedPipe(error: NodeJS.ErrnoException): never {
  const closed = error.code === 'EPIPE' && error.syscall === 'write';
  process.exit(closed ? exitCodes.success : reportBug(error));
}
