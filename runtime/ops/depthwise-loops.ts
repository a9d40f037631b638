import type { Geometry } from './conv-parts.js';

/**
 * Filter gradient of a depthwise convolution over channels-last arrays `[N, D, H, W, C]`: `dw` `[C, kd * kh * kw]`,
 * dw[c, t] = sum over positions p of x[p * stride + t * dilation - before, c] * dy[p, c].
 */
export function depthwiseFilterLoops(
  dw: Float32Array,
  x: Float32Array,
  dy: Float32Array,
  xShape: readonly number[],
  dyShape: readonly number[],
  taps: readonly number[],
  { stride, dilation, pad }: Geometry,
): void {
  const [cases, depth, height, width, channels] = xShape as [number, number, number, number, number];
  const [, outDepth, outHeight, outWidth] = dyShape as [number, number, number, number, number];
  const [kd, kh, kw] = taps as [number, number, number];
  const sums = new Float64Array(kw * channels);
  dw.fill(0);
  const addRow = (xRow: number, dyRow: number): void => {
    for (let t = 0; t < kw; t++) {
      const shift = t * dilation[2]! - pad[2]![0];
      const first = Math.max(0, Math.ceil(-shift / stride[2]!));
      const count = Math.min(outWidth - 1, Math.floor((width - 1 - shift) / stride[2]!)) - first + 1;
      const start = xRow + (first * stride[2]! + shift) * channels;
      addTap(sums, t * channels, x, start, stride[2]! * channels, dy, dyRow + first * channels, channels, count);
    }
  };
  for (let a = 0; a < kd; a++) {
    for (let b = 0; b < kh; b++) {
      sums.fill(0);
      for (let n = 0; n < cases; n++) {
        for (let p = 0; p < outDepth; p++) {
          const d = p * stride[0]! + a * dilation[0]! - pad[0]![0];
          if (d < 0 || d >= depth) continue;
          for (let q = 0; q < outHeight; q++) {
            const h = q * stride[1]! + b * dilation[1]! - pad[1]![0];
            if (h < 0 || h >= height) continue;
            const xRow = ((n * depth + d) * height + h) * width * channels;
            addRow(xRow, ((n * outDepth + p) * outHeight + q) * outWidth * channels);
          }
        }
      }
      for (let t = 0; t < kw; t++) {
        for (let c = 0; c < channels; c++) dw[c * kd * kh * kw + (a * kh + b) * kw + t] = sums[t * channels + c]!;
      }
    }
  }
}

/**
 * sums[at + c] += sum over p < count of x[i + p * step + c] * dy[j + p * channels + c]. Handles four channels at a time
 * in separate variables, which hides the latency of the additions.
 */
function addTap(
  sums: Float64Array,
  at: number,
  x: Float32Array,
  i: number,
  step: number,
  dy: Float32Array,
  j: number,
  channels: number,
  count: number,
): void {
  let c = 0;
  for (; c + 4 <= channels; c += 4) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let p = 0, k = i + c, l = j + c; p < count; p++, k += step, l += channels) {
      s0 += x[k]! * dy[l]!;
      s1 += x[k + 1]! * dy[l + 1]!;
      s2 += x[k + 2]! * dy[l + 2]!;
      s3 += x[k + 3]! * dy[l + 3]!;
    }
    sums[at + c]! += s0;
    sums[at + c + 1]! += s1;
    sums[at + c + 2]! += s2;
    sums[at + c + 3]! += s3;
  }
  for (; c < channels; c++) {
    let s = 0;
    for (let p = 0, k = i + c, l = j + c; p < count; p++, k += step, l += channels) s += x[k]! * dy[l]!;
    sums[at + c]! += s;
  }
}
