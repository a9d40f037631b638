/**
 * Properties that kinds of operations share. A definition spreads the traits it has and states the rest; `operation`
 * provides defaults.
 */
import type { Operation } from './operation.js';
import { channelsOf, local, unchanged, windowedSize, withBias, type Window } from './shapes.js';
import { nothing, windowed as windowedView } from './view.js';

/** Completes a definition: by default one operand, no weights, no multiplications, and nothing kept for the gradient. */
export function operation<A, F extends string = never>(
  own: Pick<Operation<A, F>, 'shape' | 'figure' | 'label'> & Partial<Operation<A, F>>,
): Operation<A, F> {
  return {
    operands: [1, 1],
    weights: () => [],
    macs: () => 0,
    view: (_, [first = nothing]) => first,
    keeps: () => [],
    mask: 'none',
    forwardCopies: () => 0,
    backwardCopies: () => 0,
    problems: () => [],
    name: () => undefined,
    block: () => undefined,
    layers: {},
    functions: {} as Operation<A, F>['functions'],
    ...own,
  };
}

/** Computes each element from the same element of its operand. */
export const elementwise = {
  shape: unchanged,
  figure: () => 'activation',
} as const satisfies Partial<Operation<unknown>>;

/** Moves a window over the spatial axes, and keeps the channels. */
export const windowed = {
  shape: (attributes, operands) => local(operands, undefined, (size, axis) => windowedSize(size, attributes, axis)),
  view: ({ attributes }, [first = nothing]) => windowedView(first, attributes),
} as const satisfies Partial<Operation<Window>>;

/** Multiplies its operand with trained weights, whose gradients need the operand. */
export const weighted = {
  keeps: (_, { weights }) => (weights ? [0] : []),
} as const satisfies Partial<Operation<unknown>>;

/** Normalises by statistics of its operand; the weights `weight` and `bias` `[C]` if it is affine. */
export const norm = {
  shape: unchanged,
  weights: ({ affine }, operands) => {
    if (!affine) return [];
    const channels = channelsOf(operands);
    return withBias({ name: 'weight', shape: [channels] }, true, channels);
  },
  // The statistics are small and not counted.
  keeps: () => [0],
  forwardCopies: ({ own }) => 2 * own,
  backwardCopies: ({ own }) => 2 * own,
  figure: () => 'norm',
} as const satisfies Partial<Operation<{ readonly affine: boolean }>>;

/** Moves elements without changing them: the gradient needs sizes alone. */
export const rearranging = {
  figure: () => 'shape',
} as const satisfies Partial<Operation<unknown>>;
