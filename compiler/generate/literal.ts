/**
 * Prints values as TypeScript literals. The contents of a spec reach generated code only through here or in a comment.
 */
export type Literal =
  string | number | boolean | null | readonly Literal[] | { readonly [key: string]: Literal | undefined };

/** Maximum line length of generated code, if it can be broken. */
const lineWidth = 120;

/**
 * Prints `value` as code: on one line if it fits after `column` characters, else one entry per line. `indent` is the
 * indentation of the line it begins on, in spaces. Undefined entries are omitted.
 */
export function printLiteral(value: Literal, indent = 0, column = indent): string {
  const flat = printFlat(value);
  if (column + flat.length <= lineWidth || typeof value !== 'object' || value === null) return flat;
  const inner = ' '.repeat(indent + 2);
  const lines = entriesOf(value).map(([prefix, entry]) => {
    const text = printLiteral(entry, indent + 2, indent + 2 + prefix.length + 1);
    return `${inner}${prefix}${text},\n`;
  });
  const [open, close] = isList(value) ? ['[', ']'] : ['{', '}'];
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`;
}

function printFlat(value: Literal): string {
  if (typeof value === 'string') return printString(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = entriesOf(value).map(([prefix, entry]) => prefix + printFlat(entry));
  if (isList(value)) return `[${entries.join(', ')}]`;
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

function entriesOf(value: readonly Literal[] | { readonly [key: string]: Literal | undefined }): [string, Literal][] {
  if (isList(value)) return value.map((entry) => ['', entry]);
  return Object.entries(value).flatMap(([key, entry]): [string, Literal][] =>
    entry === undefined ? [] : [[`${key}: `, entry]],
  );
}

function isList(value: object): value is readonly Literal[] {
  return Array.isArray(value);
}

/** A JSON string in which every character that is not visibly printable is escaped. */
function printString(text: string): string {
  return JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escape);
}

function escape(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }).join('');
}
