import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Augmentation } from '../../../../contract/protocol.js';
import { augmentPatch, checkAugmentation, expandSteps, streamsOf } from '../../../../runtime/data/augment.js';
import { blur } from '../../../../runtime/data/augment/blur.js';
import { aroundOne } from '../../../../runtime/data/augment/draw.js';
import { displacementField } from '../../../../runtime/data/augment/elastic.js';
import { changeGamma } from '../../../../runtime/data/augment/intensity.js';
import { interpolatePatch } from '../../../../runtime/data/augment/interpolate.js';
import { lowerResolution } from '../../../../runtime/data/augment/low-resolution.js';
import {
  boxToRead,
  rotationAbout,
  scaling,
  type SpatialMap,
  type Triple,
} from '../../../../runtime/data/augment/spatial-map.js';
import { drawSpatial } from '../../../../runtime/data/augment/spatial.js';
import type { Box } from '../../../../runtime/data/box.js';
import { randomStream } from '../../../../runtime/random/random-stream.js';
import { userErrorOf } from '../make.js';

const axes = ['D', 'H', 'W'];
const volumeOf = (size: readonly number[]): number => size.reduce((product, each) => product * each, 1);

/** Image [2, D, H, W] and label of a volume; 0 outside, where the label is 0 too. */
function voxelsOf(shape: Triple, { origin, size }: Box) {
  const inside = volumeOf(size);
  const images = [new Float32Array(2 * inside)];
  const target = new Uint8Array(inside);
  let i = 0;
  for (let z = origin[0]; z < origin[0] + size[0]; z++)
    for (let y = origin[1]; y < origin[1] + size[1]; y++)
      for (let x = origin[2]; x < origin[2] + size[2]; x++, i++) {
        if ([z, y, x].some((position, axis) => position < 0 || position >= shape[axis]!)) continue;
        images[0]![i] = Math.sin(1 + 1.3 * z + 0.7 * y + 2.1 * x);
        images[0]![inside + i] = 100 + z;
        target[i] = [0, 1, 1, 3, 255][(z * z + 2 * y + x) % 5]!;
      }
  return { images, target };
}

function read(map: SpatialMap, patch: Box, from: Box, shape: Triple) {
  const target = { images: [new Float32Array(2 * volumeOf(patch.size))], target: new Uint8Array(volumeOf(patch.size)) };
  interpolatePatch(map, patch, from, voxelsOf(shape, from), target);
  return target;
}

