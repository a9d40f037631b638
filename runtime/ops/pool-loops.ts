import type { Amounts } from './spatial.js';

/** Windows of a pool over channels-last arrays `[N, D, H, W, C]`. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: Amounts;
  readonly input: readonly [number, number, number, number, number];
  readonly output: readonly [number, number, number, number, number];
}

/**
 * Calls `visit(inputAt, outputAt)` with the index of the first channel for every position of every window that is
 * inside the input, window by window, positions in memory order.
 */
function eachPlace(places: Windows, visit: (inputAt: number, outputAt: number) => void): void {
  const { kernel, stride, pad, input, output } = places;
  const [cases, depth, height, width, channels] = input;
  let outputAt = 0;
  for (let n = 0; n < cases; n++)
    for (let od = 0; od < output[1]; od++)
      for (let oh = 0; oh < output[2]; oh++)
        for (let ow = 0; ow < output[3]; ow++, outputAt += channels)
          for (let kd = 0; kd < kernel[0]!; kd++) {
            const d = od * stride[0]! + kd - pad[0]![0];
            if (d < 0 || d >= depth) continue;
            for (let kh = 0; kh < kernel[1]!; kh++) {
              const h = oh * stride[1]! + kh - pad[1]![0];
              if (h < 0 || h >= height) continue;
              for (let kw = 0; kw < kernel[2]!; kw++) {
                const w = ow * stride[2]! + kw - pad[2]![0];
                if (w >= 0 && w < width) visit((((n * depth + d) * height + h) * width + w) * channels, outputAt);
              }
            }
          }
}

/** The maximum of each window; NaN if it contains NaN. */
export function maxPoolLoops(y: Float32Array, x: Float32Array, places: Windows): void {
  const channels = places.input[4];
  y.fill(-Infinity);
  eachPlace(places, (i, j) => {
    for (let c = 0; c < channels; c++) {
      const value = x[i + c]!;
      if (value > y[j + c]! || value !== value) y[j + c] = value;
    }
  });
}

/** Adds each dy to the first position of its window that holds the maximum. */
export function maxPoolGradientLoops(dx: Float32Array, dy: Float32Array, x: Float32Array, places: Windows): void {
  const channels = places.input[4];
  const best = new Float32Array(dy.length).fill(-Infinity);
  const origin = new Int32Array(dy.length).fill(-1);
  eachPlace(places, (i, j) => {
    for (let c = 0; c < channels; c++) {
      const value = x[i + c]!;
      if (value > best[j + c]! || value !== value || origin[j + c]! < 0) {
        best[j + c] = value;
        origin[j + c] = i + c;
      }
    }
  });
  dx.fill(0);
  for (let j = 0; j < dy.length; j++) if (origin[j]! >= 0) dx[origin[j]!]! += dy[j]!;
}
