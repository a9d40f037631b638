import type { DefinitionTable } from './define.js';

/** Names and structure (2xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const nameDiagnostics = {} as const satisfies DefinitionTable;
