/** Building blocks of generated code. The contents of a spec enter it only as literals and as sanitised names. */
import { printLiteral, type Literal } from './literal.js';

/** An expression on one line and, if it can be broken, on several lines, the first of which is not indented. */
export interface Code {
  readonly flat: string;
  readonly broken: string;
}

export function code(flat: string, broken = flat): Code {
  return { flat, broken };
}

/** A call of the runtime, with the layer's settings as an object and the tensors that it is applied to. */
export interface RuntimeCall {
  /** `conv`, `einsum`. */
  readonly name: string;
  /** Arguments before the settings, the id first. */
  readonly positional: readonly string[];
  readonly settings: readonly Setting[];
  /** The tensors; undefined for a call that is not applied: a param. */
  readonly on: readonly string[] | undefined;
  /** Arguments after the settings. */
  readonly after?: readonly string[];
}

/** `kernel: 3`; a value equal to its key is printed as the key alone. */
export type Setting = readonly [key: string, value: string];

export function callCode({ name, positional, settings, on, after = [] }: RuntimeCall): Code {
  const end = `)${on === undefined ? '' : `.on(${on.join(', ')})`}`;
  const entries = settings.map(([key, value]) => (key === value ? key : `${key}: ${value}`));
  const flatSettings = entries.length === 0 ? [] : [`{ ${entries.join(', ')} }`];
  const call = `${name}(${[...positional, ...flatSettings, ...after].join(', ')})`;
  const flat = `unet.${call}${end.slice(1)}`;
  if (on !== undefined && call.length <= lineWidth - 10) return code(flat, `unet\n  .${call}\n  ${end.slice(1)}`);
  if (entries.length === 0) return code(flat);
  const lines = entries.map((entry) => `  ${entry.replaceAll('\n', '\n  ')},\n`).join('');
  return code(flat, `unet.${name}(${[...positional, `{\n${lines}}`, ...after].join(', ')}${end}`);
}

/** A call of a function, with one argument per line if it is too long. */
export function functionCall(name: string, list: readonly Code[]): Code {
  const lines = list.map(
    (each) => `  ${(each.flat.length + 8 > lineWidth ? each.broken : each.flat).replaceAll('\n', '\n  ')},\n`,
  );
  return code(`${name}(${list.map(({ flat }) => flat).join(', ')})`, `${name}(\n${lines.join('')})`);
}

/** The names of axes as the runtime expects them: one string, or a list if a name contains a space. */
export function axesCode(names: readonly string[]): string {
  return literal(names.some((name) => /\s/.test(name)) ? names : names.join(' '));
}

export function literal(value: Literal): string {
  return printLiteral(value, 0, -Infinity);
}

/** Maximum line length of generated code, if it can be broken. */
export const lineWidth = 120;

/** Prints a statement, over several lines if it does not fit on one at this depth. */
export function statement(before: string, { flat, broken }: Code, after: string, depth: number): string {
  const line = `${before}${flat}${after}`;
  return 2 * depth + line.length <= lineWidth ? line : `${before}${broken}${after}`;
}

/** Indents lines by one level. */
export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');
}
