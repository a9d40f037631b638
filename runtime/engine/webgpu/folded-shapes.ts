/** Shapes under which two operands broadcast as before, on as few axes as can be. */
export interface FoldedShapes {
  readonly a: number[];
  readonly b: number[];
  /** The whole shape of the result. */
  readonly result: number[];
}

/**
 * Neighbouring axes along which the operands broadcast alike become one: `[N, D, H, W, C]` and `[C]` are `[N * D * H * W, C]`
 * and `[1, C]`. Sizes must agree or be 1.
 */
export function foldedShapes(aShape: readonly number[], bShape: readonly number[]): FoldedShapes {
  const rank = Math.max(aShape.length, bShape.length);
  const [wholeA, wholeB] = [aligned(aShape, rank), aligned(bShape, rank)];
  const folded = {
    a: [] as number[],
    b: [] as number[],
    result: wholeA.map((size, i) => (size === 1 ? wholeB[i]! : size)),
  };
  let before: string | undefined;
  for (const [axis, size] of wholeA.entries()) {
    const other = wholeB[axis]!;
    if (size === 1 && other === 1) continue;
    const kind = size === other ? 'both' : other === 1 ? 'a' : 'b';
    if (kind === before) {
      folded.a[folded.a.length - 1]! *= size;
      folded.b[folded.b.length - 1]! *= other;
    } else {
      folded.a.push(size);
      folded.b.push(other);
    }
    before = kind;
  }
  return folded;
}

/** With 1 for the axes that are missing in front. */
function aligned(shape: readonly number[], rank: number): number[] {
  return [...Array<number>(rank - shape.length).fill(1), ...shape];
}
