import type { Size } from '../shape/size.js';

/**
 * Limits that no network of use comes near (UNETR takes 2,000 steps), so that whatever a text asks for, checking it
 * ends within about a second.
 */

/** The most operations a network may have. */
export const operationLimit = 10_000;
/** The most expressions, applications and elements of lists that making a network may look at. */
export const stepLimit = 200_000;
/** How deep blocks may stand inside each other. */
export const depthLimit = 150;
/** The most elements a list may have, those of the lists in it counted. */
export const listLimit = 1000;
/** The most parts a size written out may have. */
export const sizeLimit = 200;
/** The largest channel count or offset of a size: beyond it, no tensor could be held. */
export const extentLimit = 2 ** 31;

/** Whether a size is short enough to be written out and holds only numbers that are exact. */
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
