import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fingerprint, Triple } from '../../../runtime/plan/fingerprint.js';
import { targetSpacingOf } from '../../../runtime/data/target-spacing.js';
import { planNetworks } from '../../../runtime/plan/plans.js';
import { presets } from '../../../runtime/plan/preset.js';

function alike(cases: number, shape: Triple, spacing: Triple, labels = 4): Fingerprint {
  return {
    spacings: Array.from({ length: cases }, () => spacing),
    shapes: Array.from({ length: cases }, () => shape),
    relativeSize: 0.4,
    channels: ['FLAIR', 'T1w', 't1gd', 'T2w'],
    labels,
  };
}

describe('planNetworks', () => {
  it("gives the published plan of the Decathlon's brain tumours", () => {
    const { configurations } = planNetworks(alike(484, [138, 169, 138], [1, 1, 1]), presets.default);
    const full = configurations['3d_fullres']!;
    expect(full).toMatchObject({ patch: [128, 128, 128], batch: 2, features: [32, 64, 128, 256, 320, 320] });
    expect(full.strides.slice(1).flat()).toEqual(new Array(15).fill(2));
    expect(configurations['3d_lowres']).toBeUndefined();
    expect(configurations['2d']).toMatchObject({ patch: [192, 160] });
  });

  it('plans no 3-D network for single slices', () => {
    const { configurations } = planNetworks(alike(40, [1, 512, 512], [999, 1, 1], 2), presets.default);
    expect(Object.keys(configurations)).toEqual(['2d']);
  });

  it('plans a network of one stage for an axis below 8 voxels', () => {
    const { configurations } = planNetworks(alike(9, [5, 7, 7], [1, 1, 1]), presets.default);
    expect(configurations['3d_fullres']).toMatchObject({ strides: [[1, 1, 1]], patch: [5, 7, 7] });
  });

  it('fits the memory, is divisible, and is deep enough', () => {
    const extent = fc.integer({ min: 8, max: 600 });
    const spacing = fc.double({ min: 0.3, max: 6, noNaN: true });
    const arbitrary = fc.record({
      shape: fc.tuple(extent, extent, extent),
      spacing: fc.tuple(spacing, spacing, spacing),
      cases: fc.integer({ min: 1, max: 500 }),
      memory: fc.integer({ min: 4, max: 80 }),
      preset: fc.constantFrom(...Object.values(presets)),
    });
    const check = fc.property(arbitrary, ({ shape, spacing: each, cases, memory, preset }) => {
      const { configurations, order } = planNetworks(alike(cases, shape, each), preset, memory);
      expect([...order].sort()).toEqual([0, 1, 2]);
      for (const [kind, plan] of Object.entries(configurations)) {
        const most = (preset.reference[kind === '2d' ? '2d' : '3d'] * memory) / preset.memory;
        expect(plan.memoryEstimate * (preset.residual ? 1 : kind === '2d' ? 1 / 6 : 1)).toBeLessThanOrEqual(most);
        plan.patch.forEach((size, axis) => {
          expect(size % plan.divisors[axis]!).toBe(0);
          if (plan.divisors[axis] !== 1) expect(size / plan.divisors[axis]!).toBeGreaterThanOrEqual(4);
        });
        expect(plan.batch).toBeGreaterThanOrEqual(2);
        expect(plan.kernels).toHaveLength(plan.strides.length);
      }
    });
    fc.assert(check, { numRuns: 200, seed: 1 });
  });

  it('says so if nothing fits', () => {
    expect(() => planNetworks(alike(9, [200, 200, 200], [1, 1, 1]), presets.default, 1e-3)).toThrow(/memory/);
  });
});

describe('targetSpacingOf', () => {
  const shapes: Triple[] = [5, 6, 7].map((depth) => [depth * 4, 512, 512]);

  it('takes the median along each axis', () => {
    const spacings: Triple[] = [2, 2.5, 3].map((depth) => [depth, 1, 1]);
    expect(targetSpacingOf({ spacings, shapes })).toEqual({ spacing: [2.5, 1, 1], refined: false });
  });

  it('takes the 10th percentile of an axis that is coarse and short', () => {
    const spacings: Triple[] = [4, 5, 6].map((depth) => [depth, 1, 1]);
    const { spacing, refined } = targetSpacingOf({ spacings, shapes });
    expect(refined).toBe(true);
    expect(spacing[0]).toBeCloseTo(4.2, 12);
  });

  it('keeps that axis coarser than the others', () => {
    const spacings: Triple[] = [0.2, 0.5, 5, 6, 6, 6].map((depth) => [depth, 1, 1]);
    const six: Triple[] = Array.from({ length: 6 }, () => [20, 512, 512]);
    expect(targetSpacingOf({ spacings, shapes: six }).spacing[0]).toBe(1 + 1e-5);
  });
});
