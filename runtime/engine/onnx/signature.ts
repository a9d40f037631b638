import type * as tf from '@tensorflow/tfjs';
import type { ElementType, Value } from '../../../onnx/graph.js';
import { GraphBuilder } from '../../../onnx/builder.js';
import { cpuEngine } from '../../../onnx/target.js';
import type { Emitter } from './emit/emitter.js';

/** The element type in onnxruntime of a tfjs type; undefined for complex numbers and strings. */
export function elementType(dtype: tf.DataType): ElementType | undefined {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool' ? dtype : undefined;
}

/** A string that identifies the graph of a kernel: equal strings, equal graphs. */
export function signatureOf(
  kernel: string,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attributes: object,
): string {
  const operands = Object.entries(inputs).map(([name, { shape, dtype }]) => `${name}:${dtype}[${shape.join()}]`);
  return `${kernel}(${operands.join()})${attributesText(attributes)}`;
}

function attributesText(attributes: object): string {
  // JSON has no infinity.
  return JSON.stringify(attributes, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

export interface EmittedKernel {
  readonly builder: GraphBuilder;
  readonly outputs: readonly Value[];
}

/** A graph of one kernel on operands of these shapes; its inputs have the names of the kernel's. */
export function emitKernel(
  emit: Emitter,
  operands: Readonly<Record<string, { readonly shape: readonly number[]; readonly type: ElementType }>>,
  attributes: object,
): EmittedKernel {
  const builder = new GraphBuilder(cpuEngine);
  const inputs = Object.fromEntries(
    Object.entries(operands).map(([name, { shape, type }]) => [name, builder.input(name, shape, type)]),
  );
  return { builder, outputs: listOf(emit(builder, inputs, attributes as never)) };
}

export function listOf(values: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(values) ? (values as readonly Value[]) : [values as Value];
}

/** Makes `value` an output of a graph; inputs, constants and existing outputs are copied. */
export function asOutput(g: GraphBuilder, value: Value, taken: ReadonlySet<string>): Value {
  return g.producerOf(value) !== undefined && !taken.has(value.name) ? value : g.copy(value);
}
