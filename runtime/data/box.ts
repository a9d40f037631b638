/** A box in a volume, [D, H, W] in voxels. */
export interface Box {
  readonly origin: readonly [number, number, number];
  readonly size: readonly [number, number, number];
}

/** Voxels of a box. */
export function boxVolume({ size }: Box): number {
  return size[0] * size[1] * size[2];
}
