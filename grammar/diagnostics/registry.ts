import type { Span } from '../source.js';
import type { Definition, DefinitionTable } from './define.js';
import type { Diagnostic, DiagnosticExtras } from './diagnostic.js';
import { nameDiagnostics } from './names.js';
import { shapeDiagnostics } from './shapes.js';
import { styleDiagnostics } from './style.js';
import { syntaxDiagnostics } from './syntax.js';

/** Every diagnostic of grammar and checker by its code: 1xxx text, 2xxx names, 3xxx shapes, 4xxx style. */
export const registry = {
  ...syntaxDiagnostics,
  ...nameDiagnostics,
  ...shapeDiagnostics,
  ...styleDiagnostics,
} as const satisfies DefinitionTable;

/** A code that `report` knows. */
export type DiagnosticCode = keyof typeof registry;

/** What the message of `Code` is made of; nothing (`{}`) where its template takes no parameter. */
export type PartsOf<Code extends DiagnosticCode> =
  (typeof registry)[Code] extends Definition<infer Parts>
    ? [Parts] extends [never]
      ? Record<never, never>
      : Parts
    : never;

/** A diagnostic of `code` at `span`; a part that its message needs and is not given does not compile. */
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
  };
}
