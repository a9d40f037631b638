import { PNG } from 'pngjs';
import { markPng } from '../files/marker.js';
import { writeFileAtomic } from '../files/atomic-file.js';

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Opaque pixels, rows from the top. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly data: Buffer;
}

/** Where something is drawn, in pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function newCanvas(width: number, height: number, background: Colour): Canvas {
  return { width, height, data: Buffer.alloc(width * height * 4, Buffer.from([...background, 255])) };
}

/** Colours a pixel; `alpha` 1 covers what is there. Outside the canvas nothing happens. */
export function paint({ width, height, data }: Canvas, x: number, y: number, colour: Colour, alpha = 1): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = (y * width + x) * 4;
  const rest = 1 - alpha;
  data[at] = Math.round(data[at]! * rest + colour[0] * alpha);
  data[at + 1] = Math.round(data[at + 1]! * rest + colour[1] * alpha);
  data[at + 2] = Math.round(data[at + 2]! * rest + colour[2] * alpha);
}

export function fillArea(canvas: Canvas, { x, y, width, height }: Area, colour: Colour): void {
  for (let row = y; row < y + height; row++)
    for (let column = x; column < x + width; column++) paint(canvas, column, row, colour);
}

/** A line of `thickness` pixels between two pixels (stepped along its longer side). */
export function drawLine(
  canvas: Canvas,
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  colour: Colour,
  thickness = 1,
): void {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
  const back = Math.floor(thickness / 2);
  for (let step = 0; step <= steps; step++) {
    const x = Math.round(x0 + ((x1 - x0) * step) / steps) - back;
    const y = Math.round(y0 + ((y1 - y0) * step) / steps) - back;
    fillArea(canvas, { x, y, width: thickness, height: thickness }, colour);
  }
}

/**
 * Writes a canvas as a PNG file, whole or not at all.
 * @throws UserError UNET6058 for want of space or permission
 */
export async function writePng({ width, height, data }: Canvas, file: string): Promise<void> {
  const png = new PNG({ width, height });
  data.copy(png.data);
  await writeFileAtomic(file, markPng(PNG.sync.write(png, { colorType: 2 })));
}
