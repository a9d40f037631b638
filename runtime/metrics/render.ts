import Table from 'cli-table3';
import { csvText } from '../../text/csv.js';
import { printable } from '../../text/printable.js';
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

function plainTable(head: string[], texts: number): Table.Table {
  const colAligns = head.map((_, index) => (index < texts ? 'left' : 'right'));
  return new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
}

function scoreTable({ cases, mean, denominators }: EvaluationReport): string {
  const table = plainTable(['case', 'class', 'Dice', 'IoU', 'sensitivity', 'specificity', 'precision', 'HD95 mm'], 2);
  for (const row of cases) table.push([printable(row.case), printable(row.class), ...scoreCells(row)]);
  const meanRow = (name: string, scores: Scores, { dice, rows }: { dice: number; rows: number }): string[] => [
    `mean of ${dice}/${rows}`,
    printable(name),
    ...scoreCells(scores),
  ];
  for (const [name, scores] of Object.entries(mean.classes))
    table.push(meanRow(name, scores, denominators.classes[name]!));
  table.push(meanRow('all', mean, denominators));
  return table.toString();
}

function confusionTable({ classes, confusion }: EvaluationReport): string {
  const table = plainTable(['truth \\ predicted', ...classes.map(printable)], 1);
  classes.forEach((name, index) => table.push([printable(name), ...confusion[index]!.map(String)]));
  return table.toString();
}

/**
 * A report for the terminal: scores, their means, the confusion matrix, calibration, and the convention for empty
 * classes.
 */
export function renderTable(report: EvaluationReport): string {
  const { ece, ece_foreground: foreground, policy } = report;
  const figure = (value: number | null): string => value?.toFixed(4) ?? '-';
  return [
    scoreTable(report),
    '',
    'Voxels',
    confusionTable(report),
    '',
    `ECE (15 bins): ${figure(ece)} over all voxels, ${figure(foreground)} over voxels that are foreground in the truth or the prediction`,
    `HD95: ${policy.hd95}`,
    'Empty classes:',
    `- ${policy.prediction_empty}`,
    `- ${policy.truth_empty}`,
    `- ${policy.both_empty}`,
    ...(report.cautions.length === 0 ? [] : ['Cautions:']),
    ...report.cautions.map(({ code, message }) => `- ${code}: ${message}`),
    '',
  ].join('\n');
}
