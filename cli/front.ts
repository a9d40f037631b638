import { exitCodes } from './exit.js';
import { createProgram } from './program.js';
import { runCommand } from './run-command.js';

/** Runs one command line, `process.argv` and the like. @returns the exit code */
export function main(argv: readonly string[]): Promise<number> {
  process.on('uncaughtException', endOnClosedPipe);
  return runCommand(() => createProgram().parseAsync([...argv]));
}

/** A reader that has seen enough (`| head`) closes the pipe; that is no fault. */
function endOnClosedPipe(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(exitCodes.success);
  throw error;
}
