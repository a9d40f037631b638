/**
 * Exact Euclidean distances on a grid of voxels that need not be cubes. (npm's distance-transform, last released in
 * 2014, knows voxels of one unit only and compiles its loops from strings; nothing else there is exact and 3-D.)
 */

/** Scratch arrays for lines of up to `length` voxels. */
interface Scratch {
  /** Squared distances of the line before the pass. */
  readonly heights: Float64Array;
  /** Position of each parabola of the lower envelope. */
  readonly places: Int32Array;
  /** Start of the interval on which each parabola is the lowest, in voxels. */
  readonly starts: Float64Array;
}

function scratchOf(length: number): Scratch {
  return {
    heights: new Float64Array(length),
    places: new Int32Array(length),
    starts: new Float64Array(length + 1),
  };
}

/** Finds the parabolas of the lower envelope and returns their number. Positions without a finite height have none. */
function findEnvelope({ heights, places, starts }: Scratch, length: number, square: number): number {
  let count = 0;
  for (let place = 0; place < length; place++) {
    const height = heights[place]!;
    if (height === Infinity) continue;
    let start = -Infinity;
    while (count > 0) {
      const last = places[count - 1]!;
      start = (place + last + (height - heights[last]!) / (square * (place - last))) / 2;
      if (start > starts[count - 1]!) break;
      count--;
      start = -Infinity;
    }
    places[count] = place;
    starts[count++] = start;
  }
  starts[count] = Infinity;
  return count;
}

/**
 * Transforms one line: the squared distance to the nearest feature, given the distances within the axes processed
 * before.
 */
function transformLine(
  values: Float64Array,
  base: number,
  stride: number,
  length: number,
  square: number,
  scratch: Scratch,
): void {
  const { heights, places, starts } = scratch;
  for (let i = 0; i < length; i++) heights[i] = values[base + i * stride]!;
  if (findEnvelope(scratch, length, square) === 0) return;
  let parabola = 0;
  for (let i = 0; i < length; i++) {
    while (starts[parabola + 1]! < i) parabola++;
    const place = places[parabola]!;
    values[base + i * stride] = (i - place) ** 2 * square + heights[place]!;
  }
}

/**
 * Distance of each voxel's centre to that of the nearest feature voxel, 0 on features, Infinity if there are no
 * features. One pass of lower envelopes of parabolas per axis (Felzenszwalb and Huttenlocher 2012,
 * doi:10.4086/toc.2012.v008a019).
 * @param features 1 on features, row-major
 * @param spacing size of a voxel per axis; distances have its unit
 */
export function euclideanDistances(
  features: Uint8Array,
  shape: readonly number[],
  spacing: readonly number[],
): Float64Array {
  const values = new Float64Array(features.length).fill(Infinity);
  for (let i = 0; i < features.length; i++) if (features[i] !== 0) values[i] = 0;
  const scratch = scratchOf(Math.max(1, ...shape));
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    const square = spacing[axis]! ** 2;
    for (let outer = 0; outer < values.length; outer += stride * length)
      for (let inner = 0; inner < stride; inner++)
        transformLine(values, outer + inner, stride, length, square, scratch);
    stride *= length;
  }
  for (let i = 0; i < values.length; i++) values[i] = Math.sqrt(values[i]!);
  return values;
}
