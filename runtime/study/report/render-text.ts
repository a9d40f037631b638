import pc from 'picocolors';
import { printable } from '../../../text/printable.js';
import { counted } from '../../../text/count.js';
import { columnsOf, tableText } from '../../../text/table.js';
import { wrapText } from '../../../text/wrap.js';
import { headingOf } from '../../metrics/measures.js';
import {
  formatBothP,
  formatCount,
  formatDifference,
  formatInterval,
  formatMetric,
  formatP,
  formatRuns,
  formatSeconds,
  formatShort,
} from './format-figure.js';
import { furtherMetrics, shownMetrics, type ReportRow, type StudyReport } from './report.js';
import { notesOfRow, rowNotes, type NotesChoice, type RowNote } from './notes.js';
import { findingOf, rowRemarks, subjectOf, TESTS_KEY } from './phrases.js';

export interface ReportTextOptions {
  /** Defaults to false. */
  readonly colours?: boolean;
  /** Characters per line; defaults to 120. */
  readonly columns?: number;
  /**
   * What accompanies the table: cautions alone, or also the notes about rows and the methods, which `short` replaces by a line.
   * Defaults to full.
   */
  readonly notes?: NotesChoice;
}

type Colours = ReturnType<typeof pc.createColors>;

/** A column of values; a cell may have two lines. */
interface Column {
  readonly head: string;
  readonly width: number;
  readonly cell: (row: ReportRow) => string;
}

const QUALITY: readonly Column[] = [
  {
    head: 'Dice\n[95 % CI]',
    width: 14,
    cell: ({ metrics: { dice } }) =>
      `${formatMetric('dice', dice?.mean)}\n${dice ? formatInterval(dice.ci, (value) => formatMetric('dice', value)) : ''}`,
  },
  {
    head: 'difference\n[95 % CI]',
    width: 16,
    cell: ({ kind, difference }) => {
      if (kind === 'base') return '';
      const { mean, ci } = difference?.dice ?? {};
      const interval = mean === undefined ? '' : formatInterval(ci, (value) => formatDifference('dice', value));
      return `${formatDifference('dice', mean)}\n${interval}`;
    },
  },
  {
    head: 'Holm p\nW and P',
    width: 8,
    cell: ({ kind, difference }) => {
      const p = difference?.dice?.pHolm;
      return kind === 'base' ? '' : `W ${formatP(p?.wilcoxon)}\nP ${formatP(p?.permutation)}`;
    },
  },
];
const HD95: Column = { head: 'HD95\nmm', width: 6, cell: ({ metrics }) => formatMetric('hd95', metrics.hd95?.mean) };
const SIZES: readonly Column[] = [
  { head: 'params', width: 10, cell: ({ params }) => formatCount(params) },
  { head: 'MACs', width: 6, cell: ({ macs }) => formatShort(macs) },
];
const COSTS: readonly Column[] = [
  { head: 's/step', width: 6, cell: ({ costs }) => formatSeconds(costs.secondsPerStep) },
  { head: 'memory\nMiB', width: 6, cell: ({ costs }) => formatCount(costs.peakMemory) },
];
const RUNS: Column = { head: 'runs', width: 6, cell: formatRuns };

const GAP = 2;

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + width + GAP, 0);
}

/** All columns side by side if there is enough room for names, else quality and costs as two tables. */
function tablesFor(columns: number, showsHd95: boolean): readonly (readonly Column[])[] {
  const quality = [...QUALITY, ...(showsHd95 ? [HD95] : [])];
  const all = [...SIZES, ...quality, ...COSTS, RUNS];
  return columns - widthOf(all) >= 20
    ? [all]
    : [
        [...quality, RUNS],
        [...SIZES, ...COSTS, RUNS],
      ];
}

/** A row's references to its footnotes: `see a, b`. */
function referenceLine(notes: readonly RowNote[], colours: Colours): string[] {
  if (notes.length === 0) return [];
  const paint = notes.some(({ isCaution }) => isCaution) ? colours.yellow : colours.dim;
  return [`  ${paint(`see ${notes.map(({ mark }) => mark).join(', ')}`)}`];
}

/** The name, followed by the row's remarks, indented below it. */
function nameCell(row: ReportRow, notes: readonly RowNote[], width: number, colours: Colours): string {
  const mark = row.kind === 'variant' ? '' : ` (${row.kind})`;
  const name = wrapText(`${printable(row.variant)}${mark}`, width);
  const remarks = rowRemarks(row).flatMap((remark) => {
    const paint = remark.startsWith('UNMATCHED') ? colours.yellow : colours.dim;
    return wrapText(printable(remark), width - 2).map((line) => `  ${paint(line)}`);
  });
  const title = name.map((line) => (row.kind === 'base' ? colours.bold(line) : line));
  return [...title, ...remarks, ...referenceLine(notesOfRow(notes, row), colours)].join('\n');
}

