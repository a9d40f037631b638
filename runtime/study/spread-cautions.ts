import type { Caution } from '../data/cautions/caution.js';

/** The cautions of a network on a fold. */
export interface FoundCautions {
  readonly variant: string;
  readonly fold: number;
  readonly cautions: readonly Caution[];
}

/** A caution with the rows it concerns. */
export interface SpreadCaution {
  readonly caution: Caution;
  readonly variants: readonly string[];
  readonly folds: readonly number[];
  /** Whether it concerns every row, and so the study as a whole. */
  readonly isGeneral: boolean;
  /** Its message, with its code and, unless it concerns all of them, the folds. */
  readonly text: string;
}

function foldsText(folds: readonly number[], all: readonly number[]): string {
  if (all.every((fold) => folds.includes(fold))) return '';
  return `${folds.length === 1 ? 'Fold' : 'Folds'} ${folds.join(', ')}: `;
}

/** Merges equal cautions of several rows and folds. */
export function spreadCautions(found: readonly FoundCautions[]): readonly SpreadCaution[] {
  const variants = [...new Set(found.map(({ variant }) => variant))];
  const spread = new Map<string, SpreadCaution>();
  for (const variant of variants) {
    const own = found.filter((each) => each.variant === variant);
    const all = [...new Set(own.map(({ fold }) => fold))].sort((a, b) => a - b);
    const cautions = new Map(own.flatMap((each) => each.cautions.map((caution) => [keyOf(caution), caution] as const)));
    for (const [key, caution] of cautions) {
      const folds = all.filter((fold) =>
        own.some((each) => each.fold === fold && each.cautions.some((other) => keyOf(other) === key)),
      );
      const text = `${foldsText(folds, all)}${caution.message} (${caution.code})`;
      const before = spread.get(text)?.variants ?? [];
      const concerned = [...before, variant];
      spread.set(text, {
        caution,
        variants: concerned,
        folds,
        isGeneral: concerned.length === variants.length,
        text,
      });
    }
  }
  return [...spread.values()];
}

function keyOf({ code, message }: Caution): string {
  return `${code} ${message}`;
}
