import { affineSource } from './affine.js';
import { spacingText } from './grid.js';
import type { NiftiHeader } from './nifti-header.js';
import { type Place, errorAt } from './place.js';
import { type Placement, angleBetween, placementOf, shiftBetween } from './placement.js';
import type { Geometry } from './types.js';

function shapeText({ shape }: Geometry): string {
  return shape.join(' x ');
}

function axesText(label: Geometry, image: Geometry): string {
  return label.orientation === image.orientation ? '' : `, with the axes ${label.orientation} and ${image.orientation}`;
}

const RESAMPLE = 'Resample the label onto the grid of its image, with the nearest neighbour.';

interface GridProblem {
  readonly code: string;
  readonly fault: string;
  readonly help: string;
}

/**
 * Messages about a label whose grid differs. Copying the header of the image is never suggested: it would mirror a
 * label whose voxels are in another order, and move one whose header is correct.
 */
const FAULTS: Readonly<Record<Exclude<Placement, 'same'>, (label: Geometry, image: Geometry) => GridProblem>> = {
  reoriented: (label, image) => ({
    code: 'UNET6120',
    fault: `covers the same voxels as its image, but stores its axes as ${label.orientation} and the image as ${image.orientation}`,
    help: `Reorient the label to ${image.orientation} by reordering its voxels. Do not copy the header of the image: that would mirror or rotate the label.`,
  }),
  shape: (label, image) => ({
    code: 'UNET6009',
    fault: `has the shape ${shapeText(label)}, but its image has ${shapeText(image)} (D x H x W)${axesText(label, image)}`,
    help: RESAMPLE,
  }),
  orientation: (label, image) => ({
    code: 'UNET6009',
    fault: `stores its axes as ${label.orientation} and its image as ${image.orientation}, and the two cover different parts of space`,
    help: 'One of the two headers is wrong. Export the label again with the image as its reference. Do not copy the header of the image: that could mirror the label.',
  }),
  spacing: (label, image) => ({
    code: 'UNET6009',
    fault: `has a voxel size of ${spacingText(label.spacing)} mm (D x H x W), but its image has ${spacingText(image.spacing)} mm`,
    help: RESAMPLE,
  }),
  rotation: (label, image) => ({
    code: 'UNET6009',
    fault: `is rotated by ${Number(angleBetween(label, image).toPrecision(2))}° relative to its image`,
    help: RESAMPLE,
  }),
  shift: (label, image) => ({
    code: 'UNET6009',
    fault: `is shifted by (${shiftBetween(label, image).map(shiftText).join(', ')}) mm (right, anterior, superior) relative to its image`,
    help: `${RESAMPLE} If an overlay of the two arrays shows that only the origin is wrong, correct the origin in the header of the label.`,
  }),
};

function shiftText(length: number): string {
  return String(Number(length.toPrecision(3)));
}

/** @throws UserError UNET6009 unless the label is 3-D and on the image's grid, UNET6120 if its axes are stored differently */
export function checkLabelGeometry(place: Place, label: NiftiHeader, image: NiftiHeader): void {
  if (label.channels !== 1) {
    const fault = `has ${label.channels} channels, but a label must have one`;
    throw errorAt(place, 'UNET6009', fault, 'Save the label as a 3-D volume of class values.');
  }
  const placement = placementOf(label.geometry, image.geometry);
  if (placement === 'same') return;
  const { code, fault, help } = FAULTS[placement](label.geometry, image.geometry);
  const unknown = affineSource(label.geometry.header) === 'pixdim' ? ' (its header states no orientation)' : '';
  throw errorAt(place, code, `${fault}${unknown}`, help);
}
