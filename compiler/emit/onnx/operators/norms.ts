/**
 * Normalisations, y = (x - mean) / sqrt(variance + epsilon) with the biased variance. GroupNormalization of ONNX has no
 * scale a channel before operator set 21, and onnxruntime's InstanceNormalization adds up a whole volume in one float32
 * sum: over twenty norms of 64 x 64 x 64 voxels that moves logits by 2e-4. Here sums are made of sums of rows.
 */
import type { Emission, Emitter, Tensor } from '../emitter.js';
import { channelsOf, operand, perChannel } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { reshape, reshapeLike, targetsOf } from '../sizes.js';
import { over } from './reductions.js';

interface Normalization {
  readonly groups: number;
  readonly epsilon: number;
}

/** `x` normalised by groups of channels, without scale or shift. */
function normalized(graph: GraphBuilder, x: Tensor, { groups, epsilon }: Normalization): Value {
  const row = x.shape.length < 2 ? 1 : (targetsOf(x).at(-1) ?? 1);
  const rows = reshape(graph, x.value, [{ of: x.value, axis: 0 }, groups, 'rest', row]);
  const mean = (of: Value): Value => over(graph, 'mean', of, [2, 3], 1);
  const centred = graph.node('Sub', [rows, mean(rows)]);
  const variance = mean(graph.node('Mul', [centred, centred]));
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, graph.scalar(epsilon)])]);
  return reshapeLike(graph, graph.node('Div', [centred, deviation]), x);
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

export const instanceNorm: Emitter<'instance_norm'> = ({ epsilon, affine }, emission) =>
  byGroups(channelsOf(operand(emission, 0)), epsilon, affine, emission);

/** Channels go to the end, where LayerNormalization takes them. */
export const layerNorm: Emitter<'layer_norm'> = ({ epsilon, affine }, emission) => {
  const { graph, weight } = emission;
  const x = operand(emission, 0);
  const channels = channelsOf(x);
  const weights = affine
    ? [weight('weight', [channels]), weight('bias', [channels])]
    : [graph.floats(Array<number>(channels).fill(1))];
  const rank = x.shape.length + 1;
  const places = Array.from({ length: rank - 2 }, (_, index) => index + 2);
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  if (places.length === 0) return graph.node('LayerNormalization', [x.value, ...weights], attributes);
  const last = graph.node('Transpose', [x.value], { perm: [0, ...places, 1] });
  const y = graph.node('LayerNormalization', [last, ...weights], attributes);
  return graph.node('Transpose', [y], { perm: [0, rank - 1, ...places.map((place) => place - 1)] });
};
