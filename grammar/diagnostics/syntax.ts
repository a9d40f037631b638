import { define, type DefinitionTable } from './define.js';

/** Text and syntax (1xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const syntaxDiagnostics = {
  UNET1001: define({
    severity: 'error',
    title: 'Unexpected text',
    message: (parts: { expected: string; found: string }) => `Expected ${parts.expected}, found ${parts.found}.`,
  }),
  UNET1002: define({
    severity: 'error',
    title: 'Unclosed bracket',
    message: (parts: { bracket: string }) => `The bracket \`${parts.bracket}\` is never closed.`,
  }),
  UNET1003: define({
    severity: 'error',
    title: 'Bracket without a partner',
    message: (parts: { bracket: string }) => `The bracket \`${parts.bracket}\` closes nothing.`,
  }),
  UNET1004: define({
    severity: 'error',
    title: 'Character that is no part of the language',
    message: (parts: { character: string }) => `${parts.character} is no part of the language.`,
  }),
  UNET1005: define({
    severity: 'error',
    title: 'Unclosed string or name',
    message: (parts: { what: string; quote: string }) =>
      `The ${parts.what} does not end on its line with ${parts.quote}.`,
  }),
  UNET1006: define({
    severity: 'error',
    title: 'Unknown escape in a string',
    message: (parts: { escape: string }) => `The escape ${parts.escape} means nothing in a string.`,
  }),
  UNET1007: define({
    severity: 'error',
    title: 'Malformed number',
    message: (parts: { text: string }) => `\`${parts.text}\` is not a number.`,
  }),
  UNET1008: define({
    severity: 'error',
    title: 'Nested too deeply',
    message: () => 'Brackets, conditions or operators nest too deeply here.',
  }),
  UNET1009: define({
    severity: 'error',
    title: 'Comparison of a comparison',
    message: () => 'A comparison cannot be compared again.',
  }),
  UNET1011: define({
    severity: 'error',
    title: 'Reserved word used as a name',
    message: (parts: { word: string }) => `\`${parts.word}\` is a reserved word and cannot be a name.`,
  }),
  UNET1012: define({
    severity: 'error',
    title: 'Too many faults',
    message: (parts: { shown: number }) => `Only the first ${parts.shown} faults of this file are shown.`,
  }),
  UNET1013: define({
    severity: 'error',
    title: 'Not UTF-8',
    message: (parts: { offset: number; line: number }) =>
      `The file is not UTF-8: the byte at offset ${parts.offset} (line ${parts.line}) begins no character.`,
  }),
  UNET1014: define({
    severity: 'error',
    title: 'File too large',
    message: ({ limit }: { limit: number }) => `The file is larger than ${limit} MB, the largest size of a spec.`,
  }),
  UNET1015: define({
    severity: 'error',
    title: 'Number out of range',
    message: (parts: { text: string }) => `\`${parts.text}\` is too large to be held exactly.`,
  }),
  UNET1016: define({
    severity: 'error',
    title: 'Misplaced `not`',
    message: (parts: { operator: string }) => `\`not\` binds less tightly than \`${parts.operator}\` before it.`,
  }),
} as const satisfies DefinitionTable;
