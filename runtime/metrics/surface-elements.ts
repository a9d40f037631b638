import type { Triple } from './box.js';

type Corner = readonly [number, number, number];

/** The voxels around a corner, in the order of the bits of a neighbourhood's code: 4 z + 2 y + x. */
const VOXELS: readonly Corner[] = Array.from({ length: 8 }, (_, bit) => [bit >> 2, (bit >> 1) & 1, bit & 1]);

/** The voxel next to one of a neighbourhood along an axis. */
function neighbour(voxel: number, axis: number): number {
  return voxel ^ (4 >> axis);
}

/** Groups voxels that share faces. */
function faceComponents(voxels: readonly number[]): number[][] {
  const left = new Set(voxels);
  const components: number[][] = [];
  for (const first of voxels) {
    if (!left.delete(first)) continue;
    const component = [first];
    for (const voxel of component)
      for (let axis = 0; axis < 3; axis++)
        if (left.delete(neighbour(voxel, axis))) component.push(neighbour(voxel, axis));
    components.push(component);
  }
  return components;
}

/** A vertex of the surface: the middle of an edge from a voxel's centre to that of a neighbour outside. */
interface Vertex {
  readonly voxel: number;
  readonly place: Corner;
}

/** The polygon that separates a component from the other voxels; adjacent vertices lie on the same face of the cube. */
function polygonOf(component: readonly number[]): readonly Vertex[] {
  const vertices = component.flatMap((voxel) =>
    [0, 1, 2]
      .filter((axis) => !component.includes(neighbour(voxel, axis)))
      .map((axis): Vertex => {
        const [z, y, x] = VOXELS[voxel]!.map((value, each) => (each === axis ? 0.5 : value));
        return { voxel, place: [z!, y!, x!] };
      }),
  );
  const isOnFaceOf = ({ place }: Vertex, other: Vertex): boolean =>
    place.some((value, axis) => value !== 0.5 && value === other.place[axis]);
  const polygon = vertices.splice(0, 1);
  while (vertices.length > 0) {
    const next = vertices.findIndex((vertex) => isOnFaceOf(vertex, polygon.at(-1)!));
    polygon.push(...vertices.splice(next, 1));
  }
  return polygon;
}

/**
 * The corners of triangles that fill a polygon. Polygons of three and four vertices are plane, and so is that of five
 * without the triangle at the vertex of the middle voxel. One of six is plane, or is filled around the triangle of
 * every second vertex.
 */
function trianglesOf(polygon: readonly Vertex[], component: readonly number[]): (readonly number[])[] {
  if (polygon.length === 6)
    return [
      [0, 1, 2],
      [2, 3, 4],
      [4, 5, 0],
      [0, 2, 4],
    ];
  const own = (voxel: number): number => polygon.filter((vertex) => vertex.voxel === voxel).length;
  const middle = component.length === 3 ? polygon.findIndex(({ voxel }) => own(voxel) === 1) : 0;
  // A fan from the vertex after the middle one ends with the triangle at the middle one.
  const at = (index: number): number => (middle + 1 + index) % polygon.length;
  return Array.from({ length: polygon.length - 2 }, (_, index) => [at(0), at(index + 1), at(index + 2)]);
}

function triangleArea([a, b, c]: readonly Corner[], spacing: Triple): number {
  const edge = (to: Corner): Corner => {
    const [z, y, x] = to.map((value, axis) => (value - a![axis]!) * spacing[axis]!);
    return [z!, y!, x!];
  };
  const [u, v] = [edge(b!), edge(c!)];
  return Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
}

/**
 * Areas of the marching-cubes surface within each 2 x 2 x 2 neighbourhood of voxels, by code: the sum of 2^(4 z + 2 y +
 * x) over the voxels inside the mask. Vertices lie halfway between voxel centres. The surface encloses the voxels of
 * the rarer kind, each group that shares faces separately, so that a code and its complement have the same area. It is
 * the surface of DeepMind's `surface-distance` (a test compares all areas with it).
 * @param spacing size of a voxel per axis, in mm
 * @returns 256 areas in mm2
 */
export function surfaceAreas(spacing: Triple): Float64Array {
  return Float64Array.from({ length: 256 }, (_, code) => {
    const inside = VOXELS.flatMap((_, bit) => ((code >> bit) & 1 ? [bit] : []));
    const rarer = inside.length <= 4 ? inside : VOXELS.flatMap((_, bit) => ((code >> bit) & 1 ? [] : [bit]));
    return faceComponents(rarer).reduce((sum, component) => {
      const polygon = polygonOf(component);
      return trianglesOf(polygon, component).reduce(
        (area, triangle) =>
          area +
          triangleArea(
            triangle.map((index) => polygon[index]!.place),
            spacing,
          ),
        sum,
      );
    }, 0);
  });
}

/**
 * Lengths of the marching-squares contour within each 2 x 2 neighbourhood, by code: the sum of 2^(2 y + x) over the
 * pixels inside the mask. Two pixels that only share a corner are cut off separately.
 * @returns 16 lengths in mm
 */
export function contourLengths(height: number, width: number): Float64Array {
  const diagonal = Math.hypot(height, width) / 2;
  return Float64Array.from({ length: 16 }, (_, code) => {
    if (code === 0 || code === 15) return 0;
    if (code === 6 || code === 9) return 2 * diagonal;
    if (code === 3 || code === 12) return width;
    return code === 5 || code === 10 ? height : diagonal;
  });
}

/** The surface of a mask as points at the corners of voxels, each with its area (in 2-D, its length). */
export interface SurfaceElements {
  /** Of the grid of corners: one more than the mask has voxels along each axis that is not flat. */
  readonly shape: Triple;
  /** The area at each corner, 0 where there is no surface. */
  readonly areas: Float64Array;
  /** 1 where there is surface. */
  readonly features: Uint8Array;
}

/**
 * The surface elements of a mask; everything beyond the array is outside.
 * @param isFlat whether the mask is one slice, which has a contour instead of a surface
 */
export function surfaceElements(mask: Uint8Array, shape: Triple, spacing: Triple, isFlat: boolean): SurfaceElements {
  const [depth, height, width] = shape;
  const corners: Triple = [isFlat ? 1 : depth + 1, height + 1, width + 1];
  const codes = new Uint8Array(corners[0] * corners[1] * corners[2]);
  const table = isFlat ? contourLengths(spacing[1], spacing[2]) : surfaceAreas(spacing);
  // A voxel is the last of the neighbourhood at its first corner, and the first of that at its last corner.
  const places = (isFlat ? VOXELS.slice(4) : VOXELS).map(([z, y, x]) => {
    const offset = ((isFlat ? 0 : 1 - z) * corners[1] + 1 - y) * corners[2] + 1 - x;
    return { offset, bit: isFlat ? 1 << (2 * y + x) : 1 << (4 * z + 2 * y + x) };
  });
  let at = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        if (mask[at++] === 0) continue;
        const corner = (z * corners[1] + y) * corners[2] + x;
        for (const { offset, bit } of places) codes[corner + offset]! |= bit;
      }
  // `from` with a function is many times slower than a loop.
  const areas = new Float64Array(codes.length);
  const features = new Uint8Array(codes.length);
  for (let corner = 0; corner < codes.length; corner++) {
    areas[corner] = table[codes[corner]!]!;
    if (areas[corner]! > 0) features[corner] = 1;
  }
  return { shape: corners, areas, features };
}
