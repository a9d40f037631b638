import type { DefinitionTable } from './define.js';

/** Style: what is allowed and doubtful (4xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const styleDiagnostics = {} as const satisfies DefinitionTable;
