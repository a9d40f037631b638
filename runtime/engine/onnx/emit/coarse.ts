/** Our other coarse kernels: broadcasting, sums, products, columns, resampling. */
import { interpolationMatrix, type ResampleAttributes } from '../../../ops/resize.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { add, concat, expand, matMul, mul, reduce, reshape, slice, sumOfAll } from './basic.js';
import { emitter, listed, type Emitters } from './emitter.js';

export const coarse: Emitters = {
  UnetBroadcast: emitter<{ readonly operator: '+' | '*' }>((g, { full, repeated }, { operator }) =>
    operator === '+' ? add(g, full!, repeated!) : mul(g, full!, repeated!),
  ),
  UnetSum: emitter((g, { x }) => sumOverMiddle(g, x!)),
  UnetRepeat: emitter<{ readonly count: number }>((g, { x }, { count }) => {
    const [outer, inner] = x!.shape as [number, number];
    return expand(g, reshape(g, x!, [outer, 1, inner]), [outer, count, inner]);
  }),
  UnetMatMul: emitter((g, { a, b }) => matMul(g, a!, b!)),
  UnetJoinColumns: emitter((g, inputs) =>
    concat(g, listed(Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name.slice(1), value]))), 1),
  ),
  UnetCutColumns: emitter<{ readonly first: number; readonly width: number }>((g, { x }, { first, width }) =>
    slice(g, x!, [0, first], [x!.shape[0]!, width]),
  ),
  UnetSquareSum: emitter((g, { x }) => sumOfAll(g, mul(g, x!, x!))),
  UnetResample: emitter<ResampleAttributes>((g, { x }, attributes) => resample(g, x!, attributes)),
};

function sumOverMiddle(g: GraphBuilder, x: Value): Value {
  const [outer, count, inner] = x.shape as [number, number, number];
  if (inner !== 1) return reduce(g, 'ReduceSum', x, [1]);
  return reshape(g, reduce(g, 'ReduceSum', reshape(g, x, [outer, count]), [1]), [outer, 1]);
}

/** A matrix product with the weights of interpolation, which onnxruntime does faster than its Resize. */
function resample(g: GraphBuilder, x: Value, attributes: ResampleAttributes): Value {
  const { from, to, adjoint } = attributes;
  const [outer, size, inner] = x.shape as [number, number, number];
  const weights = g.constant(interpolationMatrix(attributes), [to, from]);
  if (inner > 1) return matMul(g, weights, x, adjoint, false);
  const product = matMul(g, reshape(g, x, [outer, size]), weights, false, !adjoint);
  return reshape(g, product, [outer, adjoint ? from : to, 1]);
}
