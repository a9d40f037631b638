import { fontFamily, isMeasured, textWidth, type Weight } from '../../../text/text-width.js';
import type { Point } from './layout.js';
import { colourOn, colours, type Colour, type Ground } from './palette.js';
import type { LineShape, Scene, Shape, Stroke } from './scene.js';
import { element, number, text, tooltip, type AttributeValues } from './svg.js';

/** The colours of an SVG: for light or dark grounds, or `auto` for whichever the reader's system prefers. */
export type Theme = Ground | 'auto';

/**
 * Returns a scene as one SVG document without ids and references, so that any number of them can be put into a page.
 * With the theme `auto` it is light wherever style sheets are not supported, and in print.
 */
export function renderSvg(scene: Scene, theme: Theme): string {
  const { title, width, height, shapes } = scene;
  const pen = new Pen(theme);
  const drawn = shapes.map((shape) => pen.draw(shape));
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${number(width)} ${number(height)}`,
    'font-family': fontFamily,
    role: 'img',
    class: theme === 'auto' ? rootClass : undefined,
  };
  return `${element('svg', root, [tooltip(title), ...pen.styleSheet(), ...drawn])}\n`;
}

/** The style sheet concerns only documents of this class; they share its rules, so several in one page agree. */
const rootClass = 'unet-diagram';

class Pen {
  private readonly used = new Set<string>();

  constructor(private readonly theme: Theme) {}

  draw(shape: Shape): string {
    switch (shape.kind) {
      case 'rectangle': {
        const { box, corner, fill, stroke } = shape;
        const place = { x: box.x, y: box.y, width: box.width, height: box.height };
        const paint = { ...strokeAttributes(stroke), ...this.paint({ fill, stroke: stroke?.colour }) };
        return element('rect', { ...place, rx: corner === 0 ? undefined : corner, ...paint });
      }
      case 'line':
        return this.drawLine(shape);
      case 'text': {
        const { content, at, size, weight, anchor, colour } = shape;
        return text(content, {
          x: at.x,
          y: at.y,
          'font-size': size,
          'font-weight': weight === 'bold' ? 'bold' : undefined,
          'text-anchor': anchor === 'start' ? undefined : anchor,
          ...fitted(content, size, weight),
          ...this.paint({ fill: colour }),
        });
      }
      case 'group': {
        const { shapes, title, id, shift } = shape;
        const moved = shift.x === 0 && shift.y === 0 ? undefined : `translate(${place(shift)})`;
        const inside = shapes.map((each) => this.draw(each));
        return element(
          'g',
          { 'data-id': id, transform: moved },
          title === undefined ? inside : [tooltip(title), ...inside],
        );
      }
    }
  }

  private drawLine({ points, stroke, corner, hasHead }: LineShape): string {
    const paint = { ...strokeAttributes(stroke), ...this.paint({ stroke: stroke.colour }) };
    const path = element('path', { d: roundedPath(points, corner), ...paint, fill: 'none' });
    const [end, before] = [points.at(-1), points.at(-2)];
    if (!hasHead || end === undefined || before === undefined) return path;
    return `${path}${element('path', { d: headPath(before, end), ...this.paint({ fill: stroke.colour }) })}`;
  }

  /** Attributes with the colours, and for the theme `auto` the classes that change them. */
  private paint({ fill, stroke }: { readonly fill?: Colour; readonly stroke?: Colour | undefined }): AttributeValues {
    const ground = this.theme === 'auto' ? 'light' : this.theme;
    const parts = { fill, stroke };
    const classes = Object.entries(parts).flatMap(([part, colour]) => {
      if (colour === undefined || this.theme !== 'auto') return [];
      this.used.add(`${part} ${colour}`);
      return [className(part, colour)];
    });
    return {
      fill: fill === undefined ? undefined : colourOn(ground, fill),
      stroke: stroke === undefined ? undefined : colourOn(ground, stroke),
      class: classes.length === 0 ? undefined : classes.join(' '),
    };
  }

  /** The dark colours of whatever was drawn. */
  styleSheet(): readonly string[] {
    if (this.used.size === 0) return [];
    const rules = [...colours.keys()].flatMap((colour) =>
      ['fill', 'stroke'].flatMap((part) =>
        this.used.has(`${part} ${colour}`)
          ? [`.${rootClass} .${className(part, colour)}{${part}:${colourOn('dark', colour)}}`]
          : [],
      ),
    );
    return [`<style>@media screen and (prefers-color-scheme:dark){${rules.join('')}}</style>`];
  }
}

/** Keeps text at the width that its card is measured for, where the font is another and its letters are wider. */
function fitted(content: string, size: number, weight: Weight): AttributeValues {
  if (!isMeasured(content)) return {};
  return { textLength: textWidth(content, size, weight), lengthAdjust: 'spacingAndGlyphs' };
}

function className(part: string, colour: string): string {
  return `${part}-${colour.replaceAll(' ', '-')}`;
}

function strokeAttributes(stroke: Stroke | undefined): AttributeValues {
  return { 'stroke-width': stroke?.width, 'stroke-dasharray': stroke?.dash?.join(' ') };
}

const headLength = 8;
const headWidth = 8;
/** How far the notch at the back of an arrow head is from its tip. */
const notch = 6;

/** An arrow head as a path, its tip at the end of a line; not a marker, which would need an id. */
function headPath(before: Point, end: Point): string {
  const length = distance(before, end) || 1;
  const [x, y] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const at = (back: number, aside: number): string =>
    place({ x: end.x - back * x - aside * y, y: end.y - back * y + aside * x });
  return `M${at(headLength, headWidth / 2)}L${at(0, 0)}L${at(headLength, -headWidth / 2)}L${at(notch, 0)}z`;
}

/** Straight lines between the points, corners rounded. */
function roundedPath(points: readonly Point[], corner: number): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  let path = `M${place(start)}`;
  let from = start;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    const radius = next === undefined ? 0 : Math.min(corner, distance(from, point) / 2, distance(point, next) / 2);
    if (next === undefined || radius === 0) path += `L${place(point)}`;
    else path += `L${place(towards(point, from, radius))}Q${place(point)} ${place(towards(point, next, radius))}`;
    from = point;
  }
  return path;
}

function place({ x, y }: Point): string {
  return `${number(x)} ${number(y)}`;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(b.x - a.x, b.y - a.y);
}

function towards(from: Point, to: Point, length: number): Point {
  const share = distance(from, to) === 0 ? 0 : length / distance(from, to);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}
