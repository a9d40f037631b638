import type { Severity } from './diagnostic.js';

/** One kind of diagnostic: how grave it is, its title (that of its page) and its message as a function of its parts. */
export interface Definition<Parts> {
  readonly severity: Severity;
  readonly title: string;
  readonly message: (parts: Parts) => string;
}

/** A table of definitions by code; `never` because a table holds messages of any parts. */
export type DefinitionTable = Readonly<Record<string, Definition<never>>>;

/** Gives a definition its type from its message's parameter; a message without parts takes `() => ...`. */
export function define<Parts = Record<never, never>>(definition: Definition<Parts>): Definition<Parts> {
  return definition;
}
