import { formatDistance } from '../../metrics/format-distance.js';
import { measureOf } from '../../metrics/measures.js';
import type { Interval, PValues, ReportMetric, ReportRow } from './report.js';

/** The placeholder for a missing value. */
export const NO_FIGURE = '–';

type Maybe = number | null | undefined;

/** With a typographic minus sign; a value that rounds to zero has none. */
function withMinus(text: string): string {
  return text.replace(/^-(?=.*[1-9])/, '−').replace(/^-/, '');
}

/** Distances as in `formatDistance`, in millimetres; volumes in ml to two decimals; fractions to three. */
export function formatMetric(metric: ReportMetric, value: Maybe): string {
  if (value === null || value === undefined) return NO_FIGURE;
  const { unit } = measureOf(metric);
  if (unit === 'mm') return withMinus(formatDistance(value));
  return withMinus(value.toFixed(unit === 'ml' ? 2 : 3));
}

/** The same with its sign: `+0.012`, `−0.034`, `0.000`. */
export function formatDifference(metric: ReportMetric, value: Maybe): string {
  const text = formatMetric(metric, value);
  return typeof value === 'number' && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** `[0.654, 0.771]`, each end formatted by `format`; `no interval` if there is none. */
export function formatInterval(ci: Interval | null | undefined, format: (value: number) => string): string {
  return ci ? `[${format(ci[0])}, ${format(ci[1])}]` : 'no interval';
}

/** To three decimals; `< 0.001` below that. */
export function formatP(p: Maybe): string {
  if (p === null || p === undefined) return NO_FIGURE;
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

/** `W 0.031, P 0.047`: Wilcoxon's test and the permutation test. */
export function formatBothP(p: PValues | undefined): string {
  return `W ${formatP(p?.wilcoxon)}, P ${formatP(p?.permutation)}`;
}

/** An integer with thousands separators. */
export function formatCount(value: Maybe): string {
  return value === null || value === undefined ? NO_FIGURE : Math.round(value).toLocaleString('en-US');
}

/** Three digits with a suffix for thousands: `2.22 M`, `12.3 G`; an integer below a thousand. */
export function formatShort(value: number): string {
  if (value < 999.5) return value.toFixed(0);
  const units = ['k', 'M', 'G', 'T', 'P'];
  const power = Math.min(Math.floor(Math.log10(Number(value.toPrecision(3))) / 3), units.length);
  return `${(value / 1000 ** power).toPrecision(3)} ${units[power - 1]}`;
}

/** The same without trailing zeros: `2 M`, `2.5 M`, `200 k`. */
export function formatTick(value: number): string {
  return formatShort(value).replace(/(?:(\.\d*[1-9])0+|\.0+) /, '$1 ');
}

/** Three digits. */
export function formatSeconds(value: Maybe): string {
  if (value === null || value === undefined) return NO_FIGURE;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** `6`, or `5 of 6` if some are not finished. */
export function formatRuns({ runs }: ReportRow): string {
  const done = runs.filter(({ scores }) => scores !== null).length;
  return done === runs.length ? String(done) : `${done} of ${runs.length}`;
}
