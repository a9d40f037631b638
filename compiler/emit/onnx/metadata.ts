/** Metadata with which an ONNX file can be used without the spec. */
import type { ModelInput, ModelOutput, Network } from '../../ir/ir.js';

/**
 * `model`: its name. As JSON: `inputs` (channels in order and axes of images, the number of values of an identifier),
 * `outputs` (labels in order with the class values they cover, and the activation that turns logits
 * into probabilities), `legal_sizes` (first, first + step, ... along each free axis), `knobs`.
 */
export function describe(network: Network): Readonly<Record<string, string>> {
  return {
    model: network.name,
    inputs: JSON.stringify(network.inputs.map(describeInput)),
    outputs: JSON.stringify(network.outputs.map(describeOutput)),
    legal_sizes: JSON.stringify(network.legal.map(({ axis, first, step }) => ({ axis, first, step }))),
    knobs: JSON.stringify(Object.fromEntries(network.knobs.map(({ name, value }) => [name, value]))),
  };
}

function describeInput(input: ModelInput): object {
  const { name, kind } = input;
  if (input.kind === 'identifier') return { name, kind, count: input.count, none: -1 };
  return {
    name,
    kind,
    channels: input.channels,
    axes: input.axes.map(({ name: axis, size }) => ({ name: axis, size })),
  };
}

function describeOutput({ name, kind, labels }: ModelOutput): object {
  const activation = kind === 'classes' ? 'softmax' : 'sigmoid';
  return { name, kind, activation, labels: labels.map((label) => ({ name: label.name, values: label.values })) };
}
