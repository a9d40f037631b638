import type { ModelInput, Network } from '../ir/ir.js';

type Image = Extract<ModelInput, { kind: 'image' }>;

function images({ inputs }: Network): readonly Image[] {
  return inputs.filter((each) => each.kind === 'image');
}

function identifiers({ inputs }: Network): readonly string[] {
  return inputs.filter((each) => each.kind === 'identifier').map(({ name }) => name);
}

function channelsOf(network: Network): readonly string[] {
  return [...new Set(images(network).flatMap(({ channels }) => channels))];
}

function axesOf(network: Network): number {
  return Math.max(0, ...images(network).map(({ axes }) => axes.length));
}

/**
 * Returns how the data that a network sees differs from what the base of its study sees, in words: its channels, its
 * identifiers, and the number of its axes. Their scores are on the same cases, but the networks do not know the same
 * about them. Empty if they see the same.
 */
export function inputDifferences(network: Network, base: Network): readonly string[] {
  const [own, others] = [channelsOf(network), channelsOf(base)];
  const [added, missing] = [own.filter((each) => !others.includes(each)), others.filter((each) => !own.includes(each))];
  const [given, expected] = [identifiers(network), identifiers(base)];
  const [axes, usual] = [axesOf(network), axesOf(base)];
  return [
    ...(missing.length === 0 ? [] : [`does not see ${missing.join(', ')}`]),
    ...(added.length === 0 ? [] : [`also sees ${added.join(', ')}`]),
    ...expected.filter((name) => !given.includes(name)).map((name) => `no identifier ${name}`),
    ...given.filter((name) => !expected.includes(name)).map((name) => `with the identifier ${name}`),
    ...(axes === usual ? [] : [`${axes}-D, not ${usual}-D`]),
  ];
}
