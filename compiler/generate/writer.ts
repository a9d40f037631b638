/** The state of writing a function: the uses of the block that it implements, names, and the statements so far. */
import type { BlockNode, Expression } from '../../grammar/ast.js';
import type { Symbol } from '../bind/symbol.js';
import type { BlockUse } from '../evaluate/block-use.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { Value } from '../evaluate/values.js';
import type { Op } from '../ir/ir.js';
import type { BlockFunctions } from './block-functions.js';
import type { LayerCode } from './layer-form.js';
import type { Statement } from './statements.js';
import { VariableNames } from './variable-names.js';

/** The state shared by all functions of a module. */
export interface ModuleContext {
  readonly evaluation: Evaluation;
  /** Every operation created, including those that no output needs. */
  readonly ops: ReadonlyMap<string, Op>;
  readonly functions: BlockFunctions;
  /** Layer types that the code refers to. */
  readonly types: Set<LayerType>;
  /**
   * The tensors of a skip fusion that is passed as a value: `skip`, `up` and, if some fusion of the module uses them,
   * `below` and `bottleneck`.
   */
  readonly fusionTensors: readonly string[];
}

/** The type of a layer as a value: of one tensor or a skip fusion, complete or missing its width. */
export type LayerType = 'Layer' | 'SizedLayer' | 'Fusion' | 'SizedFusion';

/** The code for a name in the spec. */
export type Binding =
  | { readonly kind: 'scalar' | 'tensor' | 'tensors'; readonly text: string }
  /** `layer` is the layer that the name is bound to; undefined for a parameter. */
  | { readonly kind: 'layer'; readonly text: string; readonly layer: LayerCode | undefined };

export interface Writer {
  readonly context: ModuleContext;
  /** The block of the function; undefined for `build`. */
  readonly block: BlockNode | undefined;
  /** The uses that the function implements. */
  readonly uses: readonly BlockUse[];
  readonly bindings: Map<Symbol, Binding>;
  /** Constants for the sizes of axes, by their names. */
  readonly axes: Map<string, string>;
  /** Variables of operations that have no name in the spec: levels, families. */
  readonly variables: Map<string, string>;
  readonly names: VariableNames;
  /** The code of an id, relative to the prefix of the function's ids. */
  readonly idCode: (suffix: string) => string;
  /** Statements are appended. */
  statements: Statement[];
  /** Constants at the beginning of the function. */
  readonly opening: Statement[];
  /** Whether this is a trial whose code is discarded. */
  readonly isTrial?: boolean;
}

/** A writer for a function in which nothing is written yet. */
export function newWriter(
  context: ModuleContext,
  { block, uses, idCode }: Pick<Writer, 'block' | 'uses' | 'idCode'>,
): Writer {
  const { all, unapplied } = context.functions;
  return {
    context,
    block,
    uses,
    idCode,
    bindings: new Map(),
    axes: new Map(),
    variables: new Map(),
    names: new VariableNames([...all.map(({ name }) => name), ...unapplied]),
    statements: [],
    opening: [],
  };
}

/** The value of an expression in each use that evaluated it. */
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

/** The operation that an expression itself creates; undefined if its value was created elsewhere. */
export function operationOf(writer: Writer, node: Expression): Op | undefined {
  for (const value of valuesOf(writer, node)) {
    const op = value.kind === 'tensor' ? writer.context.ops.get(value.op) : undefined;
    if (op !== undefined && op.span === node.span) return op;
  }
  return undefined;
}

/** Runs `write` with an empty list of statements, and returns the statements it added. */
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
