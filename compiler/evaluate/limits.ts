import type { Size } from '../shape/size.js';

/**
 * Limits far above any practical network (UNETR takes 2,000 steps), so that checking any spec ends within about a
 * second.
 */

/** The maximum number of operations in a network. */
export const operationLimit = 10_000;
/** The maximum number of expressions, applications and list elements evaluated for a network. */
export const stepLimit = 200_000;
/** The maximum nesting depth of blocks. */
export const depthLimit = 150;
/** The maximum number of elements in a list, including those of nested lists. */
export const listLimit = 1000;
/** The maximum number of terms in a printed size. */
export const sizeLimit = 200;
/** The largest channel count, or offset in a size; no tensor beyond it would fit into memory. */
export const extentLimit = 2 ** 31;

/** Whether a size is short enough to print and contains only numbers that are exact. */
export function isWithinLimits(size: Size): boolean {
  let parts = 0;
  const isShort = (each: Size): boolean => {
    parts += 1;
    if (parts > sizeLimit) return false;
    switch (each.kind) {
      case 'constant':
        return Math.abs(each.value) <= extentLimit;
      case 'symbol':
        return true;
      case 'floor':
        return each.by <= extentLimit && isShort(each.of);
      case 'product':
        return each.factors.every(isShort);
      case 'sum':
        return (
          Math.abs(each.constant) <= extentLimit &&
          each.terms.every(({ factor, term }) => Math.abs(factor) <= extentLimit && isShort(term))
        );
    }
  };
  return isShort(size);
}
