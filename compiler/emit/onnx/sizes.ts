/** Symbolic sizes of the network as computations of the graph, lists of one int64. */
import type { GraphBuilder } from '../../../onnx/builder.js';
import type { AnyValue } from '../../../onnx/graph.js';
import { computed, sizeOfAxis } from '../../../onnx/formulations/sizes.js';
import { asFraction } from '../../shape/fraction.js';
import type { Size } from '../../shape/size.js';
import { axisOf, names, type Emission } from './emitter.js';

/** A size, from those of the axes of the operands after the first. */
export function computedSize(emission: Emission, size: Size): AnyValue {
  const { g, operands } = emission;
  switch (size.kind) {
    case 'constant':
      return g.integers([size.value]);
    case 'symbol': {
      const of = operands.slice(1).find((each) => names(each).includes(size.name));
      if (of === undefined) throw new Error(`no operand has the axis ${size.name}`);
      return sizeOfAxis(g, of.value, axisOf(of, size.name));
    }
    case 'sum':
      return size.terms
        .map(({ factor, term }) => times(g, computedSize(emission, term), factor))
        .reduce((total, term) => computed(g, 'Add', total, term), g.integers([size.constant]));
    case 'floor':
      // Div truncates, which is the floor: sizes are not negative.
      return computed(g, 'Div', computedSize(emission, size.of), g.integers([size.by]));
    case 'product':
      return size.factors.map((each) => computedSize(emission, each)).reduce((a, b) => computed(g, 'Mul', a, b));
  }
}

function times(g: GraphBuilder, value: AnyValue, factor: number): AnyValue {
  return factor === 1 ? value : computed(g, 'Mul', value, g.integers([factor]));
}

/** floor(n * factor), with n the size of an axis. */
export function scaledSize(g: GraphBuilder, x: AnyValue, axis: number, factor: number): AnyValue {
  const { over, under } = asFraction(factor);
  const product = computed(g, 'Mul', sizeOfAxis(g, x, axis), g.integers([over]));
  return computed(g, 'Div', product, g.integers([under]));
}
