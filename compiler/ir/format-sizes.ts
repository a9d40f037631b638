import { formatSize } from '../shape/size.js';
import type { Shape } from './ir.js';

/** Formats sizes: `24 x D x ceil(H / 2)`; `scalar` if there are no axes. */
export function formatSizes(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.map(({ size }) => formatSize(size)).join(' x ');
}
