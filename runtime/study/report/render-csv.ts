import { csvText, type Cell } from '../../../text/csv.js';
import {
  metricsOf,
  REPORT_METRICS,
  type Figure,
  type Interval,
  type ReportMetric,
  type ReportRow,
  type StudyReport,
} from './report.js';

type Cells = Readonly<Record<string, Cell>>;

function intervalCells(prefix: string, ci: Interval | null | undefined): Cells {
  return { [`${prefix}ci_low`]: ci?.[0], [`${prefix}ci_high`]: ci?.[1] };
}

function rowCells({
  variant,
  kind,
  change,
  equal,
  matched,
  unmatched,
  inputs,
  selected,
  params,
  macs,
  runs,
  costs,
}: ReportRow): Cells {
  return {
    variant,
    kind,
    change,
    equal: equal && `${equal.knob} = ${equal.value} for ${equal.measure} ${equal.target}`,
    matched: String(matched),
    unmatched_reason: unmatched?.reason,
    unmatched_differs: unmatched?.differs.join('; '),
    inputs: inputs.join('; '),
    selected,
    params,
    macs,
    runs: runs.length,
    runs_done: runs.filter(({ scores }) => scores !== null).length,
    steps: costs.steps,
    seconds_per_step: costs.secondsPerStep,
    peak_memory_mib: costs.peakMemory,
  };
}

function figureCells({ study }: StudyReport, figure: Figure | undefined): Cells {
  const seeds = study.seeds.map((seed, index) => [`mean_seed_${seed}`, figure?.seeds[index]] as const);
  return {
    mean: figure?.mean,
    ...intervalCells('', figure?.ci),
    cases: figure?.n,
    rows_counted: figure?.rows.counted,
    rows_all: figure?.rows.all,
    ...Object.fromEntries(seeds),
  };
}

/** Differences of single classes and unions exist only if the report is not the default. */
function differenceCells(row: ReportRow, metric: ReportMetric, name: string): Cells {
  const alone = row.classDifferences?.[name] ?? row.regionDifferences?.[name];
  const difference = (name === MEAN ? row.difference : alone)?.[metric];
  return {
    difference: difference?.mean,
    ...intervalCells('difference_', difference?.ci),
    difference_cases: difference?.n,
    p_wilcoxon: difference?.p.wilcoxon,
    p_permutation: difference?.p.permutation,
    p_holm_wilcoxon: difference?.pHolm.wilcoxon,
    p_holm_permutation: difference?.pHolm.permutation,
    improvement: difference?.improvement,
    smallest_p: difference?.smallestP,
    detectable: difference?.detectable,
  };
}

/** Sentences about a row, in the first of its lines only, and about the study, in the first line of all. */
function remarkCells({ cautions, rows }: StudyReport, row: ReportRow, isFirst: boolean): Cells {
  return {
    conclusion: isFirst ? row.conclusion : undefined,
    row_cautions: isFirst ? row.cautions.join(LIST) : undefined,
    row_notes: isFirst ? row.notes.join(LIST) : undefined,
    study_cautions: isFirst && row === rows[0] ? cautions.join(LIST) : undefined,
  };
}

const MEAN = 'mean';
/** Separates the sentences in one field. */
const LIST = ' | ';

/**
 * One line per row, metric and class or union of classes, with a header (RFC 4180); the class `mean` is the mean over classes. Values are
 * not rounded, a missing one is an empty field. Sentences are not repeated: those about a row are in its first line,
 * those about the study in the first of all. Text that a spreadsheet would interpret as a formula is prefixed with
 * `'`.
 */
export function renderReportCsv(report: StudyReport): string {
  const lines = report.rows.flatMap((row) =>
    metricsOf(report).flatMap((metric) => {
      const figures = [
        [MEAN, row.metrics] as const,
        ...Object.entries(row.classes),
        ...Object.entries(row.regions ?? {}),
      ];
      return figures.map(([name, metrics]) => ({
        ...rowCells(row),
        metric,
        class: name,
        ...figureCells(report, metrics[metric]),
        ...differenceCells(row, metric, name),
        protocol: report.protocol.digest,
        ...remarkCells(report, row, metric === REPORT_METRICS[0] && name === MEAN),
      }));
    }),
  );
  return csvText(lines);
}
