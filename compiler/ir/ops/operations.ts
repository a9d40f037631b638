/** Every kind of operation. The families are files of this folder; whatever is asked of all kinds is answered here. */
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

/** The layer of a kind of operation. */
export interface OperationLayer<K extends OpKind = OpKind> extends Layer<Attributes[K]> {
  readonly kind: K;
  readonly name: string;
}

/** Every layer that emits an operation. */
export const operationLayers: readonly OperationLayer[] = (Object.keys(operations) as OpKind[]).flatMap(layersOf);

function layersOf<K extends OpKind>(kind: K): readonly OperationLayer[] {
  // A layer gives attributes of its own kind: the table above holds it to that.
  return Object.entries(definitionOf(kind).layers).map(([name, layer]) => ({ ...layer, kind, name }));
}

/** What these functions take, and what they do. */
export const operationFunctions = Object.assign(
  {},
  ...Object.values(operations).map(({ functions }) => functions),
) as Readonly<Record<OperationFunction, FunctionForm>>;
