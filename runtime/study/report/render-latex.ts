import {
  formatBothP,
  formatDifference,
  formatInterval,
  formatMetric,
  formatRuns,
  formatSeconds,
  formatShort,
} from './format-figure.js';
import { latexText } from '../../../text/latex-text.js';
import type { ReportRow, StudyReport } from './report.js';
import { notesOfRow, rowNotes, type RowNote } from './notes.js';
import { rowRemarks, subjectOf, TESTS_KEY } from './phrases.js';

/** `[95 % CI]` below the value: one cell of two lines, which needs no LaTeX package. */
function stacked(upper: string, lower: string): string {
  return `\\begin{tabular}[t]{@{}r@{}}${latexText(upper)}\\\\${latexText(lower)}\\end{tabular}`;
}

function nameCell(row: ReportRow, notes: readonly RowNote[]): string {
  const mark = row.kind === 'variant' ? '' : ` (${row.kind})`;
  const remarks = rowRemarks(row).map((remark) => `\\\\\\quad\\scriptsize ${latexText(remark)}`);
  const marks = notesOfRow(notes, row).map((note) => note.mark);
  const references = marks.length === 0 ? '' : `\\textsuperscript{${marks.join(',')}}`;
  return `\\parbox[t]{${NAME_WIDTH}}{\\raggedright ${latexText(row.variant + mark)}${references}${remarks.join('')}\\strut}`;
}

const NAME_WIDTH = '0.24\\textwidth';

function differenceCells({ kind, difference }: ReportRow): string[] {
  if (kind === 'base') return ['', ''];
  const { mean, ci, pHolm } = difference?.dice ?? {};
  const interval = mean === undefined ? '' : formatInterval(ci, (value) => formatDifference('dice', value));
  const [wilcoxon, permutation] = formatBothP(pHolm).split(', ');
  return [stacked(formatDifference('dice', mean), interval), stacked(wilcoxon!, permutation!)];
}

function rowLine(row: ReportRow, notes: readonly RowNote[]): string {
  const { params, macs, metrics, costs } = row;
  const { dice, hd95 } = metrics;
  const cells = [
    nameCell(row, notes),
    latexText(formatShort(params)),
    latexText(formatShort(macs)),
    stacked(
      formatMetric('dice', dice?.mean),
      dice ? formatInterval(dice.ci, (value) => formatMetric('dice', value)) : '',
    ),
    ...differenceCells(row),
    latexText(formatMetric('hd95', hd95?.mean)),
    latexText(formatSeconds(costs.secondsPerStep)),
    latexText(formatRuns(row)),
  ];
  return `    ${cells.join(' & ')} \\\\`;
}

const HEAD = ['Network', 'Params', 'MACs', 'Dice', 'Difference', 'Holm $p$', 'HD95', 's/step', 'Runs'];
const UNITS = ['', '', '', '[95\\,\\% CI]', '[95\\,\\% CI]', '', 'mm', '', ''];

/** A footnote of the table, in LaTeX. */
function footnote({ mark, text, variants }: RowNote): string {
  return `\\textsuperscript{${mark}}${latexText(`${variants.join(', ')}: ${text}`)}`;
}

/** Remarks needed to judge the table; placed below it. */
function remarksOf(report: StudyReport): string[] {
  const methods = Object.entries(report.methods).map(([name, method]) => `${name}: ${method}.`);
  const conclusions = report.rows
    .filter(({ kind }) => kind !== 'base')
    .map(({ variant, conclusion }) => `${variant}: ${conclusion}`);
  return [...report.cautions, ...conclusions, TESTS_KEY, ...methods, `Protocol ${report.protocol.digest}.`];
}

/**
 * The table with caption and notes for a document that loads `booktabs`, for pdfLaTeX, XeLaTeX and LuaLaTeX. No value
 * is set in bold: the table does not state which row is best.
 */
export function renderReportLatex(report: StudyReport): string {
  const { study, rows } = report;
  const notes = rowNotes(rows);
  return [
    '% needs \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering\\footnotesize\\setlength{\\tabcolsep}{4pt}',
    `  \\caption{${latexText(`${study.name}. ${subjectOf(report)}`)}}`,
    '  \\begin{tabular}{@{}lrrrrrrrr@{}}',
    '    \\toprule',
    `    ${HEAD.join(' & ')} \\\\`,
    `    ${UNITS.join(' & ')} \\\\`,
    '    \\midrule',
    ...rows.map((row) => rowLine(row, notes)),
    '    \\bottomrule',
    '  \\end{tabular}',
    '',
    '  \\smallskip',
    '  \\begin{minipage}{\\textwidth}\\scriptsize\\raggedright',
    ...[...notes.map(footnote), ...remarksOf(report).map(latexText)].map((paragraph) => `    ${paragraph}\\par`),
    '  \\end{minipage}',
    '\\end{table}',
    '',
  ].join('\n');
}
