import {
  formatDifference,
  formatInterval,
  formatMetric,
  formatP,
  formatRuns,
  formatShort,
  NO_FIGURE,
} from './format-figure.js';
import { headingOf } from '../../metrics/measures.js';
import { latexText } from '../../../text/latex-text.js';
import { notesOfRow, rowNotes, type NotesChoice, type RowNote } from './notes.js';
import { changeRemarks, subjectOf, TESTS_KEY } from './phrases.js';
import { furtherMetrics, shownMetrics, type ReportRow, type StudyReport } from './report.js';

const HEAD = ['Network', 'Params', 'MACs', 'Dice', 'Difference', '$p_W$', '$p_P$', 'HD95'];
const UNITS = ['', '', '', '[95\\,\\% CI]', '[95\\,\\% CI]', '', '', 'mm'];

/** A figure as plain LaTeX: digits, and a minus sign from mathematics. */
function figureText(text: string): string {
  if (text === NO_FIGURE) return '--';
  return text
    .replaceAll('−', '$-$')
    .replaceAll('<', '$<$')
    .replace(/ (?=[kMGTP]$)/, '\\,');
}

/** The name of a row, with references to its notes. */
function nameCell(row: ReportRow, notes: readonly RowNote[]): string {
  const marks = notesOfRow(notes, row).map(({ mark }) => mark);
  return `${latexText(row.variant)}${marks.length === 0 ? '' : `\\tnote{${marks.join(',')}}`}`;
}

/** What must not be missed about a row, and what it changes in the base. */
function remarkCell(row: ReportRow): string {
  const done = formatRuns(row);
  const facts = [
    ...(row.kind === 'variant' ? [] : [row.kind]),
    ...(row.matched ? [] : ['UNMATCHED']),
    ...(done.includes(' of ') ? [`${done} runs`] : []),
    ...changeRemarks(row),
  ];
  return facts.length === 0 ? '' : `\\quad ${latexText(facts.join(', '))}`;
}

/** A row's figures, and their intervals in the line below, next to the row's remarks. */
function rowLines(row: ReportRow, notes: readonly RowNote[], showsHd95: boolean): string[] {
  const { params, macs, metrics, kind, difference } = row;
  const { dice, hd95 } = metrics;
  const { mean, ci, pHolm } = difference?.dice ?? {};
  const isBase = kind === 'base';
  const figures = [
    formatShort(params),
    formatShort(macs),
    formatMetric('dice', dice?.mean),
    ...(isBase
      ? ['', '', '']
      : [formatDifference('dice', mean), formatP(pHolm?.wilcoxon), formatP(pHolm?.permutation)]),
    ...(showsHd95 ? [formatMetric('hd95', hd95?.mean)] : []),
  ];
  const intervals = [
    '',
    '',
    dice ? formatInterval(dice.ci, (value) => formatMetric('dice', value)) : '',
    isBase || mean === undefined ? '' : formatInterval(ci, (value) => formatDifference('dice', value)),
    '',
    '',
    ...(showsHd95 ? [''] : []),
  ];
  const line = (first: string, cells: readonly string[]): string =>
    `      ${[first, ...cells.map(figureText)].join(' & ')} \\\\`;
  return [line(nameCell(row, notes), figures), line(remarkCell(row), intervals)];
}

