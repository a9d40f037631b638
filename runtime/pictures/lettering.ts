import { markup, type Markup } from '../../text/markup.js';
import { textWidth } from '../../text/text-width.js';

export const FONT_SIZE = 15;
/** Distance from one line of text to the next. */
export const LINE = 22;
export const TEXT_COLOUR = '#e1e1e1';

/** Returns a line of text whose baseline starts at (x, y). */
export function line(content: string, x: number, y: number, fill: string): Markup {
  return markup`<text x="${x}" y="${y}" fill="${fill}">${content}</text>`;
}

/** Returns the width of a line of text in pixels. */
export function widthOf(content: string): number {
  return textWidth(content, FONT_SIZE);
}
