/** The positions of everything in a diagram, in pixels from the top left. */
import { textWidth } from '../../../text/text-width.js';
import type { Card, Edge } from './figure.js';
import { fontSize, measure } from './measures.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The place of a card. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** The route of an edge: straight lines between points, with an arrow at the last. */
export interface Route {
  readonly edge: Edge;
  /** A skip goes across, past the cards between; the rest is the path through the network. */
  readonly kind: 'flow' | 'skip';
  readonly points: readonly Point[];
}

/** Everything at one resolution. */
export interface Band {
  /** The lines of its label. */
  readonly label: readonly string[];
  readonly top: number;
  readonly bottom: number;
}

export interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  readonly routes: readonly Route[];
  readonly bands: readonly Band[];
  readonly width: number;
  readonly height: number;
}

/**
 * The label of cards in the order of the path through them: their size, or the size at which the path enters and that at
 * which it leaves if unpadded convolutions make it smaller on the way.
 */
export function bandLabel(cards: readonly (Card | undefined)[]): readonly string[] {
  const extents = cards.flatMap((card) => (card === undefined || card.extent === '' ? [] : [card.extent]));
  const [first, last] = [extents[0], extents.at(-1)];
  if (first === undefined || last === undefined) return [];
  return extents.every((extent) => extent === first) ? [first] : [first, `→ ${last}`];
}

const gapAfterLabel = 12;

/** The width that the widest of some labels takes at the left of its band. */
export function labelRoom(labels: readonly (readonly string[])[]): number {
  const widths = labels.flat().map((line) => textWidth(line, fontSize.label, 'bold'));
  return Math.ceil(measure.labelInset + Math.max(0, ...widths) + gapAfterLabel);
}

export function centreX(box: Box): number {
  return box.x + box.width / 2;
}

export function centreY(box: Box): number {
  return box.y + box.height / 2;
}

/** Whether any part of a route crosses a card other than its own two. */
export function isBlocked(points: readonly Point[], boxes: ReadonlyMap<string, Box>, edge: Edge): boolean {
  return points.slice(1).some((end, index) => {
    const start = points[index] ?? end;
    const [left, right] = [Math.min(start.x, end.x), Math.max(start.x, end.x)];
    const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
    return [...boxes].some(
      ([id, box]) =>
        id !== edge.from &&
        id !== edge.to &&
        right > box.x - 3 &&
        left < box.x + box.width + 3 &&
        bottom > box.y - 3 &&
        top < box.y + box.height + 3,
    );
  });
}
