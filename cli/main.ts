#!/usr/bin/env node
import { createProgram } from './program.js';
import { runCommand } from './run-command.js';

process.exitCode = await runCommand(() => createProgram().parseAsync(process.argv));
