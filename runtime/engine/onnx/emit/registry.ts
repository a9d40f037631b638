import { activations } from './activation.js';
import { coarse } from './coarse.js';
import { convolutions } from './conv.js';
import { depthwise } from './depthwise.js';
import { elementwise } from './elementwise.js';
import type { Emitter } from './emitter.js';
import { norms } from './norm.js';
import { optimizers } from './optimizer.js';
import { pools } from './pool.js';
import { shaping } from './shaping.js';

/** Every kernel that onnxruntime computes, by its name in tfjs. */
export const emitters: ReadonlyMap<string, Emitter> = new Map(
  Object.entries({
    ...elementwise,
    ...shaping,
    ...coarse,
    ...activations,
    ...convolutions,
    ...depthwise,
    ...norms,
    ...pools,
    ...optimizers,
  }),
);
