/**
 * A network as an ONNX graph: tensors `[batch, channels, ...spatial]`, as many free sizes as the network allows. It
 * predicts: dropout hands on, and auxiliary outputs are left out.
 */
import type { ModelInput, ModelOutput, Network, Op, OpBase, OpKind } from '../../ir/ir.js';
import { emitters } from './operators/registry.js';
import type { Emission, Emitter, Tensor } from './emitter.js';
import type { Declared, OnnxModel } from './graph.js';
import { GraphBuilder } from './graph-builder.js';
import { inputSizes, outputSizes } from './free-sizes.js';
import { describe } from './metadata.js';

/** Version of the standard operators: the first with LayerNormalization, and widely supported. */
const opset = 17;

/**
 * The network's ONNX model. Inputs and outputs have the names of the spec; images are float32, an identifier is one
 * int64 a case, -1 for none; an input that this variant does not use is left out; outputs are logits. Weights stand in
 * the graph under their ids. Metadata names the model, channels, labels and legal sizes; `metadata` is added to it. The
 * same network gives the same model.
 */
export function emitOnnx(network: Network, metadata: Readonly<Record<string, string>> = {}): OnnxModel {
  const outputs = network.outputs.map(({ name }) => name);
  const graph = new GraphBuilder([...network.inputs.map(({ name }) => name), ...outputs]);
  const made = new Map<string, Tensor>();
  for (const op of neededOps(network)) {
    graph.scope = op.id;
    made.set(op.id, { value: emitOp(op, network, graph, made), shape: op.shape, batched: op.batched });
  }
  for (const output of network.outputs) emitOutput(output, network, graph, made);
  const finished = graph.finish();
  const inputs = network.inputs.filter(({ name }) => finished.inputs.some((input) => input.name === name));
  return {
    name: network.name,
    doc: network.doc ?? '',
    opset,
    graph: finished,
    metadata: { ...describe({ ...network, inputs }), ...metadata },
  };
}

/** The operations that outputs need; what only auxiliary ones need is left out. */
function neededOps({ ops, outputs }: Network): readonly Op[] {
  const needed = new Set(outputs.map(({ op }) => op));
  for (const op of ops.toReversed()) {
    if (needed.has(op.id)) for (const operand of op.operands) needed.add(operand.op);
  }
  return ops.filter(({ id }) => needed.has(id));
}

function emitOp(op: Op, network: Network, graph: GraphBuilder, made: ReadonlyMap<string, Tensor>) {
  if (op.kind === 'input') return emitInput(inputOf(op, network), graph);
  const owner = op.sharedWith ?? op.id;
  const operands = op.operands.map((operand): Tensor => {
    const tensor = made.get(operand.op);
    if (tensor === undefined) throw new Error(`${op.id} comes before ${operand.op}`);
    return { value: tensor.value, shape: operand.shape, batched: operand.batched };
  });
  const weight: Emission['weight'] = (name, shape) =>
    graph.weight(op.kind === 'param' ? owner : `${owner}.${name}`, shape);
  return emitKind(op, { graph, operands, shape: op.shape, weight });
}

function emitKind<K extends Exclude<OpKind, 'input'>>(op: OpBase<K>, emission: Emission) {
  const emit: Emitter<K> = emitters[op.kind];
  return emit(op.attributes, emission);
}

function inputOf(op: Op, { inputs }: Network): ModelInput {
  const input = inputs.find(({ name }) => name === op.id);
  if (input === undefined) throw new Error(`${op.id} is not an input of the network`);
  return input;
}

const batch: Declared['shape'] = ['batch'];

function emitInput(input: ModelInput, graph: GraphBuilder) {
  if (input.kind === 'identifier') return graph.input(input.name, 'int64', batch);
  return graph.input(input.name, 'float32', [...batch, input.channels.length, ...inputSizes(input)]);
}

function emitOutput(
  { name, op }: ModelOutput,
  network: Network,
  graph: GraphBuilder,
  made: ReadonlyMap<string, Tensor>,
): void {
  const tensor = made.get(op);
  if (tensor === undefined) throw new Error(`the output ${name} is made by no operation`);
  graph.scope = name;
  graph.output(name, tensor.value, [...batch, ...outputSizes(tensor.shape, network)]);
}
