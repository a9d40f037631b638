import { add, constant, constantOf, evaluate, symbolsOf, type Size } from '../shape/size.js';

/** Extents at which a border is looked for: as many as any stride of use divides, at two scales. */
const window = 512;
const scales = [1024, 8192] as const;

/**
 * What an output lacks of its image's extent: 0, or the fixed border that valid convolutions take. Undefined where the
 * output is not the image less a border (it is strided, larger, or of another axis), so that its voxels would have no
 * place in the image. Extents that do not divide may lack more, or have more: they are no legal patches.
 */
export function borderOf(image: Size, output: Size): number | undefined {
  const known = [constantOf(image), constantOf(output)];
  if (known[0] !== undefined && known[1] !== undefined) return known[0] >= known[1] ? known[0] - known[1] : undefined;
  const symbols = symbolsOf(image);
  if ([...symbolsOf(output)].some((name) => !symbols.has(name))) return undefined;
  const [small, large] = scales.map((start) => leastBorder(image, output, start));
  return small === large && small !== undefined && Number.isFinite(small) ? small : undefined;
}

function leastBorder(image: Size, output: Size, start: number): number {
  let least = Infinity;
  for (let extent = start; extent < start + window; extent++) {
    const values = new Map([...symbolsOf(image)].map((name) => [name, extent]));
    const border = evaluate(image, values) - evaluate(output, values);
    if (border >= 0) least = Math.min(least, border);
  }
  return least;
}

/** The size an output has on legal patches. */
export function withoutBorder(image: Size, border: number): Size {
  return add(image, constant(-border));
}
