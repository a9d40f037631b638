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
  /** The number of lines of the text; defaults to 1. */
  readonly lineCount?: number;
}

const LINE = 17;
const GAP = 11;
const MARK = 9;

function overlapOf(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Positions around a point, nearest first, right before left. */
function placesAround({ x, y, width, lineCount = 1 }: LabelPoint): Box[] {
  const height = LINE * lineCount;
  const box = (left: number, middle: number): Box => {
    return { left, right: left + width, top: middle - height / 2, bottom: middle + height / 2 };
  };
  return [0, -14, 14, -26, 26, -40, 40, -56, 56, -74, 74, -92, 92].flatMap((shift) => [
    box(x + GAP, y + shift),
    box(x - GAP - width, y + shift),
    ...(Math.abs(shift) >= 26 ? [box(x - width / 2, y + shift)] : []),
  ]);
}

/** The number of other points between a point and its label, which would make the label seem to be theirs. */
function confusionOf(point: LabelPoint, place: Box, points: readonly LabelPoint[]): number {
  const end = { x: Math.min(Math.max(point.x, place.left), place.right), y: (place.top + place.bottom) / 2 };
  const passed = points.filter((other) =>
    [0.4, 0.6, 0.8, 1].some((part) => {
      const [dx, dy] = [point.x + (end.x - point.x) * part - other.x, point.y + (end.y - point.y) * part - other.y];
      return other !== point && Math.hypot(dx, dy) < MARK;
    }),
  );
  return passed.length;
}

/** The text anchor of a label, chosen so that it ends at its point whatever its true width. */
export function anchorOf({ x }: LabelPoint, { left, right }: Box): { readonly anchor: string; readonly x: number } {
  if (left >= x) return { anchor: 'start', x: left };
  return right <= x ? { anchor: 'end', x: right } : { anchor: 'middle', x: (left + right) / 2 };
}

/** The end of the leader line from a label's box to its point; undefined if the label is next to the point. */
export function leaderEnd(
  { x, y }: LabelPoint,
  { left, right, top, bottom }: Box,
): readonly [number, number] | undefined {
  if (y >= top && y <= bottom) return undefined;
  return [Math.min(Math.max(x, left), right), y < top ? top : bottom];
}

/**
 * Finds a position for the label of each point: the nearest at which it covers nothing, else the one at which it covers
 * least.
 * @param obstacles existing drawings
 * @param room the area that must contain all labels
 */
export function placeLabels(points: readonly LabelPoint[], obstacles: readonly Box[], room: Box): readonly Box[] {
  const placed: Box[] = [];
  for (const point of points) {
    const cost = (place: Box): number => {
      const outside = (place.right - place.left) * (place.bottom - place.top) - overlapOf(place, room);
      const confusion = 100 * confusionOf(point, place, points);
      return (
        confusion + outside * 10 + [...obstacles, ...placed].reduce((sum, other) => sum + overlapOf(place, other), 0)
      );
    };
    const costs = placesAround(point).map((place) => ({ place, cost: cost(place) }));
    placed.push(costs.reduce((best, each) => (each.cost < best.cost - 0.01 ? each : best)).place);
  }
  return placed;
}
