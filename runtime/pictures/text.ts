/**
 * Text of 5 x 7 pixel glyphs, enlarged. The glyphs are those of oled-font-5x7 (ASCII and umlauts); packages that set
 * outline fonts (pureimage, node-canvas) want a font file or a native library for a dozen words.
 */
import font from 'oled-font-5x7';
import { fillArea, type Canvas, type Colour } from './canvas.js';

const ADVANCE = font.width + 1;
/** Two pixels for each of the glyph's: large enough to read without magnifying. */
const SCALE = 2;

/** Height of a line of text in pixels. */
export const TEXT_HEIGHT = font.height * SCALE;

/** Characters as the font has them: others without their accents, or `?`. */
function glyphsOf(text: string): number[] {
  return [...text].flatMap((character) => {
    const own = font.lookup.indexOf(character);
    if (own >= 0) return [own];
    const plain = character.normalize('NFKD').replaceAll(/\p{M}/gu, '');
    return [...plain].map((part) => Math.max(font.lookup.indexOf(part), -1)).map((at) => (at < 0 ? UNKNOWN : at));
  });
}

const UNKNOWN = font.lookup.indexOf('?');

/** Width of a line of text in pixels. */
export function textWidth(text: string): number {
  return Math.max(0, glyphsOf(text).length * ADVANCE - 1) * SCALE;
}

/** `text`, or as much of it as `width` pixels hold, with `...` at the end. */
export function shorten(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const characters = [...text];
  while (characters.length > 0 && textWidth(`${characters.join('')}...`) > width) characters.pop();
  return `${characters.join('').trimEnd()}...`;
}

/** Draws a line of text whose upper left corner is at (x, y). */
export function drawText(canvas: Canvas, text: string, x: number, y: number, colour: Colour): void {
  glyphsOf(text).forEach((glyph, position) => {
    for (let column = 0; column < font.width; column++) {
      const bits = font.fontData[glyph * font.width + column] ?? 0;
      for (let row = 0; row < font.height; row++) {
        if (((bits >> row) & 1) === 0) continue;
        const left = x + (position * ADVANCE + column) * SCALE;
        fillArea(canvas, { x: left, y: y + row * SCALE, width: SCALE, height: SCALE }, colour);
      }
    }
  });
}

/** The same over a picture: with a dark rim, legible on any grey. */
export function drawTextOver(canvas: Canvas, text: string, x: number, y: number, colour: Colour): void {
  const rim = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy] as const));
  for (const [dx, dy] of rim) drawText(canvas, text, x + dx, y + dy, [0, 0, 0]);
  drawText(canvas, text, x, y, colour);
}