describe('interpolatePatch', () => {
  const scipy = JSON.parse(readFileSync(join(import.meta.dirname, 'scipy.json'), 'utf8')) as Record<string, number[]>;
  const size: Triple = [5, 6, 4];
  const whole = { origin: [0, 0, 0], size } as const;
  const around = { origin: [-1, -1, -1], size: [7, 8, 6] } as const;

  it('agrees with SciPy, also across the border of the volume', () => {
    const { images } = read({ matrix: scipy['matrix']! }, whole, around, size);
    expect(scipy['affine']).toHaveLength(120);
    scipy['affine']!.forEach((value, i) => expect(images[0]![i]).toBeCloseTo(value, 5));
  });

  it('reads from the box as it would from the whole volume', () => {
    const shape: Triple = [20, 24, 18];
    const all = { origin: [-1, -1, -1], size: [22, 26, 20] } as const;
    const random = randomStream(5);
    for (let trial = 0; trial < 40; trial++) {
      const patchSize: Triple = trial % 4 === 0 ? [1, 6, 5] : [5, 4, 6];
      const origin = patchSize.map((length, axis) => random.integer(shape[axis]! - length + 1)) as unknown as Triple;
      const patch = { origin, size: patchSize };
      const rotated = rotationAbout(trial % 3, 6 * random.uniform());
      const matrix = rotated.map((each) => each * (0.6 + random.uniform()));
      const fields = [0, 1, 2].map(() => displacementField(random, patchSize, 3, 1));
      const map = trial % 2 === 0 ? { matrix } : { matrix, displacement: fields };
      const box = boxToRead(map, patch, shape);
      const found = read(map, patch, box, shape);
      const expected = read(map, patch, all, shape);
      expect([...found.target]).toEqual([...expected.target]);
      found.images[0]!.forEach((value, i) => expect(value).toBeCloseTo(expected.images[0]![i]!, 4));
    }
  });

  it('reads the patch itself if nothing moves, and slices as a volume of slices', () => {
    const patch = { origin: [1, 2, 0], size: [3, 3, 4] } as const;
    const straight = read(
      { matrix: scaling([1, 1, 1]) },
      patch,
      boxToRead({ matrix: scaling([1, 1, 1]) }, patch, size),
      size,
    );
    expect(straight).toEqual(voxelsOf(size, patch));
    // In their plane, slices are read bilinearly; a displacement of 0 along D makes the same trilinear.
    const matrix = rotationAbout(0, 0.4);
    const map = { matrix, displacement: [new Float32Array(36)] };
    const [flat, full] = [read({ matrix }, patch, around, size), read(map, patch, around, size)];
    expect(flat.target).toEqual(full.target);
    flat.images[0]!.forEach((value, i) => expect(value).toBeCloseTo(full.images[0]![i]!, 5));
  });

  it('puts background where nothing is, and no label between two others', () => {
    const map = { matrix: scaling([4, 4, 4]) };
    const { images, target } = read(map, whole, boxToRead(map, whole, size), size);
    expect([images[0]![0], images[0]![120], target[0]]).toEqual([0, 0, 0]);
    expect(images[0]!.some((value) => value > 50)).toBe(true);
    const near = { matrix: scaling([0.3, 0.3, 0.3]) };
    const labels = new Set(read(near, whole, around, size).target);
    expect([...labels].every((label) => [0, 1, 3, 255].includes(label))).toBe(true);
    expect(labels.has(255)).toBe(true);
  });

  it('blurs as SciPy does with as many taps', () => {
    const [image = new Float32Array()] = voxelsOf(size, whole).images;
    const channel = image.slice(0, 120);
    blur(channel, size, [1, 0.6, 0.8]);
    scipy['blurred']!.forEach((value, i) => expect(channel[i]).toBeCloseTo(value, 5));
  });
});

describe('displacementField', () => {
  it('moves the points of the grid by the deviation asked for, and what is between them smoothly', () => {
    const values: number[] = [];
    let steepest = 0;
    for (let trial = 0; trial < 20; trial++) {
      const field = displacementField(randomStream(trial), [9, 9, 33], 8, 2);
      for (let i = 0; i < field.length; i++) {
        if (i % 33 > 0) steepest = Math.max(steepest, Math.abs(field[i]! - field[i - 1]!));
        if (i % 8 === 0 && Math.floor(i / 33) % 8 === 0 && Math.floor(i / 297) % 8 === 0 && (i % 33) % 8 === 0)
          values.push(field[i]!);
      }
    }
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
    expect(Math.abs(deviation - 2)).toBeLessThan(0.4);
    expect(steepest).toBeGreaterThan(0.3);
    expect(steepest).toBeLessThan(2.5);
  });
});

