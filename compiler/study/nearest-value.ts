/** The whole number, from 1, at which a measure comes nearest to a target, from few evaluations. */

export interface ValueSearch {
  /** The measure at a value; undefined where the value is not legal. Costly: it is asked once for each value. */
  readonly measure: (value: number) => number | undefined;
  readonly target: number;
  /** Where the search begins; need not be legal. */
  readonly start: number;
  /** Most evaluations. */
  readonly limit: number;
}

export interface MeasuredValue {
  readonly value: number;
  readonly measured: number;
}

/** Furthest a first legal value is looked for around the start, and a second one above the first. */
const reach = 32;
const largest = 2 ** 24;

/**
 * The nearest value that was met; undefined where none was legal. Legal values may lie steps apart (group counts divide
 * widths): the step is found first, the target enclosed by doubling and halved down to, then everything around looked
 * at, for a measure need not rise everywhere. Of two equally near the smaller; the same answer every time.
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

/** Offsets 1, 2, 4, ..., then those between: where legal values are a regular grid of a power of two, few are asked. */
const offsets = [1, 2, 4, 8, 16, 32, ...Array.from({ length: reach }, (_, index) => index + 1)];

function firstLegal(start: number, probe: Probe): number | undefined {
  const from = Math.max(1, start);
  // Powers of two divide into more groups than what lies beside them.
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

/** A legal k at `k` or within two of it, between two bounds. */
function legalNear(grid: Grid, k: number, low: number, high: number): number | undefined {
  return [k, k + 1, k - 1, k + 2, k - 2].find((each) => each > low && each < high && grid.at(each) !== undefined);
}

/** Two k with the target between their measures; undefined where it lies outside of what the knob reaches. */
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

/** The way in which the measure should come to the target first; the other one for a measure that turns. */
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

/** Values beside the best so far: three steps of the grid, then those between its points. */
function lookAround(probe: Probe, step: number): void {
  const centre = probe.best()?.value;
  if (centre === undefined) return;
  for (let k = 1; k <= 3; k++) for (const side of [-k, k]) probe.at(centre + side * step);
  const finer = probe.best()!.value;
  for (let by = 1; by < step; by++) for (const side of [-by, by]) probe.at(finer + side);
}
