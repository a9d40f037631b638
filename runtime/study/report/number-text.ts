import { counted } from '../../../text/count.js';

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Three decimals, without a sign. */
export function size(value: number): string {
  return Math.abs(value).toFixed(3);
}

/** Two digits: `0.063`, `below 0.0001`. */
export function probability(p: number): string {
  return p < 0.0001 ? 'below 0.0001' : String(Number(p.toPrecision(2)));
}

/** A fraction as a percentage with two digits: `50 %`, `6.3 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

/** `0.031 lower`, `less than 0.001 higher`. */
export function amount(value: number): string {
  const side = value < 0 ? 'lower' : 'higher';
  return `${size(value) === '0.000' ? 'less than 0.001' : size(value)} ${side}`;
}

/** `0.004 to 0.058 lower`, `0.020 lower to 0.014 higher`. */
export function range([low, high]: readonly [number, number]): string {
  if (high < 0) return `${size(high)} to ${size(low)} lower`;
  if (low >= 0) return `${size(low)} to ${size(high)} higher`;
  return `${size(low)} lower to ${size(high)} higher`;
}

/**
 * States that the smallest p-value of any test is too large: `no difference of any size could have been shown with 6
 * cases and 2 comparisons`.
 */
export function nothingShows(cases: number, comparisons: number): string {
  return `no difference of any size could have been shown with ${counted(cases, 'case')} and ${counted(comparisons, 'comparison')}`;
}
