/** A whole number with thousands separators: `2,219,074`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A number of things: `1 case`, `7 cases`, `1,178 figures`. */
export function counted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
