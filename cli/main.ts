#!/usr/bin/env node
import { exitCodes } from './exit.js';
import { createProgram } from './program.js';
import { runCommand } from './run-command.js';

// A reader that has seen enough (`| head`) closes the pipe; that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.success);
  throw error;
});

process.exitCode = await runCommand(() => createProgram().parseAsync(process.argv));
