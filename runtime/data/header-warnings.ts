import { affineOf, affineSource, millimetresPerUnit, unitName } from './affine.js';
import { type Grid, gridOf, sameSpacing, spacingText } from './grid.js';
import { placementOf } from './placement.js';
import type { HeaderWarning, SpatialHeader } from './types.js';

/** Voxel sizes outside this range, in millimetres, suggest a wrong unit: from electron microscopy to whole fields. */
const PLAUSIBLE = [1e-6, 100] as const;

/** Along [D, H, W], in millimetres, as specified by `pixdim`. */
function statedSpacing({ pixdim, units }: SpatialHeader): number[] {
  const scale = millimetresPerUnit(units);
  return [pixdim[3], pixdim[2], pixdim[1]].map((size) => Math.abs(size) * scale);
}

/** The sizes along axes with more than one voxel; those of the others are unknown and irrelevant. */
function along({ shape }: Grid, sizes: readonly number[]): number[] {
  return sizes.filter((_, axis) => (shape[axis] ?? 1) > 1);
}

function sizeWarning(grid: Grid, header: SpatialHeader): HeaderWarning | undefined {
  if (affineSource(header) !== 'sform') return undefined;
  const stated = statedSpacing(header);
  if (sameSpacing(along(grid, stated), along(grid, grid.spacing))) return undefined;
  return {
    code: 'UNET6123',
    kind: 'spacing',
    fault: `has voxels of ${spacingText(grid.spacing)} mm (D x H x W) by its affine (sform) and of ${spacingText(stated)} mm by \`pixdim\`; the affine is used`,
    help: 'Find out which one is correct. If it is `pixdim`, correct the sform and check the file again.',
  };
}

/** An sform may describe another space than the qform on purpose, but then its code differs. */
function transformWarning(grid: Grid, header: SpatialHeader): HeaderWarning | undefined {
  if (header.sformCode <= 0 || header.qformCode <= 0) return undefined;
  const other = gridOf(grid.shape, affineOf(header, 'qform'));
  const sameAxes = other.orientation === grid.orientation;
  const agrees = header.sformCode === header.qformCode ? placementOf(other, grid) === 'same' : sameAxes;
  const otherSize = !sameSpacing(along(grid, statedSpacing(header)), along(grid, grid.spacing));
  if (agrees || otherSize) return undefined;
  const how = sameAxes ? 'to different places' : `along different axes (${grid.orientation} and ${other.orientation})`;
  return {
    code: 'UNET6123',
    kind: 'transforms',
    fault: `has an sform and a qform that map its voxels ${how}; the sform is used`,
    help: 'Other programs may use the qform. Correct the wrong one, or copy the correct one to both.',
  };
}

function orientationWarning(grid: Grid, header: SpatialHeader): HeaderWarning | undefined {
  if (affineSource(header) !== 'pixdim') return undefined;
  return {
    code: 'UNET6124',
    kind: 'orientation',
    fault: `has neither an sform nor a qform: its axes are assumed to point to ${grid.orientation}`,
    help: 'Convert the scan again with a program that preserves the orientation; left and right may be swapped.',
  };
}

function unitWarning(grid: Grid, { units }: SpatialHeader): HeaderWarning | undefined {
  const help = 'Correct `xyzt_units` or the voxel size: surface distances and volumes depend on it.';
  if ((units & 7) > 3) {
    return {
      code: 'UNET6125',
      kind: 'unit',
      fault: `has the invalid unit of length ${units & 7} in \`xyzt_units\`; millimetres are assumed`,
      help,
    };
  }
  const [least, most] = PLAUSIBLE;
  if (along(grid, grid.spacing).every((size) => size >= least && size <= most)) return undefined;
  return {
    code: 'UNET6125',
    kind: 'voxel size',
    fault: `has voxels of ${spacingText(grid.spacing)} mm (its unit of length: ${unitName(units)})`,
    help,
  };
}

/** Assumptions about a volume's position in space, because its header is contradictory or incomplete. */
export function geometryWarnings(grid: Grid, header: SpatialHeader): HeaderWarning[] {
  return [sizeWarning, transformWarning, orientationWarning, unitWarning]
    .map((find) => find(grid, header))
    .filter((found) => found !== undefined);
}
