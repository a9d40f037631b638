import type { StudyProtocol } from '../study-record.js';

/** Metrics of the table; higher is better for all but `hd95` (mm). */
export const REPORT_METRICS = ['dice', 'iou', 'sensitivity', 'precision', 'hd95'] as const;
export type ReportMetric = (typeof REPORT_METRICS)[number];

/** From low to high, at 95 %. */
export type Interval = readonly [number, number];

/** A mean over cases: per case the mean over classes, then over seeds. */
export interface Figure {
  readonly mean: number;
  /** BCa bootstrap over cases; null where there are too few to say. */
  readonly ci: Interval | null;
  /** Cases in the mean. */
  readonly n: number;
  /** Rows (case, class, seed) with a value, of all such rows: the declared policy leaves out undefined ones. */
  readonly rows: { readonly counted: number; readonly all: number };
  /** Mean of each seed alone, in the order of the study's seeds; null where a seed has no run yet. */
  readonly seeds: readonly (number | null)[];
}

/** p-values of both tests; null where a test cannot be made. */
export interface PValues {
  readonly wilcoxon: number | null;
  readonly permutation: number | null;
}

/** A row minus the base, paired by case. Higher is better for all metrics but `hd95`. */
export interface Difference {
  readonly mean: number;
  readonly ci: Interval | null;
  /** Cases that both have. */
  readonly n: number;
  readonly p: PValues;
  /** Adjusted by Holm over the matched rows of the table, metric by metric. */
  readonly pHolm: PValues;
  /** Share of cases in which the row is better than the base, ties counting half. */
  readonly improvement: number;
  /** The smallest p-value after Holm that so many cases can give; at 0.05 and above none is shown. Null where not tested. */
  readonly smallestP: number | null;
  /**
   * The true difference that both tests would find with a chance of about 0.8, given this spread, n and the number of
   * comparisons; null where none could be shown or none is tested.
   */
  readonly detectable: number | null;
}

export interface ReportRow {
  readonly variant: string;
  readonly kind: 'base' | 'variant' | 'rival';
  /** What tells it from the base, in the spec's own words; empty for the base and for rivals. */
  readonly change: string;
  readonly params: number;
  readonly macs: number;
  /** Its jobs, finished or not; every cell leads to them. */
  readonly runs: readonly {
    readonly run: string;
    readonly seed: number;
    readonly fold: number;
    /** SHA-256 of its `scores.json`; null while it is not finished. */
    readonly scores: string | null;
  }[];
  readonly metrics: Readonly<Partial<Record<ReportMetric, Figure>>>;
  /** The same by class. */
  readonly classes: Readonly<Record<string, Readonly<Partial<Record<ReportMetric, Figure>>>>>;
  /** Absent in the base. */
  readonly difference?: Readonly<Partial<Record<ReportMetric, Difference>>>;
  readonly matched: boolean;
  /** Why a row that is not matched is in the table, and what differs. */
  readonly unmatched?: { readonly reason: string; readonly differs: readonly string[] };
  /** Where a knob was solved so that the row costs what the base does. */
  readonly equal?: {
    readonly measure: 'params' | 'macs';
    readonly knob: string;
    readonly value: number;
    readonly target: number;
  };
  readonly selected: 'last' | 'best validation score';
  readonly costs: {
    readonly steps: number | null;
    /** Median over runs of the mean over their steps. */
    readonly secondsPerStep: number | null;
    /** Largest of its runs, MiB. */
    readonly peakMemory: number | null;
  };
  /** Mean over runs. */
  readonly ece: number | null;
  readonly eceForeground: number | null;
  /** Doubts about the row's figures, a sentence each; every form of the report shows them with the row. */
  readonly cautions: readonly string[];
  /** What the checks before training noted of its network, a sentence each; shown with the row as well. */
  readonly notes: readonly string[];
  /** What may be concluded of its Dice against the base, in one sentence. */
  readonly conclusion: string;
}

/** The table of a study as data: what `unet study report --format json` prints. */
export interface StudyReport {
  readonly format: 2;
  readonly study: {
    readonly name: string;
    readonly base: string;
    readonly seeds: readonly number[];
    readonly folds: readonly number[];
    /** Ids of the test cases. */
    readonly cases: readonly string[];
    readonly classes: readonly string[];
    readonly jobs: { readonly total: number; readonly done: number };
  };
  readonly protocol: { readonly digest: string } & StudyProtocol;
  /** What the study as a whole cannot show, a sentence each; shown with the table. */
  readonly cautions: readonly string[];
  /** How each statistic was made, in one line each. */
  readonly methods: Readonly<Record<string, string>>;
  readonly rows: readonly ReportRow[];
}
