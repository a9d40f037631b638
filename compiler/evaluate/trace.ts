import type { CallNode } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import type { Op } from '../ir/ir.js';
import type { Recipe, Value } from './values.js';

/** What one place of the text came to, once; a place in a block has one for each application of the block. */
export interface Observation {
  readonly span: Span;
  readonly value: Value;
  /** Whether a layer was put to tensors here; else an expression was evaluated. */
  readonly applied: boolean;
  /** Start of the ids of what was made here: `encoder.level2.main`. */
  readonly id: string;
  /** What was made here, as a range of `Trace.ops`. */
  readonly first: number;
  readonly end: number;
}

/**
 * Side tables of an evaluation: the value of every place of the text that was evaluated with knobs bound, in the order
 * in which it was, and what every call called.
 */
export class Trace {
  readonly observations: Observation[] = [];
  /** The layer each call gives arguments to, also where only names and types are checked. */
  readonly called = new Map<CallNode, Recipe>();

  constructor(
    /** Every operation made, those that no output needs among them. */
    readonly ops: readonly Op[],
  ) {}

  /** Notes what a place came to; what is faulty or not known is left out. */
  observe(span: Span, value: Value, applied: boolean, id: string, first: number): void {
    if (value.kind === 'error' || value.kind === 'unknown') return;
    this.observations.push({ span, value, applied, id, first, end: this.ops.length });
  }
}
