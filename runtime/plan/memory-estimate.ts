import { product } from './numbers.js';
import { decoderDepth, encoderDepths, type Preset, widths } from './preset.js';
import type { Topology } from './topology.js';

/**
 * Estimates the memory of a training as nnU-Net does: the number of elements of all feature maps for one patch, without
 * deep supervision. The input channels and the weights do not count.
 * @param labels outputs of the network
 */
export function estimateMemory(preset: Preset, { patch, strides }: Topology, labels: number): number {
  const features = widths(strides.length, patch.length);
  const depths = encoderDepths(preset, strides.length);
  const voxels: number[] = [];
  let sizes = patch;
  for (const stride of strides) {
    sizes = sizes.map((size, axis) => size / stride[axis]!);
    voxels.push(product(sizes));
  }
  let total = preset.residual ? features[0]! * voxels[0]! : 0;
  strides.forEach((stride, stage) => {
    const map = features[stage]! * voxels[stage]!;
    total += (preset.residual ? 2 : 1) * map * depths[stage]!;
    const before = stage === 0 ? features[0] : features[stage - 1];
    const projected = before !== features[stage] || stride.some((step) => step !== 1);
    if (preset.residual && projected) total += map;
    if (stage < strides.length - 1) total += (decoderDepth(preset) + 1) * map;
  });
  return total + labels * voxels[0]!;
}
