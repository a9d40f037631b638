import { describe, expect, it } from 'vitest';
import { slidingWindow, type SlidingWindowOptions } from '../../../runtime/inference/sliding-window.js';
import type { Predict } from '../../../runtime/inference/window-batch.js';
import type { FloatTensor } from '../../../runtime/data/types.js';
import { randomStream } from '../../../runtime/random/random-stream.js';

function noise(shape: readonly number[], seed = 1): FloatTensor {
  const random = randomStream(seed, 'noise');
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()) };
}

/** Logits (0, x): the probability of label 1 is sigmoid(x), voxel by voxel. */
const pointwise: Predict = ({ inputs }) => {
  const { data, shape } = inputs['scan']!;
  const voxels = data.length / shape[0]!;
  const logits = new Float32Array(2 * data.length);
  for (let n = 0; n < shape[0]!; n++) logits.set(data.subarray(n * voxels, (n + 1) * voxels), (2 * n + 1) * voxels);
  return Promise.resolve([logits]);
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const seg = { name: 'mask', kind: 'classes', labels: 2 } as const;

async function probabilities(options: Partial<SlidingWindowOptions> & { scan: FloatTensor }): Promise<FloatTensor> {
  const { scan, ...rest } = options;
  const [first] = await slidingWindow({
    predict: pointwise,
    inputs: { scan },
    patch: [4, 4, 4],
    overlap: 0.5,
    blend: 'gaussian',
    outputs: [seg],
    ...rest,
  });
  return first!;
}

function expectPointwise(result: FloatTensor, scan: FloatTensor): void {
  const voxels = scan.data.length;
  expect(result.shape).toEqual([2, ...scan.shape.slice(1)]);
  scan.data.forEach((x, i) => {
    expect(result.data[voxels + i]).toBeCloseTo(sigmoid(x), 5);
    expect(result.data[i]! + result.data[voxels + i]!).toBeCloseTo(1, 6);
  });
}

/** A mean over 3 x 3 x 3 without padding: the output is two voxels smaller on each axis. */
function box([depth, height, width]: readonly number[], at: (z: number, y: number, x: number) => number): Float32Array {
  const out: number[] = [];
  const reach = [0, 1, 2];
  for (let z = 0; z < depth! - 2; z++)
    for (let y = 0; y < height! - 2; y++)
      for (let x = 0; x < width! - 2; x++)
        out.push(
          reach
            .flatMap((a) => reach.flatMap((b) => reach.map((c) => at(z + a, y + b, x + c))))
            .reduce((s, v) => s + v) / 27,
        );
  return Float32Array.from(out);
}

const valid: Predict = ({ inputs }) => {
  const { data, shape } = inputs['scan']!;
  const [, , d, h, w] = shape;
  return Promise.resolve([box([d!, h!, w!], (z, y, x) => data[(z * h! + y) * w! + x]!)]);
};

const reflect = (i: number, n: number): number => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i);

describe('a network of one voxel', () => {
  for (const blend of ['gaussian', 'constant'] as const)
    for (const overlap of [0, 0.5, 0.75])
      it(`gives the same as without windows (${blend}, overlap ${overlap})`, async () => {
        const scan = noise([1, 9, 6, 7]);
        expectPointwise(await probabilities({ scan, blend, overlap }), scan);
      });

  it('pads a volume smaller than the patch with zeros and cuts them off', async () => {
    const scan = noise([1, 3, 10, 2]);
    const seen: number[] = [];
    const predict: Predict = (batch) => {
      seen.push(batch.inputs['scan']!.data.filter((value) => value === 0).length);
      return pointwise(batch);
    };
    expectPointwise(await probabilities({ scan, predict }), scan);
    // Of 4 x 4 x 4 voxels, 3 x 4 x 2 are the volume's.
    expect(new Set(seen)).toEqual(new Set([64 - 24]));
  });

  it('takes several windows at a time, the last batch smaller, and reports progress', async () => {
    const scan = noise([1, 9, 4, 4]);
    const progress: [number, number][] = [];
    const result = await probabilities({ scan, batch: 3, onProgress: (...at) => progress.push(at) });
    expectPointwise(result, scan);
    expect(progress).toEqual([
      [3, 4],
      [4, 4],
    ]);
  });

  it('walks a volume slice by slice for a network of two axes', async () => {
    const scan = noise([1, 3, 6, 5]);
    const shapes: (readonly number[])[] = [];
    const predict: Predict = (batch) => {
      shapes.push(batch.inputs['scan']!.shape);
      return pointwise(batch);
    };
    expectPointwise(await probabilities({ scan, predict, patch: [4, 5], batch: 2 }), scan);
    expect(shapes).toEqual([
      [2, 1, 4, 5],
      [2, 1, 4, 5],
      [2, 1, 4, 5],
    ]);
  });

  it('gives sigmoids for regions', async () => {
    const scan = noise([2, 4, 4, 4]);
    const predict: Predict = ({ inputs }) => Promise.resolve([inputs['scan']!.data.slice()]);
    const result = await probabilities({ scan, predict, outputs: [{ name: 'parts', kind: 'regions', labels: 2 }] });
    scan.data.forEach((x, i) => expect(result.data[i]).toBeCloseTo(sigmoid(x), 5));
  });

  it('hands over several inputs and the identifiers', async () => {
    const scan = noise([1, 4, 4, 6]);
    const other = noise([3, 4, 4, 6], 2);
    const predict: Predict = (batch) => {
      expect(batch.inputs['other']!.shape).toEqual([2, 3, 4, 4, 4]);
      expect(batch.identifiers).toEqual({ site: Int32Array.from([5, 5]) });
      return pointwise(batch);
    };
    expectPointwise(
      await probabilities({ scan, inputs: { scan, other }, predict, identifiers: { site: 5 }, batch: 2 }),
      scan,
    );
  });
});

