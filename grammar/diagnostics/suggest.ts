import distance from 'damerau-levenshtein';
import type { Span } from '../source.js';
import { isPlainName } from '../tokens.js';
import type { Fix } from './diagnostic.js';

/** Longer names are typed by machines, and comparing them is slow. */
const longestName = 64;

/**
 * The candidates that `name` may have been meant to be, nearest first, at most three: few edits for its length, an
 * exchange of neighbours being one edit and a change of case or of `_` and `-` being less than one.
 */
export function suggest(name: string, candidates: Iterable<string>): string[] {
  if (name === '' || name.length > longestName) return [];
  const limit = Math.max(1, Math.floor(name.length / 3));
  return [...new Set(candidates)]
    .filter((candidate) => candidate !== name && Math.abs(candidate.length - name.length) <= limit)
    .map((candidate) => ({ candidate, edits: editsBetween(name, candidate) }))
    .filter(({ edits, candidate }) => edits <= limit && edits < candidate.length)
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** A help sentence, `Did you mean ...?`, where some candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  return askWhether(suggest(name, candidates).map((candidate) => `\`${candidate}\``));
}

/** The sentence itself, of what may have been meant as it is to be written. */
export function askWhether(candidates: readonly string[]): string | undefined {
  const near = [...candidates];
  const last = near.pop();
  if (last === undefined) return undefined;
  return near.length === 0 ? `Did you mean ${last}?` : `Did you mean ${near.join(', ')} or ${last}?`;
}

/** The same as help and fixes, where `span` is what is written in place of the name that was meant; nothing where none is near. */
export function meant(
  name: string,
  candidates: Iterable<string>,
  span: Span,
): { readonly help?: string; readonly fixes?: readonly Fix[] } {
  const all = [...candidates];
  const help = didYouMean(name, all);
  if (help === undefined) return {};
  return { help, fixes: suggest(name, all).map((each) => replacement(span, writtenName(each))) };
}

/** `text` in place of what `span` covers. */
export function replacement(span: Span, text: string): Fix {
  return { title: `Change to \`${text.replaceAll('`', '')}\``, span, text };
}

/** Returns a name as it is written in source: in backticks unless it is a plain word. */
export function writtenName(name: string): string {
  return isPlainName(name) ? name : `\`${name}\``;
}

function editsBetween(a: string, b: string): number {
  const folded = distance(fold(a), fold(b)).steps;
  return folded === 0 ? 0.5 : folded;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[-\s]/g, '_');
}
