import type { DecodedCase, StoredArray } from './decode.js';
import type { Box } from './box.js';

/** The range [first, end) of nonzero voxels along one axis. */
type Range = [from: number, to: number];

function widen(range: Range, index: number): void {
  if (index < range[0]) range[0] = index;
  if (index >= range[1]) range[1] = index + 1;
}

/** The first and last index of a row's nonzero values; undefined for an empty row. */
function extentOfRow(data: StoredArray, from: number, width: number): [first: number, last: number] | undefined {
  let first = 0;
  while (first < width && data[from + first] === 0) first++;
  if (first === width) return undefined;
  let last = width - 1;
  while (data[from + last] === 0) last--;
  return [first, last];
}

function widenBy(data: StoredArray, shape: readonly [number, number, number], ranges: [Range, Range, Range]): void {
  const [depth, height, width] = shape;
  const rows = data.length / width;
  for (let row = 0; row < rows; row++) {
    const extent = extentOfRow(data, row * width, width);
    if (extent === undefined) continue;
    widen(ranges[0], Math.floor(row / height) % depth);
    widen(ranges[1], row % height);
    widen(ranges[2], extent[0]);
    widen(ranges[2], extent[1]);
  }
}

/**
 * The smallest box that contains every nonzero voxel of any channel or of the label: for a skull-stripped head about a
 * third of the volume. One voxel if all are 0.
 */
export function contentBox({ geometry, image, label }: DecodedCase): Box {
  const ranges: [Range, Range, Range] = [
    [Infinity, 0],
    [Infinity, 0],
    [Infinity, 0],
  ];
  widenBy(image, geometry.shape, ranges);
  if (label !== undefined) widenBy(label, geometry.shape, ranges);
  const [z, y, x] = ranges.map(([from, to]): Range => (to === 0 ? [0, 1] : [from, to])) as [Range, Range, Range];
  return { origin: [z[0], y[0], x[0]], size: [z[1] - z[0], y[1] - y[0], x[1] - x[0]] };
}

/** Copies a box of every channel of [C, D, H, W]. */
export function cropTo<T extends StoredArray>(data: T, shape: readonly [number, number, number], box: Box): T {
  const [depth, height, width] = shape;
  const [d, h, w] = box.size;
  const channels = data.length / (depth * height * width);
  const out = new (data.constructor as new (length: number) => T)(channels * d * h * w);
  let to = 0;
  for (let slice = 0; slice < channels * d; slice++) {
    const z = Math.floor(slice / d) * depth + box.origin[0] + (slice % d);
    for (let row = 0; row < h; row++, to += w) {
      const from = (z * height + box.origin[1] + row) * width + box.origin[2];
      out.set(data.subarray(from, from + w), to);
    }
  }
  return out;
}
