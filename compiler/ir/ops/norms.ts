/** Normalisation by statistics of a single case, or of the batch and its running averages, with biased variance. */
import { replacement } from '../../../grammar/diagnostics/suggest.js';
import { textOf } from '../../../grammar/source.js';
import { counted } from '../../../text/count.js';
import { constantOf } from '../../shape/size.js';
import { formatShape } from '../format-shape.js';
import { layer, type LayerCall } from './layer.js';
import { boolean, number, refuse, requireChannels, whole } from './parameters.js';
import { at, channelsOf, operandAt } from './shapes.js';
import { norm, operation } from './traits.js';
import type { Initial, WeightShape } from '../tensor.js';

/** `epsilon` is added to the variance. */
export interface NormAttributes {
  readonly epsilon: number;
  readonly affine: boolean;
}

/** The new value of a running statistic is `(1 - momentum)` times the old one plus `momentum` times the batch's. */
export interface BatchNormAttributes extends NormAttributes {
  readonly momentum: number;
  /** Whether training uses the running statistics too, and leaves them unchanged. */
  readonly frozen: boolean;
}

const affine = boolean(true);
const momentum = number({ least: Number.MIN_VALUE, most: 1, text: 'greater than 0 and at most 1', otherwise: 0.1 });
const epsilon = number({ least: Number.MIN_VALUE, most: 1, text: 'greater than 0 and at most 1', otherwise: 1e-5 });

/** The scale starts at 1 and the shift at 0. */
function start(weight: string): Initial {
  return { kind: 'constant', value: weight === 'weight' ? 1 : 0 };
}

/** Statistics over spatial axes and the channels of each group. */
export interface GroupNormAttributes extends NormAttributes {
  readonly groups: number;
}

const groupNorm = operation<GroupNormAttributes>({
  ...norm,
  problems: ({ attributes: { groups }, operands }) => {
    const channels = constantOf(at(operandAt(operands, 0), 0).size);
    if (channels !== undefined && channels % groups === 0) return [];
    return [`${groups} groups do not divide ${channels ?? 'an unknown number of'} channels`];
  },
  label: ({ attributes }) => `GN(${attributes.groups})`,
  layers: {
    group_norm: layer({
      doc: 'Group normalisation: statistics over the channels of each group and all positions.',
      parameters: { groups: whole({ least: 1 }), affine, epsilon },
      start,
      attributes: ({ groups, affine, epsilon }, call) => {
        requireDivisor(call, groups, requireChannels(call));
        return { groups, epsilon, affine };
      },
    }),
  },
});

/** Statistics over spatial axes, per channel. */
const instanceNorm = operation<NormAttributes>({
  ...norm,
  label: () => 'IN',
  layers: {
    instance_norm: layer({
      doc: 'Instance normalisation: statistics of each channel over all positions.',
      parameters: { affine, epsilon },
      start,
      attributes: ({ affine, epsilon }, call) => {
        requireChannels(call);
        requirePositions(call);
        return { epsilon, affine };
      },
    }),
  },
});

/** Statistics over channels, at each position. */
const layerNorm = operation<NormAttributes>({
  ...norm,
  label: () => 'LN',
  layers: {
    layer_norm: layer({
      doc: 'Layer normalisation: statistics over the channels at each position.',
      parameters: { affine, epsilon },
      start,
      attributes: ({ affine, epsilon }, call) => {
        requireChannels(call);
        return { epsilon, affine };
      },
    }),
  },
});

/**
 * Per channel, by statistics over the batch and all positions in training, and by their running averages in prediction
 * (Ioffe and Szegedy 2015). Weights `weight` and `bias` `[C]` if it is affine; statistics `running_mean` and
 * `running_var` `[C]`, the latter unbiased, as in PyTorch.
 */
const batchNorm = operation<BatchNormAttributes>({
  ...norm,
  weights: (attributes, operands) => {
    const shape = [channelsOf(operands)];
    const statistics = ['running_mean', 'running_var'] as const;
    return [
      ...norm.weights(attributes, operands),
      ...statistics.map((name): WeightShape => ({ name, shape, statistic: true })),
    ];
  },
  keeps: ({ attributes: { frozen } }, { weights }) => (frozen && !weights ? [] : [0]),
  label: ({ attributes }) => (attributes.frozen ? 'BN, frozen' : 'BN'),
  layers: {
    batch_norm: layer({
      doc: 'Batch normalisation: statistics of each channel over the batch and all positions in training, their running averages in prediction. `frozen: true` uses the running averages in training too and leaves them unchanged; scale and shift are still trained.',
      parameters: { affine, epsilon, momentum, frozen: boolean(false) },
      start: (weight) => ({ kind: 'constant', value: weight === 'weight' || weight === 'running_var' ? 1 : 0 }),
      attributes: ({ affine, epsilon, momentum, frozen }, call) => {
        requireChannels(call);
        // A knob for `frozen` may be true in one variant only.
        if (textOf(call.spanOf('frozen')) === 'true')
          refuse(call, ['momentum'], '`frozen` leaves the statistics unchanged');
        return { momentum, epsilon, affine, frozen };
      },
    }),
  },
});

/** UNET3007: groups divide the channels. */
function requireDivisor(call: LayerCall, groups: number, channels: number): void {
  if (channels % groups === 0) return;
  const span = call.spanOf('groups');
  call.fail('UNET3007', { groups, channels }, span, {
    labels: [{ span: call.span, text: `the tensor has ${counted(channels, 'channel')}` }],
    fixes: /^\d+$/.test(textOf(span)) ? [replacement(span, String(nearestDivisor(channels, groups)))] : [],
  });
}

/** The divisor of `channels` that is nearest to `groups`, the smaller of two. */
function nearestDivisor(channels: number, groups: number): number {
  let nearest = 1;
  for (let divisor = 1; divisor <= channels; divisor++) {
    if (channels % divisor === 0 && Math.abs(divisor - groups) < Math.abs(nearest - groups)) nearest = divisor;
  }
  return nearest;
}

/** UNET3010: instance normalisation needs a spatial axis; normalised over a single value, the result is always 0. */
function requirePositions(call: LayerCall): void {
  const { shape } = call.tensors[0];
  if (shape.length > 1) return;
  const parts = { what: '`instance_norm`', expected: '`[C, ...S]` with spatial axes', found: formatShape(shape) };
  call.fail('UNET3010', parts, call.span);
}

export const norms = {
  group_norm: groupNorm,
  instance_norm: instanceNorm,
  layer_norm: layerNorm,
  batch_norm: batchNorm,
};
