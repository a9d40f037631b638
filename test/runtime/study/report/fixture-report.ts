/** A report of the fixture's evidence with plain statistics, so that renderers are tested without those of the product. */
import { randomStream } from '../../../../runtime/random.js';
import type { StudyEvidence } from '../../../../runtime/study/evidence.js';
import {
  REPORT_METRICS,
  type Difference,
  type Figure,
  type Interval,
  type PValues,
  type ReportMetric,
  type ReportRow,
  type StudyReport,
} from '../../../../runtime/study/report/report.js';
import { CLASSES, FOLDS } from './fixture.js';

const CASES = FOLDS.flat().toSorted();
const CAUTIONS = [
  'Incomplete: 41 of 42 jobs done (VNet3D 5 of 6). Every figure of these rows may change.',
  'VNet3D is unmatched (its authors train it with twice the steps): it is not tested.',
  '7 test cases: intervals are wide, and a difference of Dice below about 0.03 cannot be told from none.',
  '2 seeds: how much a network’s Dice varies from training to training can hardly be judged.',
];

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function caseMean(
  evidence: StudyEvidence,
  row: string,
  metric: ReportMetric,
  id: string,
  only?: string,
): number | null {
  const bySeed = evidence.runs
    .filter(({ variant }) => variant === row)
    .map(({ scores }) => scores.filter((score) => score.case === id && (only === undefined || score.class === only)))
    .map((scores) => scores.flatMap((score) => score[metric] ?? []))
    .filter((values) => values.length > 0);
  return bySeed.length === 0 ? null : meanOf(bySeed.map(meanOf));
}

function bootstrap(values: readonly number[]): Interval | null {
  if (values.length < 5) return null;
  const stream = randomStream(3, 'bootstrap');
  const means = Array.from({ length: 1000 }, () => meanOf(values.map(() => values[stream.integer(values.length)]!)));
  means.sort((a, b) => a - b);
  return [means[25]!, means[974]!];
}

function figureOf(evidence: StudyEvidence, row: string, metric: ReportMetric, only?: string): Figure | undefined {
  const values = CASES.flatMap((id) => caseMean(evidence, row, metric, id, only) ?? []);
  if (values.length === 0) return undefined;
  const all = values.length * 2 * (only === undefined ? 3 : 1);
  return {
    mean: meanOf(values),
    ci: bootstrap(values),
    n: values.length,
    rows: { counted: all - 1, all },
    seeds: [meanOf(values), null],
  };
}

/** Share of sign patterns whose statistic is at least as large. */
function flipped(weights: readonly number[], observed: readonly number[]): number {
  const patterns = 2 ** weights.length;
  const limit = Math.abs(observed.reduce((sum, value, index) => sum + Math.sign(value) * weights[index]!, 0)) - 1e-12;
  let count = 0;
  for (let pattern = 0; pattern < patterns; pattern++)
    if (Math.abs(weights.reduce((sum, weight, index) => sum + ((pattern >> index) & 1 ? weight : -weight), 0)) >= limit)
      count++;
  return count / patterns;
}

function differenceOf(evidence: StudyEvidence, row: string, metric: ReportMetric): Difference | undefined {
  const sign = metric === 'hd95' ? -1 : 1;
  const values = CASES.flatMap((id) => {
    const [own, base] = [row, evidence.record.base].map((name) => caseMean(evidence, name, metric, id));
    return own == null || base == null ? [] : [own - base];
  });
  if (values.length === 0) return undefined;
  const sizes = values.map(Math.abs);
  const ranks = sizes.map((size) => 1 + sizes.filter((other) => other < size).length);
  const mean = meanOf(values);
  const deviation = Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
  const p: PValues = { wilcoxon: flipped(ranks, values), permutation: flipped(sizes, values) };
  return {
    mean,
    ci: bootstrap(values),
    n: values.length,
    p,
    pHolm: p,
    improvement: values.filter((value) => sign * value > 0).length / values.length,
    detectable: (2.9 * deviation) / Math.sqrt(values.length),
  };
}

