import { affineOf } from './affine.js';
import { gridOf } from './grid.js';
import { geometryWarnings } from './header-warnings.js';
import type { Geometry, SpatialHeader } from './types.js';

/** Derives a volume's position in space from its header, in millimetres. */
export function geometryOf(shape: Geometry['shape'], header: SpatialHeader): Geometry {
  const grid = gridOf(shape, affineOf(header));
  return { ...grid, header, warnings: geometryWarnings(grid, header) };
}
