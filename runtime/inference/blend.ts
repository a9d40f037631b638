export type Blend = 'gaussian' | 'constant';

/** Standard deviation as a fraction of the tile size (the value of nnU-Net and MONAI). */
const SIGMA_SCALE = 1 / 8;
/**
 * The minimum weight. The product of a Gaussian over three axes is 1e-10 at a corner, which float32 sums would lose.
 */
const FLOOR = 1e-3;

function axisWeights(size: number): Float64Array {
  const centre = (size - 1) / 2;
  const sigma = size * SIGMA_SCALE;
  return Float64Array.from({ length: size }, (_, index) => Math.exp(-(((index - centre) / sigma) ** 2) / 2));
}

/**
 * The weight of each voxel of a tile where tiles overlap: 1 everywhere (`constant`), or a Gaussian around the tile's
 * centre with a standard deviation of an eighth of its size and a minimum weight of 0.001 (`gaussian`). MONAI's
 * `compute_importance_map`; nnU-Net (Isensee et al. 2021) uses the same with another minimum.
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
