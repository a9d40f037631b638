import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Interpolation, Shape } from '../../../../runtime/data/resample/axis.js';
import {
  resampleChannel,
  resampledShape,
  resampleLabels,
  separateAxis,
} from '../../../../runtime/data/resample/resample.js';
import { readSafetensors } from '../../../../runtime/files/safetensors.js';
import { randomStream } from '../../../../runtime/random/random-stream.js';

const folder = resolve(import.meta.dirname, '../../../../../shared/measures');

interface Recorded {
  readonly name: string;
  readonly shape: Shape;
  readonly spacing: Shape;
  readonly new_spacing: Shape;
  readonly new_shape: Shape;
  readonly separate_z: boolean;
  readonly axis: number | null;
  readonly outputs: Readonly<Record<string, { readonly parameters: { readonly order: number } }>>;
}

function recordedCases(): readonly Recorded[] {
  const file = resolve(folder, 'resampling.json');
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Recorded[] }).cases;
}

const INTERPOLATIONS: readonly Interpolation[] = ['nearest', 'linear', 'linear', 'cubic'];

function volume(shape: Shape, seed = 1): Float32Array {
  const random = randomStream(seed, 'resample');
  return Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, () => random.uniform() * 100 - 20);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let k = 0; k < a.length; k++) largest = Math.max(largest, Math.abs(a[k]! - b[k]!));
  return largest;
}

describe.skipIf(recordedCases().length === 0)('nnU-Net, recorded', () => {
  it.each(recordedCases())('resamples $name to the same values and labels', async (each) => {
    const { tensors } = await readSafetensors(resolve(folder, 'resampling.safetensors'));
    const axis = separateAxis(each.spacing, each.new_spacing);
    expect(axis ?? null).toBe(each.axis);
    expect(resampledShape(each.shape, each.spacing, each.new_spacing)).toEqual(each.new_shape);
    const separate = axis === undefined ? {} : { separate: axis };
    const size = each.shape.reduce((a, b) => a * b, 1);
    for (const [key, { parameters }] of Object.entries(each.outputs)) {
      // The separate axis is always resampled by nearest neighbour here, as nnU-Net's default plans do.
      if (key.endsWith('z1')) continue;
      const resampling = {
        from: each.shape,
        to: each.new_shape,
        ...(key.endsWith('no_separate') ? {} : separate),
      };
      const interpolation = INTERPOLATIONS[parameters.order]!;
      const source = tensors.get(`${each.name}.${key.split('_')[0]}`)!.data;
      const expected = Float32Array.from(tensors.get(`${each.name}.${key}`)!.data as ArrayLike<number>);
      if (key.startsWith('seg')) {
        const labels = resampleLabels(
          Int8Array.from(source as ArrayLike<number>),
          resampling,
          interpolation as 'linear',
        );
        expect([...labels], key).toEqual([...expected]);
        continue;
      }
      const voxels = each.new_shape.reduce((a, b) => a * b, 1);
      for (let channel = 0; channel * size < source.length; channel++) {
        const values = Float32Array.from(source as ArrayLike<number>).subarray(channel * size, (channel + 1) * size);
        const range = Math.max(...values) - Math.min(...values);
        const found = resampleChannel(values, resampling, interpolation);
        const own = expected.subarray(channel * voxels, (channel + 1) * voxels);
        expect(largestDifference(found, own) / range, `${key} ${channel}`).toBeLessThan(1e-4);
      }
    }
  });
});

