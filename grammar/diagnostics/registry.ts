import type { Span } from '../source.js';
import type { Definition, DefinitionTable } from './define.js';
import type { Diagnostic, DiagnosticExtras } from './diagnostic.js';
import { nameDiagnostics } from './names.js';
import { shapeDiagnostics } from './shapes.js';
import { styleDiagnostics } from './style.js';
import { syntaxDiagnostics } from './syntax.js';

/** All diagnostics of parser and checker by code: 1xxx syntax, 2xxx names, 3xxx types and shapes, 4xxx style. */
export const registry = {
  ...syntaxDiagnostics,
  ...nameDiagnostics,
  ...shapeDiagnostics,
  ...styleDiagnostics,
} as const satisfies DefinitionTable;

/** The code of a diagnostic in the registry. */
export type DiagnosticCode = keyof typeof registry;

/** The parts that the message of `Code` needs; `{}` if it needs none. */
export type PartsOf<Code extends DiagnosticCode> =
  (typeof registry)[Code] extends Definition<infer Parts>
    ? [Parts] extends [never]
      ? Record<never, never>
      : Parts
    : never;

/** Creates a diagnostic at `span`. The parts are type-checked against the message of `code`. */
export function report<Code extends DiagnosticCode>(
  code: Code,
  parts: PartsOf<Code>,
  span: Span,
  extras: DiagnosticExtras = {},
): Diagnostic {
  const definition = registry[code] as unknown as Definition<PartsOf<Code>>;
  return {
    code,
    severity: definition.severity,
    message: definition.message(parts),
    span,
    labels: extras.labels ?? [],
    notes: extras.notes ?? [],
    help: extras.help,
    fixes: extras.fixes ?? [],
    covers: extras.covers,
  };
}
