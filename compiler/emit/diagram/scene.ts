/**
 * A drawing as plain shapes in pixels from the top left, with colours by name. What draws a diagram builds a scene; what
 * writes one (as SVG or TikZ) knows nothing of networks.
 */
import type { Weight } from '../../../text/text-width.js';
import type { Box, Point } from './layout.js';
import type { Colour } from './palette.js';

/** An outline. */
export interface Stroke {
  readonly colour: Colour;
  readonly width: number;
  /** Lengths of dashes and gaps; solid if undefined. */
  readonly dash?: readonly [number, number] | undefined;
}

export interface RectangleShape {
  readonly kind: 'rectangle';
  readonly box: Box;
  readonly corner: number;
  readonly fill: Colour;
  readonly stroke: Stroke | undefined;
}

/** Straight lines through points. */
export interface LineShape {
  readonly kind: 'line';
  readonly points: readonly Point[];
  readonly stroke: Stroke;
  /** The radius of its corners. */
  readonly corner: number;
  /** Whether an arrow head is at its end. */
  readonly hasHead: boolean;
}

export interface TextShape {
  readonly kind: 'text';
  readonly content: string;
  /** On the baseline. */
  readonly at: Point;
  readonly size: number;
  readonly colour: Colour;
  readonly weight: Weight;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Shapes that belong together. */
export interface GroupShape {
  readonly kind: 'group';
  readonly shapes: readonly Shape[];
  /** A tooltip. */
  readonly title: string | undefined;
  /** The id of the card, from the spec. */
  readonly id: string | undefined;
  readonly shift: Point;
}

export type Shape = RectangleShape | LineShape | TextShape | GroupShape;

export interface Scene {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly Shape[];
}

type Optional<T, K extends keyof T> = Omit<T, K | 'kind'> & Partial<Pick<T, K & keyof T>>;

export function rectangle(box: Box, rest: Optional<Omit<RectangleShape, 'box'>, 'corner' | 'stroke'>): RectangleShape {
  return { kind: 'rectangle', box, corner: 0, stroke: undefined, ...rest };
}

export function line(points: readonly Point[], stroke: Stroke, { corner = 0, hasHead = false } = {}): LineShape {
  return { kind: 'line', points, stroke, corner, hasHead };
}

export function text(
  content: string,
  at: Point,
  rest: Optional<Omit<TextShape, 'content' | 'at'>, 'weight' | 'anchor' | 'colour'>,
): TextShape {
  return { kind: 'text', content, at, colour: 'text', weight: 'regular', anchor: 'start', ...rest };
}

export function group(
  shapes: readonly Shape[],
  { title, id, shift = { x: 0, y: 0 } }: Partial<Omit<GroupShape, 'kind' | 'shapes'>> = {},
): GroupShape {
  return { kind: 'group', shapes, title, id, shift };
}
