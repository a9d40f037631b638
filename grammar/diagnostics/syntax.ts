import { define, type DefinitionTable } from './define.js';

/** Diagnostics about syntax (1xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const syntaxDiagnostics = {
  UNET1001: define({
    severity: 'error',
    title: 'Syntax error',
    message: (parts: { expected: string; found: string }) => `Expected ${parts.expected}, found ${parts.found}.`,
  }),
  UNET1002: define({
    severity: 'error',
    title: 'Unclosed bracket',
    message: (parts: { bracket: string }) => `The bracket \`${parts.bracket}\` is never closed.`,
  }),
  UNET1003: define({
    severity: 'error',
    title: 'Unmatched closing bracket',
    message: (parts: { bracket: string }) =>
      `The closing bracket \`${parts.bracket}\` has no matching opening bracket.`,
  }),
  UNET1004: define({
    severity: 'error',
    title: 'Unexpected character',
    message: (parts: { character: string }) => `Unexpected character ${parts.character}.`,
  }),
  UNET1005: define({
    severity: 'error',
    title: 'Unterminated string or name',
    message: (parts: { what: string; quote: string }) =>
      `Unterminated ${parts.what}: expected ${parts.quote} before the end of the line.`,
  }),
  UNET1006: define({
    severity: 'error',
    title: 'Unknown escape sequence',
    message: (parts: { escape: string }) => `Unknown escape sequence ${parts.escape} in a string.`,
  }),
  UNET1007: define({
    severity: 'error',
    title: 'Invalid number',
    message: (parts: { text: string }) => `\`${parts.text}\` is not a valid number.`,
  }),
  UNET1008: define({
    severity: 'error',
    title: 'Nested too deeply',
    message: () => 'Brackets, conditions or operators are nested too deeply.',
  }),
  UNET1009: define({
    severity: 'error',
    title: 'Chained comparison',
    message: () => 'Comparisons cannot be chained.',
  }),
  UNET1011: define({
    severity: 'error',
    title: 'Reserved word used as a name',
    message: (parts: { word: string }) => `\`${parts.word}\` is a reserved word and cannot be a name.`,
  }),
  UNET1012: define({
    severity: 'error',
    title: 'Too many errors',
    message: (parts: { shown: number }) => `Only the first ${parts.shown} errors in this file are shown.`,
  }),
  UNET1013: define({
    severity: 'error',
    title: 'Not UTF-8',
    message: (parts: { offset: number; line: number }) =>
      `The file is not valid UTF-8: invalid byte at offset ${parts.offset} (line ${parts.line}).`,
  }),
  UNET1014: define({
    severity: 'error',
    title: 'File too large',
    message: ({ limit }: { limit: number }) => `The file exceeds the maximum size of ${limit} MB.`,
  }),
  UNET1015: define({
    severity: 'error',
    title: 'Number out of range',
    message: (parts: { text: string }) => `\`${parts.text}\` is too large to be represented exactly.`,
  }),
  UNET1016: define({
    severity: 'error',
    title: 'Misplaced `not`',
    message: (parts: { operator: string }) => `\`not\` has lower precedence than the \`${parts.operator}\` before it.`,
  }),
} as const satisfies DefinitionTable;
