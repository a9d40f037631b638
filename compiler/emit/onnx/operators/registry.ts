import type { OpKind } from '../../../ir/ir.js';
import { operand, type Emitter } from '../emitter.js';
import { concat, einsum, merge, roll, split, transpose } from './axes.js';
import { conv, depthwiseConv, linear, transposedConv } from './convolutions.js';
import { binary, prelu, scalar, unary } from './elementwise.js';
import { groupNorm, instanceNorm, layerNorm } from './norms.js';
import { reduce, softmax } from './reductions.js';
import { avgPool, crop, maxPool, pad, resize } from './spatial.js';
import { param, pick } from './tables.js';

/** Nothing is dropped outside of training. */
const handedOn: Emitter<'dropout' | 'spatial_dropout'> = (_, emission) => operand(emission, 0).value;

/** What each kind of operation becomes; inputs are the graph's own. */
export const emitters: { readonly [K in Exclude<OpKind, 'input'>]: Emitter<K> } = {
  param,
  conv,
  depthwise_conv: depthwiseConv,
  transposed_conv: transposedConv,
  linear,
  max_pool: maxPool,
  avg_pool: avgPool,
  group_norm: groupNorm,
  instance_norm: instanceNorm,
  layer_norm: layerNorm,
  unary,
  prelu,
  softmax,
  dropout: handedOn,
  spatial_dropout: handedOn,
  resize,
  binary,
  scalar,
  reduce,
  concat,
  einsum,
  merge,
  split,
  transpose,
  pick,
  pad,
  crop,
  roll,
};
