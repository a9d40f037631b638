import { avgPool, conv, depthwiseConv, linear, maxPool, transposedConv } from './convolutions.js';
import { activations, dropout, identity, leakyRelu, prelu, spatialDropout } from './elementwise.js';
import { groupNorm, instanceNorm, layerNorm } from './norms.js';
import type { Primitive } from './primitive.js';
import { crop, pad, resize } from './resampling.js';

/** Every layer of the base, by name. */
export const primitives: ReadonlyMap<string, Primitive> = new Map(
  [
    conv,
    depthwiseConv,
    transposedConv,
    linear,
    maxPool,
    avgPool,
    groupNorm,
    instanceNorm,
    layerNorm,
    ...activations,
    leakyRelu,
    prelu,
    dropout,
    spatialDropout,
    resize,
    pad,
    crop,
    identity,
  ].map((primitive) => [primitive.name, primitive]),
);
