/**
 * The elementwise functions of the operation `unary`. Each is defined here; engines implement them
 * (`runtime/ops/unary.ts`), which the type checker verifies.
 */
import { unaryFunctions, type UnaryFunction } from '../../../contract/functions.js';
import type { Kept } from './operation.js';

/** What the compiler knows about a function. */
export interface UnaryDefinition {
  /** What its derivative is computed from: the result, or the operand (0); undefined if neither. */
  readonly keeps: Kept | undefined;
  /** Its name in a figure, if not its own. */
  readonly label?: string;
  /** The number of tensors of the result's size that computing the gradient needs besides its result; 1 by default. */
  readonly backwardCopies?: number;
  /** What it does, in a sentence of Markdown, if the language has it as a layer. */
  readonly layer?: string;
  /** Its documentation as a function of the language, if it is one, and its value for a number. */
  readonly function?: { readonly doc: string; readonly of: (x: number) => number };
  /** The default of the layer's argument `slope`, if it has one. */
  readonly slope?: number;
}

const definitions = {
  relu: { keeps: 'output', label: 'ReLU', layer: '`max(x, 0)`.' },
  leaky_relu: {
    keeps: 'output',
    label: 'LeakyReLU',
    slope: 0.01,
    layer: '`max(x, 0) + slope * min(x, 0)`; the slope defaults to 0.01.',
  },
  elu: { keeps: 'output', label: 'ELU', layer: '`x` if `x > 0`, otherwise `exp(x) - 1`.' },
  gelu: {
    keeps: 0,
    label: 'GELU',
    backwardCopies: 3,
    layer: '`x` times the cumulative normal distribution of `x` (exact, with erf).',
  },
  silu: { keeps: 0, label: 'SiLU', backwardCopies: 3, layer: '`x * sigmoid(x)`.' },
  sigmoid: { keeps: 'output', layer: '`1 / (1 + exp(-x))`.' },
  tanh: { keeps: 'output', layer: 'Hyperbolic tangent.' },
  softplus: { keeps: 0, layer: '`log(1 + exp(x))`.' },
  exp: { keeps: 'output', function: { doc: 'Exponential of a number or a tensor (elementwise).', of: Math.exp } },
  log: { keeps: 0, function: { doc: 'Natural logarithm of a number or a tensor (elementwise).', of: Math.log } },
  sqrt: { keeps: 'output', function: { doc: 'Square root of a number or a tensor (elementwise).', of: Math.sqrt } },
  abs: { keeps: 0, function: { doc: 'Absolute value of a number or a tensor (elementwise).', of: Math.abs } },
  negate: { keeps: undefined },
} as const satisfies Readonly<Record<UnaryFunction, UnaryDefinition>>;

/** Functions that the language provides as functions. */
export type NumberFunction = {
  [F in UnaryFunction]: (typeof definitions)[F] extends { readonly function: unknown } ? F : never;
}[UnaryFunction];

/** What the compiler knows about each function. */
export const unaryDefinitions: Readonly<Record<UnaryFunction, UnaryDefinition>> = definitions;

/** Returns the value of a function for a number. */
export function numberFunction(name: NumberFunction): (x: number) => number {
  return definitions[name].function.of;
}

export const numberFunctions = unaryFunctions.filter((name): name is NumberFunction => 'function' in definitions[name]);
