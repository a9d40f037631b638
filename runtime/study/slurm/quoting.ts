import { UserError } from '../../errors/user-error.js';

const control = /[\u0000-\u001f\u007f]/;

function escapeControl(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/**
 * `word` as bash reads it as this very word and nothing else, on one line: in single quotes, or where it holds control
 * characters in ANSI-C quotes (`$'...'`). A null character, which no argument can hold, is left out.
 */
export function shellWord(word: string): string {
  const text = word.replaceAll('\0', '');
  if (!control.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;

  return `$'${text.replaceAll(/[\\']/g, '\\$&').replaceAll(/[\u0001-\u001f\u007f]/g, escapeControl)}'`;
}

/** `value` of an option as sbatch reads it from an `#SBATCH` line; it may hold no control characters. */
export function directiveValue(value: string): string {
  return /^[\w.,:=@%/+()[\]-]+$/.test(value) ? value : `"${value.replaceAll(/[\\"]/g, '\\$&')}"`;
}

/** A name of letters, digits and `._-` for the queue's listing. */
export function jobName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64) || 'study';
}

/** `text` for a comment: on one line. */
export function commentText(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, '?');
}

/**
 * A path as the value of `--output`, in which `%a` and the like would be replaced.
 * @throws UserError UNET6104 for a path that Slurm cannot be told: with a backslash, which it drops, or a control character
 */
export function outputPath(path: string): string {
  if (control.test(path) || path.includes('\\')) {
    throw new UserError(
      'UNET6104',
      `Slurm cannot write below \`${commentText(path)}\`: the path contains a backslash or a control character.`,
      'Choose another folder for the study (`--out`).',
    );
  }
  return path.replaceAll('%', '%%');
}