function rowsText(
  rows: readonly ReportRow[],
  notes: readonly RowNote[],
  columns: readonly Column[],
  { room, colours }: { readonly room: number; readonly colours: Colours },
): string {
  const width = Math.min(room - widthOf(columns), 44);
  const heads = columnsOf(['variant', ...columns.map(({ head }) => head)], 1);
  const cells = rows.map((row) => [nameCell(row, notes, width, colours), ...columns.map(({ cell }) => cell(row))]);
  return tableText(heads, cells, room, { ruled: true });
}

/**
 * Further measures, then Dice of the unions, with intervals, differences and p-values, one line for each network and
 * measure. The page and CSV have the other measures of unions.
 */
function furtherText(report: StudyReport, room: number): string {
  const rows = report.rows.flatMap((row) => {
    const groups = [
      ...furtherMetrics(report).map((metric) => ({
        name: 'classes',
        metric,
        figures: row.metrics,
        own: row.difference,
      })),
      ...Object.entries(row.regions ?? {}).map(([name, figures]) => {
        return { name, metric: 'dice', figures, own: row.regionDifferences?.[name] };
      }),
    ];
    return groups.map(({ name, metric, figures, own }, index) => {
      const [figure, difference] = [figures[metric], own?.[metric]];
      const interval = figure ? formatInterval(figure.ci, (value) => formatMetric(metric, value)) : '';
      return [
        index === 0 ? printable(row.variant) : '',
        printable(name),
        headingOf(metric),
        `${formatMetric(metric, figure?.mean)} ${interval}`,
        row.kind === 'base' ? '' : formatDifference(metric, difference?.mean),
        row.kind === 'base' ? '' : formatBothP(difference?.pHolm),
      ];
    });
  });
  const heads = ['variant', 'of', 'measure', 'mean [95 % CI]', 'difference', 'Holm p'];
  return rows.length === 0 ? '' : `${tableText(columnsOf(heads, 3), rows, room)}\n`;
}

/** Paragraphs with a bullet before their first line. */
function listLines(items: readonly string[], mark: string, columns: number): string[] {
  return items.flatMap((item) =>
    wrapText(printable(item), columns - mark.length).map(
      (line, index) => (index === 0 ? mark : ' '.repeat(mark.length)) + line,
    ),
  );
}

/** The footnotes of the table. */
function noteLines(notes: readonly RowNote[], columns: number, colours: Colours): string[] {
  return notes.flatMap(({ mark, text, isCaution, variants }) => {
    const lines = listLines([`${variants.join(', ')}: ${text}`], `${mark} `, columns);
    return isCaution ? lines.map((line) => colours.yellow(line)) : lines;
  });
}

/** Names what a short report leaves out. */
function foldedLine(notes: number): string {
  const what = notes === 0 ? 'the methods' : `the methods and ${counted(notes, 'note')} on rows`;
  return `For ${what}: unet study report --notes full`;
}

/**
 * The report for a terminal: the table with its footnotes and cautions, the conclusion for each row, and the methods.
 * No line is longer than `columns` if that is at least 80.
 */
export function renderReportText(report: StudyReport, options: ReportTextOptions = {}): string {
  const columns = options.columns ?? 120;
  const colours = pc.createColors(options.colours ?? false);
  const { study, protocol, rows, methods } = report;
  const choice = options.notes ?? 'full';
  const all = rowNotes(rows);
  const notes = choice === 'full' ? all : all.filter(({ isCaution }) => isCaution);
  const conclusions = rows
    .filter(({ kind }) => kind !== 'base')
    .map(({ variant, conclusion }) => `${variant}: ${conclusion}`);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', colours.bold(title), ...lines];
  return [
    colours.bold(printable(study.name)),
    ...wrapText(printable(`${subjectOf(report)} ${findingOf(report)}`), columns),
    '',
    ...tablesFor(columns, shownMetrics(report).includes('hd95')).map(
      (set) => `${rowsText(rows, notes, set, { room: columns, colours })}\n`,
    ),
    ...noteLines(notes, columns, colours),
    ...[furtherText(report, columns)].filter((text) => text !== ''),
    ...(notes.length > 0 && report.cautions.length > 0 ? [''] : []),
    ...listLines(report.cautions, '! ', columns).map((line) => colours.yellow(line)),
    ...section('Conclusions', listLines(conclusions, '- ', columns)),
    ...(choice === 'full'
      ? section(
          'Methods',
          listLines(
            [TESTS_KEY, ...Object.entries(methods).map(([name, method]) => `${name}: ${method}`)],
            '- ',
            columns,
          ),
        )
      : []),
    ...section('Protocol', [protocol.digest]),
    ...(choice === 'short' ? ['', ...wrapText(foldedLine(all.length - notes.length), columns)] : []),
    '',
  ].join('\n');
}
