import { randomStream } from '../../../runtime/random/random-stream.js';

export type Shape = readonly [number, number, number];

/** 1 inside `a (z - z0)^2 + b (y - y0)^2 + c (x - x0)^2 <= limit`. */
export function ellipsoid(
  shape: Shape,
  centre: readonly [number, number, number],
  [a, b, c]: readonly [number, number, number],
  limit: number,
): Uint8Array {
  const mask: number[] = [];
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++)
        mask.push(a * (z - centre[0]) ** 2 + b * (y - centre[1]) ** 2 + c * (x - centre[2]) ** 2 <= limit ? 1 : 0);
  return Uint8Array.from(mask);
}

/** Voxels set with a probability. */
export function speckle(shape: Shape, probability: number, seed: number): Uint8Array {
  const random = randomStream(seed, 'speckle');
  return Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () => (random.uniform() < probability ? 1 : 0));
}

/** Selects the value 1. */
export const ONE = Uint8Array.from({ length: 256 }, (_, value) => (value === 1 ? 1 : 0));
