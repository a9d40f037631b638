export { roundHalfToEven } from '../data/resample/round.js';

export function product(values: readonly number[]): number {
  return values.reduce((result, value) => result * value, 1);
}