describe('resampleChannel', () => {
  it('copies a volume whose shape does not change', () => {
    const source = volume([3, 4, 5]);
    const same = resampleChannel(source, { from: [3, 4, 5], to: [3, 4, 5] }, 'cubic');
    expect(same).toEqual(source);
    expect(same).not.toBe(source);
  });

  it.each(['cubic', 'linear', 'nearest'] as const)('keeps a constant constant: %s', (interpolation) => {
    const source = new Float32Array(60).fill(7.25);
    const found = resampleChannel(source, { from: [3, 4, 5], to: [7, 2, 9] }, interpolation);
    expect(largestDifference(found, new Float32Array(126).fill(7.25))).toBeLessThan(1e-5);
  });

  it('never exceeds the range of the source, and of each slice if an axis is separate', () => {
    const from = [4, 6, 7] as const;
    const source = volume(from).map((value) => (value > 30 ? 1000 : 0));
    source.fill(5, 0, 42);
    const to = [4, 11, 13] as const;
    const whole = resampleChannel(source, { from, to }, 'cubic');
    expect([Math.min(...whole), Math.max(...whole)]).toEqual([0, 1000]);
    const separate = resampleChannel(source, { from, to, separate: 0 }, 'cubic');
    expect(new Set(separate.subarray(0, 143))).toEqual(new Set([5]));
  });

  it.each([0, 1, 2] as const)('treats the separate axis %i as it treats the first one', (axis) => {
    const sizes = [5, 6, 8];
    const targets = [9, 11, 7];
    const source = volume([5, 6, 8]);
    const expected = resampleChannel(source, { from: [5, 6, 8], to: [9, 11, 7], separate: 0 }, 'cubic');
    const order = [
      [0, 1, 2],
      [1, 0, 2],
      [1, 2, 0],
    ][axis]!;
    const permute = (data: Float32Array, shape: readonly number[]): Float32Array => {
      const out = new Float32Array(data.length);
      const moved = order.map((from) => shape[from]!);
      const index = [0, 0, 0];
      let at = 0;
      for (index[0] = 0; index[0] < moved[0]!; index[0]++)
        for (index[1] = 0; index[1] < moved[1]!; index[1]++)
          for (index[2] = 0; index[2] < moved[2]!; index[2]++) {
            const own = [0, 0, 0];
            order.forEach((from, k) => (own[from] = index[k]!));
            out[at++] = data[(own[0]! * shape[1]! + own[1]!) * shape[2]! + own[2]!]!;
          }
      return out;
    };
    const shapeOf = (shape: readonly number[]): Shape => order.map((from) => shape[from]!) as unknown as Shape;
    const found = resampleChannel(
      permute(source, sizes),
      { from: shapeOf(sizes), to: shapeOf(targets), separate: axis },
      'cubic',
    );
    expect(largestDifference(found, permute(expected, targets))).toBeLessThan(1e-4);
  });
});

describe('resampleLabels', () => {
  it('only writes labels that occur, the ignored one included', () => {
    const from = [6, 6, 6] as const;
    const source = Uint8Array.from(volume(from), (value) => (value > 40 ? 255 : value > 10 ? 3 : 1));
    for (const interpolation of ['linear', 'nearest'] as const) {
      const found = resampleLabels(source, { from, to: [9, 4, 11] }, interpolation, 1);
      expect(new Set(found)).toEqual(new Set([1, 3, 255]));
    }
  });

  it('returns a large mask to itself', () => {
    const [from, to] = [
      [20, 20, 20],
      [13, 33, 27],
    ] as const;
    const source = new Uint8Array(8000);
    source.forEach((_, k) => {
      const [z, y, x] = [Math.floor(k / 400), Math.floor(k / 20) % 20, k % 20];
      source[k] = Math.hypot(z - 9, y - 10, x - 9.5) < 7 ? 2 : 0;
    });
    const there = resampleLabels(source, { from, to }, 'linear');
    const back = resampleLabels(there, { from: to, to: from }, 'linear');
    const [own, other, both] = [source, back, source.map((value, k) => value & back[k]!)].map((mask) =>
      mask.reduce((count, value) => count + (value === 2 ? 1 : 0), 0),
    );
    expect((2 * both!) / (own! + other!)).toBeGreaterThan(0.95);
  });
});

describe('separateAxis', () => {
  it.each([
    [[3, 1, 1], [1, 1, 1], undefined],
    [[3.01, 1, 1], [1, 1, 1], 0],
    [[1, 1, 1], [1, 1, 5], 2],
    [[5, 5, 1], [1, 1, 1], undefined],
    [[1, 5, 1], [5, 1, 1], 1],
  ] as const)('of %j to %j is %j', (from, to, axis) => {
    expect(separateAxis(from, to)).toBe(axis);
  });
});
