import { UserError } from '../../errors/user-error.js';

const control = /[\u0000-\u001f\u007f]/;

function escapeControl(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/**
 * Quotes `word` so that bash reads it as exactly this word, on one line: in single quotes, or in ANSI-C quotes
 * (`$'...'`) if it contains control characters. A null character, which an argument cannot contain, is removed.
 */
export function shellWord(word: string): string {
  const text = word.replaceAll('\0', '');
  if (!control.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;

  return `$'${text.replaceAll(/[\\']/g, '\\$&').replaceAll(/[\u0001-\u001f\u007f]/g, escapeControl)}'`;
}

/** Quotes the `value` of an option as sbatch reads it in an `#SBATCH` line; it must not contain control characters. */
export function directiveValue(value: string): string {
  return /^[\w.,:=@%/+()[\]-]+$/.test(value) ? value : `"${value.replaceAll(/[\\"]/g, '\\$&')}"`;
}

/** A name of letters, digits and `._-` for the queue. */
export function jobName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 64) || 'study';
}

/** `text` for a comment: on one line. */
export function commentText(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]/g, '?');
}

/**
 * Quotes a path as the value of `--output`, in which `%a` and the like would be replaced.
 * @throws UserError UNET6104 for a path with a backslash, which Slurm drops, or a control character
 */
export function outputPath(path: string): string {
  if (control.test(path) || path.includes('\\')) {
    throw new UserError(
      'UNET6104',
      `Slurm cannot write below \`${commentText(path)}\`: the path contains a backslash or a control character.`,
      'Choose another folder for the study (`-o`).',
    );
  }
  return path.replaceAll('%', '%%');
}
