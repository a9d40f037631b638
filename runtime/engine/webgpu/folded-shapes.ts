/** Shapes with as few axes as possible under which two operands broadcast as before. */
export interface FoldedShapes {
  readonly a: number[];
  readonly b: number[];
  /** The whole shape of the result. */
  readonly result: number[];
}

/**
 * Merges adjacent axes along which the operands broadcast in the same way: `[N, D, H, W, C]` and `[C]` become `[N * D *
 * H * W, C]` and `[1, C]`. Sizes must be equal or 1.
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

/** Adds leading axes of size 1. */
function aligned(shape: readonly number[], rank: number): number[] {
  return [...Array<number>(rank - shape.length).fill(1), ...shape];
}
