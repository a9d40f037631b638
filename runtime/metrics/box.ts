/** Three values, one per axis; a 2-D volume has one slice. */
export type Triple = readonly [number, number, number];

/** A box of a [D, H, W] volume; `end` is the first index after it. */
export interface Box {
  readonly start: Triple;
  readonly end: Triple;
}

/**
 * The smallest box that contains every voxel whose value is selected in one of the volumes; undefined if there is none.
 */
export function boundingBox(
  volumes: readonly Uint8Array[],
  [depth, height, width]: Triple,
  selected: Uint8Array,
): Box | undefined {
  const start: [number, number, number] = [depth, height, width];
  const end: [number, number, number] = [0, 0, 0];
  for (const volume of volumes) {
    let at = 0;
    for (let z = 0; z < depth; z++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          if (selected[volume[at++]!] === 0) continue;
          if (z < start[0]) start[0] = z;
          if (y < start[1]) start[1] = y;
          if (x < start[2]) start[2] = x;
          if (z >= end[0]) end[0] = z + 1;
          if (y >= end[1]) end[1] = y + 1;
          if (x >= end[2]) end[2] = x + 1;
        }
  }
  return end[0] === 0 ? undefined : { start, end };
}

/** Number of voxels per axis. */
export function boxShape({ start, end }: Box): Triple {
  return [end[0] - start[0], end[1] - start[1], end[2] - start[2]];
}

/** The box of a volume as a mask: 1 where the value is selected. */
export function cropMask(
  volume: Uint8Array,
  [, height, width]: Triple,
  { start, end }: Box,
  selected: Uint8Array,
): Uint8Array {
  const [d, h, w] = boxShape({ start, end });
  const mask = new Uint8Array(d * h * w);
  let to = 0;
  for (let z = start[0]; z < end[0]; z++)
    for (let y = start[1]; y < end[1]; y++) {
      const row = (z * height + y) * width;
      for (let x = start[2]; x < end[2]; x++) mask[to++] = selected[volume[row + x]!]!;
    }
  return mask;
}
