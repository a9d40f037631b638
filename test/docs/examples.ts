import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const path = resolve(import.meta.dirname, '../../docs/language.md');
/** The language reference. */
export const reference = readFileSync(path, 'utf8');

export interface Example {
  readonly line: number;
  readonly text: string;
  /** The code the checker is said to answer with; undefined for a text without fault. */
  readonly code: string | undefined;
}

/** The reference's fenced texts: each a complete file. */
export const examples: readonly Example[] = [...reference.matchAll(/^```unet(?: fails=(\w+))?\n([\s\S]*?)^```$/gm)].map(
  (match) => ({
    line: reference.slice(0, match.index).split('\n').length,
    text: match[2] ?? '',
    code: match[1],
  }),
);
