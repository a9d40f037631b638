import type { ModelInput, Network } from '../ir/ir.js';
import type { Literal } from './literal.js';

/** The runtime's `ModelDescription` of a network, as a literal. */
export function describeNetwork(network: Network): Literal {
  const rules = Object.entries(network.initial).map(([kind, rule]) => [kind, { ...rule }] as const);
  return {
    name: network.name,
    inputs: network.inputs.map((input) => describeInput(input, isUsed(input, network))),
    outputs: network.outputs.map(({ name, kind, labels, auxiliary }) => ({
      name,
      kind,
      labels: labels.map((label) => ({ name: label.name, values: label.values })),
      auxiliary: auxiliary.length,
    })),
    penalties: network.penalties.length === 0 ? undefined : network.penalties.map(({ name }) => name),
    initial: rules.length === 0 ? undefined : Object.fromEntries(rules),
    legal: network.legal.map(({ axis, first, step }) => ({ axis, first, step })),
  };
}

function isUsed({ name }: ModelInput, { ops }: Network): boolean {
  return ops.some(({ operands }) => operands.some(({ op }) => op === name));
}

function describeInput(input: ModelInput, used: boolean): Literal {
  const { kind, name } = input;
  const unused = used ? undefined : true;
  if (input.kind === 'identifier') return { kind, name, count: input.count, unused };
  const axes = input.axes.map((axis) => ({ name: axis.name, size: axis.size }));
  return { kind, name, channels: input.channels, axes, unused };
}
