/**
 * Normalisations, y = (x - mean) / sqrt(variance + epsilon) with the biased variance. GroupNormalization of ONNX has no
 * scale a channel before operator set 21, so groups become the channels of InstanceNormalization, as PyTorch exports them.
 */
import type { Emitter, Emission, Tensor } from '../emitter.js';
import { channelsOf, operand, perChannel } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { reshape, reshapeLike } from '../sizes.js';

interface Normalization {
  readonly groups: number;
  readonly epsilon: number;
}

/** `x` normalised by groups of channels, without scale or shift. */
function normalized(graph: GraphBuilder, x: Tensor, { groups, epsilon }: Normalization): Value {
  const rows = reshape(graph, x.value, [{ of: x.value, axis: 0 }, groups, 'rest']);
  const even = [graph.floats(filled(groups, 1)), graph.floats(filled(groups, 0))];
  const y = graph.node('InstanceNormalization', [rows, ...even], { epsilon: { float: epsilon } });
  return reshapeLike(graph, y, x);
}

function filled(count: number, value: number): number[] {
  return Array<number>(count).fill(value);
}

function byGroups(groups: number, epsilon: number, affine: boolean, emission: Emission): Value {
  const { graph, weight } = emission;
  const x = operand(emission, 0);
  const y = normalized(graph, x, { groups, epsilon });
  if (!affine) return y;
  const shape = perChannel(x);
  return graph.node('Add', [graph.node('Mul', [y, weight('weight', shape)]), weight('bias', shape)]);
}

export const groupNorm: Emitter<'group_norm'> = ({ groups, epsilon, affine }, emission) =>
  byGroups(groups, epsilon, affine, emission);

export const instanceNorm: Emitter<'instance_norm'> = ({ epsilon, affine }, emission) => {
  const x = operand(emission, 0);
  const channels = channelsOf(x);
  if (!affine || x.shape.length < 2) return byGroups(channels, epsilon, affine, emission);
  const weights = [emission.weight('weight', [channels]), emission.weight('bias', [channels])];
  return emission.graph.node('InstanceNormalization', [x.value, ...weights], { epsilon: { float: epsilon } });
};

/** Channels go to the end, where LayerNormalization takes them. */
export const layerNorm: Emitter<'layer_norm'> = ({ epsilon, affine }, emission) => {
  const { graph, weight } = emission;
  const x = operand(emission, 0);
  const channels = channelsOf(x);
  const weights = affine
    ? [weight('weight', [channels]), weight('bias', [channels])]
    : [graph.floats(filled(channels, 1))];
  const rank = x.shape.length + 1;
  const places = Array.from({ length: rank - 2 }, (_, index) => index + 2);
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  if (places.length === 0) return graph.node('LayerNormalization', [x.value, ...weights], attributes);
  const last = graph.node('Transpose', [x.value], { perm: [0, ...places, 1] });
  const y = graph.node('LayerNormalization', [last, ...weights], attributes);
  return graph.node('Transpose', [y], { perm: [0, rank - 1, ...places.map((place) => place - 1)] });
};
