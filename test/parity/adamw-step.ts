import type { Protocol } from '../../contract/protocol.js';
import { asFloat32, type HostTensor } from '../../runtime/files/safetensors.js';
import { largest } from './compare.js';

/** New values of the entries of a weight whose update does not hang on rounding, with their places. */
export interface SteppedWeight {
  readonly decided: readonly number[];
  readonly values: readonly number[];
}

/**
 * The first AdamW step in float64, straight from the paper (Loshchilov & Hutter 2019, algorithm 2): both corrected
 * moments are then the clipped gradient and its square. An entry goes lr up or down by its gradient's sign alone, so
 * one below a thousandth of the tensor's largest is left out, unless it is exactly zero: that one is decayed only.
 * @param taken ids that take part; the others stay as they are
 */
export function adamWStep(
  weights: ReadonlyMap<string, HostTensor>,
  gradients: ReadonlyMap<string, Float32Array>,
  taken: ReadonlySet<string>,
  { lr, weightDecay, epsilon, clipNorm }: Extract<Protocol['optimizer'], { kind: 'adamw' }>,
): Map<string, SteppedWeight> {
  let squares = 0;
  for (const gradient of gradients.values()) for (const value of gradient) squares += value * value;
  const factor = clipNorm === null ? 1 : Math.min(1, clipNorm / (Math.sqrt(squares) + 1e-6));
  const step = (value: number, gradient: number): number =>
    value * (1 - lr * weightDecay) - (lr * factor * gradient) / (Math.abs(factor * gradient) + epsilon);
  return new Map(
    [...weights].map(([id, tensor]) => {
      const gradient = gradients.get(id)!;
      const before = asFloat32(tensor);
      const least = Math.max(1e-3 * largest(gradient), 1e-6);
      const decided = [...before.keys()].filter((i) => gradient[i] === 0 || Math.abs(gradient[i]!) > least);
      return [
        id,
        { decided, values: decided.map((i) => (taken.has(id) ? step(before[i]!, gradient[i]!) : before[i]!)) },
      ];
    }),
  );
}
