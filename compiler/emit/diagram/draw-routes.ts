import type { Point, Route } from './layout.js';
import { ink } from './palette.js';
import { element, number } from './svg.js';

const corner = 7;

/** The definitions of the arrow heads. */
export function arrowHeads(): string {
  return [
    ['flow', ink.line],
    ['skip', ink.skip],
  ]
    .map(([kind = '', colour = '']) =>
      element(
        'marker',
        {
          id: `arrow-${kind}`,
          viewBox: '0 0 8 8',
          refX: 7,
          refY: 4,
          markerWidth: 8,
          markerHeight: 8,
          markerUnits: 'userSpaceOnUse',
          orient: 'auto',
        },
        [element('path', { d: 'M0 0L8 4L0 8L2 4z', fill: colour })],
      ),
    )
    .join('');
}

/** Draws an arrow along a route: solid through the network, dashed for a skip. */
export function drawRoute({ kind, points }: Route): string {
  return element('path', {
    d: roundedPath(points),
    fill: 'none',
    stroke: kind === 'skip' ? ink.skip : ink.line,
    'stroke-width': kind === 'skip' ? 1.8 : 1.4,
    'stroke-dasharray': kind === 'skip' ? '6 3' : undefined,
    'marker-end': `url(#arrow-${kind})`,
  });
}

/** Straight lines between the points, corners rounded. */
function roundedPath(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  let path = `M${place(start)}`;
  let from = start;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    if (next === undefined) {
      path += `L${place(point)}`;
      break;
    }
    const radius = Math.min(corner, distance(from, point) / 2, distance(point, next) / 2);
    path += `L${place(towards(point, from, radius))}Q${place(point)} ${place(towards(point, next, radius))}`;
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
