/** A whole number with thousands separators: `2,219,074`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A number of things: `1 case`, `7 cases`, `1,178 figures`, with a plural of its own `2 axes`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}
