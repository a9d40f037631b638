import { expect, it } from 'vitest';
import { foldedShapes } from '../../../runtime/engine/webgpu/folded-shapes.js';

it.each([
  { a: [2, 3, 4, 5, 6], b: [6], folded: { a: [120, 6], b: [1, 6] }, result: [2, 3, 4, 5, 6] },
  { a: [2, 3, 4, 5, 6], b: [2, 1, 1, 1, 6], folded: { a: [2, 60, 6], b: [2, 1, 6] }, result: [2, 3, 4, 5, 6] },
  { a: [1], b: [2, 3, 1, 5, 6], folded: { a: [1], b: [180] }, result: [2, 3, 1, 5, 6] },
  { a: [2, 1, 4, 5, 6], b: [2, 3, 4, 5, 6], folded: { a: [2, 1, 120], b: [2, 3, 120] }, result: [2, 3, 4, 5, 6] },
  { a: [], b: [1, 1, 1, 1, 1], folded: { a: [], b: [] }, result: [1, 1, 1, 1, 1] },
])('$a with $b', ({ a, b, folded, result }) => {
  expect(foldedShapes(a, b)).toEqual({ ...folded, result });
});
