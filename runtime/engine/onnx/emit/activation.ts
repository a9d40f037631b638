/** `UnetGelu`, `UnetPrelu` and their gradients. */
import type { GraphBuilder } from '../graph/builder.js';
import type { Value } from '../graph/value.js';
import { add, cast, compare, mul, reduce, reshape, scale, unary, where, binary } from './basic.js';
import { emitter, type Emitters } from './emitter.js';

/** d/dx of x Phi(x): Phi(x) + x phi(x), with 1/2 erf(x / sqrt 2) + 1/2 and exp(-x^2 / 2) / sqrt(2 pi). */
function geluSlope(g: GraphBuilder, x: Value): Value {
  const error = unary(g, 'Erf', scale(g, x, Math.SQRT1_2));
  const phi = add(g, scale(g, error, 0.5), g.scalar(0.5));
  const bell = unary(g, 'Exp', scale(g, mul(g, x, x), -0.5));
  return add(g, phi, scale(g, mul(g, x, bell), 1 / Math.sqrt(2 * Math.PI)));
}

/** `[C]` along the channels of `[N, C, ...]`. */
function alongChannels(g: GraphBuilder, values: Value, { shape }: Value): Value {
  return reshape(g, values, [values.shape[0]!, ...shape.slice(2).map(() => 1)]);
}

/** `values` where x > 0, `values * slope` elsewhere. */
function scaledBySign(g: GraphBuilder, values: Value, x: Value, slope: Value): Value {
  const above = compare(g, 'Greater', x, g.scalar(0));
  return mul(g, values, where(g, above, g.scalar(1), alongChannels(g, slope, x)));
}

export const activations: Emitters = {
  UnetGelu: emitter((g, { x }) => unary(g, 'Gelu', x!)),
  UnetGeluInput: emitter((g, { dy, x }) => mul(g, dy!, geluSlope(g, x!))),

  UnetPrelu: emitter((g, { x, slope }) =>
    g.node('PRelu', [x!, alongChannels(g, slope!, x!)], { shape: x!.shape, type: x!.type }),
  ),
  UnetPreluInput: emitter((g, { dy, x, slope }) => scaledBySign(g, dy!, x!, slope!)),
  UnetPreluSlope: emitter((g, { dy, x }) => {
    const products = mul(g, dy!, binary(g, 'Min', x!, g.scalar(0)));
    return reduce(g, 'ReduceSum', products, [0, ...x!.shape.slice(2).map((_, i) => i + 2)]);
  }),

  /** The gradient of relu asks where its operand is above zero; the result of relu, which is kept anyway, says the same. */
  Step: emitter<{ readonly alpha?: number }>((g, { x }, { alpha = 0 }) => {
    const seen = g.existing('Relu', [x!]) ?? cast(g, x!, 'float32');
    const above = cast(g, compare(g, 'Greater', seen, g.scalar(0)), 'float32');
    return alpha === 0 ? above : add(g, scale(g, above, 1 - alpha), g.scalar(alpha));
  }),
};
