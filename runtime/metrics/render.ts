import type { ReportProtocol } from '../../contract/protocol.js';
import { csvText, type Cell } from '../../text/csv.js';
import { printable } from '../../text/printable.js';
import { columnsOf, tableText } from '../../text/table.js';
import { wrapLines } from '../../text/wrap.js';
import { formatDistance } from './format-distance.js';
import type { MetricRow } from './evaluate.js';
import { DEFAULT_REPORT, furtherScores, measureOf, shownScores } from './measures.js';
import { furtherPolicy } from './policy.js';
import { SCORE_NAMES, type Scores } from './scores.js';
import type { Denominators, EvaluationReport, Means } from './summarize.js';

const POLICY_NAMES: Readonly<Record<string, string>> = {
  nsd: 'NSD',
  assd: 'ASSD',
  lesions: 'Lesions',
  volume: 'Volumes',
  calibration: 'Calibration',
  regions: 'Unions',
};

const COUNT_NAMES = ['tp', 'fp', 'fn', 'tn'] as const;

function reportOf({ report = DEFAULT_REPORT }: EvaluationReport): ReportProtocol {
  return report;
}

/** The codes of the cautions that concern a case, as one field. */
function cautionCodes({ cautions }: EvaluationReport, id: string): string {
  const own = cautions.filter(({ cases }) => cases.length === 0 || cases.includes(id));
  return [...new Set(own.map(({ code }) => code))].join(' ');
}

/** The rows of a report as CSV with a header; undefined values are empty fields. */
export function renderCsv(report: EvaluationReport): string {
  const columns = ['case', 'class', ...SCORE_NAMES, ...COUNT_NAMES] as const;
  const further = furtherScores(reportOf(report));
  const { regions } = report;
  const rowOf = (row: MetricRow, kind: string): Record<string, Cell> => ({
    ...Object.fromEntries(columns.map((column) => [column, row[column]])),
    ...row.further,
    ...(regions && { kind }),
    cautions: cautionCodes(report, row.case),
  });
  const rows = [
    ...report.cases.map((row) => rowOf(row, 'class')),
    ...(regions?.cases ?? []).map((row) => rowOf(row, 'union')),
  ];
  return csvText(rows, [...columns, ...further, ...(regions ? ['kind'] : []), 'cautions']);
}

function scoreText(id: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return '-';
  const { unit, better } = measureOf(id);
  if (unit === 'mm') return formatDistance(value);
  if (unit === 'ml') return value.toFixed(2);
  return better === 'neither' ? String(Number(value.toFixed(1))) : value.toFixed(4);
}

function scoreOf(row: Means, id: string): number | null | undefined {
  return (SCORE_NAMES as readonly string[]).includes(id) ? row[id as keyof Scores] : row.further?.[id];
}

function countOf(counts: Denominators, id: string): number | undefined {
  return (SCORE_NAMES as readonly string[]).includes(id) ? counts[id as keyof Scores] : counts.further?.[id];
}

/** Scores of all cases and their means; unions follow the classes. */
function scoreTable(report: EvaluationReport, ids: readonly string[], width: number | undefined): string {
  const { cases, mean, denominators, regions } = report;
  const heads = ['case', 'class', ...ids.map((id) => headText(id))];
  const line = (first: string, name: string, scores: Means): string[] => [
    printable(first),
    printable(name),
    ...ids.map((id) => scoreText(id, scoreOf(scores, id))),
  ];
  // The denominators of the table's first score; a cell with another one states its own.
  const meanRow = (name: string, scores: Means, counts: Denominators): string[] => {
    const count = countOf(counts, ids[0]!);
    const cells = ids.map((id) => {
      const own = countOf(counts, id);
      return `${scoreText(id, scoreOf(scores, id))}${own === count || isBasic(id) ? '' : ` (of ${own})`}`;
    });
    return [`mean of ${count}/${counts.rows}`, printable(name), ...cells];
  };
  const rows = [
    ...cases.map((row) => line(row.case, row.class, row)),
    ...(regions?.cases ?? []).map((row) => line(row.case, row.class, row)),
    ...Object.entries(mean.classes).map(([name, scores]) => meanRow(name, scores, denominators.classes[name]!)),
    ...Object.entries(regions?.mean ?? {}).map(([name, scores]) => meanRow(name, scores, regions!.denominators[name]!)),
    meanRow(regions ? 'all classes' : 'all', mean, denominators),
  ];
  return tableText(columnsOf(heads, 2), rows, width);
}

function isBasic(id: string): boolean {
  return (SCORE_NAMES as readonly string[]).includes(id);
}

function headText(id: string): string {
  const { name, unit } = measureOf(id);
  return unit === '' ? name : `${name} ${unit}`;
}

/** One table for each kind of further measures, so that no table is wide: surfaces, lesions, volumes. */
function furtherTables(report: EvaluationReport, width: number | undefined): string[] {
  const ids = furtherScores(reportOf(report));
  const kinds = [
    ids.filter((id) => id === 'assd' || id.startsWith('nsd_')),
    ids.filter((id) => id.startsWith('lesion')),
    ids.filter((id) => id.startsWith('volume_') && id !== 'volume_error'),
  ];
  return kinds.flatMap((own) => (own.length === 0 ? [] : ['', scoreTable(report, own, width)]));
}

function confusionTable({ classes, confusion }: EvaluationReport, width: number | undefined): string {
  const rows = classes.map((name, index) => [printable(name), ...confusion[index]!.map(String)]);
  return tableText(columnsOf(['truth \\ predicted', ...classes.map(printable)], 1), rows, width);
}

/**
 * A report for the terminal: scores, their means, the confusion matrix, calibration, and the convention for empty
 * classes.
 * @param width the columns of the terminal; by default, nothing is wrapped
 */
export function renderTable(report: EvaluationReport, width?: number): string {
  const { ece, ece_foreground: foreground, policy } = report;
  const figure = (value: number | null): string => value?.toFixed(4) ?? '-';
  return [
    scoreTable(report, shownScores(reportOf(report)), width),
    ...furtherTables(report, width),
    '',
    'Voxels',
    confusionTable(report, width),
    '',
    ...[
      `ECE (15 bins): ${figure(ece)} over all voxels, ${figure(foreground)} over voxels that are foreground in the truth or the prediction`,
      ...(shownScores(reportOf(report)).includes('hd95') ? [`HD95: ${policy.hd95}`] : []),
      ...Object.entries(furtherPolicy(reportOf(report))).map(
        ([name, text]) => `${POLICY_NAMES[name] ?? name}: ${text}`,
      ),
      'Empty classes:',
      `- ${policy.prediction_empty}`,
      `- ${policy.truth_empty}`,
      `- ${policy.both_empty}`,
      ...(report.cautions.length === 0 ? [] : ['Cautions:']),
      ...report.cautions.map(({ code, message }) => `- ${code}: ${message}`),
    ].map((line) => wrapLines(line, width)),
    '',
  ].join('\n');
}
