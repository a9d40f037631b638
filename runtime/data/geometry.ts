import { affineOf } from './affine.js';
import { gridOf } from './grid.js';
import { geometryWarnings } from './header-warnings.js';
import type { Geometry, SpatialHeader } from './types.js';

/** Derives where a volume lies in space from its header, in millimetres. */
export function geometryOf(shape: Geometry['shape'], header: SpatialHeader): Geometry {
  const grid = gridOf(shape, affineOf(header));
  return { ...grid, header, warnings: geometryWarnings(grid, header) };
}

/** A geometry with identity directions and no offset, for volumes that come from no file. */
export function plainGeometry(
  shape: Geometry['shape'],
  spacing: readonly [number, number, number] = [1, 1, 1],
): Geometry {
  const [dz, dy, dx] = spacing;
  return geometryOf(shape, {
    pixdim: [1, dx, dy, dz],
    qformCode: 1,
    sformCode: 1,
    quaternion: [0, 0, 0, 0, 0, 0],
    rows: [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0],
    units: 2,
  });
}
