import type { Geometry } from '../data/types.js';

type Triple = Geometry['shape'];

/** Components of a mask: their number, and the component of each voxel, from 1; 0 outside the mask. */
export interface Components {
  readonly count: number;
  readonly labels: Int32Array;
}

/** What neighbouring voxels of a component share: 6, 18 or 26 neighbours; 4, 8 or 8 in one slice. */
export type Connectivity = 'faces' | 'edges' | 'corners';

/** Along how many axes the positions of neighbours may differ. */
const steps: Readonly<Record<Connectivity, number>> = { faces: 1, edges: 2, corners: 3 };

/**
 * The connected components of a mask, in the order of their first voxels, as `scipy.ndimage.label`.
 * @param connectivity neighbours share at least this: a face, a face or an edge, or any of face, edge and corner
 */
export function connectedComponents(
  mask: Uint8Array,
  shape: Triple,
  connectivity: Connectivity = 'corners',
): Components {
  const [depth, height, width] = shape;
  const most = steps[connectivity];
  const labels = new Int32Array(mask.length);
  const stack: number[] = [];
  let count = 0;
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || labels[start] !== 0) continue;
    labels[start] = ++count;
    stack.push(start);
    while (stack.length > 0) {
      const voxel = stack.pop()!;
      const x = voxel % width;
      const y = Math.floor(voxel / width) % height;
      const z = Math.floor(voxel / (width * height));
      for (let dz = z > 0 ? -1 : 0; dz <= (z < depth - 1 ? 1 : 0); dz++)
        for (let dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++)
          for (let dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx++) {
            const other = voxel + (dz * height + dy) * width + dx;
            if (dz * dz + dy * dy + dx * dx > most) continue;
            if (mask[other] === 0 || labels[other] !== 0) continue;
            labels[other] = count;
            stack.push(other);
          }
    }
  }
  return { count, labels };
}

/**
 * A mask with the voxels that share a face or an edge with it (18-neighbourhood) added, `times` times, within the
 * array.
 */
export function dilate(mask: Uint8Array, [depth, height, width]: Triple, times: number): Uint8Array {
  const grown = Uint8Array.from(mask);
  // Only the voxels that the previous step added can add others.
  let edge: number[] = [];
  for (let voxel = 0; voxel < mask.length; voxel++) if (mask[voxel] !== 0) edge.push(voxel);
  for (let time = 0; time < times; time++) {
    const added: number[] = [];
    for (const voxel of edge) {
      const x = voxel % width;
      const y = Math.floor(voxel / width) % height;
      const z = Math.floor(voxel / (width * height));
      for (let dz = z > 0 ? -1 : 0; dz <= (z < depth - 1 ? 1 : 0); dz++)
        for (let dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++)
          for (let dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx++) {
            const other = voxel + (dz * height + dy) * width + dx;
            if ((dz !== 0 && dy !== 0 && dx !== 0) || grown[other] !== 0) continue;
            grown[other] = 1;
            added.push(other);
          }
    }
    edge = added;
  }
  return grown;
}
