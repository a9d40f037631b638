import fc from 'fast-check';

export const changeKinds = ['delete', 'double', 'swap', 'insert', 'byte', 'cut'] as const;

/** One change of a text: what is done, where (a fraction of its tokens), and what is put in. */
export interface Change {
  readonly kind: (typeof changeKinds)[number];
  readonly at: number;
  readonly other: number;
  readonly piece: string;
}

/** Words and signs of the language, and what never is. */
export const pieces: readonly string[] = [
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '`',
    '"',
    ',',
    ':',
    '.',
    '..',
    '...',
    '->',
    '=',
    '==',
    '+',
    '-',
    '*',
    '/',
    '<',
    '//',
  ],
  ...['if', 'then', 'else', 'when', 'as', 'for', 'in', 'not', 'and', 'off', 'let', 'param', 'true', 'x', 'C', 'D', 'n'],
  ...['block', 'model', 'knob', 'input', 'output', 'encoder', 'decoder', 'head', 'aux', 'use', 'init', 'protocol'],
  ...[
    'study',
    'unmatched',
    'equal',
    'by',
    'params',
    'leave_one_out',
    'add_one_in',
    'variants',
    'rivals',
    'base',
    'all',
  ],
  ...['conv', 'split', 'merge', 'repeat', 'chain', 'shared', 'einsum', 'concat', 'mean', 'pick', 'resize', 'pad'],
  ...['0', '-1', '1', '2', '1e9', '1e308', '0.5', '999999999999', '__proto__', 'constructor', 'mask', 'scan', 'widths'],
  ...['\n', '\r', '\u0000', '\ud800', '\u00e9', '\u202e', ' ', '\t'],
];

export const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom(...changeKinds),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  other: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  piece: fc.constantFrom(...pieces),
});

/** Applies the changes to a text, one after another; byte noise comes last, so that the result may not be UTF-8. */
export function mangle(text: string, changes: readonly Change[]): Uint8Array {
  const tokens = text.match(/\/\/[^\n]*|[A-Za-z_]\w*|\d[\d.e-]*|->|\.\.\.?|[<>=!]=|\s+|[^]/g) ?? [];
  for (const { kind, at, other, piece } of changes) {
    const place = Math.floor(at * tokens.length);
    const second = Math.floor(other * tokens.length);
    const token = tokens[place] ?? '';
    if (kind === 'delete') tokens.splice(place, 1);
    else if (kind === 'double') tokens.splice(place, 0, token, ' ');
    else if (kind === 'insert') tokens.splice(place, 0, ' ', piece, ' ');
    else if (kind === 'cut' && other < 0.1) tokens.splice(place);
    else if (kind === 'swap') [tokens[place], tokens[second]] = [tokens[second] ?? '', token];
  }
  const bytes = new TextEncoder().encode(tokens.join(''));
  for (const { kind, at, other } of changes) {
    if (kind === 'byte') bytes[Math.floor(at * bytes.length)] = Math.floor(other * 256);
  }
  return bytes;
}
