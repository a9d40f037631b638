import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { planNetworks } from '../../../runtime/plan/plans.js';
import { presets, type PresetName } from '../../../runtime/plan/preset.js';
import type { Configuration } from '../../../runtime/plan/configuration.js';
import type { Triple } from '../../../runtime/plan/fingerprint.js';

const shared = path.resolve(import.meta.dirname, '../../../../shared/plans');
const files = { default: 'plans.json', resenc_m: 'plans_resenc_m.json', resenc_l: 'plans_resenc_l.json' } as const;

interface TheirConfiguration {
  spacing: number[];
  median_image_size_in_voxels: number[];
  patch_size: number[];
  batch_size: number;
  architecture: {
    arch_kwargs: {
      features_per_stage: number[];
      strides: number[][];
      kernel_sizes: number[][];
      n_conv_per_stage?: number[];
      n_blocks_per_stage?: number[];
      n_conv_per_stage_decoder: number[];
    };
  };
}

function read<T>(...parts: string[]): T {
  return JSON.parse(readFileSync(path.join(shared, ...parts), 'utf8')) as T;
}

const theirs = (each: TheirConfiguration) => {
  const { arch_kwargs: network } = each.architecture;
  return {
    medianSize: each.median_image_size_in_voxels,
    patch: each.patch_size,
    batch: each.batch_size,
    features: network.features_per_stage,
    strides: network.strides,
    kernels: network.kernel_sizes,
    depths: network.n_conv_per_stage ?? network.n_blocks_per_stage,
    decoderDepths: network.n_conv_per_stage_decoder,
  };
};

const ours = (each: Configuration) => ({
  medianSize: each.medianSize,
  patch: each.patch,
  batch: each.batch,
  features: each.features,
  strides: each.strides,
  kernels: each.kernels,
  depths: each.depths,
  decoderDepths: each.features.slice(1).map(() => each.decoderDepth),
});

describe.skipIf(!existsSync(shared))("nnU-Net's plans in ../shared/plans", () => {
  const folders = existsSync(shared) ? readdirSync(shared).filter((name) => !name.includes('.')) : [];
  const pairs = folders.flatMap((folder) =>
    (Object.keys(files) as PresetName[]).map((preset) => [folder, preset] as const),
  );

  it.each(pairs)('%s, %s', (folder, name) => {
    const raw = read<{ spacings: Triple[]; shapes_after_crop: Triple[]; median_relative_size_after_cropping: number }>(
      folder,
      'fingerprint.json',
    );
    const { labels, channel_names, modality } = read<Record<string, Record<string, string>>>(folder, 'dataset.json');
    const plans = planNetworks(
      {
        spacings: raw.spacings,
        shapes: raw.shapes_after_crop,
        relativeSize: raw.median_relative_size_after_cropping,
        channels: Object.values(channel_names ?? modality ?? {}),
        labels: Object.keys(labels!).length,
      },
      presets[name],
    );
    const expected = read<{ transpose_forward: number[]; configurations: Record<string, TheirConfiguration> }>(
      folder,
      files[name],
    );
    const estimates = read<{ memory_estimates?: Record<string, Record<string, number>> }>(folder, 'source.json');
    expect(plans.order).toEqual(expected.transpose_forward);
    const kinds = Object.keys(expected.configurations).filter((kind) => kind !== '3d_cascade_fullres');
    expect(Object.keys(plans.configurations).sort()).toEqual(kinds.sort());
    for (const kind of kinds) {
      const mine = plans.configurations[kind as '2d'];
      const other = expected.configurations[kind]!;
      expect(ours(mine)).toEqual(theirs(other));
      mine.spacing.forEach((each, axis) => expect(each / other.spacing[axis]!).toBeCloseTo(1, 9));
      const estimate = estimates.memory_estimates?.[name]?.[kind];
      if (estimate !== undefined) expect(mine.memoryEstimate).toBe(estimate);
    }
  });
});