/** Of each metric that has one. */
function byMetric<T>(of: (metric: ReportMetric) => T | undefined): Partial<Record<ReportMetric, T>> {
  return Object.fromEntries(
    REPORT_METRICS.flatMap((metric) => {
      const value = of(metric);
      return value === undefined ? [] : [[metric, value]];
    }),
  );
}

/** Holm's correction over the matched rows; a row that is not matched has none. */
function holm(rows: readonly ReportRow[]): ReportRow[] {
  const matched = rows.filter((row) => row.difference && row.matched);
  const adjust = (metric: ReportMetric, test: keyof PValues, p: number | null): number | null => {
    if (p === null) return null;
    const sorted = matched.flatMap((each) => each.difference?.[metric]?.p[test] ?? []).toSorted((a, b) => a - b);
    const steps = sorted.slice(0, sorted.indexOf(p) + 1).map((each, index) => each * (sorted.length - index));
    return Math.min(1, Math.max(...steps));
  };
  return rows.map((row) => {
    if (!row.difference) return row;
    const difference = byMetric((metric) => {
      const own = row.difference?.[metric];
      if (!own) return undefined;
      const of = (test: keyof PValues): number | null => adjust(metric, test, row.matched ? own.p[test] : null);
      return { ...own, pHolm: { wilcoxon: of('wilcoxon'), permutation: of('permutation') } };
    });
    return { ...row, difference };
  });
}

export function makeReport(evidence: StudyEvidence): StudyReport {
  const { record, protocol, jobs, runs } = evidence;
  const rows = record.rows.map((row): ReportRow => {
    const own = runs.filter(({ variant }) => variant === row.name);
    return {
      variant: row.name,
      kind: row.kind,
      change: row.change,
      params: row.params,
      macs: row.macs,
      runs: jobs
        .filter(({ variant }) => variant === row.name)
        .map(({ run, seed, fold }) => {
          return { run, seed, fold, scores: runs.find((each) => each.run === run)?.checksum ?? null };
        }),
      metrics: byMetric((metric) => figureOf(evidence, row.name, metric)),
      classes: Object.fromEntries(
        CLASSES.map((name) => [name, byMetric((metric) => figureOf(evidence, row.name, metric, name))]),
      ),
      ...(row.kind !== 'base' && { difference: byMetric((metric) => differenceOf(evidence, row.name, metric)) }),
      matched: row.unmatched === null,
      ...(row.unmatched && { unmatched: row.unmatched }),
      ...(row.equal && { equal: row.equal }),
      selected: 'best on validation',
      costs: {
        steps: own[0]?.outcome.steps ?? null,
        secondsPerStep: own[0]?.outcome.secondsPerStep ?? null,
        peakMemory: own[0]?.outcome.peakMemory ?? null,
      },
      ece: 0.021,
      eceForeground: 0.11,
      notes: row.notes,
      conclusion:
        row.kind === 'base'
          ? 'The others are compared with it.'
          : 'No difference of Dice from the base can be concluded: a true one of 0.03 could have been missed.',
    };
  });
  return {
    format: 1,
    study: {
      name: record.name,
      base: record.base,
      seeds: record.seeds,
      folds: record.folds,
      cases: CASES,
      classes: CLASSES,
      jobs: { total: jobs.length, done: runs.length },
    },
    protocol: { digest: record.digest, ...protocol },
    cautions: CAUTIONS,
    methods: {
      mean: 'Mean over cases; of each case the mean over classes, then over seeds.',
      interval: '95 % BCa bootstrap over cases, 10,000 resamples.',
      wilcoxon: 'Wilcoxon signed-rank test, two-sided, exact.',
      permutation: 'Sign-flip permutation test of the mean difference, two-sided, all sign patterns.',
      holm: 'Holm over the matched rows, metric by metric.',
    },
    rows: holm(rows),
  };
}
