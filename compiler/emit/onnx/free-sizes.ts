/** Names of sizes that are known only when the graph runs. */
import type { LegalSizes, ModelInput, Network, Shape } from '../../ir/ir.js';
import { constantOf, evaluate, formatSize, symbolsOf, type Size } from '../../shape/size.js';
import type { Size as GraphSize } from '../../../onnx/graph.js';

/** Spatial sizes of an image: the axis' name if the spec fixes no size. */
export function inputSizes({ axes }: Extract<ModelInput, { kind: 'image' }>): readonly GraphSize[] {
  return axes.map(({ name, size }) => size ?? name);
}

/** Sizes of an output: numbers, the name of an input axis that has this size at every legal patch, or the formula. */
export function outputSizes(shape: Shape, { legal }: Network): readonly GraphSize[] {
  return shape.map(({ size }) => constantOf(size) ?? axisLike(size, legal) ?? formatSize(size));
}

/** The number of legal sizes to compare. */
const tried = 256;

/** The axis that a size equals at all its legal sizes. */
function axisLike(size: Size, legal: readonly LegalSizes[]): string | undefined {
  const [axis, ...others] = symbolsOf(size);
  const sizes = legal.find((each) => each.axis === axis);
  if (axis === undefined || others.length > 0 || sizes === undefined) return undefined;
  const { first, step } = sizes;
  for (let index = 0; index < tried; index++) {
    const value = first + index * step;
    if (evaluate(size, new Map([[axis, value]])) !== value) return undefined;
  }
  return axis;
}
