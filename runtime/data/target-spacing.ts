import { median, quantile } from 'd3-array';

/** A spacing this many times coarser than the others, and a size as much smaller, is planned for by its finest cases. */
const ANISOTROPY = 3;

const AXES = [0, 1, 2] as const;

/** The median along each of three axes. */
export function medians(rows: readonly (readonly number[])[]): number[] {
  return AXES.map((axis) => median(rows, (row) => row[axis])!);
}

/**
 * The spacing that cases are resampled to: the median along each axis. If one axis is more than three times coarser
 * than the others and its images are more than three times smaller, it takes the 10th percentile of its spacings.
 * @param cases of a training, at least one
 */
export function targetSpacingOf({
  spacings,
  shapes,
}: {
  readonly spacings: readonly (readonly number[])[];
  readonly shapes: readonly (readonly number[])[];
}): { spacing: number[]; refined: boolean } {
  const spacing = medians(spacings);
  const sizes = medians(shapes);
  const worst = spacing.indexOf(Math.max(...spacing));
  const others = AXES.filter((axis) => axis !== worst);
  const coarsestOther = Math.max(...others.map((axis) => spacing[axis]!));
  const smallestOther = Math.min(...others.map((axis) => sizes[axis]!));
  const refined = spacing[worst]! > ANISOTROPY * coarsestOther && sizes[worst]! * ANISOTROPY < smallestOther;
  if (!refined) return { spacing, refined };
  const fine = quantile(spacings, 0.1, (row) => row[worst])!;
  spacing[worst] = fine < coarsestOther ? coarsestOther + 1e-5 : fine;
  return { spacing, refined };
}
