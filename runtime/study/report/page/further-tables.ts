import { headingOf } from '../../../metrics/measures.js';
import { markup, type Content, type Markup } from '../../../../text/markup.js';
import { scrollingTable } from '../../../../text/page/page.js';
import { formatDifference, formatInterval, formatP, NO_FIGURE } from '../format-figure.js';
import {
  furtherMetrics,
  shownMetrics,
  type ByMetric,
  type Difference,
  type Figure,
  type ReportMetric,
  type ReportRow,
  type StudyReport,
} from '../report.js';
import { figureCell } from './results-table.js';

/** A difference with its interval and both p-values; empty for the base. */
function differenceCell(row: ReportRow, metric: ReportMetric, difference: Difference | undefined): Content {
  if (row.kind === 'base') return '';
  const format = (value: number): string => formatDifference(metric, value);
  if (difference === undefined) return NO_FIGURE;
  const tests = row.matched
    ? `W ${formatP(difference.pHolm.wilcoxon)}, P ${formatP(difference.pHolm.permutation)}`
    : 'not matched';
  return markup`${format(difference.mean)}<small>${formatInterval(difference.ci, format)}</small><small>${tests}</small>`;
}

/** The figures of a row or of one of its classes, under a name. */
interface Line {
  readonly row: ReportRow;
  /** The class or union; undefined for the mean over classes. */
  readonly name?: string;
  /** The number of lines of its row, in the first of them. */
  readonly span?: number;
  readonly figures: ByMetric<Figure>;
  readonly differences: ByMetric<Difference> | undefined;
}

function lineMarkup({ row, name, span, figures, differences }: Line, metrics: readonly ReportMetric[]): Markup {
  const network =
    span !== undefined &&
    markup`<th scope="${name === undefined ? 'row' : 'rowgroup'}" rowspan="${span}"><span class="name">${row.variant}</span></th>`;
  const own = name !== undefined && markup`<th scope="row">${name}</th>`;
  const cells = metrics.map(
    (metric) =>
      markup`<td>${figureCell(metric, figures[metric])}</td><td>${differenceCell(row, metric, differences?.[metric])}</td>`,
  );
  return markup`<tr${span !== undefined && markup` class="first"`}>${network}${own}${cells}</tr>\n`;
}

function headsOf(metrics: readonly ReportMetric[]): Content[] {
  return metrics.flatMap((metric) => [
    markup`${headingOf(metric)}<small>[95 % CI]</small>`,
    markup`difference<small>[95 % CI], Holm p</small>`,
  ]);
}

/** The measures that the protocol adds, for each network; undefined if it adds none. */
export function furtherTable(report: StudyReport): Markup | undefined {
  const metrics = furtherMetrics(report);
  if (metrics.length === 0) return undefined;
  const lines = report.rows.map((row) =>
    lineMarkup({ row, span: 1, figures: row.metrics, differences: row.difference }, metrics),
  );
  const caption = `Differences from ${report.study.base}; each measure is a Holm family of its own, see Methods.`;
  return scrollingTable({ label: 'Further measures', caption, head: ['network', ...headsOf(metrics)], rows: lines });
}

function groupedTable(
  report: StudyReport,
  names: readonly string[],
  what: 'class' | 'union',
  metrics: readonly ReportMetric[],
): Markup {
  const lines = report.rows.flatMap((row) => {
    const [figures, differences] =
      what === 'class' ? [row.classes, row.classDifferences] : [row.regions ?? {}, row.regionDifferences];
    return names.map((name, index) =>
      lineMarkup(
        {
          row,
          name,
          ...(index === 0 && { span: names.length }),
          figures: figures[name] ?? {},
          differences: differences?.[name],
        },
        metrics,
      ),
    );
  });
  const matched = report.rows.filter((row) => row.kind !== 'base' && row.matched).length;
  const caption = `Differences from ${report.study.base}. The Holm family of each measure and test contains ${matched * names.length} comparisons: all matched rows and all ${what === 'class' ? 'classes' : 'unions'}.`;
  const head = ['network', what, ...headsOf(metrics)];
  return scrollingTable({ label: `Results by ${what}`, caption, head, rows: lines });
}

function unionText(report: StudyReport): string {
  const unions = report.protocol.protocol.report.flatMap((item) => (item.kind === 'regions' ? item.unions : []));
  return unions.map(({ name, classes }) => `${name}: ${classes.join(', ')}`).join('; ');
}

/** Dice of unions of classes, and their other measures to unfold; undefined if the protocol names none. */
export function regionTables(report: StudyReport): Markup | undefined {
  const { regions = [] } = report.study;
  if (regions.length === 0) return undefined;
  const others = [...shownMetrics(report), ...furtherMetrics(report)].filter((metric) => metric !== 'dice');
  const more =
    others.length > 0 &&
    markup`<details><summary>${others.map(headingOf).join(', ')}</summary>\n${groupedTable(report, regions, 'union', others)}</details>\n`;
  return markup`<p>Unions of classes, which are not part of the means in Results. ${unionText(report)}.</p>\n${groupedTable(report, regions, 'union', ['dice'])}${more}`;
}

/** Differences by class to unfold; undefined if the report is the default. */
export function classDifferenceTable(report: StudyReport): Markup | undefined {
  if (report.rows.every(({ classDifferences }) => classDifferences === undefined)) return undefined;
  const metrics = ['dice', ...furtherMetrics(report)];
  return markup`<details><summary>Differences by class: ${metrics.map(headingOf).join(', ')}</summary>\n${groupedTable(report, report.study.classes, 'class', metrics)}</details>\n`;
}
