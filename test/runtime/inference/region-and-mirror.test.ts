import { describe, expect, it } from 'vitest';
import { nonzeroBox } from '../../../runtime/data/nonzero-box.js';
import type { FloatTensor } from '../../../runtime/data/types.js';
import { memorySource } from '../../../runtime/data/voxel-source.js';
import { enlargedRegion } from '../../../runtime/inference/region.js';
import { slidingWindow, type SlidingWindowOptions } from '../../../runtime/inference/sliding-window.js';
import type { Predict } from '../../../runtime/inference/window-batch.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { mirroredAxes } from '../../../runtime/run/mirrored-axes.js';

function noise(shape: readonly number[]): FloatTensor {
  const random = randomStream(1, 'noise');
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()) };
}

/** Two labels whose logits depend on the position in the window and on a neighbour, so that mirroring matters. */
const lopsided: Predict = ({ inputs }) => {
  const { data, shape } = inputs['scan']!;
  const voxels = data.length / shape[0]!;
  const logits = new Float32Array(2 * data.length);
  for (let n = 0; n < shape[0]!; n++)
    for (let i = 0; i < voxels; i++) {
      const own = data[n * voxels + i]!;
      logits[2 * n * voxels + i] = 0.3 * own;
      logits[(2 * n + 1) * voxels + i] = own * (1 + (i % 5)) - 0.5 * (data[n * voxels + Math.max(0, i - 1)] ?? 0);
    }
  return Promise.resolve([logits]);
};

async function predicted(scan: FloatTensor, options: Partial<SlidingWindowOptions> = {}): Promise<FloatTensor> {
  const [first] = await slidingWindow({
    predict: lopsided,
    inputs: { scan },
    patch: [4, 4, 4],
    overlap: 0.5,
    blend: 'gaussian',
    outputs: [{ name: 'mask', kind: 'classes', labels: 2 }],
    ...options,
  });
  return first!;
}

const cubeOf = (size: number): number => size ** 3;

/** [C, 4, 4, 4] reversed along some of its spatial axes, by indices. */
function reversed(data: Float32Array, axes: readonly number[]): Float32Array {
  const place = (index: number): number =>
    [16, 4, 1].reduce((sum, stride, axis) => {
      const at = Math.floor(index / stride) % 4;
      return sum + stride * (axes.includes(axis) ? 3 - at : at);
    }, 0);
  return data.map((_, i) => data[i - (i % 64) + place(i % 64)]!);
}

describe('windows over a region', () => {
  const scan = noise([1, 9, 7, 8]);

  it('gives the same bits for a region that is the whole volume', async () => {
    const region = { origin: [0, 0, 0], size: [9, 7, 8] };
    expect((await predicted(scan, { region })).data).toEqual((await predicted(scan)).data);
  });

  it('predicts the region as a volume of its own, and background outside it', async () => {
    const region = { origin: [2, 1, 3], size: [6, 5, 4] };
    for (const kind of ['classes', 'regions'] as const) {
      const outputs = [{ name: 'mask', kind, labels: 2 }];
      const inside: number[] = [];
      for (let z = 2; z < 8; z++)
        for (let y = 1; y < 6; y++) for (let x = 3; x < 7; x++) inside.push((z * 7 + y) * 8 + x);
      const cut = { shape: [1, 6, 5, 4], data: Float32Array.from(inside, (i) => scan.data[i]!) };
      const expected = new Float32Array(2 * 504);
      if (kind === 'classes') expected.fill(1, 0, 504);
      (await predicted(cut, { outputs })).data.forEach((value, i) => {
        expected[Math.floor(i / 120) * 504 + inside[i % 120]!] = value;
      });
      expect((await predicted(scan, { region, outputs })).data).toEqual(expected);
    }
  });

  it('predicts slice by slice inside the region only (2-D)', async () => {
    const calls: number[] = [];
    const onProgress = (done: number, total: number): number => calls.push(done, total);
    const { data } = await predicted(scan, {
      patch: [4, 4],
      region: { origin: [3, 0, 0], size: [2, 7, 4] },
      onProgress,
    });
    expect(calls.slice(-2)).toEqual([6, 6]);
    const slices = Array.from({ length: 9 }, (_, z) => data.subarray(z * 56, (z + 1) * 56).every((p) => p === 1));
    expect(slices).toEqual([true, true, true, false, false, true, true, true, true]);
  });

  it('predicts nothing in an empty region', async () => {
    const predict: Predict = () => Promise.reject(new Error('a window'));
    const { data } = await predicted(scan, { predict, region: { origin: [0, 0, 0], size: [0, 0, 0] } });
    expect(data).toEqual(new Float32Array(1008).fill(1, 0, 504));
  });

  it('enlarges a small region to a window, within the volume', () => {
    const small = { origin: [0, 6, 5], size: [1, 1, 1] };
    expect(enlargedRegion(small, [4, 4, 4], [9, 7, 3])).toEqual({ origin: [0, 3, 0], size: [4, 4, 3] });
    expect(enlargedRegion({ origin: [3, 3, 3], size: [2, 1, 1] }, [4, 3, 1], [9, 9, 9])).toEqual({
      origin: [2, 2, 3],
      size: [4, 3, 1],
    });
  });
});

