import { csvText } from '../../text/csv.js';
import { printable } from '../../text/printable.js';
import { columnsOf, tableText } from '../../text/table.js';
import { wrapLines } from '../../text/wrap.js';
import { formatDistance } from './format-distance.js';
import { SCORE_NAMES, type Scores } from './scores.js';
import type { EvaluationReport } from './summarize.js';

const COUNT_NAMES = ['tp', 'fp', 'fn', 'tn'] as const;

/** The codes of the cautions that concern a case, as one field. */
function cautionCodes({ cautions }: EvaluationReport, id: string): string {
  const own = cautions.filter(({ cases }) => cases.length === 0 || cases.includes(id));
  return [...new Set(own.map(({ code }) => code))].join(' ');
}

/** The rows of a report as CSV with a header; undefined values are empty fields. */
export function renderCsv(report: EvaluationReport): string {
  const columns = ['case', 'class', ...SCORE_NAMES, ...COUNT_NAMES] as const;
  const rows = report.cases.map((row) => ({
    ...Object.fromEntries(columns.map((column) => [column, row[column]])),
    cautions: cautionCodes(report, row.case),
  }));
  return csvText(rows, [...columns, 'cautions']);
}

function scoreCells(scores: Scores): string[] {
  return SCORE_NAMES.map((name) => {
    const score = scores[name];
    if (score === null) return '-';
    return name === 'hd95' ? formatDistance(score) : score.toFixed(4);
  });
}

function scoreTable({ cases, mean, denominators }: EvaluationReport, width: number | undefined): string {
  const heads = ['case', 'class', 'Dice', 'IoU', 'sensitivity', 'specificity', 'precision', 'HD95 mm'];
  const meanRow = (name: string, scores: Scores, { dice, rows }: { dice: number; rows: number }): string[] => [
    `mean of ${dice}/${rows}`,
    printable(name),
    ...scoreCells(scores),
  ];
  const rows = [
    ...cases.map((row) => [printable(row.case), printable(row.class), ...scoreCells(row)]),
    ...Object.entries(mean.classes).map(([name, scores]) => meanRow(name, scores, denominators.classes[name]!)),
    meanRow('all', mean, denominators),
  ];
  return tableText(columnsOf(heads, 2), rows, width);
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
    scoreTable(report, width),
    '',
    'Voxels',
    confusionTable(report, width),
    '',
    ...[
      `ECE (15 bins): ${figure(ece)} over all voxels, ${figure(foreground)} over voxels that are foreground in the truth or the prediction`,
      `HD95: ${policy.hd95}`,
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
