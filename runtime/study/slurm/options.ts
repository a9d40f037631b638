import { UserError } from '../../errors/user-error.js';

/** An option of sbatch by its long name, without dashes: `partition` with the value `gpu`; null if it has no value. */
export interface SlurmOption {
  readonly name: string;
  readonly value: string | null;
}

/** Options that a study sets itself, because it needs them to find its jobs and their output. */
const ours = new Set([
  'array',
  'chdir',
  'clusters',
  'error',
  'help',
  'input',
  'job-name',
  'open-mode',
  'output',
  'parsable',
  'test-only',
  'usage',
  'version',
  'wait',
  'wrap',
]);

function refused(text: string, why: string, help: string): UserError {
  return new UserError('UNET6102', `The Slurm option \`${text}\` cannot be used: ${why}.`, help);
}

/**
 * Parses an option as given by the user: `partition=gpu`, `exclusive`, with or without leading dashes. sbatch
 * interprets it.
 * @throws UserError UNET6102 for anything else, and for options that every study sets itself
 */
export function parseSlurmOption(text: string): SlurmOption {
  const [, name, value] = /^(?:--)?([a-z][a-z0-9-]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) {
    throw refused(text, 'it is not a long option of sbatch', 'Write it as `name=value`, such as `partition=gpu`.');
  }

  if (value !== undefined && /[\u0000-\u001f\u007f]/.test(value)) {
    throw refused(name, 'its value contains a control character', 'Remove the character.');
  }
  if (ours.has(name)) throw refused(text, 'it is set by unet', 'Remove it from the training cases.');
  return { name, value: value ?? null };
}
