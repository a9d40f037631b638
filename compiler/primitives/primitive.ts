import type { Span } from '../../grammar/source.js';
import type { Evaluation, Frame } from '../evaluate/evaluation.js';
import type { Type } from '../evaluate/types.js';
import type { Argument, TensorValue, Value } from '../evaluate/values.js';

export interface PrimitiveParameter {
  readonly name: string;
  readonly type: Type;
  readonly required: boolean;
}

/** A layer of the base: its arguments, how many tensors it takes, and what it makes of them. */
export interface Primitive {
  readonly name: string;
  readonly parameters: readonly PrimitiveParameter[];
  /** Fewest and most tensors. */
  readonly tensors: readonly [number, number];
  /** Checks the tensors and emits the operation; all arguments are of their type. */
  readonly apply: (call: PrimitiveCall) => Value;
}

/** One application of a primitive. */
export interface PrimitiveCall {
  readonly evaluation: Evaluation;
  readonly frame: Frame;
  readonly name: string;
  /** Id of the operation. */
  readonly id: string;
  readonly span: Span;
  readonly bound: ReadonlyMap<string, Argument>;
  readonly tensors: readonly [TensorValue, ...TensorValue[]];
}

/** Raised inside a primitive once a fault is reported, so that checks read as a list; caught by `applyPrimitive`. */
export class Faulty extends Error {}

const faulty = new Faulty();

/** Leaves the primitive; the fault has been reported. */
export function abandon(): never {
  throw faulty;
}

export function required(name: string, type: Type): PrimitiveParameter {
  return { name, type, required: true };
}

export function optional(name: string, type: Type): PrimitiveParameter {
  return { name, type, required: false };
}
