import stringWidth from 'fast-string-width';
import { markup, type Content, type Markup } from '../../../../text/markup.js';
import { downloadLink, downloads } from '../../../../text/page/embedded-file.js';
import { figure } from '../../../../text/page/page.js';
import { printable } from '../../../../text/printable.js';
import { wrapText } from '../../../../text/wrap.js';
import { standaloneChart, type Drawing } from './standalone-chart.js';

/** Widths in pixels on a phone and on a page. */
export interface ChartWidths {
  readonly narrow: number;
  readonly wide: number;
}

export const PAGE: ChartWidths = { narrow: 350, wide: 980 };

export type Draw = (width: number) => Drawing;

/**
 * A chart drawn twice, for phones and for wide pages, so that its text is readable on both; styles show one of them.
 * @param label alternative text
 */
export function chart(label: string, draw: Draw, { narrow, wide }: ChartWidths = PAGE): Markup {
  const picture = (width: number, name: string): Markup => {
    const { height, body } = draw(width);
    return markup`<svg class="chart ${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${body}</svg>`;
  };
  return markup`${picture(narrow, 'narrow')}${picture(wide, 'wide')}`;
}

/** A chart as a figure that can be saved. */
export interface ChartFigure {
  /** The name that it is saved under, without extension. */
  readonly name: string;
  /** Alternative text. */
  readonly label: string;
  readonly draw: Draw;
  /** Explains the marks; shown below the chart. */
  readonly key: Content;
  readonly caption: Content;
}

/** A chart with its key, caption and download; as wide as the page. */
export function chartFigure({ name, label, draw, key, caption }: ChartFigure): Markup {
  const content = markup`${chart(label, draw)}${key}`;
  return markup`${figure(content, caption)}${downloads([chartLink(name, draw(PAGE.wide), PAGE.wide)])}`;
}

/** A link that saves a chart as an SVG of its own. */
export function chartLink(name: string, drawing: Drawing, width: number): Markup {
  const file = { name: `${name}.svg`, type: 'image/svg+xml', content: standaloneChart(drawing, width) } as const;
  return downloadLink(file, 'SVG');
}

/** Whether a chart of this width is the one for phones. */
export function isNarrow(width: number): boolean {
  return width <= PAGE.narrow;
}

/** Width of a bold character of 14 px in a wide typeface. */
const CHARACTER = 9.6;
const NAME_LINE = 17;

/** An upper bound for the width of a name in a chart. */
export function textWidth(text: string): number {
  return stringWidth(text) * CHARACTER;
}

/** A name in lines that are not wider than `width`. */
export function nameLines(text: string, width: number): readonly string[] {
  return wrapText(printable(text), Math.max(1, Math.floor(width / CHARACTER)));
}

/** The height of a name that takes several lines. */
export function nameHeight(lines: readonly string[]): number {
  return lines.length * NAME_LINE;
}

/**
 * A name on its lines.
 * @param y the baseline of the last line
 */
export function nameText(lines: readonly string[], x: number, y: number, anchor = 'start'): Markup {
  const first = y - (lines.length - 1) * NAME_LINE;
  const spans = lines.map((line, index) => markup`<tspan x="${x}" y="${first + index * NAME_LINE}">${line}</tspan>`);
  return markup`<text class="name halo" text-anchor="${anchor}">${spans}</text>`;
}
