/**
 * Optimisers and the norm of gradients over all weights of a network. Small weights are joined to one long row first: most of a
 * network's hundreds of weights are small, and a node for each would take longer than its numbers.
 */
import type { GraphBuilder } from '../builder.js';
import { sizeOf, type Value } from '../graph.js';
import { add, div, mul, scale, sub, unary } from './elementwise.js';
import { sumOfAll } from './reductions.js';
import { concat, gather, gatherAt, reshape, split } from './shaping.js';

/** Weights of fewer values are joined. */
const SMALL = 32_768;

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export interface SgdOptions {
  readonly momentum: number;
  readonly decay: number;
  readonly nesterov: boolean;
}

function flat(g: GraphBuilder, x: Value): Value {
  return reshape(g, x, [sizeOf(x.shape)]);
}

function joined(g: GraphBuilder, values: readonly Value[], indices: readonly number[]): Value {
  return concat(
    g,
    indices.map((i) => flat(g, values[i]!)),
    0,
  );
}

/**
 * The square root of the sum of all squares.
 *
 * onnxruntime walks a graph from its results and, where a node has several operands, computes first the one that was added
 * last. So the sums of squares are added in the reverse of the order in which the backward pass makes the gradients:
 * otherwise those of the weights would be put off to the end, with all that they need kept in memory until then.
 */
export function globalNorm(g: GraphBuilder, gradients: readonly Value[]): Value {
  const lastMadeFirst = [...gradients].sort((a, b) => g.positionOf(b) - g.positionOf(a));
  const sums = lastMadeFirst.map((gradient) => {
    const row = flat(g, gradient);
    return reshape(g, sumOfAll(g, mul(g, row, row)), [1]);
  });
  return unary(g, 'Sqrt', sumOfAll(g, concat(g, sums, 0)));
}

/** What an update reads; one entry per weight in each list. */
export interface UpdateInputs {
  /** Parameters, then each moment. */
  readonly states: readonly (readonly Value[])[];
  readonly gradients: readonly Value[];
  /** `[weights, 3]`: the factors of each weight. */
  readonly rates: Value;
  /** The factor of all gradients, a scalar. */
  readonly factor: Value;
}

/** The new values of a parameter and its moments; `rates` are scalars or of the parameter's shape. */
type Update = (g: GraphBuilder, state: readonly Value[], gradient: Value, rates: readonly Value[]) => readonly Value[];

/** New parameters, then each new moment of all weights. */
function updateAll(
  g: GraphBuilder,
  { states, gradients, rates, factor }: UpdateInputs,
  update: Update,
): readonly Value[] {
  const shapes = states[0]!.map(({ shape }) => shape);
  const columns = split(g, rates, [1, 1, 1], 1).map((column) => reshape(g, column, [shapes.length]));
  const isSmall = (i: number): boolean => sizeOf(shapes[i]!) < SMALL;
  const results: Value[][] = states.map(() => []);
  const keep = (i: number, next: readonly Value[]): void =>
    next.forEach((value, part) => (results[part]![i] = reshape(g, value, shapes[i]!)));
  for (const i of shapes.keys()) {
    if (isSmall(i)) continue;
    const state = states.map((list) => flat(g, list[i]!));
    const gradient = mul(g, flat(g, gradients[i]!), factor);
    const ratesOfOne = columns.map((column) => reshape(g, gather(g, column, [i], 0), []));
    keep(i, update(g, state, gradient, ratesOfOne));
  }
  const small = [...shapes.keys()].filter(isSmall);
  if (small.length > 0) {
    const sizes = small.map((i) => sizeOf(shapes[i]!));
    const owner = Int32Array.from(small.flatMap((i, place) => Array<number>(sizes[place]!).fill(i)));
    const places = g.constant(owner, [owner.length]);
    const spread = columns.map((column) => gatherAt(g, column, places, 0));
    const state = states.map((list) => joined(g, list, small));
    const next = update(g, state, mul(g, joined(g, gradients, small), factor), spread);
    const pieces = next.map((row) => split(g, row, sizes, 0));
    small.forEach((i, place) =>
      keep(
        i,
        pieces.map((each) => each[place]!),
      ),
    );
  }
  return results.flat();
}

/** AdamW; rates are those of `runtime/training/optimizer-kernels`. New parameters, first moments, second moments. */
export function adamWStep(
  g: GraphBuilder,
  inputs: UpdateInputs,
  { beta1, beta2, epsilon }: AdamWOptions,
): readonly Value[] {
  return updateAll(g, inputs, (_, [parameter, first, second], gradient, [keep, rate, root]) => {
    const m = add(g, scale(g, first!, beta1), scale(g, gradient, 1 - beta1));
    const v = add(g, scale(g, second!, beta2), scale(g, mul(g, gradient, gradient), 1 - beta2));
    const denominator = add(g, mul(g, unary(g, 'Sqrt', v), root!), g.scalar(epsilon));
    return [sub(g, mul(g, parameter!, keep!), div(g, mul(g, m, rate!), denominator)), m, v];
  });
}

/** SGD with momentum; the second rate is the learning rate. New parameters, then velocities. */
export function sgdStep(
  g: GraphBuilder,
  inputs: UpdateInputs,
  { momentum, decay, nesterov }: SgdOptions,
): readonly Value[] {
  return updateAll(g, inputs, (_, [parameter, velocity], gradient, [, rate]) => {
    const decayed = decay === 0 ? gradient : add(g, gradient, scale(g, parameter!, decay));
    const v = add(g, scale(g, velocity!, momentum), decayed);
    const direction = nesterov ? add(g, decayed, scale(g, v, momentum)) : v;
    return [sub(g, parameter!, mul(g, direction, rate!)), v];
  });
}
