import { headingOf } from '../../../metrics/measures.js';
import { breakable, joined, markup, withCode, type Content, type Markup } from '../../../../text/markup.js';
import { scrollingTable } from '../../../../text/page/page.js';
import {
  formatCount,
  formatDifference,
  formatInterval,
  formatMetric,
  formatP,
  formatRuns,
  formatSeconds,
  formatShort,
} from '../format-figure.js';
import { shownMetrics, type Figure, type ReportMetric, type ReportRow, type StudyReport } from '../report.js';
import { notesOfRow, rowNotes, type RowNote } from '../notes.js';
import { rowRemarks, TESTS_KEY } from '../phrases.js';
import { runsId } from './evidence-links.js';

/** A value with its interval below. */
export function figureCell(metric: ReportMetric, figure: Figure | undefined): Content {
  if (!figure) return formatMetric(metric, undefined);
  const interval = formatInterval(figure.ci, (value) => formatMetric(metric, value));
  return markup`${formatMetric(metric, figure.mean)}<small>${interval}</small>`;
}

function differenceCells({ kind, difference, matched }: ReportRow): readonly Content[] {
  if (kind === 'base') return [markup`<small>(base)</small>`, ''];
  const { mean, ci, pHolm } = difference?.dice ?? {};
  const dice = (value: number): string => formatDifference('dice', value);
  const interval = mean === undefined ? null : markup`<small>${formatInterval(ci, dice)}</small>`;
  const tests = markup`W ${formatP(pHolm?.wilcoxon)}<br>P ${formatP(pHolm?.permutation)}`;
  return [markup`${formatDifference('dice', mean)}${interval}`, matched ? tests : markup`<small>not matched</small>`];
}

function noteId(mark: string): string {
  return `note-${mark}`;
}

/** Links to a row's footnotes. */
function referencesOf(notes: readonly RowNote[]): Content {
  if (notes.length === 0) return null;
  const links = notes.map(
    ({ mark, isCaution }) =>
      markup`<a href="#${noteId(mark)}" aria-label="${isCaution ? 'Caution' : 'Note'} ${mark}">${isCaution && '⚠ '}${mark}</a>`,
  );
  return markup` <sup>${joined(links, ', ')}</sup>`;
}

/** A note or caution about rows, to which they link. */
function noteItem({ mark, text, variants }: RowNote): Markup {
  return markup`<li id="${noteId(mark)}"><sup>${mark}</sup> ${variants.join(', ')}: ${withCode(text)}</li>`;
}

/** All cautions, each once: those about the study, then those about rows. They are shown before any value. */
export function cautionList({ cautions, rows }: StudyReport): Markup | undefined {
  const items = [
    ...cautions.map((caution) => markup`<li>${withCode(caution)}</li>`),
    ...rowNotes(rows)
      .filter(({ isCaution }) => isCaution)
      .map(noteItem),
  ];
  if (items.length === 0) return undefined;
  return markup`<aside class="cautions" aria-labelledby="cautions-title"><h2 id="cautions-title">⚠ What this study cannot show</h2><ul>${items}</ul></aside>\n`;
}

/** The name of a row with its remarks. */
function nameCell(row: ReportRow, notes: readonly RowNote[]): Markup {
  const remarks = rowRemarks(row).map((remark) =>
    remark.startsWith('UNMATCHED')
      ? markup`<small class="warning">⚠ ${remark}</small>`
      : markup`<small>${remark}</small>`,
  );
  const kind = row.kind === 'variant' ? null : markup` <span class="badge">${row.kind}</span>`;
  return markup`<th scope="row"><span class="name">${breakable(row.variant)}</span>${referencesOf(notesOfRow(notes, row))}${kind}${remarks}</th>`;
}

function tableRow(row: ReportRow, index: number, notes: readonly RowNote[], showsHd95: boolean): Markup {
  const { params, macs, metrics, costs } = row;
  const cells = [
    figureCell('dice', metrics.dice),
    ...differenceCells(row),
    ...(showsHd95 ? [figureCell('hd95', metrics.hd95)] : []),
    formatCount(params),
    formatShort(macs),
    formatSeconds(costs.secondsPerStep),
    formatCount(costs.peakMemory),
    markup`<a href="#${runsId(index)}" aria-label="${formatRuns(row)} runs of ${row.variant}">${formatRuns(row)}</a>`,
  ];
  return markup`<tr class="${row.kind}${row.matched ? '' : ' unmatched'}">${nameCell(row, notes)}${cells.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`;
}

/** The columns shown first; on a phone the others are reached by scrolling. */
const headOf = (showsHd95: boolean): readonly Content[] => [
  markup`Dice<small>[95 % CI]</small>`,
  markup`difference in Dice<small>[95 % CI]</small>`,
  markup`Holm p<small>W, P</small>`,
  ...(showsHd95 ? [markup`HD95<small>mm [95 % CI]</small>`] : []),
  'parameters',
  'MACs',
  'seconds per step',
  markup`peak memory<small>MiB</small>`,
  'runs',
];

/** The table of the study. Its rows link to their cautions at the top of the page and to their notes in its foot. */
export function resultsTable(report: StudyReport): Markup {
  const { rows, study } = report;
  const showsHd95 = shownMetrics(report).includes('hd95');
  const head = ['network', ...headOf(showsHd95)];
  const caption = markup`Means over ${study.cases.length} test cases; differences from ${study.base}, paired by case. ${TESTS_KEY} The last column links to the runs of a row.`;
  const notes = rowNotes(rows);
  const items = notes.filter(({ isCaution }) => !isCaution).map(noteItem);
  const foot = markup`<tfoot><tr><td colspan="${head.length}"><ul>${items}</ul></td></tr></tfoot>`;
  const lines = rows.map((row, index) => tableRow(row, index, notes, showsHd95));
  return scrollingTable({
    label: 'Results',
    caption,
    head,
    rows: lines,
    foot: items.length > 0 && foot,
  });
}

function classRows(row: ReportRow, classes: readonly string[], shown: readonly ReportMetric[]): Markup {
  const all = [
    ['mean of classes', row.metrics] as const,
    ...classes.map((name) => [name, row.classes[name] ?? {}] as const),
  ];
  return markup`${all.map(([name, metrics], index) => {
    const heading =
      index === 0 && markup`<th scope="rowgroup" rowspan="${all.length}"><span class="name">${row.variant}</span></th>`;
    const counted = metrics.dice
      ? `${metrics.dice.rows.counted} of ${metrics.dice.rows.all}`
      : formatMetric('dice', undefined);
    return markup`<tr${index === 0 && markup` class="first"`}>${heading}<th scope="row">${name}</th>${shown.map((metric) => markup`<td>${figureCell(metric, metrics[metric])}</td>`)}<td>${counted}</td></tr>\n`;
  })}`;
}

/** All metrics of all classes. */
export function classTable(report: StudyReport): Markup {
  const { rows, study } = report;
  const shown = shownMetrics(report);
  const head = ['network', 'class', ...shown.map(headingOf), 'scores counted'];
  const caption =
    'Means over cases with 95 % intervals, by class. Scores counted: the number of scores (per case and seed) whose Dice is defined.';
  const lines = rows.map((row) => classRows(row, study.classes, shown));
  return scrollingTable({ label: 'Results by class', caption, head, rows: lines });
}
