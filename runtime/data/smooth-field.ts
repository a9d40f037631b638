import type { Random } from '../random/random-stream.js';

/**
 * A smooth random function of space, with a standard deviation of about 1 at its nodes and a continuous first
 * derivative.
 */
export type SmoothField = (z: number, y: number, x: number) => number;

function fade(t: number): number {
  return t * t * (3 - 2 * t);
}

/**
 * Lattice noise (Perlin's "value noise"): normal numbers at the nodes of a `cells`^3 grid over [-1, 1]^3, interpolated
 * by smoothstep, and constant beyond the grid.
 */
export function smoothField(random: Random, cells: number): SmoothField {
  const nodes = cells + 1;
  const values = Float64Array.from({ length: nodes ** 3 }, () => random.normal());
  const locate = (u: number): [index: number, weight: number] => {
    const t = Math.min(Math.max((u + 1) / 2, 0), 1) * cells;
    const index = Math.min(Math.floor(t), cells - 1);
    return [index, fade(t - index)];
  };
  return (z, y, x) => {
    const [k, wz] = locate(z);
    const [j, wy] = locate(y);
    const [i, wx] = locate(x);
    let sum = 0;
    for (let corner = 0; corner < 8; corner++) {
      const dz = corner >> 2;
      const dy = (corner >> 1) & 1;
      const dx = corner & 1;
      const weight = (dz ? wz : 1 - wz) * (dy ? wy : 1 - wy) * (dx ? wx : 1 - wx);
      sum += weight * (values[((k + dz) * nodes + j + dy) * nodes + i + dx] as number);
    }
    return sum;
  };
}
