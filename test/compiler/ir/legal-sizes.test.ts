import { describe, expect, it } from 'vitest';
import { legalSizes, nearestLegal } from '../../../compiler/ir/legal-sizes.js';
import {
  add,
  ceilDivide,
  constant,
  floorDivide,
  multiply,
  scale,
  symbol,
  type Size,
} from '../../../compiler/shape/size.js';
import { NetworkBuilder } from '../network-builder.js';

const depth = symbol('D');

function legalOf(left: Size, right: Size, sizes: readonly Size[] = []) {
  const constraints = new NetworkBuilder().equal(left, right).constraints;
  return legalSizes(constraints, ['D'], [{ shape: sizes.map((size) => ({ name: 'D', size })) }])[0];
}

describe('legalSizes', () => {
  it('finds the total stride of halving and doubling', () => {
    expect(legalOf(scale(ceilDivide(depth, 8), 8), depth)).toEqual({ axis: 'D', first: 8, step: 8 });
    expect(legalOf(scale(floorDivide(depth, 2), 2), depth)).toEqual({ axis: 'D', first: 2, step: 2 });
  });

  it('allows everything where nothing is asked', () => {
    expect(legalSizes([], ['D', 'H'], [{ shape: [{ name: 'D', size: depth }] }])).toEqual([
      { axis: 'D', first: 1, step: 1 },
      { axis: 'H', first: 1, step: 1 },
    ]);
  });

  it('starts where every axis is at least one long', () => {
    expect(legalOf(depth, depth, [floorDivide(add(depth, constant(-40)), 4)])).toEqual({
      axis: 'D',
      first: 44,
      step: 1,
    });
  });

  it('keeps a step together with an offset', () => {
    const shrunk = add(depth, constant(-4));
    const twice = scale(floorDivide(shrunk, 2), 2);
    expect(legalOf(twice, shrunk, [add(floorDivide(shrunk, 2), constant(-30))])).toEqual({
      axis: 'D',
      first: 66,
      step: 2,
    });
  });

  it('gives undefined where nothing is legal, and a step of 0 for one size', () => {
    expect(legalOf(add(depth, constant(1)), depth)).toBeUndefined();
    expect(legalOf(depth, constant(96))).toEqual({ axis: 'D', first: 96, step: 0 });
  });

  it('never calls legal what is not, where the sizes are no progression', () => {
    // floor(D / 2) * 2 = floor(D / 3) * 3 holds for D mod 6 in {0, 1}.
    const legal = legalOf(scale(floorDivide(depth, 2), 2), scale(floorDivide(depth, 3), 3));
    expect(legal?.step).toBe(6);
    expect([0, 1]).toContain((legal?.first ?? 2) % 6);
  });

  it('varies the axes of one constraint together', () => {
    const constraints = new NetworkBuilder().equal(
      floorDivide(add(depth, symbol('H')), 4),
      floorDivide(depth, 2),
    ).constraints;
    expect(legalSizes(constraints, ['D', 'H'], []).map((each) => each?.step)).toEqual([1, 1]);
  });

  it('is fast on thousands of operations', () => {
    const shapes = Array.from({ length: 5000 }, (_, index) => ({
      shape: [
        { name: 'D', size: ceilDivide(depth, 2 ** (index % 6)) },
        { name: 'N', size: multiply(ceilDivide(depth, 2 ** (index % 6)), symbol('H')) },
      ],
    }));
    const start = performance.now();
    legalSizes([], ['D', 'H'], shapes);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe('nearestLegal', () => {
  const legal = { axis: 'D', first: 12, step: 8 };
  it.each([
    [11, undefined, 12],
    [12, 12, 12],
    [13, 12, 20],
    [20, 20, 20],
    [63, 60, 68],
  ])('of %i is %s and %s', (size, below, above) => {
    expect(nearestLegal(legal, size)).toEqual({ below, above });
  });

  it('knows of one size alone', () => {
    expect(nearestLegal({ axis: 'D', first: 96, step: 0 }, 97)).toEqual({ below: 96, above: undefined });
    expect(nearestLegal({ axis: 'D', first: 96, step: 0 }, 95)).toEqual({ below: undefined, above: 96 });
    expect(nearestLegal({ axis: 'D', first: 96, step: 0 }, 96)).toEqual({ below: 96, above: 96 });
  });
});
