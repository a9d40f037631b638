import type { Extent } from './base.js';
import type { SizeFormula } from './configs.js';

/** The value of a formula for given axis sizes; null if it depends on one that is null. */
export function evaluateFormula(formula: SizeFormula, sizes: ReadonlyMap<string, Extent>): Extent {
  if (typeof formula === 'number') return formula;
  if (typeof formula === 'string') return sizes.get(formula) ?? null;
  if ('floor' in formula) {
    const whole = evaluateFormula(formula.floor, sizes);
    return whole === null ? null : Math.floor(whole / formula.by);
  }
  const isSum = 'sum' in formula;
  const parts = (isSum ? formula.sum : formula.product).map((part) => evaluateFormula(part, sizes));
  return parts.reduce<Extent>(
    (total, part) => (total === null || part === null ? null : isSum ? total + part : total * part),
    isSum ? 0 : 1,
  );
}
