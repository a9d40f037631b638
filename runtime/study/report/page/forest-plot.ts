import { scaleLinear } from 'd3-scale';
import { markup, type Markup } from '../../../../text/markup.js';
import { cannotShow } from '../difference.js';
import { formatBothP, formatDifference, formatInterval } from '../format-figure.js';
import type { Difference, ReportRow, StudyReport } from '../report.js';
import { horizontalAxis } from './axis.js';
import { chartFigure, isNarrow, nameHeight, nameLines, nameText } from './chart.js';
import type { Drawing } from './standalone-chart.js';
import { nothingShows } from '../number-text.js';
import { rowKey, rowMark } from './mark.js';

type Compared = ReportRow & { readonly dice: Difference };

const dice = (value: number): string => formatDifference('dice', value);

function figuresOf({ dice: { mean, ci } }: Compared): string {
  return `${dice(mean)} ${formatInterval(ci, dice)}`;
}

function testsOf({ dice: { n, pHolm }, matched }: Compared): string {
  return `n = ${n}; ${matched ? `Holm p: ${formatBothP(pHolm)}` : 'UNMATCHED, no Holm p'}`;
}

/** From the minimum to the maximum of everything drawn, including zero, slightly extended. */
function domainOf(rows: readonly Compared[]): [number, number] {
  const values = rows.flatMap(({ dice: { mean, ci, detectable } }) => [
    mean,
    ...(ci ?? []),
    detectable ?? 0,
    -(detectable ?? 0),
  ]);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const margin = 0.05 * (high - low || 0.1);
  return [low - margin, high + margin];
}

/** The positions of the parts of a row: side by side on a wide page, stacked on a phone. */
interface Places {
  readonly narrow: boolean;
  readonly width: number;
  readonly left: number;
  readonly right: number;
  /** The height of a row, and of its mark below its top. */
  readonly row: number;
  readonly middle: number;
  readonly names: readonly (readonly string[])[];
}

/** Room for a word beside zero. */
const SIDE = 64;

function placesOf(rows: readonly Compared[], width: number): Places {
  const narrow = isNarrow(width);
  const names = rows.map(({ variant }) => nameLines(variant, narrow ? width - 16 : 214));
  const tallest = Math.max(...names.map(nameHeight));
  if (narrow) return { narrow, width, left: 8, right: width - 8, row: tallest + 71, middle: tallest + 19, names };
  const row = Math.max(48, tallest + 14);
  return { narrow, width, left: 230, right: width - 250, row, middle: row / 2, names };
}

/** What each side of zero means, where there is room for it. */
function sidesOf(x: number, { left, right }: Places): Markup {
  const worse = x - left >= SIDE && markup`<text class="note" x="${x - 8}" y="14" text-anchor="end">← worse</text>`;
  const better = right - x >= SIDE && markup`<text class="note" x="${x + 8}" y="14">better →</text>`;
  return markup`${worse}${better}`;
}

/** The zero line of one row; on a phone only next to its mark, so that it does not cross text. */
function zeroLine(x: number, top: number, { narrow, row, middle }: Places): Markup {
  const [from, to] = narrow ? [top + middle - 13, top + middle + 9] : [top, top + row];
  return markup`<line class="zero" x1="${x}" x2="${x}" y1="${from}" y2="${to}"/>`;
}

function drawRow(
  row: Compared,
  name: readonly string[],
  top: number,
  places: Places,
  x: (value: number) => number,
): Markup {
  const { narrow, width, middle } = places;
  const y = top + middle;
  const { mean, ci, detectable } = row.dice;
  const text = narrow
    ? { x: 8, name: y - 19, figures: y + 23, tests: y + 40 }
    : { x: width - 238, name: y + nameHeight(name) / 2 - 4, figures: y - 2, tests: y + 16 };
  const tip = `${row.variant}: ${figuresOf(row)}; ${testsOf(row)}`;
  return markup`<g>${narrow && markup`<line class="grid" x1="0" x2="${width}" y1="${top}" y2="${top}"/>`}
${detectable !== null && markup`<rect class="undetectable" x="${x(-detectable)}" width="${x(detectable) - x(-detectable)}" y="${y - 9}" height="18" rx="3"/>`}${zeroLine(x(0), top, places)}
${nameText(name, narrow ? 8 : 0, text.name)}
${ci && markup`<line class="interval ${row.kind}" x1="${x(ci[0])}" x2="${x(ci[1])}" y1="${y}" y2="${y}"/>`}${rowMark(row, x(mean), y, tip)}
<text class="figure halo" x="${text.x}" y="${text.figures}">${figuresOf(row)}</text><text class="note halo" x="${text.x}" y="${text.tests}">${testsOf(row)}</text>
</g>`;
}

function draw(rows: readonly Compared[], width: number): Drawing {
  const places = placesOf(rows, width);
  const { left, right, row: step } = places;
  const x = scaleLinear(domainOf(rows), [left, right]);
  const [top, bottom] = [24, 24 + rows.length * step];
  const blind = rows.some((row) => cannotShow(row.dice));
  // A label is about 45 px wide.
  const count = Math.max(3, Math.floor((right - left) / 70));
  const unsigned = x.tickFormat(count);
  const format = (tick: number): string => `${tick > 0 ? '+' : ''}${unsigned(tick)}`;
  const axis = horizontalAxis(
    { scale: x, ticks: x.ticks(count), format },
    { left, right, top, bottom },
    'difference in Dice from the base',
  );
  return {
    height: bottom + (blind ? 60 : 42),
    body: markup`${axis}
${sidesOf(x(0), places)}
${rows.map((row, index) => drawRow(row, places.names[index]!, top + index * step, places, x))}${blind && markup`<text class="note" x="${(left + right) / 2}" y="${bottom + 54}" text-anchor="middle">no shading: too few cases</text>`}`,
  };
}

/** Explains the shaded parts, or why there are none. */
function shadingOf(compared: readonly Compared[], { rows }: StudyReport): string {
  const shaded = compared.some(({ dice: { detectable } }) => detectable !== null)
    ? ' Shading marks true differences that this study would miss more than about one time in five, if differences are normal.'
    : '';
  const blind = compared.filter((row) => cannotShow(row.dice));
  if (blind.length === 0) return shaded;
  const cases = Math.max(...blind.map(({ dice: { n } }) => n));
  const comparisons = rows.filter(({ kind, matched }) => kind !== 'base' && matched).length;
  return `${shaded} ${shaded === '' ? 'Nothing is shaded' : 'Other rows are not shaded'}, because ${nothingShows(cases, comparisons)}.`;
}

/** Differences in Dice from the base with their intervals, one per row; empty if there are no differences. */
export function forestPlot(report: StudyReport): Markup | undefined {
  const { rows, study } = report;
  const compared = rows.flatMap((row) => (row.difference?.dice ? [{ ...row, dice: row.difference.dice }] : []));
  if (compared.length === 0) return undefined;
  const label = `Forest plot of differences in Dice from ${study.base}. ${compared.map((row) => `${row.variant}: ${figuresOf(row)}, ${testsOf(row)}`).join('. ')}.`;
  const caption = markup`Difference in Dice from ${study.base}, paired by case: mean and 95 % interval. W: Wilcoxon signed-rank, P: sign-flip permutation; n: cases in both.${shadingOf(compared, report)}`;
  const drawn = (width: number): Drawing => draw(compared, width);
  return chartFigure({ name: 'differences', label, draw: drawn, key: rowKey(compared), caption });
}