describe('drawSpatial', () => {
  const patch = { extent: [8, 8, 8], axes } as const;
  const draw = (steps: readonly Augmentation[], step: number, of: Parameters<typeof drawSpatial>[1] = patch) =>
    drawSpatial(steps, of, streamsOf(steps, 1, 'C', step));
  const rotate = { kind: 'rotate', from: -30, to: 30, about: null, chance: 1 } as const;

  it('happens as often as `chance` says', () => {
    const steps = [
      { ...rotate, chance: 0.2 },
      { kind: 'zoom', from: 0.5, to: 2, axes: null, chance: 0.2 },
    ] as const;
    const moved = Array.from({ length: 1000 }, (_, step) => draw(steps, step)).filter((map) => map !== undefined);
    expect(Math.abs(moved.length - 360)).toBeLessThan(60);
  });

  it('rotates about the axes that are named by angles in the range, and zooms along those named', () => {
    for (let step = 0; step < 50; step++) {
      const about = draw([{ ...rotate, about: ['D'] }], step)!.matrix;
      expect([about[0], about[1], about[2], about[3], about[6]].map((each) => Math.abs(each!))).toEqual([
        1, 0, 0, 0, 0,
      ]);
      expect(about[4]).toBeGreaterThanOrEqual(Math.cos(Math.PI / 6));
      const slice = draw([rotate], step, { extent: [1, 8, 8], axes: ['H', 'W'] })!.matrix;
      expect(slice.slice(0, 3).map(Math.abs)).toEqual([1, 0, 0]);
      const zoomed = draw([{ kind: 'zoom', from: 0.5, to: 2, axes: ['H', 'W'], chance: 1 }], step)!.matrix;
      expect([zoomed[0], zoomed[4]]).toEqual([1, zoomed[8]]);
      // Magnified by 1 / the extent that is read.
      expect(zoomed[4]).toBeGreaterThanOrEqual(0.5);
      expect(zoomed[4]).toBeLessThanOrEqual(2);
    }
  });

  it('composes rotations in the order D, H, W, after the zoom', () => {
    const angle = (degrees: number) => ({ from: degrees, to: degrees });
    const steps = [
      { kind: 'zoom', from: 2, to: 2, axes: ['D'], chance: 1 },
      { kind: 'rotate', ...angle(90), about: ['D'], chance: 1 },
      { kind: 'rotate', ...angle(90), about: ['H'], chance: 1 },
    ] as const;
    const { matrix } = draw(steps, 0)!;
    // Along D: halved, unmoved by the turn about D, then D turns to -W.
    expect([matrix[0], matrix[3], matrix[6]].map((each) => Math.round(10 * each!) / 10 + 0)).toEqual([0, 0, -0.5]);
  });

  it('displaces along the axes that are named', () => {
    const elastic = { kind: 'elastic', from: 1, to: 1, spacing: 4, axes: ['W'], chance: 1 } as const;
    const { displacement = [] } = draw([elastic], 0)!;
    expect([displacement[0], displacement[1], displacement[2]?.length]).toEqual([undefined, undefined, 512]);
    const twice = draw([elastic, { ...elastic, axes: null }], 0)!.displacement!;
    expect(twice.map((field) => field?.length)).toEqual([512, 512, 512]);
  });
});

