import { describe, expect, it } from 'vitest';
import {
  augmentPatch,
  checkAugmentation,
  reverseAxis,
  streamsOf,
  type PatchArrays,
} from '../../../runtime/data/augment.js';
import type { Augmentation } from '../../../contract/protocol.js';
import type { Box } from '../../../runtime/data/box.js';
import { centredBox, drawBox, drawPatch, isCentred, patchExtent } from '../../../runtime/data/sampler.js';
import { foregroundOf } from '../../../runtime/data/label-positions.js';
import type { TakeRun, VoxelSource } from '../../../runtime/data/voxel-source.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { userErrorOf } from './make.js';

describe('drawPatch', () => {
  it('reaches every position about equally often and leaves none outside', async () => {
    const counts = new Map<string, number>();
    for (let step = 0; step < 6000; step++) {
      const never = (): Promise<boolean> => Promise.resolve(false);
      const { origin } = await drawPatch(randomStream(1, step), [4, 3, 5], [3, 3, 3], null, never);
      counts.set(origin.join(), (counts.get(origin.join()) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['0,0,0', '0,0,1', '0,0,2', '1,0,0', '1,0,1', '1,0,2']);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('redraws until the patch holds more than the rule asks, and then no more', async () => {
    const seen: Box[] = [];
    const rule = { draws: 10, above: 100 };
    const box = await drawPatch(randomStream(3), [20, 20, 20], [4, 4, 4], rule, (each, above) => {
      expect(above).toBe(100);
      seen.push(each);
      return Promise.resolve(seen.length === 3);
    });
    expect(seen).toHaveLength(3);
    expect(box).toEqual(seen[2]);
  });

  it('takes the last of `draws` where none holds enough', async () => {
    let asked = 0;
    const draw = (draws: number) =>
      drawPatch(randomStream(3), [20, 20, 20], [4, 4, 4], { draws, above: 0 }, () => {
        asked++;
        return Promise.resolve(false);
      });
    const last = await draw(5);
    expect(asked).toBe(4);
    expect(last).not.toEqual(await draw(1));
  });
});

describe('a share of foreground', () => {
  it('is that of the last patches of a batch, or of all if it would be none', () => {
    const centred = (share: number, batch: number): boolean[] =>
      Array.from({ length: batch }, (_, position) => isCentred(randomStream(1), share, batch, position));
    expect(centred(0.33, 2)).toEqual([false, true]);
    expect(centred(0.33, 5)).toEqual([false, false, false, true, true]);
    expect(centred(0.5, 3)).toEqual([false, false, true]);
    expect([centred(0, 2), centred(1, 2)].flat()).toEqual([false, false, true, true]);
    const one = Array.from({ length: 900 }, (_, step) => isCentred(randomStream(step), 0.33, 1, 0));
    expect(Math.abs(one.filter(Boolean).length - 297)).toBeLessThan(60);
  });

  it('centres on a voxel of a class drawn uniformly, as far as the volume allows', () => {
    const at = (z: number, y: number, x: number): number => (z * 20 + y) * 30 + x;
    const foreground = [Uint32Array.of(at(5, 10, 15)), Uint32Array.from([at(0, 0, 0), at(9, 19, 29)])];
    const counts = new Map<string, number>();
    for (let step = 0; step < 800; step++) {
      const { origin } = centredBox(randomStream(step), [10, 20, 30], [4, 5, 6], foreground);
      counts.set(origin.join(), (counts.get(origin.join()) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['0,0,0', '3,8,12', '6,15,24']);
    expect(Math.abs(counts.get('3,8,12')! - 400)).toBeLessThan(60);
    expect(Math.abs(counts.get('0,0,0')! - 200)).toBeLessThan(60);
    expect(centredBox(randomStream(1), [4, 4, 4], [4, 4, 4], []).origin).toEqual([0, 0, 0]);
  });

  it('begins with a volume that is smaller', () => {
    const foreground = [Uint32Array.of(10)];
    for (let step = 0; step < 20; step++) {
      const { origin } = drawBox(randomStream(step), [4, 10, 10], [8, 10, 4]);
      expect(origin.slice(0, 2)).toEqual([0, 0]);
      expect(origin[2]).toBeLessThanOrEqual(6);
      expect(centredBox(randomStream(step), [4, 10, 10], [8, 16, 10], foreground).origin).toEqual([0, 0, 0]);
    }
  });

  it('keeps all voxels of a small class, and some of the whole of a large one', async () => {
    const shape = [10, 40, 40] as const;
    const label = new Uint8Array(16000);
    label.fill(2, 3000, 16000);
    label.set([7, 7], 100);
    const source = { geometry: { shape }, label: (_: Box, take: TakeRun) => Promise.resolve(take(label, 0, 16000, 0)) };
    const found = await foregroundOf(source as unknown as VoxelSource);
    expect(found.map(({ value }) => value)).toEqual([2, 7]);
    const [large, small] = found.map(({ voxels }) => voxels);
    expect(large!.length).toBeLessThanOrEqual(4096);
    expect(large!.length).toBeGreaterThan(3000);
    expect([large![0], large!.at(-1)! > 15990, [...large!].every((voxel) => label[voxel] === 2)]).toEqual([
      3000,
      true,
      true,
    ]);
    expect([...small!]).toEqual([100, 101]);
  });
});

describe('patchExtent', () => {
  it('takes a 2-D patch as a slice, and needs two or three axes', async () => {
    expect(patchExtent([5, 6])).toEqual([1, 5, 6]);
    expect((await userErrorOf(() => patchExtent([5]))).code).toBe('UNET6023');
    expect((await userErrorOf(() => patchExtent([5, 5, 5, 5]))).code).toBe('UNET6023');
  });
});

describe('augmentPatch', () => {
  const size = [2, 3, 4];
  const axes = ['D', 'H', 'W'];
  const fresh = () => ({
    images: [Float32Array.from({ length: 48 }, (_, k) => k)],
    target: Uint8Array.from({ length: 24 }, (_, k) => k),
    size,
    axes,
  });

  const augment = (patch: PatchArrays, steps: readonly Augmentation[], ...key: [number, string, number]): void =>
    augmentPatch(patch, steps, streamsOf(steps, ...key));

  it('reverses an axis as its definition says, and twice is nothing', () => {
    for (const axis of [0, 1, 2]) {
      const { images } = fresh();
      const data = images[0] as Float32Array;
      reverseAxis(data, size, axis);
      for (let c = 0; c < 2; c++)
        for (let z = 0; z < 2; z++)
          for (let y = 0; y < 3; y++)
            for (let x = 0; x < 4; x++) {
              const from = [z, y, x].map((p, k) => (k === axis ? (size[k] ?? 0) - 1 - p : p)) as [
                number,
                number,
                number,
              ];
              expect(data[((c * 2 + z) * 3 + y) * 4 + x]).toBe(((c * 2 + from[0]) * 3 + from[1]) * 4 + from[2]);
            }
      reverseAxis(data, size, axis);
      expect(data).toEqual(fresh().images[0]);
    }
  });

  it('flips image and target together, each axis half the time', () => {
    const flips = [0, 0, 0];
    for (let step = 0; step < 400; step++) {
      const patch = fresh();
      augment(patch, [{ kind: 'flip', axes, chance: 0.5 }], 1, 'C', step);
      const image = patch.images[0] as Float32Array;
      expect([...image.subarray(0, 24)]).toEqual([...patch.target]);
      [12, 4, 1].forEach((stride, axis) => {
        const reversed = (image[stride] ?? 0) < (image[0] ?? 0);
        if (reversed) flips[axis] = (flips[axis] ?? 0) + 1;
      });
    }
    for (const count of flips) expect(Math.abs(count - 200)).toBeLessThan(45);
  });

  it('scales, shifts and adds noise by one draw per patch, within the bounds', () => {
    const [factors, offsets]: [number[], number[]] = [[], []];
    for (let step = 0; step < 300; step++) {
      const scaled = fresh();
      augment(scaled, [{ kind: 'scale', from: 0.9, to: 1.1, chance: 1 }], 1, 'C', step);
      const image = scaled.images[0] as Float32Array;
      factors.push((image[1] ?? 0) / 1);
      expect((image[47] ?? 0) / 47).toBeCloseTo(image[1] ?? 0, 5);
      const shifted = fresh();
      augment(shifted, [{ kind: 'shift', from: -0.1, to: 0.1, chance: 1 }], 1, 'C', step);
      offsets.push(shifted.images[0]?.[0] ?? 0);
      expect(shifted.target).toEqual(fresh().target);
    }
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.9);
    expect(Math.max(...factors)).toBeLessThanOrEqual(1.1);
    expect(Math.max(...factors) - Math.min(...factors)).toBeGreaterThan(0.19);
    expect(Math.max(...offsets) - Math.min(...offsets)).toBeGreaterThan(0.19);
    const noisy = { ...fresh(), images: [new Float32Array(20000)], target: new Uint8Array(10000), size: [100, 100] };
    augment(noisy, [{ kind: 'noise', from: 0.05, to: 0.05, chance: 1 }], 1, 'C', 0);
    const squares = noisy.images[0]?.reduce((sum, value) => sum + value * value, 0) ?? 0;
    expect(Math.sqrt(squares / 20000)).toBeCloseTo(0.05, 2);
  });

  it('depends on seed, case and step, and on nothing else', () => {
    const run = (seed: number, id: string, step: number): string => {
      const patch = fresh();
      augment(patch, [{ kind: 'noise', from: 1, to: 1, chance: 1 }], seed, id, step);
      return patch.images[0]?.join() ?? '';
    };
    expect(run(1, 'C', 2)).toBe(run(1, 'C', 2));
    expect(new Set([run(1, 'C', 2), run(2, 'C', 2), run(1, 'D', 2), run(1, 'C', 3)]).size).toBe(4);
  });

  it('refuses to flip an axis that is not there', async () => {
    const error = await userErrorOf(() => checkAugmentation([{ kind: 'flip', axes: ['D', 'Z'], chance: 0.5 }], axes));
    expect([error.code, error.message.includes('`Z`')]).toEqual(['UNET6026', true]);
  });
});
