/** Where everything of a diagram lies, in pixels from the top left. */
import type { Edge, Figure } from './figure.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A card's place. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** An edge's way: straight lines between points, an arrow at the last. */
export interface Route {
  readonly edge: Edge;
  /** A skip goes across, past what lies between; the rest is the way through the network. */
  readonly kind: 'flow' | 'skip';
  readonly points: readonly Point[];
}

/** What lies at one resolution. */
export interface Band {
  readonly label: string;
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

/** A layout, or undefined where a figure is not of the form that it lays out. */
export type LayOut = (figure: Figure) => Layout | undefined;

export function centreX(box: Box): number {
  return box.x + box.width / 2;
}

export function centreY(box: Box): number {
  return box.y + box.height / 2;
}

/** Whether any part of a way leads through a card other than its own two. */
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
