import { weightsOf, type ModelInput, type Network, type Weight } from '../../ir/ir.js';
import type { Literal } from './literal.js';

/** The runtime's `ModelDescription` of a network, as a literal. */
export function describeNetwork(network: Network): Literal {
  return {
    name: network.name,
    inputs: network.inputs.map((input) => describeInput(input, isUsed(input, network))),
    outputs: network.outputs.map(({ name, kind, labels, auxiliary }) => ({
      name,
      kind,
      labels: labels.map((label) => ({ name: label.name, values: label.values })),
      auxiliary: auxiliary.length,
    })),
    weights: weightsOf(network).map(describeWeight),
    legal: network.legal.map(({ axis, first, step }) => ({ axis, first, step })),
  };
}

function isUsed({ name }: ModelInput, { ops }: Network): boolean {
  return ops.some(({ operands }) => operands.some(({ op }) => op === name));
}

function describeInput(input: ModelInput, used: boolean): Literal {
  if (input.kind === 'identifier') return { kind: input.kind, name: input.name, count: input.count };
  const axes = input.axes.map(({ name, size }) => ({ name, size }));
  return { kind: input.kind, name: input.name, channels: input.channels, axes, unused: used ? undefined : true };
}

function describeWeight({ id, shape, initial, trainable, usedWhen }: Weight): Literal {
  return {
    id,
    shape,
    initial: { ...initial },
    trainable: trainable ? undefined : false,
    usedWhen: usedWhen === undefined ? undefined : { input: usedWhen.input, given: usedWhen.given },
  };
}
