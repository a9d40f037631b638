/** What a benchmark says in the end: for people a line a case, and as its last line one JSON object. */
import type { Pair, Turn } from './alternate.js';
import { ratioOf } from './alternate.js';
import { spread, type Spread } from './spread.js';

/** A number of either side. */
export interface Both<T> {
  readonly ours: T;
  readonly peer: T;
}

/** One case of a benchmark. All ratios are ours over the peer's. */
export interface CaseResult {
  readonly ratio: Spread;
  readonly seconds: Both<Spread>;
  /** Peak of resident memory of either process, in bytes; null where the system does not tell. */
  readonly peakRss: Both<number | null> & { readonly ratio: number | null };
  /** How far the answers of both are apart, relative to the peer's: that both compute the same. */
  readonly difference: number;
}

export interface BenchmarkResult {
  readonly benchmark: string;
  readonly peer: string;
  /** Of the case that the benchmark is about. */
  readonly ratio: Spread;
  /** What was measured: sizes, threads, engine. */
  readonly setting: Readonly<Record<string, string | number>>;
  readonly cases: Readonly<Record<string, CaseResult>>;
}

/** A benchmark that cannot run here, and why. */
export interface Skipped {
  readonly benchmark: string;
  readonly peer: string;
  readonly skipped: string;
}

export function caseResult(pairs: readonly Pair<Turn>[], rss: Both<number | null>, difference: number): CaseResult {
  const secondsOf = (side: 'ours' | 'peer'): Spread => spread(pairs.map((pair) => pair[side].seconds));
  const { ours, peer } = rss;
  return {
    ratio: spread(pairs.map(ratioOf)),
    seconds: { ours: secondsOf('ours'), peer: secondsOf('peer') },
    peakRss: { ours, peer, ratio: ours === null || peer === null ? null : ours / peer },
    difference,
  };
}

/** The result of all cases; its ratio is that of `main`, or of the first case where that was not run. */
export function benchmarkResult(
  named: Pick<BenchmarkResult, 'benchmark' | 'peer' | 'setting'>,
  cases: ReadonlyMap<string, CaseResult>,
  main: string,
): BenchmarkResult {
  const [first] = cases.values();
  const chosen = cases.get(main) ?? first;
  if (chosen === undefined) throw new Error(`the benchmark ${named.benchmark} has no case`);
  const { benchmark, peer, setting } = named;
  return { benchmark, peer, ratio: chosen.ratio, setting, cases: Object.fromEntries(cases) };
}

/** The last line: one JSON object without a line break, numbers to five digits. */
export function jsonLine(result: BenchmarkResult | Skipped): string {
  return JSON.stringify(result, (_, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
  );
}

function megabytes(bytes: number | null): string {
  return bytes === null ? 'unknown' : `${Math.round(bytes / 2 ** 20)} MB`;
}

/** `dalight3d  ratio 0.612 (0.590 to 0.641); ours 2.81 s, 1210 MB; peer 4.59 s, 1180 MB; difference 3e-6`. */
export function caseLine(name: string, { ratio, seconds, peakRss, difference }: CaseResult): string {
  const { median, min, max } = ratio;
  const side = (which: 'ours' | 'peer'): string =>
    `${which} ${seconds[which].median.toPrecision(3)} s, ${megabytes(peakRss[which])}`;
  const spreadText = `ratio ${median.toPrecision(3)} (${min.toPrecision(3)} to ${max.toPrecision(3)})`;
  return `${name}  ${spreadText}; ${side('ours')}; ${side('peer')}; difference ${difference.toExponential(0)}`;
}
