import type { Severity } from './diagnostic.js';

/** One kind of diagnostic: its severity, its title (that of its docs page) and its message as a function of its parts. */
export interface Definition<Parts> {
  readonly severity: Severity;
  readonly title: string;
  readonly message: (parts: Parts) => string;
}

/** Definitions by code. The type argument is `never` so that the table can hold messages with any parts. */
export type DefinitionTable = Readonly<Record<string, Definition<never>>>;

/** Infers the type of a definition from the parameter of its message; a message without parts is `() => ...`. */
export function define<Parts = Record<never, never>>(definition: Definition<Parts>): Definition<Parts> {
  return definition;
}
