import type { MetricsLine } from '../training/events.js';
import { drawDiagram, paddedRange, type Diagram, type Series } from './axes.js';
import { fillArea, newCanvas, writePng, type Canvas } from './canvas.js';
import { BLACK, colourOf, TEXT_COLOUR, WHITE } from './palette.js';
import { drawText, shorten, TEXT_HEIGHT } from './text.js';

/** What the curve reads of a line of `metrics.jsonl`. */
export type CurveLine = Pick<MetricsLine, 'epoch' | 'loss' | 'validation'>;

const PLOT = { width: 400, height: 260 };
const LEFT = 90;
const TOP = 80;
const STEP = PLOT.width + LEFT + 30;
const LINE = TEXT_HEIGHT + 8;

function diceSeries(lines: readonly CurveLine[]): Series[] {
  const names = [...new Set(lines.flatMap(({ validation }) => Object.keys(validation?.dice ?? {})))];
  const series = names.map((name, index) => ({
    name,
    colour: colourOf(index),
    points: lines.map(({ epoch, validation }) => [epoch, validation?.dice[name] ?? null] as const),
  }));
  const mean = lines.map(({ epoch, validation }) => [epoch, validation?.mean ?? null] as const);
  return [...series, { name: 'mean', colour: WHITE, points: mean }];
}

function drawKey(canvas: Canvas, series: readonly Series[], x: number, top: number): void {
  series.forEach(({ name, colour }, line) => {
    const y = top + line * LINE;
    fillArea(canvas, { x, y: y + TEXT_HEIGHT / 2 - 2, width: 20, height: 4 }, colour);
    drawText(canvas, shorten(name, PLOT.width - 40), x + 30, y, TEXT_COLOUR);
  });
}

/** Draws the picture that `writeCurve` writes. */
export function drawCurve(lines: readonly CurveLine[], title: string): Canvas {
  const epochs = lines.map(({ epoch }) => epoch);
  const x = [Math.min(...epochs, 1), Math.max(...epochs, 1)] as const;
  const loss: Series = { name: 'loss', colour: WHITE, points: lines.map(({ epoch, loss }) => [epoch, loss]) };
  const dice = diceSeries(lines);
  const validated = lines.some(({ validation }) => validation !== undefined);
  const diagrams: Diagram[] = [
    { title: 'training loss by epoch', x, y: paddedRange(lines.map((line) => line.loss)), series: [loss] },
    ...(validated ? [{ title: 'validation Dice by epoch', x, y: [0, 1] as const, series: dice }] : []),
  ];
  const keys = validated ? dice.length : 0;
  const canvas = newCanvas(diagrams.length * STEP, TOP + PLOT.height + 50 + keys * LINE, BLACK);
  drawText(canvas, shorten(title, canvas.width - 40), 20, 16, WHITE);
  diagrams.forEach((diagram, index) => {
    const area = { x: LEFT + index * STEP, y: TOP, ...PLOT };
    drawDiagram(canvas, area, diagram);
    if (index === 1) drawKey(canvas, diagram.series, area.x, TOP + PLOT.height + 44);
  });
  return canvas;
}

/**
 * Writes a PNG of a training: its loss and, where there was validation, Dice of each class and their mean by epoch.
 * @param lines of `metrics.jsonl`, at least one
 * @throws UserError UNET6058 where it cannot be written
 */
export async function writeCurve(lines: readonly CurveLine[], title: string, file: string): Promise<void> {
  await writePng(drawCurve(lines, title), file);
}
