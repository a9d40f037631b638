/** Matrix products, linear layers and sums of products over named axes. */
import type { GraphBuilder } from '../builder.js';
import { unnamed, type AnyValue, type Size, type Value } from '../graph.js';
import { add, broadcastShape } from './elementwise.js';
import { channelsOf, extentsOf, reshape, squeeze, type Weight } from './shaping.js';

/**
 * Matrix product over the last two axes, with the leading ones as cases (repeated where 1). Transposed operands are
 * multiplied as they lie, which takes onnxruntime's own operator.
 */
export function matMul(g: GraphBuilder, a: Value, b: Value, transposeA = false, transposeB = false): Value {
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns];
  if (!transposeA && !transposeB) return g.node('MatMul', [a, b], { shape, type: a.type });
  const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  return g.node('FusedMatMul', [a, b], { shape, type: a.type }, attributes, 'com.microsoft');
}

/** `[N, C, positions]`. */
export function rowsOf<S extends Size>(g: GraphBuilder, x: Value<S>): Value<S> {
  return x.shape.length === 3 ? x : reshape<S>(g, x, [...extentsOf(x).slice(0, 2), 'rest']);
}

/** y[o, ...] = sum_c w[o, c] x[c, ...] (+ b[o]) with `w` `[out, in]` from the left; without other axes a Gemm. */
export function linear<S extends Size>(
  g: GraphBuilder,
  x: Value<S>,
  w: Weight,
  bias: Weight | undefined,
  out: number,
): Value<S> {
  const weight = w([out, channelsOf(x)]);
  const [cases, , ...others] = x.shape as [S, ...S[]];
  const shape = [cases, out as S, ...others];
  if (others.length === 0) {
    return g.node('Gemm', withWeights(x, weight, bias, out), { shape, type: x.type }, { transB: 1 });
  }
  const rows = rowsOf(g, x);
  const product = g.node('MatMul', [weight, rows], { shape: rows.shape.with(1, out as S), type: x.type });
  const y = bias === undefined ? product : add<Size>(g, product, bias([out, 1]));
  if (others.length === 1) return y as Value<S>;
  return reshape<S>(g, y as Value<S>, [extentsOf(y)[0]!, out, ...extentsOf(x).slice(2)]);
}

/** The operands of an operator that takes a weight and an optional bias `[out]`. */
export function withWeights(x: AnyValue, weight: Value, bias: Weight | undefined, out: number): readonly AnyValue[] {
  return bias === undefined ? [x, weight] : [x, weight, bias([out])];
}

/** A factor of an einsum; its axes do not include the batch. */
export interface Factor {
  readonly value: AnyValue;
  readonly axes: readonly string[];
  /** Without a batch, the first axis has size 1. */
  readonly batched: boolean;
}

/** Sums the products of the factors over every axis that `into` leaves out. */
export function einsum(g: GraphBuilder, factors: readonly Factor[], into: readonly string[]): AnyValue {
  const letters = new Map([...new Set(factors.flatMap(({ axes }) => axes))].map((axis, i) => [axis, letterAt(i)]));
  const term = (axes: readonly string[], batched: boolean): string =>
    (batched ? batchLetter : '') + axes.map((axis) => letters.get(axis) ?? '').join('');
  const batched = factors.some((factor) => factor.batched);
  const values = factors.map((factor) => (factor.batched || !batched ? factor.value : squeeze(g, factor.value, [0])));
  const terms = factors.map((factor) => term(factor.axes, factor.batched || !batched));
  const equation = `${terms.join(',')}->${term(into, true)}`;
  const shape = [unnamed, ...into.map(() => unnamed)];
  return g.node('Einsum', values, { shape, type: 'float32' }, { equation });
}

const batchLetter = 'Z';

function letterAt(index: number): string {
  const letter = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY'[index];
  if (letter === undefined) throw new Error('einsum over more axes than there are letters');
  return letter;
}
