import { describe, expect, it } from 'vitest';
import { checkPatch, patchValues } from '../../../compiler/ir/patch.js';
import { floorDivide, scale, symbol } from '../../../compiler/shape/size.js';
import { NetworkBuilder } from '../network-builder.js';

/** D must be a multiple of 8, H is fixed at 96, W is free; or, `joint`, D equal to W. */
function network({ joint = false } = {}) {
  const net = new NetworkBuilder();
  const scan = net.image('scan', ['T1w'], ['D', ['H', 96], 'W']);
  net.equal(scale(floorDivide(symbol('D'), 8), 8), symbol('D'), 'the skip of level 0 along D');
  if (joint) net.equal(symbol('D'), symbol('W'), 'the attention map');
  return net.output('mask', ['background'], net.conv(scan, 'conv', 1, 3)).network();
}

describe('checkPatch', () => {
  it('finds nothing in a legal patch', () => {
    expect(checkPatch(network(), [64, 96, 5])).toEqual([]);
    expect(patchValues(network(), [64, 96, 5])).toEqual(
      new Map([
        ['D', 64],
        ['H', 96],
        ['W', 5],
      ]),
    );
  });

  it('names each axis at fault with the nearest legal sizes', () => {
    expect(checkPatch(network(), [60, 64, 0])).toEqual([
      { kind: 'size', axis: 'D', size: 60, below: 56, above: 64, reason: 'the skip of level 0 along D' },
      { kind: 'size', axis: 'H', size: 64, below: undefined, above: 96, reason: 'the input fixes this size' },
      { kind: 'size', axis: 'W', size: 0, below: undefined, above: 1, reason: undefined },
    ]);
  });

  it('refuses fractions', () => {
    expect(checkPatch(network(), [64, 96, 2.5])).toMatchObject([{ axis: 'W', below: 2, above: 3 }]);
  });

  it('says how many sizes it wants', () => {
    expect(checkPatch(network(), [64, 96])).toEqual([{ kind: 'rank', axes: ['D', 'H', 'W'], given: 2 }]);
  });

  it('finds axes that do not go together', () => {
    expect(checkPatch(network({ joint: true }), [64, 96, 64])).toEqual([]);
    expect(checkPatch(network({ joint: true }), [64, 96, 56])).toMatchObject([
      { kind: 'size', axis: 'D', reason: 'the attention map: D must equal W' },
    ]);
  });
});
