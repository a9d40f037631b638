/** Determines the legal sizes of each free spatial axis of a network's images. */
import {
  add,
  constantOf,
  evaluateAt,
  formatSize,
  isGrowing,
  scale,
  symbolsOf,
  withOneSymbol,
  type Size,
} from '../shape/size.js';
import type { Constraint, LegalSizes, Op } from './ir.js';

/** Largest extent tried; a rule that holds up to here is assumed to hold beyond. */
const largestSearched = 1024;

/**
 * Returns the legal sizes of each of `axes`, in order: those from 1 to 1024 that satisfy every constraint and leave
 * every axis of every operation with at least one element; undefined if there are none. A step of 0 means `first` only.
 * Legal sizes that do not form an arithmetic progression are approximated by the densest progression among them, so
 * that every size called legal is legal. A constraint over several axes is tried with all of them equal.
 */
export function legalSizes(
  constraints: readonly Constraint[],
  axes: readonly string[],
  ops: readonly Pick<Op, 'shape'>[],
): readonly (LegalSizes | undefined)[] {
  const conditions = [...equalities(constraints), ...positivities(ops)];
  const known = new Map<string, Omit<LegalSizes, 'axis'> | undefined>();
  return axes.map((axis) => {
    const concerned = conditions.filter(({ symbols }) => symbols.has(axis));
    const key = [...new Set(concerned.map(({ text }) => text))].join('; ');
    if (!known.has(key)) known.set(key, progression(sizesThatMeet(concerned)));
    const rule = known.get(key);
    return rule === undefined ? undefined : { axis, ...rule };
  });
}

/**
 * Returns the legal sizes next to `size`: the largest that is at most `size`, and the smallest that is at least `size`,
 * if they exist.
 */
export function nearestLegal(
  { first, step }: LegalSizes,
  size: number,
): { readonly below: number | undefined; readonly above: number | undefined } {
  if (size <= first) return { below: size === first ? first : undefined, above: first };
  if (step === 0) return { below: first, above: undefined };
  const below = first + Math.floor((size - first) / step) * step;
  return { below, above: below === size ? size : below + step };
}

/** The number of smallest legal sizes that are tried as the start of a progression. */
const latestStart = 64;

/** A condition on sizes; all symbols are assumed to be equal. */
interface Condition {
  readonly symbols: ReadonlySet<string>;
  /** The smallest size from which on it holds, or a predicate to be tried for each size. */
  readonly holds: { readonly from: number } | { readonly at: (size: number) => boolean };
  /** Equal strings mean equal conditions, whatever the names of the symbols. */
  readonly text: string;
}

function sizesThatMeet(conditions: readonly Condition[]): number[] {
  let first = 1;
  const tried: ((size: number) => boolean)[] = [];
  for (const { holds } of conditions) {
    if ('from' in holds) first = Math.max(first, holds.from);
    else tried.push(holds.at);
  }
  const sizes: number[] = [];
  for (let size = first; size <= largestSearched; size++) {
    if (tried.every((holds) => holds(size))) sizes.push(size);
  }
  return sizes;
}

function equalities(constraints: readonly Constraint[]): Condition[] {
  return constraints.map(({ left, right }) => {
    const difference = add(left, scale(right, -1));
    return {
      symbols: new Set([...symbolsOf(left), ...symbolsOf(right)]),
      holds: { at: (size) => evaluateAt(difference, size) === 0 },
      text: `${formatSize(withOneSymbol(difference, 'n'))} = 0`,
    };
  });
}

/** One condition for each distinct size: a network of thousands of operations has a few dozen. */
function positivities(ops: readonly Pick<Op, 'shape'>[]): Condition[] {
  const different = new Map<string, Size>();
  for (const { shape } of ops) {
    for (const { size } of shape) if (constantOf(size) === undefined) different.set(formatSize(size), size);
  }
  return [...different.values()].map((size) => {
    const symbols = symbolsOf(size);
    const at = (extent: number): boolean => evaluateAt(size, extent) >= 1;
    if (!isGrowing(size)) return { symbols, holds: { at }, text: `${formatSize(withOneSymbol(size, 'n'))} >= 1` };
    const from = firstWhere(at);
    return { symbols, holds: { from }, text: `from ${from}` };
  });
}

/** The smallest size for a monotonic condition; one beyond the largest size tried if it never holds. */
function firstWhere(holds: (size: number) => boolean): number {
  let low = 1;
  let high = largestSearched + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The progression that contains most of `sizes` and no other value up to the largest size tried. */
function progression(sizes: readonly number[]): Omit<LegalSizes, 'axis'> | undefined {
  const [first] = sizes;
  if (first === undefined) return undefined;
  const legal = new Set(sizes);
  let best = { first, step: 0 };
  let most = 1;
  // Only small sizes are exceptions (an axis would vanish), so a later start gains nothing.
  for (const start of sizes.slice(0, latestStart)) {
    for (let step = 1; step <= largestSearched - start; step++) {
      const count = Math.floor((largestSearched - start) / step) + 1;
      if (count <= most) break;
      if (isLegal(legal, start, step)) {
        best = { first: start, step };
        most = count;
      }
    }
  }
  return best;
}

function isLegal(legal: ReadonlySet<number>, first: number, step: number): boolean {
  for (let size = first; size <= largestSearched; size += step) {
    if (!legal.has(size)) return false;
  }
  return true;
}
