import type { FloatTensor } from '../data/types.js';

/** A batch of windows: by image input [N, C, ...patch], by identifier input N values, -1 for none. */
export interface WindowBatch {
  readonly inputs: Readonly<Record<string, FloatTensor>>;
  readonly identifiers: Readonly<Record<string, Int32Array>>;
}

/**
 * Logits of each output, [N, labels, ...size], in the order of `outputs`. The arrays of the batch are reused
 * afterwards.
 */
export type Predict = (batch: WindowBatch) => Promise<readonly Float32Array[]>;
