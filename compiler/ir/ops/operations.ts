/**
 * The table of all kinds of operations, and the questions that apply to every kind. Each family is a file in this
 * folder.
 */
import type { Shape, ShapedOperand, WeightShape } from '../tensor.js';
import { axisOperations } from './axes.js';
import { convolutions } from './convolutions.js';
import { elementwiseOperations } from './elementwise.js';
import type { FunctionForm, Layer } from './layer.js';
import { norms } from './norms.js';
import type { AttributesOf, FunctionsOf, Operation } from './operation.js';
import { pools } from './pools.js';
import { reductions } from './reductions.js';
import { resampling } from './resampling.js';
import { sources } from './sources.js';

const families = {
  ...sources,
  ...convolutions,
  ...pools,
  ...norms,
  ...elementwiseOperations,
  ...reductions,
  ...resampling,
  ...axisOperations,
};

/** The attributes of each kind of operation. */
export type Attributes = { readonly [K in keyof typeof families]: AttributesOf<(typeof families)[K]> };

export type OpKind = keyof Attributes;

/** The definition of each kind. */
export const operations: { readonly [K in OpKind]: Operation<Attributes[K]> } = families;

export function definitionOf<K extends OpKind>(kind: K): Operation<Attributes[K]> {
  return operations[kind];
}

/** The name of what an operation computes: its kind, or the function if the kind stands for several. */
export function operationName<K extends OpKind>(kind: K, attributes: Attributes[K]): string {
  return definitionOf(kind).name(attributes) ?? kind;
}

/** The functions of the language that emit an operation. */
export type OperationFunction = { [K in OpKind]: FunctionsOf<(typeof families)[K]> }[OpKind];

/** The output shape of an operation. That of `input` and `param` is declared: asking for it throws. */
export function inferShape<K extends OpKind>(
  kind: K,
  attributes: Attributes[K],
  operands: readonly ShapedOperand[],
): Shape {
  return definitionOf(kind).shape(attributes, operands);
}

/** The weights an operation owns; that of a `param` is declared with it and is not among them. */
export function weightShapes<K extends OpKind>(
  kind: K,
  attributes: Attributes[K],
  operands: readonly ShapedOperand[],
): readonly WeightShape[] {
  return definitionOf(kind).weights(attributes, operands);
}

/** The layer of one kind of operation. */
export interface OperationLayer<K extends OpKind = OpKind> extends Layer<Attributes[K]> {
  readonly kind: K;
  readonly name: string;
}

/** Every layer that emits an operation, by name. */
export const operationLayers: readonly OperationLayer[] = (Object.keys(operations) as OpKind[]).flatMap(layersOf);

function layersOf<K extends OpKind>(kind: K): readonly OperationLayer[] {
  // Attributes match their kind: the table above guarantees it.
  return Object.entries(definitionOf(kind).layers).map(([name, layer]) => ({ ...layer, kind, name }));
}

/** The parameters and documentation of these functions. */
export const operationFunctions = Object.assign(
  {},
  ...Object.values(operations).map(({ functions }) => functions),
) as Readonly<Record<OperationFunction, FunctionForm>>;
