/** Which sizes each free spatial axis of a network's images may have. */
import { constantOf, evaluate, formatSize, symbolsOf, type Size } from '../shape/size.js';
import type { Constraint, LegalSizes, Op } from './ir.js';

/** Largest extent that is looked at; a rule that holds up to here is taken to go on. */
const largestSearched = 1024;

/**
 * The legal sizes of each of `axes`, in their order: those from 1 to 1024 which meet every constraint and leave every
 * axis of every operation at least one long. `undefined` stands where no size does. A step of 0 means `first` alone.
 * Legal sizes that are no arithmetic progression are given as the densest progression among them, so that what is
 * called legal always is. A constraint over several axes is tried with all of them equal.
 */
export function legalSizes(
  constraints: readonly Constraint[],
  axes: readonly string[],
  ops: readonly Pick<Op, 'shape'>[],
): readonly (LegalSizes | undefined)[] {
  const conditions = [...equalities(constraints), ...positivities(ops)];
  return axes.map((axis) => {
    const concerned = conditions.filter(({ symbols }) => symbols.has(axis));
    const sizes: number[] = [];
    for (let size = 1; size <= largestSearched; size++) {
      if (concerned.every((condition) => holdsAt(condition, size))) sizes.push(size);
    }
    return progression(axis, sizes);
  });
}

/** The legal sizes next to `size`: the largest at most it and the smallest at least it, where there are such. */
export function nearestLegal(
  { first, step }: LegalSizes,
  size: number,
): { readonly below: number | undefined; readonly above: number | undefined } {
  if (size <= first) return { below: size === first ? first : undefined, above: first };
  if (step === 0) return { below: first, above: undefined };
  const below = first + Math.floor((size - first) / step) * step;
  return { below, above: below === size ? size : below + step };
}

/** How many of the smallest legal sizes are tried as the first of a progression. */
const latestStart = 64;

interface Condition {
  readonly symbols: ReadonlySet<string>;
  readonly holds: (values: ReadonlyMap<string, number>) => boolean;
}

function holdsAt({ symbols, holds }: Condition, size: number): boolean {
  return holds(new Map([...symbols].map((name) => [name, size])));
}

function equalities(constraints: readonly Constraint[]): Condition[] {
  return constraints.map(({ left, right }) => ({
    symbols: new Set([...symbolsOf(left), ...symbolsOf(right)]),
    holds: (values) => evaluate(left, values) === evaluate(right, values),
  }));
}

/** One condition for each different size: a network of thousands of operations has a few dozen. */
function positivities(ops: readonly Pick<Op, 'shape'>[]): Condition[] {
  const seen = new Set<Size>();
  const different = new Map<string, Size>();
  for (const { size } of ops.flatMap(({ shape }) => shape)) {
    if (constantOf(size) !== undefined || seen.has(size)) continue;
    seen.add(size);
    different.set(formatSize(size), size);
  }
  return [...different.values()].map((size) => ({
    symbols: symbolsOf(size),
    holds: (values) => evaluate(size, values) >= 1,
  }));
}

/** The progression with the most of `sizes` and nothing else up to the largest searched. */
function progression(axis: string, sizes: readonly number[]): LegalSizes | undefined {
  const [first] = sizes;
  if (first === undefined) return undefined;
  const legal = new Set(sizes);
  let best = { axis, first, step: 0 };
  let most = 1;
  // Only small sizes break a rule that the others follow (an axis would vanish), so that a late start gains nothing.
  for (const start of sizes.slice(0, latestStart)) {
    for (let step = 1; step <= largestSearched - start; step++) {
      const count = Math.floor((largestSearched - start) / step) + 1;
      if (count <= most) break;
      if (isLegal(legal, start, step)) {
        best = { axis, first: start, step };
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
