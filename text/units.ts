import { formatCount } from './count.js';

/** A unit for a column of figures. */
export interface Unit {
  /** `GiB`, `G`; empty for plain numbers. */
  readonly name: string;
  /** What a figure of 1 stands for: 1,048,576 for MiB. */
  readonly size: number;
  readonly format: (figure: number) => string;
}

/** The unit of memory for figures up to `largest` bytes: MiB, or GiB from 10 GiB. */
export function memoryUnit(largest: number): Unit {
  return largest < 10 * 2 ** 30 ? unitOf('MiB', 2 ** 20, 1) : unitOf('GiB', 2 ** 30, 1);
}

/** The unit for counts up to `largest`: none, or M, G or T from a million, a billion and a trillion. */
export function countUnit(largest: number): Unit {
  if (largest >= 1e12) return unitOf('T', 1e12, 2);
  if (largest >= 1e9) return unitOf('G', 1e9, 2);
  return largest >= 1e6 ? unitOf('M', 1e6, 2) : { name: '', size: 1, format: formatCount };
}

/** What would be rounded to 0 is shown as less than the smallest figure. */
function unitOf(name: string, size: number, digits: number): Unit {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const least = 10 ** -digits;
  const format = (figure: number): string =>
    figure > 0 && figure / size < least / 2
      ? `<${least}`
      : figure === 0
        ? '0'
        : (figure / size).toLocaleString('en-US', options);
  return { name, size, format };
}
