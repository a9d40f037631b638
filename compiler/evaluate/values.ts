import type { BlockNode, Expression, OutputNode } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import type { ModelInput, Shape } from '../ir/ir.js';
import { formatShape } from '../ir/format-shape.js';
import { formatSize, type Size } from '../shape/size.js';
import type { Primitive } from '../bind/builtins.js';
import type { SharedWeights } from './sharing.js';
import { formatType, type Type } from './types.js';
import { counted } from '../../text/count.js';

/** The values of expressions once knobs are bound. */
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
  /** Whether its type is `int`: an integer by construction rather than by coincidence. */
  readonly integer: boolean;
}

/** An integer that depends on the patch. */
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

/** Several tensors that are passed to a layer. */
export interface TupleValue {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
}

/** A layer that has not been applied: each application creates new parameters. */
export interface LayerValue {
  readonly kind: 'layer';
  readonly recipe: Recipe;
}

export interface Argument {
  readonly value: Value;
  /** The node that wrote it. */
  readonly node: Expression;
  readonly span: Span;
}

export type Recipe =
  | {
      readonly kind: 'primitive';
      readonly primitive: Primitive;
      readonly bound: ReadonlyMap<string, Argument>;
      /** The layer that was given more arguments to form this one. */
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
  /** A layer with one set of parameters, however often it is applied. */
  | { readonly kind: 'shared'; readonly layer: LayerValue; readonly weights: SharedWeights };

export interface SequenceStep {
  /** Undefined for a step that its `when` omits: it keeps its name, so that other names do not change. */
  readonly layer: LayerValue | undefined;
  /** The id part that the text gives the step; undefined if the step is the whole part. */
  readonly name: string;
  readonly span: Span;
  /** Whether the step is conditional (`when`), so that it must preserve the shape. */
  readonly optional: boolean;
}

export interface TensorValue {
  readonly kind: 'tensor';
  /** Id of the operation that computes it. */
  readonly op: string;
  readonly shape: Shape;
  readonly batched: boolean;
}

export interface IdentifierValue {
  readonly kind: 'identifier';
  readonly input: Extract<ModelInput, { kind: 'identifier' }>;
}

/** A name or call that represents a choice: `trilinear`, `kaiming_normal(fan_out)`. */
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

/** An unknown value of a known type: block bodies are checked with such values. */
export interface UnknownValue {
  readonly kind: 'unknown';
  readonly type: Type;
}

/** The value of an expression with an error; it suppresses follow-up errors. */
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

/** Returns a size as a value: a plain number if it is constant. */
export function sizeValue(size: Size): NumberValue | SizeValue {
  return size.kind === 'constant' ? numberOf(size.value, true) : { kind: 'size', size };
}

/** Describes a value in a message. */
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

/** The number of elements of a list, including nested lists; 0 for anything else. */
export function countElements(value: Value): number {
  if (value.kind !== 'list') return 0;
  const known = elementCounts.get(value);
  if (known !== undefined) return known;
  const count = value.items.reduce((total, item) => total + 1 + countElements(item), 0);
  elementCounts.set(value, count);
  return count;
}
