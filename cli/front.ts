import { exitCodes } from './exit.js';
import { createProgram } from './program.js';
import { asksForJson } from './result.js';
import { runCommand, tellOwnFault } from './run-command.js';

/** Runs one command line, `process.argv` and the like. @returns the exit code */
export function main(argv: readonly string[]): Promise<number> {
  process.on('uncaughtException', endOnClosedPipe);
  return runCommand(() => createProgram().parseAsync([...argv]), asksForJson(argv));
}

/** A reader that has seen enough (`| head`) closes the pipe; that is no fault. (Listening to the pipe would open it.) */
function endOnClosedPipe(error: NodeJS.ErrnoException): never {
  const closed = error.code === 'EPIPE' && error.syscall === 'write';
  process.exit(closed ? exitCodes.success : tellOwnFault(error));
}
