/** Whether a protocol's postprocessing can be applied to a network's masks. */
import type { PostprocessStep } from './protocol.js';

/** The parts of an output that postprocessing depends on. */
export interface PostprocessedOutput {
  readonly kind: 'classes' | 'regions';
  /** The names of its classes, the background first, or of its regions. */
  readonly labels: readonly string[];
}

/** What makes it impossible, as a sentence, and what is possible. */
export interface PostprocessProblem {
  readonly text: string;
  readonly help: string;
}

/** Returns the first reason why postprocessing does not fit an output; undefined if it does. */
export function postprocessProblem(
  steps: readonly PostprocessStep[],
  { kind, labels }: PostprocessedOutput,
): PostprocessProblem | undefined {
  const known = kind === 'classes' ? labels.slice(1) : labels;
  for (const { kind: word, classes } of steps) {
    const stray = classes?.find((name) => !known.includes(name));
    if (stray === undefined) continue;
    const text =
      kind === 'classes' && stray === labels[0]
        ? `\`${word}\` names \`${stray}\`, which is the background: voxels that are removed become part of it.`
        : `\`${word}\` names \`${stray}\`, which is not a class or region of the mask.`;
    return { text, help: `It can name ${known.map((name) => `\`${name}\``).join(', ')}.` };
  }
  return undefined;
}
