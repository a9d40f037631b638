import { formatSize } from '../shape/size.js';
import type { Shape } from './tensor.js';

/** Formats the axes of a shape: `[C = 24, D, H = ceil(H / 2)]`. */
export function formatShape(shape: Shape): string {
  const axes = shape.map(({ name, size }) => {
    const text = formatSize(size);
    return text === name ? name : `${name} = ${text}`;
  });
  return `[${axes.join(', ')}]`;
}
