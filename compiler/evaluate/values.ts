import type { BlockNode, Expression, OutputNode } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import type { ModelInput, Shape } from '../ir/ir.js';
import { formatShape } from '../ir/format-shape.js';
import { formatSize, type Size } from '../shape/size.js';
import type { Primitive } from '../bind/builtins.js';
import type { SharedWeights } from './sharing.js';
import { formatType, type Type } from './types.js';
import { counted } from '../../text/count.js';

/** What expressions evaluate to once knobs are bound. */
export type Value =
  | NumberValue
  | SizeValue
  | BooleanValue
  | ListValue
  | LayerValue
  | TensorValue
  | IdentifierValue
  | ChoiceValue
  | OutputValue
  | FamilyValue
  | TupleValue
  | UnknownValue
  | ErrorValue;

export interface NumberValue {
  readonly kind: 'number';
  readonly value: number;
  /** Of the type `int`: a whole number by construction, not by chance. */
  readonly integer: boolean;
}

/** A whole number that depends on the patch. */
export interface SizeValue {
  readonly kind: 'size';
  readonly size: Size;
}

export interface BooleanValue {
  readonly kind: 'boolean';
  readonly value: boolean;
}

export interface ListValue {
  readonly kind: 'list';
  readonly items: readonly Value[];
}

/** Several tensors on their way into a layer. */
export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
}

/** A recipe: each place that applies it makes fresh parameters. */
export interface LayerValue {
  readonly kind: 'layer';
  readonly recipe: Recipe;
}

export interface Argument {
  readonly value: Value;
  /** As it was written. */
  readonly node: Expression;
  readonly span: Span;
}

export type Recipe =
  | {
      readonly kind: 'primitive';
      readonly primitive: Primitive;
      readonly bound: ReadonlyMap<string, Argument>;
      /** The recipe that was given arguments to make this one. */
      readonly base: Recipe | undefined;
    }
  | {
      readonly kind: 'block';
      readonly block: BlockNode;
      readonly file: string;
      readonly bound: ReadonlyMap<string, Argument>;
      readonly base: Recipe | undefined;
    }
  | { readonly kind: 'sequence'; readonly steps: readonly SequenceStep[] }
  | { readonly kind: 'repeat'; readonly count: number; readonly layer: LayerValue }
  | { readonly kind: 'chain'; readonly count: number; readonly layer: LayerValue }
  /** One set of parameters wherever applied. */
  | { readonly kind: 'shared'; readonly layer: LayerValue; readonly weights: SharedWeights };

export interface SequenceStep {
  /** Undefined for a step that its `when` leaves out: it keeps its name, so that the others keep theirs. */
  readonly layer: LayerValue | undefined;
  /** The id part the step was given in the text; undefined for steps that are the whole part. */
  readonly name: string;
  readonly span: Span;
  /** Whether a `when` chose it, so that it must keep the shape. */
  readonly optional: boolean;
}

export interface TensorValue {
  readonly kind: 'tensor';
  /** Id of the op that makes it. */
  readonly op: string;
  readonly shape: Shape;
  readonly batched: boolean;
}

export interface IdentifierValue {
  readonly kind: 'identifier';
  readonly input: Extract<ModelInput, { kind: 'identifier' }>;
}

/** A word or call that stands for a choice: `trilinear`, `kaiming_normal(fan_out)`. */
export interface ChoiceValue {
  readonly kind: 'choice';
  readonly name: string;
  readonly arguments: readonly Value[];
}

export interface OutputValue {
  readonly kind: 'output';
  readonly declaration: OutputNode;
  readonly labels: number;
}

/** `let x[i, j]`: values by their indices. */
export interface FamilyValue {
  readonly kind: 'family';
  readonly name: string;
  readonly values: Map<string, Value>;
}

/** A value of a type, not known here: what a block's body is checked with, whatever it is used for. */
export interface UnknownValue {
  readonly kind: 'unknown';
  readonly type: Type;
}

/** What a fault leaves behind; it silences what merely follows from it. */
export interface ErrorValue {
  readonly kind: 'error';
}

export { formatShape };

export const errorValue: ErrorValue = { kind: 'error' };
export const unknownTensor: UnknownValue = { kind: 'unknown', type: { kind: 'tensor' } };
export const unknownAnything: UnknownValue = { kind: 'unknown', type: { kind: 'any' } };

export function numberOf(value: number, integer = Number.isInteger(value)): NumberValue {
  return { kind: 'number', value, integer };
}

export function booleanOf(value: boolean): BooleanValue {
  return { kind: 'boolean', value };
}

/** A size as a value: a plain number where nothing in it is symbolic. */
export function sizeValue(size: Size): NumberValue | SizeValue {
  return size.kind === 'constant' ? numberOf(size.value, true) : { kind: 'size', size };
}

/** What a value is, in the words of a message. */
export function describeValue(value: Value): string {
  switch (value.kind) {
    case 'number':
      return `the number ${value.value}`;
    case 'size':
      return `the spatial size ${formatSize(value.size)}`;
    case 'boolean':
      return `\`${value.value}\``;
    case 'list':
      return `a list of ${counted(value.items.length, 'element')}`;
    case 'tuple':
      return value.items.every((item) => item.kind === 'tensor')
        ? counted(value.items.length, 'tensor')
        : `${counted(value.items.length, 'value')} in parentheses`;
    case 'layer':
      return 'a layer';
    case 'tensor':
      return `a tensor ${formatShape(value.shape)}`;
    case 'identifier':
      return 'an identifier';
    case 'choice':
      return `\`${value.name}\``;
    case 'output':
      return 'an output';
    case 'family':
      return 'an indexed `let`';
    case 'unknown':
      return formatType(value.type);
    case 'error':
      return 'faulty';
  }
}

const elementCounts = new WeakMap<object, number>();

/** Elements of a list and of the lists in it; 0 for anything else. */
export function countElements(value: Value): number {
  if (value.kind !== 'list') return 0;
  const known = elementCounts.get(value);
  if (known !== undefined) return known;
  const count = value.items.reduce((total, item) => total + 1 + countElements(item), 0);
  elementCounts.set(value, count);
  return count;
}
