import type { Emitter } from './emitter.js';
import { ownEmitters } from './own.js';
import { stockEmitters } from './stock.js';

/** Every kernel that onnxruntime can compute, by its name in tfjs. */
export const emitters: ReadonlyMap<string, Emitter> = new Map(Object.entries({ ...stockEmitters, ...ownEmitters }));