/** A second table with the measures that the protocol adds and the unions of classes; empty if there are none. */
function furtherLines(report: StudyReport): string[] {
  const further = furtherMetrics(report);
  const { regions = [] } = report.study;
  const columns = [
    ...further.map((metric) => ({ head: headingOf(metric), metric, of: (row: ReportRow) => row.metrics[metric] })),
    ...regions.map((name) => ({
      head: `Dice, ${name}`,
      metric: 'dice',
      of: (row: ReportRow) => row.regions?.[name]?.dice,
    })),
  ];
  if (columns.length === 0) return [];
  const line = (cells: readonly string[]): string => `      ${cells.join(' & ')} \\\\`;
  const rows = report.rows.flatMap((row) => {
    const figures = columns.map(({ metric, of }) => figureText(formatMetric(metric, of(row)?.mean)));
    const intervals = columns.map(({ metric, of }) => {
      const figure = of(row);
      return figureText(figure ? formatInterval(figure.ci, (value) => formatMetric(metric, value)) : '');
    });
    return [line([latexText(row.variant), ...figures]), line(['', ...intervals.map((text) => `\\scriptsize ${text}`)])];
  });
  return [
    '\\begin{table}',
    '  \\centering\\footnotesize\\setlength{\\tabcolsep}{3pt}',
    `  \\caption{${latexText(`${report.study.name}: further measures, means with 95 % intervals.`)}}`,
    `    \\begin{tabular}{@{}l${'r'.repeat(columns.length)}@{}}`,
    '      \\toprule',
    line(['Network', ...columns.map(({ head }) => latexText(head))]),
    '      \\midrule',
    ...rows,
    '      \\bottomrule',
    '    \\end{tabular}',
    '\\end{table}',
    '',
  ];
}

/** The notes of a table: each with the letter that rows refer to, or without one. */
function noteItems(report: StudyReport, notes: readonly RowNote[], which: NotesChoice): string[] {
  if (which === 'none') return [];
  const own = notes.map(
    ({ mark, text, variants }) => `\\item[${mark}] ${latexText(`${variants.join(', ')}: ${text}`)}`,
  );
  const unmatched = report.rows.flatMap(({ variant, unmatched }) =>
    unmatched ? [`${variant} is UNMATCHED: ${unmatched.differs.join('; ')}`] : [],
  );
  const conclusions = report.rows
    .filter(({ kind }) => kind !== 'base')
    .map(({ variant, conclusion }) => `${variant}: ${conclusion}`);
  const methods = Object.entries(report.methods).map(([name, method]) => `${name}: ${method}.`);
  const texts = [
    ...report.cautions,
    ...unmatched,
    TESTS_KEY,
    ...(which === 'full' ? [...conclusions, ...methods, `Protocol ${report.protocol.digest}.`] : []),
  ];
  return [...own, ...texts.map((text) => `\\item[] ${latexText(text)}`)];
}

/**
 * The table with its caption and notes for a document that loads `booktabs` and `threeparttable`, for pdfLaTeX, XeLaTeX
 * and LuaLaTeX. Cells are plain numbers, to be edited by hand. No value is set in bold: the table does not state which
 * row is best.
 */
export function renderReportLatex(report: StudyReport, which: NotesChoice = 'short'): string {
  const { study, rows } = report;
  const showsHd95 = shownMetrics(report).includes('hd95');
  const columns = (all: readonly string[]): readonly string[] => (showsHd95 ? all : all.slice(0, -1));
  const notes = which === 'none' ? [] : rowNotes(rows);
  const items = noteItems(report, notes, which);
  const left = report.cautions.length + rowNotes(rows).filter(({ isCaution }) => isCaution).length;
  const foot = [
    '    \\begin{tablenotes}[flushleft]\\scriptsize\\raggedright',
    ...items.map((item) => `      ${item}`),
    '    \\end{tablenotes}',
  ];
  return [
    '% needs \\usepackage{booktabs,threeparttable}',
    ...(which === 'none' && left > 0 ? [`% cautions left out: ${left}; --notes short includes them`] : []),
    '\\begin{table}',
    '  \\centering\\footnotesize\\setlength{\\tabcolsep}{3pt}',
    '  \\begin{threeparttable}',
    `    \\caption{${latexText(`${study.name}. ${subjectOf(report)}`)}}`,
    `    \\begin{tabular}{@{}p{0.23\\textwidth}${'r'.repeat(columns(HEAD).length - 1)}@{}}`,
    '      \\toprule',
    `      ${columns(HEAD).join(' & ')} \\\\`,
    `      ${columns(UNITS).join(' & ')} \\\\`,
    '      \\midrule',
    ...rows.flatMap((row) => rowLines(row, notes, showsHd95)),
    '      \\bottomrule',
    '    \\end{tabular}',
    ...(items.length === 0 ? [] : foot),
    '  \\end{threeparttable}',
    '\\end{table}',
    '',
    ...furtherLines(report),
  ].join('\n');
}
