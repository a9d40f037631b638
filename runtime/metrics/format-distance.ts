/** Distances below this, in millimetres, are rounding errors: a thousandth of a nanometre. */
const SMALLEST = 1e-9;

/**
 * A distance in millimetres: to a tenth, and below 1 mm with two significant digits, so that distances in microscopy
 * are not 0.0.
 */
export function formatDistance(distance: number): string {
  const size = Math.abs(distance);
  if (size < SMALLEST) return '0.0';
  // Based on the rounded number: 0.999 mm is shown as 1.0.
  const exponent = Number(size.toExponential(1).split('e')[1]);
  return distance.toFixed(Math.max(1, 1 - exponent));
}
