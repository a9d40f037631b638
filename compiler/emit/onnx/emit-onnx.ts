/**
 * A network as an ONNX graph for prediction: tensors are `[batch, channels, ...spatial]`, with as many free sizes as the
 * network allows; dropout does nothing, and auxiliary outputs and penalties are omitted.
 */
import {
  opsFor,
  type ModelInput,
  type ModelOutput,
  type Network,
  type Op,
  type OpBase,
  type OpKind,
} from '../../ir/ir.js';
import { GraphBuilder } from '../../../onnx/builder.js';
import { absent, type AnyValue, type OnnxModel } from '../../../onnx/graph.js';
import { exportedFile } from '../../../onnx/target.js';
import { batch, sizesOf, type Emission, type Emitter, type Tensor } from './emitter.js';
import { emitters } from './operators.js';
import { inputSizes, outputSizes } from './free-sizes.js';
import { describe } from './metadata.js';

/**
 * Returns the network's ONNX model. Inputs and outputs have the names of the spec; images are float32, an identifier is
 * one int64 per case, -1 for none; an input that this variant does not use is omitted; outputs are logits. Weights are in
 * the graph under their ids. Metadata names the model, channels, labels and legal sizes; `metadata` is added to it. The
 * same network gives the same model.
 */
export function emitOnnx(network: Network, metadata: Readonly<Record<string, string>> = {}): OnnxModel {
  const outputs = network.outputs.map(({ name }) => name);
  const graph = new GraphBuilder(exportedFile, [...network.inputs.map(({ name }) => name), ...outputs]);
  const emitted = new Map<string, Tensor>();
  for (const op of opsFor(
    network,
    network.outputs.map(({ op }) => op),
  )) {
    graph.scope = op.id;
    emitted.set(op.id, emitOp(op, network, graph, emitted));
  }
  const finished = graph.finish(network.outputs.map((output) => emitOutput(output, network, graph, emitted)));
  const inputs = network.inputs.filter(({ name }) => finished.inputs.some((input) => input.name === name));
  return {
    name: network.name,
    doc: network.doc ?? '',
    graph: finished,
    metadata: { ...describe({ ...network, inputs }), ...metadata },
  };
}

function emitOp(op: Op, network: Network, graph: GraphBuilder, emitted: ReadonlyMap<string, Tensor>): Tensor {
  if (op.kind === 'input') return { ...op, value: emitInput(inputOf(op, network), graph) };
  const owner = op.sharedWith ?? op.id;
  const operands = op.operands.map((operand): Tensor => {
    const tensor = emitted.get(operand.op);
    if (tensor === undefined) throw new Error(`${op.id} comes before ${operand.op}`);
    return { ...operand, value: tensor.value };
  });
  const weight: Emission['weight'] = (name) => (shape) =>
    graph.weight(op.kind === 'param' ? owner : `${owner}.${name}`, shape);
  const [x = absent, y = absent] = operands.map((each) => each.value);
  const sizes = sizesOf(op);
  const value = emitKind(op, { g: graph, operands, x, y, shape: op.shape, sizes, weight });
  // The network knows every size; formulations know only some of the symbolic ones.
  return { ...op, value: { ...value, shape: sizes } };
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

function emitInput(input: ModelInput, graph: GraphBuilder): AnyValue {
  if (input.kind === 'identifier') return graph.input(input.name, [batch], 'int64');
  return graph.input(input.name, [batch, input.channels.length, ...inputSizes(input)], 'float32');
}

function emitOutput(
  { name, op }: ModelOutput,
  network: Network,
  graph: GraphBuilder,
  emitted: ReadonlyMap<string, Tensor>,
): AnyValue {
  const tensor = emitted.get(op);
  if (tensor === undefined) throw new Error(`no operation computes the output ${name}`);
  graph.scope = name;
  return graph.copy({ ...tensor.value, shape: [batch, ...outputSizes(tensor.shape, network)] }, name);
}
