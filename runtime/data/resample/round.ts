/** Rounds halves to the even neighbour, as Python and NumPy do; `Math.round` rounds them up. */
export function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
