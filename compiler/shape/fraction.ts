/** A fraction in lowest terms, `under` > 0. */
export interface Fraction {
  readonly over: number;
  readonly under: number;
}

/** Returns the simplest fraction that a number in a spec can represent: 1/2 for 0.5, 1/3 for 0.3333333333333333. */
export function asFraction(value: number): Fraction {
  let [over, under, lastOver, lastUnder] = [Math.floor(value), 1, 1, 0];
  let rest = value - Math.floor(value);
  while (Math.abs(over / under - value) > 1e-12 * Math.max(1, Math.abs(value))) {
    const next = 1 / rest;
    const whole = Math.floor(next);
    rest = next - whole;
    [over, lastOver] = [whole * over + lastOver, over];
    [under, lastUnder] = [whole * under + lastUnder, under];
  }
  return { over, under };
}

export function multiplyFractions(left: Fraction, right: Fraction): Fraction {
  return reduced(left.over * right.over, left.under * right.under);
}

export function addFractions(left: Fraction, right: Fraction): Fraction {
  return reduced(left.over * right.under + right.over * left.under, left.under * right.under);
}

function reduced(over: number, under: number): Fraction {
  const divisor = greatestCommonDivisor(Math.abs(over), under);
  return { over: over / divisor, under: under / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.max(a, 1) : greatestCommonDivisor(b, a % b);
}
