/** Text on a picture, line by line from the top. */
import { colourOn, type Colour, type Ground } from '../../compiler/emit/diagram/palette.js';
import { element, text } from '../../compiler/emit/diagram/svg.js';
import { textWidth, type Weight } from '../../text/text-width.js';

const monospace = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

export interface Style {
  readonly size?: number;
  readonly weight?: Weight;
  readonly colour?: Colour;
  readonly anchor?: 'start' | 'end';
}

/** A part of a picture that grows downwards. */
export class Sheet {
  readonly parts: string[] = [];
  y: number;

  constructor(
    readonly ground: Ground,
    readonly x: number,
    top: number,
    readonly width: number,
  ) {
    this.y = top;
  }

  write(
    content: string,
    x: number,
    { size = 12, weight = 'regular', colour = 'text', anchor = 'start' }: Style = {},
  ): void {
    this.parts.push(
      text(content, {
        x: this.x + x,
        y: this.y,
        'font-size': size,
        'font-weight': weight === 'bold' ? weight : undefined,
        'text-anchor': anchor === 'end' ? anchor : undefined,
        // Where the font is another, its letters may be wider.
        textLength: textWidth(content, size, weight),
        lengthAdjust: 'spacingAndGlyphs',
        fill: colourOn(this.ground, colour),
      }),
    );
  }

  /** Code in coloured pieces; spaces are kept. */
  writeCode(
    pieces: readonly { readonly text: string; readonly colour: Colour; readonly weight?: Weight }[],
    size: number,
  ): void {
    const spans = pieces.map(({ text: content, colour, weight }) =>
      text(content, { fill: colourOn(this.ground, colour), 'font-weight': weight }).replace(/^<text|text>$/g, (tag) =>
        tag.replace('text', 'tspan'),
      ),
    );
    const place = { x: this.x, y: this.y, 'font-size': size, 'font-family': monospace, 'xml:space': 'preserve' };
    this.parts.push(element('text', place, spans));
  }

  box(left: number, top: number, width: number, height: number, fill: Colour, stroke?: Colour): void {
    const paint = {
      fill: colourOn(this.ground, fill),
      stroke: stroke === undefined ? undefined : colourOn(this.ground, stroke),
    };
    this.parts.push(element('rect', { x: this.x + left, y: top, width, height, rx: 5, ...paint }));
  }

  rule(colour: Colour = 'card edge'): void {
    this.parts.push(
      element('path', {
        d: `M${this.x} ${this.y}h${this.width}`,
        stroke: colourOn(this.ground, colour),
        'stroke-width': 1,
      }),
    );
  }

  /** A paragraph, broken between words. */
  paragraph(content: string, lineHeight: number, style: Style = {}): void {
    let line = '';
    for (const word of content.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && textWidth(longer, style.size ?? 12, style.weight) > this.width) {
        this.write(line, 0, style);
        this.y += lineHeight;
        line = word;
      } else line = longer;
    }
    this.write(line, 0, style);
    this.y += lineHeight;
  }
}
