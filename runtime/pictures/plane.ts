/** Anatomical planes of a [D, H, W] volume, laid out as radiologists look at them. */

/** An axis of the volume as a side of the picture. */
interface Side {
  /** 0, 1 or 2 of [D, H, W]. */
  readonly axis: number;
  /** Whether the picture runs against the index. */
  readonly flip: boolean;
}

export interface Plane {
  readonly name: 'axial' | 'coronal' | 'sagittal';
  /** The axis that the plane's slices are counted along. */
  readonly axis: number;
  readonly rows: Side;
  readonly columns: Side;
  /** What the picture's left, right, top and bottom are: `R`, `L`, `A`, `P` (axial). */
  readonly edges: readonly [left: string, right: string, top: string, bottom: string];
}

const OPPOSITE: Readonly<Record<string, string>> = { R: 'L', L: 'R', A: 'P', P: 'A', S: 'I', I: 'S' };

/** The axis that runs towards `end` or away from it. */
function sideTowards(end: string, orientation: string): Side {
  const place = [...orientation].findIndex((letter) => letter === end || letter === OPPOSITE[end]);
  return { axis: 2 - place, flip: orientation[place] !== end };
}

function planeOf(name: Plane['name'], right: string, bottom: string, orientation: string): Plane {
  const columns = sideTowards(right, orientation);
  const rows = sideTowards(bottom, orientation);
  const edges = [OPPOSITE[right]!, right, OPPOSITE[bottom]!, bottom] as const;
  return { name, axis: 3 - columns.axis - rows.axis, rows, columns, edges };
}

function isOrientation(orientation: string): boolean {
  const kinds = [...orientation].map((letter) => ['RL', 'AP', 'SI'].findIndex((pair) => pair.includes(letter)));
  return orientation.length === 3 && [0, 1, 2].every((kind) => kinds.includes(kind));
}

/**
 * The planes of a volume: the patient's right on the picture's left, front and head on top, seen from the feet (axial),
 * the front (coronal) and with the face to the left (sagittal).
 * @param orientation towards what the file's x, y and z run, such as `RAS` (see `Geometry`); `LPS` where it is not one
 */
export function anatomicalPlanes(orientation: string): readonly Plane[] {
  const known = isOrientation(orientation) ? orientation : 'LPS';
  return [planeOf('axial', 'L', 'P', known), planeOf('coronal', 'L', 'I', known), planeOf('sagittal', 'P', 'I', known)];
}
