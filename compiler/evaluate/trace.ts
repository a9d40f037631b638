import type { CallNode } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import type { Op } from '../ir/ir.js';
import type { Recipe, Value } from './values.js';

/** One evaluation of one place in the text; a place in a block has one for each application of the block. */
export interface Observation {
  readonly span: Span;
  readonly value: Value;
  /** Whether a layer was applied to tensors here; else an expression was evaluated. */
  readonly applied: boolean;
  /** Prefix of the ids of what was created here: `encoder.level2.main`. */
  readonly id: string;
  /** The operations created here, as a range of `Trace.ops`. */
  readonly first: number;
  readonly end: number;
}

/**
 * Side tables of an evaluation: the value of every place that was evaluated with knobs bound, in order of evaluation,
 * and the callee of every call.
 */
export class Trace {
  readonly observations: Observation[] = [];
  /** The layer that each call gives arguments to, even if only names and types are checked. */
  readonly called = new Map<CallNode, Recipe>();

  constructor(
    /** Every operation created, including those that no output needs. */
    readonly ops: readonly Op[],
  ) {}

  /** Records the value of a place, except values that are unknown or erroneous. */
  observe(span: Span, value: Value, applied: boolean, id: string, first: number): void {
    if (value.kind === 'error' || value.kind === 'unknown') return;
    this.observations.push({ span, value, applied, id, first, end: this.ops.length });
  }
}
