/** What is said with names of axes. */
import { sizesAsked, type Attributes, type Axis } from '../../../ir/ir.js';
import { constantOf, type Size } from '../../../shape/size.js';
import { axisOf, names, operand, type Emission, type Emitter, type Tensor } from '../emitter.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { joined, reshape, sizeOf, targetOf, type Target } from '../sizes.js';
import { permuted } from './elementwise.js';

/** Operands after the first may have their other axes in another order, and no batch where others have one. */
export const concat: Emitter<'concat'> = (_, emission) => {
  const { graph, operands } = emission;
  const others = names(operand(emission, 0)).slice(1);
  const batched = operands.find((each) => each.batched);
  const parts = operands.map((each) => {
    const turned = permuted(graph, each, [...names(each).slice(0, 1), ...others]);
    return each.batched || batched === undefined ? turned : repeated(graph, each, turned, batched);
  });
  return graph.node('Concat', parts, { axis: 1 });
};

/** The same for every case of `like`. */
function repeated(graph: GraphBuilder, { shape }: Tensor, value: Value, like: Tensor): Value {
  return graph.node('Expand', [value, joined(graph, [sizeOf(graph, like.value, 0), ...shape.map(() => 1)])]);
}

export const einsum: Emitter<'einsum'> = ({ into }, emission) => {
  const { graph } = emission;
  const sides = [operand(emission, 0), operand(emission, 1)];
  const letters = new Map([...new Set(sides.flatMap(names))].map((name, index) => [name, letterAt(index)]));
  const term = (axes: readonly string[], batched: boolean): string =>
    (batched ? batchLetter : '') + axes.map((name) => letters.get(name) ?? '').join('');
  const batched = sides.some((side) => side.batched);
  const values = sides.map((side) => (side.batched || !batched ? side.value : withoutBatch(graph, side)));
  const terms = sides.map((side) => term(names(side), side.batched || !batched));
  return graph.node('Einsum', values, { equation: `${terms.join(',')}->${term(into, true)}` });
};

const batchLetter = 'Z';

function letterAt(index: number): string {
  const letter = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY'[index];
  if (letter === undefined) throw new Error('einsum over more axes than there are letters');
  return letter;
}

function withoutBatch(graph: GraphBuilder, { value }: Tensor): Value {
  return graph.node('Squeeze', [value, graph.integers([0])]);
}

export const merge: Emitter<'merge'> = ({ axes, into }, emission) => {
  const { graph, shape } = emission;
  const x = operand(emission, 0);
  const order = names({ shape }).flatMap((name) => (name === into ? axes : [name]));
  const turned = permuted(graph, x, order);
  const place = names({ shape }).indexOf(into) + 1;
  const targets = shape.map(({ size }, index): Target => {
    if (index + 1 === place) return constantOf(size) ?? 'rest';
    const before = index + 1 < place ? index + 1 : index + axes.length;
    return targetOf(size, turned, before);
  });
  return reshape(graph, turned, [{ of: turned, axis: 0 }, ...targets]);
};

export const split: Emitter<'split'> = ({ axis, into }, emission) => {
  const x = operand(emission, 0);
  const asked = sizesAsked(into);
  const partTarget = ({ size }: Axis): Target =>
    asked.includes(size) ? { size: computed(emission, size) } : (constantOf(size) ?? 'rest');
  const targets = x.shape.flatMap(({ name, size }, index): readonly Target[] =>
    name === axis ? into.map(partTarget) : [targetOf(size, x.value, index + 1)],
  );
  return reshape(emission.graph, x.value, [{ of: x.value, axis: 0 }, ...targets]);
};

/** A list of one number: a size, from those of the axes of the operands after the first. */
function computed(emission: Emission, size: Size): Value {
  const { graph, operands } = emission;
  switch (size.kind) {
    case 'constant':
      return graph.integers([size.value]);
    case 'symbol': {
      const of = operands.slice(1).find((each) => names(each).includes(size.name));
      if (of === undefined) throw new Error(`no operand has the axis ${size.name}`);
      return sizeOf(graph, of.value, axisOf(of, size.name));
    }
    case 'sum':
      return size.terms
        .map(({ factor, term }) => times(graph, computed(emission, term), factor))
        .reduce((total, term) => graph.node('Add', [total, term]), graph.integers([size.constant]));
    case 'floor':
      // Div truncates, which is the floor: sizes are not negative.
      return graph.node('Div', [computed(emission, size.of), graph.integers([size.by])]);
    case 'product':
      return size.factors.map((each) => computed(emission, each)).reduce((a, b) => graph.node('Mul', [a, b]));
  }
}

function times(graph: GraphBuilder, value: Value, factor: number): Value {
  return factor === 1 ? value : graph.node('Mul', [value, graph.integers([factor])]);
}

export const transpose: Emitter<'transpose'> = ({ order }, emission) =>
  permuted(emission.graph, operand(emission, 0), order);

/** As numpy.roll: what is cut off at the end comes before the rest. */
export const roll: Emitter<'roll'> = ({ shifts }, emission) => {
  const x = operand(emission, 0);
  return shifts.reduce((value, shift) => rolled(emission.graph, { ...x, value }, shift), x.value);
};

type Shift = Attributes['roll']['shifts'][number];

function rolled(graph: GraphBuilder, x: Tensor, { axis: name, by }: Shift): Value {
  const axis = axisOf(x, name);
  const size = constantOf(x.shape[axis - 1]?.size ?? { kind: 'symbol', name });
  if (by === 0 || (size !== undefined && by % size === 0)) return x.value;
  const cut = size === undefined ? symbolicCut(graph, x.value, axis, by) : graph.integers([remainder(-by, size)]);
  const along = graph.integers([axis]);
  const tail = graph.node('Slice', [x.value, cut, graph.integers([2 ** 62]), along]);
  const head = graph.node('Slice', [x.value, graph.integers([0]), cut, along]);
  return graph.node('Concat', [tail, head], { axis });
}

/** Never negative. */
function remainder(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** Mod takes the sign of the divisor. */
function symbolicCut(graph: GraphBuilder, x: Value, axis: number, by: number): Value {
  return graph.node('Mod', [graph.integers([-by]), sizeOf(graph, x, axis)]);
}
