/** Approximates a smooth function by one cubic polynomial per cell, over a range divided into equal cells. */
export interface Table {
  /** Four per cell, of t^0 .. t^3, where t is the position within the cell in [0, 1). */
  readonly coefficients: Float64Array;
  readonly perUnit: number;
}

/** `node(i)` is [value, derivative] at the i-th of `cells + 1` nodes; the table is exact there (cubic Hermite). */
export function hermiteTable(
  from: number,
  to: number,
  cells: number,
  node: (index: number) => readonly [number, number],
): Table {
  const coefficients = new Float64Array(4 * (cells + 1));
  const step = (to - from) / cells;
  for (let i = 0; i < cells; i++) {
    const [value, slope] = node(i);
    const [next, nextSlope] = node(i + 1);
    const m0 = slope * step;
    const m1 = nextSlope * step;
    const rise = next - value;
    coefficients.set([value, m0, 3 * rise - 2 * m0 - m1, m0 + m1 - 2 * rise], 4 * i);
  }
  return { coefficients, perUnit: 1 / step };
}
