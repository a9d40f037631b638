import { drawLine, fillArea, type Area, type Canvas, type Colour } from './canvas.js';
import { FAINT_COLOUR, TEXT_COLOUR } from './palette.js';
import { drawText, TEXT_HEIGHT, textWidth } from './text.js';

type Range = readonly [low: number, high: number];

/** Lines of more points are drawn without their markers. */
const MARKED = 60;

/** A line of a diagram. */
export interface Series {
  readonly name: string;
  readonly colour: Colour;
  /** (x, y), x rising; a null is a gap in what is known and is drawn across. */
  readonly points: readonly (readonly [number, number | null])[];
}

export interface Diagram {
  readonly title: string;
  /** Counts, such as epochs: only whole numbers are written. */
  readonly x: Range;
  readonly y: Range;
  readonly series: readonly Series[];
}

/** Round numbers in a range, at most about `count` of them: multiples of 1, 2 or 5 times a power of ten. */
export function ticks([low, high]: Range, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** A little more than the values span; one wide where they are equal. */
export function paddedRange(values: readonly number[]): Range {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const margin = high > low ? (high - low) * 0.05 : 0.5;
  return [low - margin, high + margin];
}

function drawGrid(canvas: Canvas, area: Area, diagram: Diagram, at: (x: number, y: number) => [number, number]): void {
  const bottom = area.y + area.height;
  for (const y of ticks(diagram.y, 5)) {
    const [, row] = at(diagram.x[0], y);
    drawLine(canvas, [area.x, row], [area.x + area.width, row], [55, 55, 55]);
    const text = String(y);
    drawText(canvas, text, area.x - textWidth(text) - 8, row - TEXT_HEIGHT / 2, TEXT_COLOUR);
  }
  for (const x of ticks(diagram.x, 5).filter(Number.isInteger)) {
    const [column] = at(x, diagram.y[0]);
    drawLine(canvas, [column, bottom], [column, bottom + 5], FAINT_COLOUR);
    const text = String(x);
    drawText(canvas, text, column - Math.floor(textWidth(text) / 2), bottom + 10, TEXT_COLOUR);
  }
  drawLine(canvas, [area.x, area.y], [area.x, bottom], FAINT_COLOUR);
  drawLine(canvas, [area.x, bottom], [area.x + area.width, bottom], FAINT_COLOUR);
}

/** Draws a diagram whose plotting area is `area`; numbers stand to its left and below, its title above. */
export function drawDiagram(canvas: Canvas, area: Area, diagram: Diagram): void {
  const part = (value: number, [low, high]: Range): number => (high > low ? (value - low) / (high - low) : 0.5);
  const at = (x: number, y: number): [number, number] => [
    Math.round(area.x + part(x, diagram.x) * area.width),
    Math.round(area.y + (1 - part(y, diagram.y)) * area.height),
  ];
  drawText(canvas, diagram.title, area.x, area.y - TEXT_HEIGHT - 8, TEXT_COLOUR);
  drawGrid(canvas, area, diagram, at);
  for (const { points, colour } of diagram.series) {
    const pixels = points.flatMap(([x, y]) => (y === null || !Number.isFinite(y) ? [] : [at(x, y)]));
    pixels.slice(1).forEach((pixel, index) => drawLine(canvas, pixels[index]!, pixel, colour, 2));
    if (pixels.length > MARKED) continue;
    for (const [x, y] of pixels) fillArea(canvas, { x: x - 2, y: y - 2, width: 5, height: 5 }, colour);
  }
}
