/** What is known while a function is written: the uses of the block that it stands for, names, statements so far. */
import type { BlockNode, Expression } from '../../grammar/ast.js';
import type { Symbol } from '../bind/symbol.js';
import type { BlockUse } from '../evaluate/block-use.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { Value } from '../evaluate/values.js';
import type { Op } from '../ir/ir.js';
import type { BlockFunctions } from './block-functions.js';
import type { LayerCode } from './layer-form.js';
import type { Statement } from './statements.js';
import type { VariableNames } from './variable-names.js';

/** What all functions of a module share. */
export interface ModuleContext {
  readonly evaluation: Evaluation;
  /** Every operation that was made, also those that no output needs. */
  readonly ops: ReadonlyMap<string, Op>;
  readonly functions: BlockFunctions;
  /** Types of layers that the code names. */
  readonly types: Set<LayerType>;
  /** The tensors of a skip fusion that is passed on: `skip`, `up` and, if some fusion of the module takes it, `below`. */
  readonly fusionTensors: readonly string[];
}

/** A layer as a value: of one tensor or a skip fusion, complete or waiting for its width. */
export type LayerType = 'Layer' | 'SizedLayer' | 'Fusion' | 'SizedFusion';

/** What a name of the spec is in the code. */
export type Binding =
  | { readonly kind: 'scalar' | 'tensor' | 'tensors'; readonly text: string }
  /** `layer` is what the name was bound to; undefined for a parameter. */
  | { readonly kind: 'layer'; readonly text: string; readonly layer: LayerCode | undefined };

export interface Writer {
  readonly context: ModuleContext;
  /** The block that the function is for; undefined for `build`. */
  readonly block: BlockNode | undefined;
  /** Every use of it that the function stands for. */
  readonly uses: readonly BlockUse[];
  readonly bindings: Map<Symbol, Binding>;
  /** Constants for the sizes of axes, by their names. */
  readonly axes: Map<string, string>;
  /** Variables of operations that are not found by a name of the spec: levels, families. */
  readonly variables: Map<string, string>;
  readonly names: VariableNames;
  /** The code of an id that begins where the function's ids begin. */
  readonly idCode: (suffix: string) => string;
  /** Statements are added at the end. */
  statements: Statement[];
  /** Constants that the function begins with. */
  readonly opening: Statement[];
  /** Whether what is written is only tried, and dropped. */
  readonly isTrial?: boolean;
}

/** What an expression evaluated to in each use in which it was evaluated. */
export function valuesOf(writer: Writer, node: Expression): readonly Value[] {
  return writer.uses.flatMap((use) => {
    const value = use.values.get(node);
    return value === undefined ? [] : [value];
  });
}

/** The first of `valuesOf`. */
export function valueOf(writer: Writer, node: Expression): Value | undefined {
  return valuesOf(writer, node)[0];
}

/** The operation that an expression itself makes; undefined where its value is another's. */
export function operationOf(writer: Writer, node: Expression): Op | undefined {
  for (const value of valuesOf(writer, node)) {
    const op = value.kind === 'tensor' ? writer.context.ops.get(value.op) : undefined;
    if (op !== undefined && op.span === node.span) return op;
  }
  return undefined;
}

/** Runs `write` with its statements apart, and returns these. */
export function collect<Result>(writer: Writer, write: () => Result): { statements: Statement[]; result: Result } {
  const before = writer.statements;
  writer.statements = [];
  try {
    const result = write();
    return { statements: writer.statements, result };
  } finally {
    writer.statements = before;
  }
}