describe('intensities', () => {
  const size = [6, 7, 8];
  const voxels = volumeOf(size);
  const patch = () => ({
    images: [Float32Array.from({ length: 3 * voxels }, (_, i) => (i % voxels < 20 ? 0 : Math.sin(i) + 2))],
    target: new Uint8Array(voxels),
    size,
    axes,
  });
  const channel = (image: Float32Array, k: number) => image.subarray(k * voxels, (k + 1) * voxels);
  const augmented = (steps: readonly Augmentation[], step = 0) => {
    const each = patch();
    augmentPatch(each, steps, streamsOf(steps, 1, 'C', step));
    return each.images[0]!;
  };
  const changed = (steps: readonly Augmentation[], step: number): readonly boolean[] => {
    const [before, after] = [patch().images[0]!, augmented(steps, step)];
    return [0, 1, 2].map((k) => channel(before, k).join() !== channel(after, k).join());
  };

  it('change a patch with `chance`, and then each channel with `per_channel`', () => {
    const range = { from: 0.5, to: 1.5 };
    const kinds = [
      { kind: 'brightness', ...range },
      { kind: 'contrast', ...range },
      { kind: 'gamma', ...range, invert: 0.5, statistics: 'kept' },
      { kind: 'low_resolution', from: 0.3, to: 0.6, axes: null },
      { kind: 'blur', from: 0.5, to: 1 },
    ] as const;
    for (const kind of kinds) {
      const steps = [{ ...kind, chance: 0.5, perChannel: 0.5 }];
      const drawn = Array.from({ length: 400 }, (_, step) => changed(steps, step));
      const channels = drawn.flat().filter(Boolean).length;
      expect(Math.abs(channels - 300), kind.kind).toBeLessThan(60);
      const some = drawn.filter((each) => each.includes(true)).length;
      expect(Math.abs(some - 175), kind.kind).toBeLessThan(40);
    }
  });

  it('draw around 1 with equal probability on either side', () => {
    const random = randomStream(2);
    const drawn = Array.from({ length: 2000 }, () => aroundOne(random, { from: 0.9, to: 3 }));
    expect(Math.abs(drawn.filter((value) => value < 1).length - 1000)).toBeLessThan(120);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.9);
    expect(Math.max(...drawn)).toBeGreaterThan(2.9);
    expect(Array.from({ length: 50 }, () => aroundOne(random, { from: 2, to: 3 })).every((value) => value >= 2)).toBe(
      true,
    );
  });

  it('gamma restores mean and deviation, and leaves a constant channel as it is', () => {
    const moments = (values: Float32Array) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)] as const;
    };
    for (const invert of [false, true]) {
      const values = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i) * 3 + 1);
      const [mean, deviation] = moments(values);
      const before = values.slice();
      changeGamma(values, 1.5, invert, true);
      expect(values).not.toEqual(before);
      const [after, spread] = moments(values);
      expect([after - mean, spread - deviation].every((difference) => Math.abs(difference) < 1e-5)).toBe(true);
      const constant = new Float32Array(10).fill(4);
      changeGamma(constant, 0.7, invert, true);
      expect([...constant]).toEqual(new Array(10).fill(4));
    }
  });

  it('low_resolution keeps at least one sample of an axis', () => {
    const one = Float32Array.from({ length: 8 }, (_, i) => i);
    lowerResolution(one, [8], [0.01]);
    expect([...one]).toEqual(new Array(8).fill(4));
  });

  it('mask puts 0 back where every channel was 0, also after a flip', () => {
    const steps = [
      { kind: 'shift', from: 1, to: 1, chance: 1 },
      { kind: 'flip', axes: ['D'], chance: 1 },
      { kind: 'mask' },
    ] as const;
    const image = augmented(steps);
    const last = voxels - 56;
    expect(
      [0, 1, 2].every((k) =>
        channel(image, k)
          .subarray(last, last + 20)
          .every((value) => value === 0),
      ),
    ).toBe(true);
    expect(image.filter((value) => value === 0)).toHaveLength(60);
  });
});

describe('nnunet', () => {
  const kinds = (size: readonly number[]) => expandSteps([{ kind: 'nnunet' }], size, axes.slice(-size.length));

  it('stands for its list, by the shape of the patch', () => {
    const cube = kinds([64, 96, 64]);
    expect(cube.map(({ kind }) => kind)).toEqual([
      ...['rotate', 'zoom', 'noise', 'blur', 'brightness', 'contrast', 'low_resolution', 'gamma', 'gamma', 'flip'],
      'mask',
    ]);
    expect(cube[0]).toMatchObject({ from: -30, to: 30, about: null });
    const flat = kinds([20, 96, 64]);
    expect(flat[0]).toMatchObject({ from: -180, to: 180, about: ['D'] });
    expect(flat[1]).toMatchObject({ axes: ['H', 'W'] });
    expect(flat[6]).toMatchObject({ axes: ['H', 'W'] });
    expect(kinds([96, 96, 20])[0]).toMatchObject({ about: ['W'] });
    expect(kinds([64, 64])[0]).toMatchObject({ from: -180, to: 180 });
    expect(kinds([64, 100])[0]).toMatchObject({ from: -15, to: 15 });
  });
});

describe('checkAugmentation', () => {
  it('refuses axes that the network does not have, and a slice that is to turn out of its plane', async () => {
    const zoom = { kind: 'zoom', from: 1, to: 2, axes: ['X'], chance: 1 } as const;
    expect((await userErrorOf(() => checkAugmentation([zoom], axes))).message).toContain('`X`');
    const rotate = { kind: 'rotate', from: 0, to: 1, about: ['H'], chance: 1 } as const;
    const error = await userErrorOf(() => checkAugmentation([rotate], ['H', 'W']));
    expect([error.code, error.help]).toEqual(['UNET6026', 'Remove `about`: a 2-D patch is rotated in its plane.']);
    expect(() => checkAugmentation([rotate], axes)).not.toThrow();
  });
});
