/** Whether the `freeze` entry of a protocol fits a network. */
import { matchesAny } from './matches-any.js';

/** What makes a `freeze` entry unusable for a network, as a sentence, with the remedy. */
export interface FreezeProblem {
  readonly text: string;
  readonly help: string;
}

/** A weight of a network: `trained` if training updates it by its gradient. */
interface FreezableWeight {
  readonly id: string;
  readonly trained: boolean;
}

/** Returns the first reason why patterns do not fit the weights of a network; undefined if they do. */
export function freezeProblem(
  patterns: readonly string[],
  weights: readonly FreezableWeight[],
): FreezeProblem | undefined {
  const stray = patterns.find((pattern) => !weights.some(({ id }) => matchesAny([pattern], id)));
  if (stray !== undefined) {
    const near = nearPatterns(
      stray,
      weights.map(({ id }) => id),
    );
    const listed = near.slice(0, 8).map((each) => `\`${each}\``);
    const more = near.length > listed.length ? `, and ${near.length - listed.length} more` : '';
    return {
      text: `\`${stray}\` matches none of its weights.`,
      help: `It has ${listed.join(', ')}${more}.`,
    };
  }
  if (weights.some(({ id, trained }) => trained && !matchesAny(patterns, id))) return undefined;
  return { text: 'No weight is left to train.', help: 'Freeze fewer weights.' };
}

/** The parts of a network at the place where a pattern leaves it, as patterns: `encoder.*` for `encodr.*`. */
function nearPatterns(pattern: string, ids: readonly string[]): readonly string[] {
  const wanted = pattern.split('.');
  let near = ids.map((id) => id.split('.'));
  let depth = 0;
  for (; depth < wanted.length; depth++) {
    const next = near.filter((parts) => parts[depth] === wanted[depth] && parts.length > depth + 1);
    if (next.length === 0) break;
    near = next;
  }
  const begun = near.map((parts) => [...parts.slice(0, depth + 1), ...(parts.length > depth + 1 ? ['*'] : [])]);
  return [...new Set(begun.map((parts) => parts.join('.')))];
}