describe('blending', () => {
  it('is the mean of logits under Gaussian weights, as SciPy and numpy have it', async () => {
    // Logit 1 of a window is its first voxel: windows at 0, 2, 4 of a ramp 0..7 give 0, 2, 4 all over.
    const scan = { shape: [1, 8], data: Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7]) };
    const predict: Predict = ({ inputs }) => {
      const { data } = inputs['scan']!;
      return Promise.resolve([Float32Array.from([0, 0, 0, 0, data[0]!, data[0]!, data[0]!, data[0]!])]);
    };
    const result = await probabilities({ scan, predict, patch: [4] });
    const [a, b] = [Math.exp(-4.5), Math.exp(-0.5)];
    const logits = [
      0,
      0,
      (2 * a) / (a + b),
      (2 * b) / (a + b),
      (2 * b + 4 * a) / (a + b),
      (2 * a + 4 * b) / (a + b),
      4,
      4,
    ];
    logits.forEach((logit, i) => expect(result.data[8 + i]).toBeCloseTo(sigmoid(logit), 6));
  });
});

describe('a network of valid convolutions', () => {
  for (const [extents, overlap] of [
    [[9, 6, 7], 0],
    [[9, 6, 7], 0.5],
    [[4, 3, 2], 0],
  ] as const)
    it(`tiles ${extents.join(' x ')} voxels with the borders mirrored, overlap ${overlap}`, async () => {
      const scan = noise([1, ...extents]);
      const [depth, height, width] = extents;
      const whole = box([depth + 2, height + 2, width + 2], (z, y, x) => {
        const [a, b, c] = [reflect(z - 1, depth), reflect(y - 1, height), reflect(x - 1, width)];
        return scan.data[(a * height + b) * width + c]!;
      });
      const output = { name: 'mask', kind: 'regions', labels: 1, size: [4, 3, 3] } as const;
      const result = await probabilities({ scan, predict: valid, patch: [6, 5, 5], overlap, outputs: [output] });
      whole.forEach((mean, i) => expect(result.data[i]).toBeCloseTo(sigmoid(mean), 5));
    });
});

describe('faults', () => {
  const scan = noise([1, 4, 4, 4]);

  it('names a patch or an overlap that cannot be', async () => {
    await expect(probabilities({ scan, patch: [4, 4, 4, 4] })).rejects.toMatchObject({ code: 'UNET6080' });
    await expect(probabilities({ scan, patch: [4, 0, 4] })).rejects.toMatchObject({ code: 'UNET6080' });
    await expect(probabilities({ scan, overlap: 1 })).rejects.toMatchObject({ code: 'UNET6080' });
  });

  it('names the output whose logits are not finite', async () => {
    const predict: Predict = () => Promise.resolve([new Float32Array(128).fill(NaN, 5, 6)]);
    await expect(probabilities({ scan, predict })).rejects.toMatchObject({ code: 'UNET6081' });
  });

  it('refuses logits of another size', async () => {
    await expect(probabilities({ scan, predict: () => Promise.resolve([new Float32Array(64)]) })).rejects.toThrow(
      '64 logits, expected 128',
    );
  });

  it('ends between two batches when told to', async () => {
    const controller = new AbortController();
    let calls = 0;
    const predict: Predict = (batch) => {
      calls++;
      controller.abort(new Error('stopped by hand'));
      return pointwise(batch);
    };
    const running = probabilities({ scan: noise([1, 9, 9, 9]), predict, signal: controller.signal });
    await expect(running).rejects.toThrow('stopped by hand');
    expect(calls).toBe(1);
  });
});
