/** Pieces of generated code. Whatever a spec contains reaches them only as literals and as names that are made safe. */
import { printLiteral, type Literal } from './literal.js';

/** An expression in one line and, where it can be broken, over several lines that begin unindented. */
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
  /** Undefined for a call that is not applied: a param. */
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

/** The names of axes as the runtime takes them: one string, or a list where a name has a space in it. */
export function axesCode(names: readonly string[]): string {
  return literal(names.some((name) => /\s/.test(name)) ? names : names.join(' '));
}

export function literal(value: Literal): string {
  return printLiteral(value, 0, -Infinity);
}

/** Longest line of generated code, where something can be broken. */
export const lineWidth = 120;

/** A statement, broken over lines if it does not fit into one at this depth. */
export function statement(before: string, { flat, broken }: Code, after: string, depth: number): string {
  const line = `${before}${flat}${after}`;
  return 2 * depth + line.length <= lineWidth ? line : `${before}${broken}${after}`;
}

/** Lines one level deeper. */
export function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `  ${line}`))
    .join('\n');
}
