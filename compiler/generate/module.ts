/**
 * What a generated module consists of, as plain data: `emit-tfjs.ts` prints it as TypeScript, `emit-javascript.ts` as
 * JavaScript, so that both are the same code but for the types.
 */
import type { GeneratedStatement } from './statements.js';

/** A generated ES module. Its code is free of type annotations except where a field is named `type` or `returnType`. */
export interface GeneratedModule {
  /** The comment at the top. */
  readonly header: string;
  readonly imports: readonly GeneratedImport[];
  /** Names for types; JavaScript leaves them out. */
  readonly types: readonly { readonly name: string; readonly type: string }[];
  readonly functions: readonly GeneratedFunction[];
  readonly constants: readonly GeneratedConstant[];
}

/** `import * as NAME from "FROM"`. */
export interface GeneratedImport {
  readonly name: string;
  readonly from: string;
  /** Whether only types are imported; JavaScript leaves the import out. */
  readonly typeOnly: boolean;
}

export interface GeneratedFunction {
  readonly name: string;
  readonly isExported: boolean;
  readonly parameters: readonly GeneratedParameter[];
  readonly returnType: string;
  /** The text of its doc comment; empty for none. */
  readonly doc: string;
  /** Statements, not indented; one entry may span lines. */
  readonly statements: readonly GeneratedStatement[];
}

export interface GeneratedParameter {
  readonly name: string;
  readonly type: string;
  readonly initializer?: string;
}

/** An exported constant. */
export interface GeneratedConstant {
  readonly name: string;
  readonly type: string;
  readonly initializer: string;
  readonly doc: string;
}
