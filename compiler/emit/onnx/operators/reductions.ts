import { axisOf, operand, type Emitter } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';

/**
 * Mean, sum or maximum over axes of the graph's tensor, over none the tensor itself. Goes axis by axis, innermost first:
 * sums of partial sums stay exact where one long float32 sum would not, and a node without axes would reduce all of them.
 */
export function over(
  graph: GraphBuilder,
  name: 'mean' | 'sum' | 'max',
  x: Value,
  axes: readonly number[],
  keepdims: 0 | 1,
): Value {
  const step = (result: Value, axis: number): Value => {
    if (name === 'sum') return graph.node('ReduceSum', [result, graph.integers([axis])], { keepdims });
    return graph.node(name === 'mean' ? 'ReduceMean' : 'ReduceMax', [result], { axes: [axis], keepdims });
  };
  return [...axes].sort((a, b) => b - a).reduce(step, x);
}

export const reduce: Emitter<'reduce'> = ({ function: name, over: axes }, emission) => {
  const x = operand(emission, 0);
  return over(
    emission.graph,
    name,
    x.value,
    axes.map((axis) => axisOf(x, axis)),
    0,
  );
};

/** Over several axes as its formula, the largest value taken off first. */
export const softmax: Emitter<'softmax'> = ({ over: names }, emission) => {
  const { graph } = emission;
  const x = operand(emission, 0);
  const axes = names.map((name) => axisOf(x, name));
  const [only] = axes;
  if (axes.length === 1 && only !== undefined) return graph.node('Softmax', [x.value], { axis: only });
  const powers = graph.node('Exp', [graph.node('Sub', [x.value, over(graph, 'max', x.value, axes, 1)])]);
  return graph.node('Div', [powers, over(graph, 'sum', powers, axes, 1)]);
};
