/** Rotation, zoom and elastic deformation, composed into one map of positions. */
import type { Augmentation } from '../../../contract/protocol.js';
import type { Random } from '../../random/random-stream.js';
import { between, happens } from './draw.js';
import { displacementField } from './elastic.js';
import { multiply, rotationAbout, scaling, type SpatialMap, type Triple } from './spatial-map.js';

type SpatialStep = Augmentation & { readonly kind: 'rotate' | 'zoom' | 'elastic' };

export function isSpatial(step: Augmentation): step is SpatialStep {
  return step.kind === 'rotate' || step.kind === 'zoom' || step.kind === 'elastic';
}

/** A patch as the volume sees it. */
export interface PatchAxes {
  /** [D, H, W]: that of a 2-D patch is one slice. */
  readonly extent: Triple;
  /** Names of the network's axes, which are the last of [D, H, W]. */
  readonly axes: readonly string[];
}

/** What has been drawn so far; the parts of each kind are composed in the order of the list. */
interface Drawn {
  rotation: number[];
  zoom: number[];
  readonly displacement: (Float32Array | undefined)[];
}

/** The positions among [D, H, W] of the axes that are named, or of all. */
function positions(names: readonly string[] | null, { axes }: PatchAxes): readonly number[] {
  return (names ?? axes).map((name) => axes.indexOf(name) + 3 - axes.length);
}

function rotate(step: SpatialStep & { readonly kind: 'rotate' }, patch: PatchAxes, random: Random, drawn: Drawn): void {
  // A slice turns in its plane: about D, which the network does not have.
  const about = patch.axes.length === 2 ? [0] : positions(step.about, patch);
  for (const axis of about) {
    const angle = (between(random, step) * Math.PI) / 180;
    drawn.rotation = multiply(rotationAbout(axis, angle), drawn.rotation);
  }
}

function zoom(step: SpatialStep & { readonly kind: 'zoom' }, patch: PatchAxes, random: Random, drawn: Drawn): void {
  const extent = between(random, { from: 1 / step.to, to: 1 / step.from });
  const zoomed = positions(step.axes, patch);
  const factor = (axis: number): number => (zoomed.includes(axis) ? extent : 1);
  drawn.zoom = multiply(scaling([factor(0), factor(1), factor(2)]), drawn.zoom);
}

function deform(
  step: SpatialStep & { readonly kind: 'elastic' },
  patch: PatchAxes,
  random: Random,
  drawn: Drawn,
): void {
  const deviation = between(random, step);
  for (const axis of positions(step.axes, patch)) {
    const field = displacementField(random, patch.extent, step.spacing, deviation);
    const before = drawn.displacement[axis];
    drawn.displacement[axis] = before === undefined ? field : field.map((each, i) => each + before[i]!);
  }
}

const identity = scaling([1, 1, 1]);

/**
 * Draws the spatial steps of a list for one patch.
 * @param stream the random numbers of the step at a position of the list
 * @returns undefined if the patch is not transformed
 */
export function drawSpatial(
  steps: readonly Augmentation[],
  patch: PatchAxes,
  stream: (position: number) => Random,
): SpatialMap | undefined {
  const drawn: Drawn = { rotation: identity, zoom: identity, displacement: [] };
  let any = false;
  steps.forEach((step, position) => {
    if (!isSpatial(step)) return;
    const random = stream(position);
    if (!happens(random, step.chance)) return;
    any = true;
    if (step.kind === 'rotate') rotate(step, patch, random, drawn);
    else if (step.kind === 'zoom') zoom(step, patch, random, drawn);
    else deform(step, patch, random, drawn);
  });
  if (!any) return undefined;
  const matrix = multiply(drawn.rotation, drawn.zoom);
  return drawn.displacement.length === 0 ? { matrix } : { matrix, displacement: drawn.displacement };
}
