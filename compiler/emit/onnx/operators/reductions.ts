import { axisOf, operand, type Emitter } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';

/**
 * Mean, sum or maximum over axes of the graph's tensor. Mean and sum go axis by axis, innermost first: sums of partial
 * sums stay exact where one long float32 sum would not.
 */
export function over(
  graph: GraphBuilder,
  name: 'mean' | 'sum' | 'max',
  x: Value,
  axes: readonly number[],
  keepdims: 0 | 1,
): Value {
  if (name === 'max') return graph.node('ReduceMax', [x], { axes, keepdims });
  const step = (result: Value, axis: number): Value =>
    name === 'mean'
      ? graph.node('ReduceMean', [result], { axes: [axis], keepdims })
      : graph.node('ReduceSum', [result, graph.integers([axis])], { keepdims });
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
