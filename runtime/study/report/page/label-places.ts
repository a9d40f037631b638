/** From left, right, top and bottom, in pixels. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface LabelPoint {
  readonly x: number;
  readonly y: number;
  /** Of the text. */
  readonly width: number;
}

const HEIGHT = 16;
const GAP = 11;

function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Places around a point, the nearest first, right before left. */
function placesAround({ x, y, width }: LabelPoint): Box[] {
  const box = (left: number, middle: number): Box => {
    return { left, right: left + width, top: middle - HEIGHT / 2, bottom: middle + HEIGHT / 2 };
  };
  return [0, -14, 14, -26, 26, -40, 40, -56, 56].flatMap((shift) => [
    box(x + GAP, y + shift),
    box(x - GAP - width, y + shift),
    ...(Math.abs(shift) >= 26 ? [box(x - width / 2, y + shift)] : []),
  ]);
}

/**
 * A place for the label of each point: the nearest at which it covers nothing, else where it covers least.
 * @param obstacles what is drawn already
 * @param room in which all labels must lie
 */
export function placeLabels(points: readonly LabelPoint[], obstacles: readonly Box[], room: Box): readonly Box[] {
  const placed: Box[] = [];
  for (const point of points) {
    const cost = (place: Box): number => {
      const outside = (place.right - place.left) * HEIGHT - overlapOf(place, room);
      return outside * 10 + [...obstacles, ...placed].reduce((sum, other) => sum + overlapOf(place, other), 0);
    };
    const costs = placesAround(point).map((place) => ({ place, cost: cost(place) }));
    placed.push(costs.reduce((best, each) => (each.cost < best.cost - 0.01 ? each : best)).place);
  }
  return placed;
}
