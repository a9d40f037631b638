/** Finds the integer, from 1, whose measure is nearest to a target, with few evaluations. */

export interface ValueSearch {
  /** The measure of a value; undefined if the value is not legal. Expensive: it is called once for each value. */
  readonly measure: (value: number) => number | undefined;
  readonly target: number;
  /** The start of the search; need not be legal. */
  readonly start: number;
  /** The maximum number of evaluations. */
  readonly limit: number;
}

export interface MeasuredValue {
  readonly value: number;
  readonly measured: number;
}

/** The maximum distance from the start for the first legal value, and from the first to the second. */
const reach = 32;
const largest = 2 ** 24;

/**
 * Returns the nearest value found; undefined if none was legal. Legal values may lie steps apart (group counts divide
 * widths): the search first finds the step, then brackets the target by doubling, bisects, and finally tries all
 * neighbours, because a measure need not be monotonic. Of two equally near values it returns the smaller; the result is
 * deterministic.
 */
export function nearestValue(search: ValueSearch): MeasuredValue | undefined {
  const probe = prober(search);
  const origin = firstLegal(search.start, probe);
  if (origin === undefined) return undefined;
  const step = stepAbove(origin, probe) ?? 1;
  const grid: Grid = { at: (k) => probe.at(origin + k * step), lowest: -Math.floor((origin - 1) / step) };
  const bracket = enclose(grid, search.target, Math.floor((largest - origin) / step));
  if (bracket !== undefined) halve(grid, search.target, bracket);
  lookAround(probe, step);
  return probe.best();
}

interface Probe {
  readonly at: (value: number) => number | undefined;
  readonly best: () => MeasuredValue | undefined;
}

function prober({ measure, target, limit }: ValueSearch): Probe {
  const known = new Map<number, number | undefined>();
  const at = (value: number): number | undefined => {
    if (value < 1 || value > largest) return undefined;
    if (!known.has(value) && known.size < limit) known.set(value, measure(value));
    return known.get(value);
  };
  const best = (): MeasuredValue | undefined => {
    let nearest: MeasuredValue | undefined;
    for (const [value, measured] of [...known].sort(([a], [b]) => a - b)) {
      if (measured === undefined) continue;
      if (nearest === undefined || Math.abs(measured - target) < Math.abs(nearest.measured - target)) {
        nearest = { value, measured };
      }
    }
    return nearest;
  };
  return { at, best };
}

/** Offsets 1, 2, 4, ..., then those between: if legal values form a regular grid of a power of two, few are tried. */
const offsets = [1, 2, 4, 8, 16, 32, ...Array.from({ length: reach }, (_, index) => index + 1)];

function firstLegal(start: number, probe: Probe): number | undefined {
  const from = Math.max(1, start);
  // Powers of two divide into more groups than their neighbours.
  const round = offsets.slice(1, 6).flatMap((by) => [Math.floor(from / by) * by, Math.ceil(from / by) * by]);
  const beside = offsets.slice(6, 14).flatMap((by) => [from + by, from - by]);
  return [from, ...round, ...beside].find((value) => probe.at(value) !== undefined);
}

function stepAbove(origin: number, probe: Probe): number | undefined {
  return offsets.find((by) => probe.at(origin + by) !== undefined);
}

/** Values `origin + k * step`. */
interface Grid {
  readonly at: (k: number) => number | undefined;
  readonly lowest: number;
}

/** A legal k within two of `k`, between two bounds. */
function legalNear(grid: Grid, k: number, low: number, high: number): number | undefined {
  return [k, k + 1, k - 1, k + 2, k - 2].find((each) => each > low && each < high && grid.at(each) !== undefined);
}

/** Two k whose measures bracket the target; undefined if the target is out of reach. */
function enclose(grid: Grid, target: number, highest: number): readonly [number, number] | undefined {
  const first = grid.at(0);
  if (first === undefined || first === target) return undefined;
  for (const direction of directions(grid, first < target)) {
    const bound = direction > 0 ? highest : -grid.lowest;
    let previous = 0;
    for (let distance = 1; previous !== direction * bound; distance *= 2) {
      const k = legalNear(grid, direction * Math.min(distance, bound), grid.lowest - 1, highest + 1);
      if (k === undefined) break;
      const measured = grid.at(k)!;
      if (measured < target !== first < target) return previous < k ? [previous, k] : [k, previous];
      previous = k;
      if (distance >= bound) break;
    }
  }
  return undefined;
}

/**
 * Search directions: first the one in which the measure should approach the target, then the other, for a measure that
 * is not monotonic.
 */
function directions(grid: Grid, isBelow: boolean): readonly (1 | -1)[] {
  const [first = 0, next = first] = [grid.at(0), grid.at(1)];
  return next >= first === isBelow ? [1, -1] : [-1, 1];
}

function halve(grid: Grid, target: number, bracket: readonly [number, number]): void {
  let [low, high] = bracket;
  const isBelow = (k: number): boolean => grid.at(k)! < target;
  while (high - low > 1) {
    const middle = legalNear(grid, (low + high) >> 1, low, high);
    if (middle === undefined) return;
    if (isBelow(middle) === isBelow(low)) low = middle;
    else high = middle;
  }
}

/** Tries values next to the best one so far: three steps of the grid, then those between its points. */
function lookAround(probe: Probe, step: number): void {
  const centre = probe.best()?.value;
  if (centre === undefined) return;
  for (let k = 1; k <= 3; k++) for (const side of [-k, k]) probe.at(centre + side * step);
  const finer = probe.best()!.value;
  for (let by = 1; by < step; by++) for (const side of [-by, by]) probe.at(finer + side);
}
