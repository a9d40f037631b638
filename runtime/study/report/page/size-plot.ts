import { scaleLinear, scaleLog } from 'd3-scale';
import { markup, type Markup } from '../../../../text/markup.js';
import { formatInterval, formatMetric, formatShort, formatTick } from '../format-figure.js';
import type { Figure, ReportRow, StudyReport } from '../report.js';
import { horizontalAxis, verticalAxis } from './axis.js';
import { chartFigure, isNarrow, nameLines, nameText, textWidth } from './chart.js';
import type { Drawing } from './standalone-chart.js';
import { anchorOf, leaderEnd, placeLabels, type Box } from './label-places.js';
import { rowKey, rowMark } from './mark.js';

type Measured = ReportRow & { readonly dice: Figure };

const dice = (value: number): string => formatMetric('dice', value);

/** Round numbers, as many as there is room for; at the least, powers of ten. */
function logTicks([low, high]: readonly [number, number], most: number): number[] {
  const powers = Array.from({ length: 16 }, (_, power) => 10 ** power);
  const within = (factors: readonly number[]): number[] =>
    powers.flatMap((power) => factors.map((factor) => factor * power)).filter((tick) => tick >= low && tick <= high);
  const choices = [
    [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9],
    [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 5, 7],
    [1, 2, 5],
    [1, 3],
  ].map(within);
  return choices.find((ticks) => ticks.length <= most) ?? within([1]);
}

function describe({ variant, params, dice: { mean, ci } }: Measured): string {
  return `${variant}: ${formatShort(params)} parameters, Dice ${dice(mean)} ${formatInterval(ci, dice)}`;
}

function draw(rows: readonly Measured[], width: number): Drawing {
  const narrow = isNarrow(width);
  const room: Box = { left: 50, right: width - 6, top: 12, bottom: narrow ? 320 : 420 };
  const sizes = rows.map(({ params }) => Math.max(params, 1));
  const domain = [Math.min(...sizes) / 1.25, Math.max(...sizes) * (narrow ? 1.35 : 1.25)] as const;
  const x = scaleLog(domain, [room.left, room.right]);
  const y = scaleLinear(spread(rows), [room.bottom, room.top]).nice(9);
  const points = rows.map((row) => {
    const lines = nameLines(row.variant, narrow ? 150 : 300);
    const width = Math.max(...lines.map(textWidth));
    return { row, lines, x: x(Math.max(row.params, 1)), y: y(row.dice.mean), width, lineCount: lines.length };
  });
  const obstacles = points.flatMap((point): Box[] => {
    const bar = (point.row.dice.ci ?? []).map(y);
    const around = (half: number, top: number, bottom: number): Box => {
      return { left: point.x - half, right: point.x + half, top, bottom };
    };
    return [around(7, point.y - 7, point.y + 7), ...(bar.length === 2 ? [around(2, bar[1]!, bar[0]!)] : [])];
  });
  const places = placeLabels(points, obstacles, room);
  const leaders = points.map((point, index) => {
    const end = leaderEnd(point, places[index]!);
    return end && markup`<line class="leader" x1="${point.x}" y1="${point.y}" x2="${end[0]}" y2="${end[1]}"/>`;
  });
  const labels = points.map((point, index) => {
    const { anchor, x } = anchorOf(point, places[index]!);
    return nameText(point.lines, x, places[index]!.bottom - 4, anchor);
  });
  const ticks = logTicks(domain, narrow ? 6 : 14);
  return {
    height: room.bottom + 42,
    body: markup`${verticalAxis({ scale: y, ticks: y.ticks(9), format: y.tickFormat(9) }, room)}
${horizontalAxis({ scale: x, ticks, format: formatTick }, room, 'parameters (logarithmic)')}${leaders}
${points.map(({ row, x, y: middle }) => markup`${row.dice.ci && markup`<line class="interval ${row.kind}" x1="${x}" x2="${x}" y1="${y(row.dice.ci[0])}" y2="${y(row.dice.ci[1])}"/>`}${rowMark(row, x, middle, describe(row))}`)}
${labels}`,
  };
}

function spread(rows: readonly Measured[]): [number, number] {
  const values = rows.flatMap(({ dice: { mean, ci } }) => [mean, ...(ci ?? [])]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = 0.06 * (high - low || 0.1);
  return [Math.max(0, low - margin), Math.min(1, high + margin)];
}

/** Dice of each row against its parameters; empty if no row has a Dice. */
export function sizePlot({ rows }: StudyReport): Markup | undefined {
  const measured = rows.flatMap((row) => (row.metrics.dice ? [{ ...row, dice: row.metrics.dice }] : []));
  if (measured.length === 0) return undefined;
  const label = `Dice against parameters. ${measured.map(describe).join('. ')}.`;
  const caption =
    'Mean Dice over cases with its 95 % interval, against the number of parameters. Each interval is for one network; for a comparison, see the paired differences above.';
  const drawn = (width: number): Drawing => draw(measured, width);
  return chartFigure({ name: 'size', label, draw: drawn, key: rowKey(measured), caption });
}
