/**
 * A generated module as plain data. `emit-tfjs.ts` prints it as TypeScript and `emit-javascript.ts` as JavaScript, so
 * that both contain the same code except for types.
 */
import type { GeneratedStatement } from './statements.js';

/** A generated ES module. Its code is free of type annotations except where a field is named `type` or `returnType`. */
export interface GeneratedModule {
  /** The comment at the top. */
  readonly header: string;
  readonly imports: readonly GeneratedImport[];
  /** Type aliases; JavaScript omits them. */
  readonly types: readonly { readonly name: string; readonly type: string }[];
  readonly functions: readonly GeneratedFunction[];
  readonly constants: readonly GeneratedConstant[];
}

/** `import * as NAME from "FROM"`. */
export interface GeneratedImport {
  readonly name: string;
  readonly from: string;
  /** Whether only types are imported; JavaScript omits such imports. */
  readonly typeOnly: boolean;
}

export interface GeneratedFunction {
  readonly name: string;
  readonly isExported: boolean;
  readonly parameters: readonly GeneratedParameter[];
  readonly returnType: string;
  /** The text of its doc comment, or an empty string. */
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
