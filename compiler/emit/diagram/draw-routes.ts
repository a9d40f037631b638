import type { Route } from './layout.js';
import { line, type Shape, type Stroke } from './scene.js';

const corner = 7;

/** How arrows are drawn: solid through the network, dashed for a skip. */
export const strokes: Readonly<Record<Route['kind'], Stroke>> = {
  flow: { colour: 'line', width: 1.4 },
  skip: { colour: 'skip', width: 1.8, dash: [6, 3] },
};

/** Draws an arrow along a route. */
export function drawRoute({ kind, points }: Route): Shape {
  return line(points, strokes[kind], { corner, hasHead: true });
}
