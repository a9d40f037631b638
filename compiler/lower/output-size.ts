import { add, constant, constantOf, evaluateAt, scale, symbolsOf, type Size } from '../shape/size.js';

/** Extents at which a border is looked for: as many as any stride of use divides, at two scales. */
const window = 512;
const scales = [1024, 8192] as const;

/**
 * What an output lacks of its image's extent: 0, or the fixed border that valid convolutions take. Undefined where the
 * output is not the image less a border (it is strided, larger, or of another axis), so that its voxels would have no
 * place in the image. Extents that do not divide may lack more, or have more: they are no legal patches.
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

/** The size an output has on legal patches. */
export function withoutBorder(image: Size, border: number): Size {
  return add(image, constant(-border));
}
