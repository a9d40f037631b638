import type { Trace } from './trace.js';

export function fuse(trace: Trace): Trace {
  return trace;
}
