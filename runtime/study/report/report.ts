import type { Calibration } from '../../metrics/calibration.js';
import { furtherScores, measureOf, shownScores } from '../../metrics/measures.js';
import type { Machine } from '../evidence.js';
import type { StudyProtocol } from '../study-record.js';

/** Metrics that every table has; higher is better for all but `hd95` (mm). */
export const REPORT_METRICS = ['dice', 'iou', 'sensitivity', 'precision', 'hd95'] as const;
/** One of these, or a measure that the protocol's `report` adds (`measureOf`). */
export type ReportMetric = string;

/** Something for each metric that has any value. */
export interface ByMetric<T> extends Partial<Readonly<Record<(typeof REPORT_METRICS)[number], T>>> {
  readonly [metric: string]: T | undefined;
}

/** A 95 % interval, from low to high. */
export type Interval = readonly [number, number];

/** A mean over cases: per case the mean over classes, then over seeds. */
export interface Figure {
  readonly mean: number;
  /** BCa bootstrap interval over cases; null if there are too few cases. */
  readonly ci: Interval | null;
  /** The number of cases in the mean. */
  readonly n: number;
  /**
   * The number of rows (case, class, seed) with a value, and of all such rows; undefined ones are excluded as declared.
   */
  readonly rows: { readonly counted: number; readonly all: number };
  /** Mean of each seed alone, in the order of the study's seeds; null if a seed has no run yet. */
  readonly seeds: readonly (number | null)[];
}

/** p-values of both tests; null if a test cannot be performed. */
export interface PValues {
  readonly wilcoxon: number | null;
  readonly permutation: number | null;
}

/** A row minus the base, paired by case. Higher is better for all metrics but `hd95`. */
export interface Difference {
  readonly mean: number;
  readonly ci: Interval | null;
  /** The number of cases that both have. */
  readonly n: number;
  readonly p: PValues;
  /** Adjusted by Holm over the matched rows of the table, separately for each metric. */
  readonly pHolm: PValues;
  /** Fraction of cases in which the row is better than the base, with ties counting half. */
  readonly improvement: number;
  /**
   * The smallest p-value after Holm correction that N cases can give; at 0.05 and above none can be significant. Null
   * if not tested.
   */
  readonly smallestP: number | null;
  /**
   * The true difference that both tests would find with a probability of about 0.8, given this spread, n and the number
   * of comparisons; null if none could be significant or none is tested.
   */
  readonly detectable: number | null;
}

export interface ReportRow {
  readonly variant: string;
  readonly kind: 'base' | 'variant' | 'rival';
  /** The difference from the base, as written in a spec; empty for the base and for rivals. */
  readonly change: string;
  readonly params: number;
  readonly macs: number;
  /** Its jobs, finished or not; every cell links to them. */
  readonly runs: readonly {
    readonly run: string;
    readonly seed: number;
    readonly fold: number;
    /** SHA-256 of its `scores.json`; null until it is finished. */
    readonly scores: string | null;
  }[];
  readonly metrics: ByMetric<Figure>;
  /** The same by class. */
  readonly classes: Readonly<Record<string, ByMetric<Figure>>>;
  /** The same for unions of classes; absent if the report names none. */
  readonly regions?: Readonly<Record<string, ByMetric<Figure>>>;
  /** Absent for the base. */
  readonly difference?: ByMetric<Difference>;
  /**
   * Differences by class and by union; each of the two is a Holm family of its own for each metric and test, of all
   * matched rows and all classes (or unions). Absent for the base, and if the report is the default.
   */
  readonly classDifferences?: Readonly<Record<string, ByMetric<Difference>>>;
  readonly regionDifferences?: Readonly<Record<string, ByMetric<Difference>>>;
  /** Bins over the voxels of all its test cases, all runs together; absent unless the report asks for calibration. */
  readonly calibration?: Calibration;
  readonly matched: boolean;
  /** Why an unmatched row is in the table, and what differs. */
  readonly unmatched?: { readonly reason: string; readonly differs: readonly string[] };
  /** How the data that the network sees differs from what the base sees, in words. */
  readonly inputs: readonly string[];
  /** The knob that was solved so that the row costs the same as the base. */
  readonly equal?: {
    readonly measure: 'params' | 'macs';
    readonly knob: string;
    readonly value: number;
    readonly target: number;
  };
  readonly selected: 'last' | 'best validation score';
  readonly costs: {
    readonly steps: number | null;
    /** Median over runs of the mean time per step. */
    readonly secondsPerStep: number | null;
    /** Maximum over its runs, in MiB. */
    readonly peakMemory: number | null;
  };
  /** Mean over runs. */
  readonly ece: number | null;
  readonly eceForeground: number | null;
  /** Doubts about the row's values, one sentence each; every format of the report shows them with the row. */
  readonly cautions: readonly string[];
  /** Notes on its network from the checks before training, one sentence each; shown with the row as well. */
  readonly notes: readonly string[];
  /** The conclusion about its Dice compared with the base, in one sentence. */
  readonly conclusion: string;
}

/** When, where and with what the finished jobs ran. */
export interface ReportEnvironment {
  /** When the first and the last of them finished, in ISO 8601 and UTC; null before any has. */
  readonly finished: readonly [first: string, last: string] | null;
  /** The machines that differ, with the number of jobs that ran on each; the one with the most first. */
  readonly machines: readonly (Machine & { readonly jobs: number })[];
  /** Versions of software, by name: all that were used. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}

/** The table of a study as data: the output of `unet study report --format json`. */
export interface StudyReport {
  readonly format: 5;
  readonly study: {
    readonly name: string;
    readonly base: string;
    readonly seeds: readonly number[];
    readonly folds: readonly number[];
    /** Ids of the test cases. */
    readonly cases: readonly string[];
    readonly classes: readonly string[];
    /** Names of the unions of classes; absent if there are none. */
    readonly regions?: readonly string[];
    readonly jobs: { readonly total: number; readonly done: number };
  };
  readonly protocol: { readonly digest: string } & StudyProtocol;
  readonly environment: ReportEnvironment;
  /** Limitations of the study as a whole, one sentence each; shown with the table. */
  readonly cautions: readonly string[];
  /** How each statistic was computed, in one line each. */
  readonly methods: Readonly<Record<string, string>>;
  readonly rows: readonly ReportRow[];
}

/** The measures that the report adds to those that every table has. */
export function furtherMetrics({ protocol }: Pick<StudyReport, 'protocol'>): readonly ReportMetric[] {
  return furtherScores(protocol.protocol.report).filter(isTabulated);
}

/** Counts of lesions and single volumes are only in the scores of cases. */
export function isTabulated(id: string): boolean {
  return measureOf(id).better !== 'neither' || id === 'volume_difference';
}

/** All measures of a table. */
export function metricsOf(report: Pick<StudyReport, 'protocol'>): readonly ReportMetric[] {
  return [...REPORT_METRICS, ...furtherMetrics(report)];
}

/** Those of `REPORT_METRICS` that the protocol's `report` shows; Dice always. */
export function shownMetrics({ protocol }: Pick<StudyReport, 'protocol'>): readonly ReportMetric[] {
  const shown: readonly string[] = shownScores(protocol.protocol.report);
  return REPORT_METRICS.filter((metric) => shown.includes(metric));
}
