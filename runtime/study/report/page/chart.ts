import stringWidth from 'fast-string-width';
import { markup, type Content, type Markup } from '../../../../text/markup.js';
import { printable } from '../../../../text/printable.js';

/** A drawing in pixel coordinates. */
export interface Drawing {
  readonly height: number;
  readonly body: Content;
}

/** Widths in pixels on a phone and on a page. */
export interface ChartWidths {
  readonly narrow: number;
  readonly wide: number;
}

const PAGE: ChartWidths = { narrow: 340, wide: 760 };

/**
 * A chart drawn twice, for phones and for wide pages, so that its text is readable on both; styles show one of them.
 * @param label alternative text
 */
export function chart(label: string, draw: (width: number) => Drawing, { narrow, wide }: ChartWidths = PAGE): Markup {
  const picture = (width: number, name: string): Markup => {
    const { height, body } = draw(width);
    return markup`<svg class="chart ${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${body}</svg>`;
  };
  return markup`${picture(narrow, 'narrow')}${picture(wide, 'wide')}`;
}

/** Whether a chart of this width is the one for phones. */
export function isNarrow(width: number): boolean {
  return width <= PAGE.narrow;
}

/** A figure with its caption below. */
export function figure(content: Content, caption: Content): Markup {
  return markup`<figure>${content}<figcaption>${caption}</figcaption></figure>\n`;
}

/** A section of the page with its heading. */
export function section(id: string, title: string, content: Content): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${title}</h2>\n${content}\n</section>\n`;
}

/** Width of a bold character of 13 px in a wide typeface. */
const CHARACTER = 9.2;

/** An upper bound for the width of a name in a chart. */
export function textWidth(text: string): number {
  return stringWidth(text) * CHARACTER;
}

/** `text`, truncated if it is wider than `width`. */
export function shortened(text: string, width: number): string {
  const shown = [...printable(text)];
  if (textWidth(shown.join('')) <= width) return shown.join('');
  while (shown.length > 1 && textWidth(`${shown.join('')}…`) > width) shown.pop();
  return `${shown.join('')}…`;
}
