/**
 * The volume computations of losses as plain loops, channels last, with `labels` values per voxel. One pass each, with
 * sums in double precision.
 */

/** Softmax of each voxel, shifted by its largest logit so that nothing overflows. */
export function softmaxLoop(p: Float32Array, x: Float32Array, labels: number): void {
  for (let at = 0; at < x.length; at += labels) {
    let largest = -Infinity;
    for (let c = 0; c < labels; c++) largest = Math.max(largest, x[at + c]!);
    let sum = 0;
    for (let c = 0; c < labels; c++) sum += p[at + c] = Math.exp(x[at + c]! - largest);
    for (let c = 0; c < labels; c++) p[at + c]! /= sum;
  }
}

export function sigmoidLoop(p: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) p[i] = 1 / (1 + Math.exp(-x[i]!));
}

/** `[2, N, labels]`: sum(p * t) and sum(p + t) over the voxels of each case. */
export function overlapLoop(sums: Float32Array, p: Float32Array, t: Float32Array, cases: number, labels: number): void {
  const each = p.length / cases;
  for (let n = 0; n < cases; n++) {
    const both = new Float64Array(labels);
    const either = new Float64Array(labels);
    for (let at = n * each; at < (n + 1) * each; at += labels) {
      for (let c = 0; c < labels; c++) {
        both[c]! += p[at + c]! * t[at + c]!;
        either[c]! += p[at + c]! + t[at + c]!;
      }
    }
    sums.set(both, n * labels);
    sums.set(either, (cases + n) * labels);
  }
}

/**
 * Mean over voxels of -log softmax at the target. The largest probability of a voxel is 1 / sum_c exp(x_c - max x), so
 * that no exponential is computed twice.
 */
export function crossEntropyLoop(x: Float32Array, p: Float32Array, t: Float32Array, labels: number): number {
  let total = 0;
  for (let at = 0; at < x.length; at += labels) {
    let largest = 0;
    for (let c = 1; c < labels; c++) if (x[at + c]! > x[at + largest]!) largest = c;
    for (let c = 0; c < labels; c++) total += t[at + c]! * (x[at + largest]! - x[at + c]!);
    total -= Math.log(p[at + largest]!);
  }
  return (total * labels) / x.length;
}

/**
 * Mean over voxels and regions of max(x, 0) - x t + log(1 + exp(-|x|)); the last is -log of the larger of p and 1 - p.
 */
export function binaryCrossEntropyLoop(x: Float32Array, p: Float32Array, t: Float32Array): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += Math.max(x[i]!, 0) - x[i]! * t[i]! - Math.log(Math.max(p[i]!, 1 - p[i]!));
  return total / x.length;
}

/**
 * The gradient of each loss with respect to the logits: dL/dp = a t + b (`[N, labels]` each), and k (p - t) from cross
 * entropy.
 */
export interface Slopes {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly k: number;
}

/** dL/dlogits through softmax, p (g - sum_c p g) + k (p - t) with g = a t + b. */
export function softmaxGradientLoop(
  dx: Float32Array,
  p: Float32Array,
  t: Float32Array,
  { a, b, k }: Slopes,
  labels: number,
): void {
  const each = (p.length * labels) / a.length;
  for (let at = 0; at < p.length; at += labels) {
    const row = Math.floor(at / each) * labels;
    let inner = 0;
    for (let c = 0; c < labels; c++) inner += p[at + c]! * (a[row + c]! * t[at + c]! + b[row + c]!);
    for (let c = 0; c < labels; c++) {
      const slope = a[row + c]! * t[at + c]! + b[row + c]! - inner;
      dx[at + c] = p[at + c]! * (slope + k) - k * t[at + c]!;
    }
  }
}

/** dL/dlogits through a sigmoid for each region, p (1 - p) g + k (p - t). */
export function sigmoidGradientLoop(
  dx: Float32Array,
  p: Float32Array,
  t: Float32Array,
  { a, b, k }: Slopes,
  labels: number,
): void {
  const each = (p.length * labels) / a.length;
  for (let at = 0; at < p.length; at += labels) {
    const row = Math.floor(at / each) * labels;
    for (let c = 0; c < labels; c++) {
      const slope = a[row + c]! * t[at + c]! + b[row + c]!;
      dx[at + c] = p[at + c]! * (1 - p[at + c]!) * slope + k * (p[at + c]! - t[at + c]!);
    }
  }
}
