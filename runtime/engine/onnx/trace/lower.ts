/** A recorded computation as one graph. */
import type * as tf from '@tensorflow/tfjs';
import type { PerStep } from '../../../ops/per-step.js';
import { reshape } from '../../../../onnx/formulations/shaping.js';
import { emitters } from '../emit/registry.js';
import { GraphBuilder } from '../../../../onnx/builder.js';
import { cpuEngine } from '../../../../onnx/target.js';
import type { Graph, Value } from '../../../../onnx/graph.js';
import { asOutput, listOf } from '../signature.js';
import type { Operand, Operation, Trace, Traced } from './trace.js';

/** A graph, and the meaning of its inputs and outputs. */
export interface LoweredTrace {
  readonly graph: Graph;
  readonly variables: readonly { readonly name: string; readonly variable: tf.Variable }[];
  readonly sources: readonly { readonly name: string; readonly source: PerStep }[];
  /** In the order of the trace; the same name may occur twice. */
  readonly outputs: readonly Value[];
  readonly updates: readonly { readonly name: string; readonly variable: tf.Variable }[];
  /** The recorded operation that each node of the graph came from, by the name of the node. */
  readonly origins: ReadonlyMap<string, Operation>;
}

export function lowerTrace(trace: Trace): LoweredTrace {
  const g = new GraphBuilder(cpuEngine);
  const values = new Map<Traced | Operation, readonly Value[]>();
  const variables: LoweredTrace['variables'][number][] = [];
  const sources: LoweredTrace['sources'][number][] = [];

  const valueOf = (traced: Traced): Value => {
    if (traced.kind === 'result') return values.get(traced.operation)![traced.index]!;
    const known = values.get(traced);
    if (known !== undefined) return known[0]!;
    const value = makeSource(traced);
    values.set(traced, [value]);
    return value;
  };
  const makeSource = (traced: Exclude<Traced, { kind: 'result' }>): Value => {
    switch (traced.kind) {
      case 'constant':
        return g.constant(traced.numbers, traced.shape);
      case 'variable': {
        const name = `variable_${variables.length}`;
        variables.push({ name, variable: traced.variable });
        return g.input(name, traced.shape, traced.type);
      }
      case 'per-step': {
        const name = `given_${sources.length}`;
        sources.push({ name, source: traced.source });
        return g.input(name, traced.shape, traced.type);
      }
    }
  };
  const read = ({ traced, shape }: Operand): Value => reshape(g, valueOf(traced), shape);

  const origins = new Map<string, Operation>();
  for (const operation of trace.operations) {
    const inputs = Object.fromEntries(Object.entries(operation.inputs).map(([name, each]) => [name, read(each)]));
    const emit = emitters.get(operation.kernel)!;
    const mark = g.position;
    values.set(operation, listOf(emit(g, inputs, operation.attributes as never)));
    for (const node of g.since(mark)) origins.set(node.name, operation);
  }
  const all: Value[] = [];
  const taken = new Set<string>();
  const output = (operand: Operand): Value => {
    const value = asOutput(g, read(operand), taken);
    taken.add(value.name);
    all.push(value);
    return value;
  };
  const outputs = trace.outputs.map(output);
  const updates = trace.updates.map(({ variable, operand }) => ({ name: output(operand).name, variable }));
  const graph = g.finish(all);
  const used = new Set(graph.inputs.map(({ name }) => name));
  return {
    graph,
    outputs,
    updates,
    variables: variables.filter(({ name }) => used.has(name)),
    sources: sources.filter(({ name }) => used.has(name)),
    origins,
  };
}
