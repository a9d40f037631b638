import { add, constant, constantOf, evaluateAt, scale, symbolsOf, type Size } from '../shape/size.js';

/** Extents that are checked for a border: enough for any practical stride, at two scales. */
const window = 512;
const scales = [1024, 8192] as const;

/**
 * The difference between the extent of an image and that of an output: 0, or the fixed border that valid convolutions
 * remove. Undefined if the output is not the image without a border (it is strided, larger, or of another axis),
 * because its voxels would have no position in the image. Extents that do not divide evenly may differ; they are not
 * legal patches.
 */
export function borderOf(image: Size, output: Size): number | undefined {
  const symbols = symbolsOf(image);
  if ([...symbolsOf(output)].some((name) => !symbols.has(name))) return undefined;
  const lacking = add(image, scale(output, -1));
  const fixed = constantOf(lacking);
  if (fixed !== undefined) return fixed >= 0 ? fixed : undefined;
  const [small, large] = scales.map((start) => leastBorder(lacking, start));
  return small === large && small !== undefined && Number.isFinite(small) ? small : undefined;
}

function leastBorder(lacking: Size, start: number): number {
  let least = Infinity;
  for (let extent = start; extent < start + window; extent++) {
    const border = evaluateAt(lacking, extent);
    if (border >= 0) least = Math.min(least, border);
  }
  return least;
}

/** The size of an output on legal patches. */
export function withoutBorder(image: Size, border: number): Size {
  return add(image, constant(-border));
}
