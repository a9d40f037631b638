import { CommanderError } from 'commander';
import { colours } from './colours.js';
import { usageMessage } from './common-options.js';
import { exitCodes, type DiagnosticsError, type FileError, type Finished, type UsageError } from './exit.js';
import { jsonText } from '../text/json.js';
import { tellMessage } from './message.js';
import { rememberCode, tellExplanation } from './reported-codes.js';
import { print, tell, tellAsIs } from './terminal.js';

/** Errors that end commands, matched by name so that the runtime need not be loaded. */
interface KnownErrors {
  readonly UserError: Error & { readonly code: string; readonly help?: string };
  readonly UsageError: UsageError;
  readonly FileError: FileError;
  readonly DiagnosticsError: DiagnosticsError;
  readonly Finished: Finished;
}

function isError<Name extends keyof KnownErrors>(error: unknown, name: Name): error is KnownErrors[Name] {
  return error instanceof Error && error.name === name;
}

/** The failure of a command. */
interface Failure {
  readonly exitCode: number;
  /** The diagnostic code, which has a page. */
  readonly code?: string;
  readonly message: string;
  readonly help?: string | undefined;
}

/**
 * Runs a command and turns what it throws into a message and an exit code. Only bugs in unet show a stack trace.
 * @param json whether to print the error to standard output as well
 */
export async function runCommand(command: () => Promise<unknown>, json: boolean): Promise<number> {
  const code = await outcomeOf(command, json);
  if (!json) tellExplanation();
  return code;
}

/** Runs a command and prints its failure, in a long one also of a part. @returns the exit code */
export async function outcomeOf(command: () => Promise<unknown>, json: boolean): Promise<number> {
  try {
    await command();
    return Number(process.exitCode ?? exitCodes.success);
  } catch (error) {
    if (isError(error, 'Finished')) return error.code;
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.success;
    if (isError(error, 'DiagnosticsError')) {
      tellAsIs(error.text);
      if (json) print(jsonText(error.data));
      return exitCodes.diagnostics;
    }
    const failure = failureOf(error);
    if (failure === undefined) reportBug(error);
    else if (!(error instanceof CommanderError)) printError(failure);
    const { code = null, message, help = null } = failure ?? { message: 'Internal error' };
    if (json) print(jsonText({ error: { code, message, help } }));
    return failure?.exitCode ?? exitCodes.diagnostics;
  }
}

/** Converts an error to a failure; undefined for a bug in unet. */
function failureOf(error: unknown): Failure | undefined {
  // commander has already printed the message.
  if (error instanceof CommanderError) {
    return { exitCode: exitCodes.usage, message: usageMessage(error.message) };
  }
  if (isError(error, 'UsageError')) return { exitCode: exitCodes.usage, message: error.message, help: error.help };
  const exitCode = exitCodes.diagnostics;
  if (isError(error, 'FileError')) return { exitCode, message: error.message };
  if (isError(error, 'UserError')) return { exitCode, code: error.code, message: error.message, help: error.help };
  if (isOutOfMemory(error)) {
    const help = 'Use a smaller patch or a narrower network; `unet report` estimates the memory that training needs.';
    return { exitCode, code: 'UNET5020', message: 'Out of memory.', help };
  }
  const message = systemMessage(error);
  return message === undefined ? undefined : { exitCode, message };
}

/** Reports a bug in unet with its stack trace. */
export function reportBug(error: unknown): number {
  tell(`${colours.red('Internal error')}: This is a bug in unet, not a problem with your input.\n`);
  tell(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return exitCodes.diagnostics;
}

function printError({ code, message, help }: Failure): void {
  if (code !== undefined) rememberCode(code, 'error');
  tellMessage({ severity: 'error', code, text: message, help });
}

const systemReasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'is a folder',
  ENOTDIR: 'part of the path is not a folder',
  ENOSPC: 'the disk is full; files already written are intact',
  EROFS: 'the disk is read-only',
  EEXIST: 'a file with that name already exists',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
};

/** Whether an error means that an array could not be allocated. */
function isOutOfMemory(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /allocation failed|Invalid (typed array|array buffer|array) length/.test(error.message)
  );
}

/** Returns a sentence for an error of the operating system. */
function systemMessage(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  const reason = systemReasons[error.code];
  if (reason === undefined) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? `\`${error.path}\`: ` : '';
  return `${path}${reason}.`;
}
