import distance from 'damerau-levenshtein';
import type { Span } from '../source.js';
import { isPlainName } from '../tokens.js';
import type { Fix } from './diagnostic.js';

/** Longer names are not compared: they are usually generated, and comparing them is slow. */
const longestName = 64;

/**
 * Returns at most three candidates that `name` may be a misspelling of, nearest first: few edits relative to its length,
 * where swapping neighbours is one edit and a change of case or between `_` and `-` is less than one.
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

/** Returns a help sentence, `Did you mean ...?`, if a candidate is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  return didYouMeanAny(suggest(name, candidates).map((candidate) => `\`${candidate}\``));
}

/** Returns the sentence for candidates that are already formatted. */
export function didYouMeanAny(candidates: readonly string[]): string | undefined {
  const near = [...candidates];
  const last = near.pop();
  if (last === undefined) return undefined;
  return near.length === 0 ? `Did you mean ${last}?` : `Did you mean ${near.join(', ')} or ${last}?`;
}

/** Returns help and fixes for an unknown name at `span`; empty if no candidate is near. */
export function suggestionFor(
  name: string,
  candidates: Iterable<string>,
  span: Span,
): { readonly help?: string; readonly fixes?: readonly Fix[] } {
  const all = [...candidates];
  const help = didYouMean(name, all);
  if (help === undefined) return {};
  return { help, fixes: suggest(name, all).map((each) => replacement(span, writtenName(each))) };
}

/** Returns a fix that replaces `span` by `text`. */
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
