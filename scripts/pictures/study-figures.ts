/** The figures of a study that a picture shows: an extract of `unet study report --format json`. */
import type { Interval, PValues, StudyReport } from '../../runtime/study/report/report.js';

export interface StudyFigures {
  readonly study: string;
  readonly seeds: number;
  readonly cases: number;
  readonly rows: readonly FiguresOfRow[];
}

export interface FiguresOfRow {
  readonly name: string;
  readonly params: number;
  readonly dice: number;
  readonly ci: Interval | null;
  /** Undefined for the base. */
  readonly difference: { readonly mean: number; readonly ci: Interval | null; readonly p: PValues } | undefined;
  readonly conclusion: string;
}

export function figuresOf({ study, rows }: StudyReport): StudyFigures {
  return {
    study: study.name,
    seeds: study.seeds.length,
    cases: study.cases.length,
    rows: rows.map((row) => {
      const { dice } = row.metrics;
      const difference = row.difference?.dice;
      if (dice === undefined) throw new Error(`${row.variant} has no Dice: the study is not finished.`);
      return {
        name: row.kind === 'base' ? `${row.variant} (base)` : row.variant,
        params: row.params,
        dice: dice.mean,
        ci: dice.ci,
        difference: difference && { mean: difference.mean, ci: difference.ci, p: difference.pHolm },
        conclusion: row.conclusion,
      };
    }),
  };
}
