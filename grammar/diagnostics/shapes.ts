import type { DefinitionTable } from './define.js';

/** Types and shapes (3xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const shapeDiagnostics = {} as const satisfies DefinitionTable;