describe('mirrored windows', () => {
  it('averages the logits of every combination of axes', async () => {
    const scan = noise([1, 4, 4, 4]);
    const calls: number[] = [];
    const onProgress = (done: number, total: number): number => calls.push(done, total);
    const sums = new Float64Array(128);
    for (const axes of [[], [0], [2], [0, 2]]) {
      const inputs = { scan: { shape: [1, 1, 4, 4, 4], data: reversed(scan.data, axes) } };
      const [logits] = await lopsided({ inputs, identifiers: {} });
      reversed(logits!, axes).forEach((value, i) => (sums[i]! += value / 4));
    }
    const { data } = await predicted(scan, { mirror: [0, 2], onProgress });
    for (let i = 0; i < cubeOf(4); i++)
      expect(data[64 + i]).toBeCloseTo(1 / (1 + Math.exp(sums[i]! - sums[64 + i]!)), 5);
    expect(calls).toEqual([1, 4, 2, 4, 3, 4, 4, 4]);
    expect(data).not.toEqual((await predicted(scan)).data);
  });

  it('refuses an output that cannot be centred along a mirrored axis', async () => {
    const outputs = [{ name: 'mask', kind: 'classes', labels: 2, size: [4, 3, 4] }] as const;
    await expect(predicted(noise([1, 4, 4, 4]), { outputs, mirror: [1] })).rejects.toMatchObject({ code: 'UNET6088' });
  });

  it('finds the axes of a network by name, each once', () => {
    const image = { kind: 'image', name: 'scan', channels: ['T1'], axes: [{ name: 'H' }, { name: 'W' }] } as const;
    const description = { inputs: [image], outputs: [], legal: [] };
    expect(mirroredAxes(description as never, ['W', 'H', 'W'])).toEqual([1, 0]);
    expect(() => mirroredAxes(description as never, ['D'])).toThrow(/no such axis/);
  });
});

describe('the box of voxels that are not 0', () => {
  const shape = [4, 5, 6] as const;
  const sourceOf = (image: Float32Array): Parameters<typeof nonzeroBox>[0] =>
    memorySource({ geometry: { shape }, statistics: [], labelCounts: [], image, label: undefined } as never);

  it('contains the voxels of all the channels that are read, and negative ones', async () => {
    const image = new Float32Array(3 * 120);
    image[(1 * 5 + 2) * 6 + 3] = -1;
    image[120 + (2 * 5 + 1) * 6 + 5] = 1e-12;
    image[240] = 7;
    expect(await nonzeroBox(sourceOf(image), [0, 1])).toEqual({ origin: [1, 1, 3], size: [2, 2, 3] });
    expect(await nonzeroBox(sourceOf(image), [2])).toEqual({ origin: [0, 0, 0], size: [1, 1, 1] });
  });

  it('is the whole volume if air is not 0, and empty if everything is', async () => {
    expect((await nonzeroBox(sourceOf(new Float32Array(120).fill(-1000)), [0])).size).toEqual([4, 5, 6]);
    expect((await nonzeroBox(sourceOf(new Float32Array(120)), [0])).size).toEqual([0, 0, 0]);
  });
});
