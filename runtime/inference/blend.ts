export type Blend = 'gaussian' | 'constant';

/** A tile's deviation, as a part of its size (nnU-Net's and MONAI's value). */
const SIGMA_SCALE = 1 / 8;
/** Lowest weight. The product over three axes of a corner's Gaussian is 1e-10, which float32 sums would lose. */
const FLOOR = 1e-3;

function axisWeights(size: number): Float64Array {
  const centre = (size - 1) / 2;
  const sigma = size * SIGMA_SCALE;
  return Float64Array.from({ length: size }, (_, index) => Math.exp(-(((index - centre) / sigma) ** 2) / 2));
}

/**
 * How much each voxel of a tile counts where tiles overlap: 1 everywhere (`constant`), or a Gaussian around the tile's
 * centre with a deviation of an eighth of its size and no weight below 0.001 (`gaussian`). MONAI's
 * `compute_importance_map`; nnU-Net (Isensee et al. 2021) has the same with another floor.
 * @param size of the tile, per spatial axis
 * @returns row-major weights in (0, 1]
 */
export function blendWeights(size: readonly number[], blend: Blend): Float32Array {
  const voxels = size.reduce((product, extent) => product * extent, 1);
  const weights = new Float32Array(voxels).fill(1);
  if (blend === 'constant') return weights;
  let inner = voxels;
  for (const extent of size) {
    const own = axisWeights(extent);
    inner /= extent;
    for (let i = 0; i < voxels; i++) weights[i]! *= own[Math.floor(i / inner) % extent]!;
  }
  return weights.map((weight) => Math.max(weight, FLOOR));
}
