/** Every kind of operation, and what specs do not use of them. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Operand } from '../../../../compiler/ir/ir.js';
import { unaryFunctions, type UnaryFunction } from '../../../../contract/functions.js';
import { constant, floorDivide, symbol } from '../../../../compiler/shape/size.js';
import { selectEngine } from '../../../../runtime/engine/engines.js';
import { NetworkBuilder, renamed, times } from '../../network-builder.js';
import { allKinds } from '../tfjs/all-kinds.js';
import { expectEqual, type Batch } from './equal.js';

beforeAll(async () => {
  await selectEngine('cpu');
});

const two = (...patch: number[]): Batch => ({ patch, identifiers: [2, -1] });

/** A network of one image with two channels, and the identifier `site` where `make` asks for it. */
async function check(
  axes: readonly string[],
  batches: readonly Batch[],
  make: (net: NetworkBuilder, scan: Operand) => Operand,
): Promise<void> {
  const net = new NetworkBuilder('Small');
  const made = make(net, net.image('scan', ['FLAIR', 'T1w'], axes));
  net.output('mask', ['background', 'tumor'], made);
  await expectEqual(net.network(), batches, 1e-5);
}

it('every kind of operation computes what tfjs does', async () => {
  await expectEqual(allKinds(), [two(8, 6), two(4, 10)]);
});

describe('functions', () => {
  /** Those whose operands must be positive are given positive ones. */
  const ofPositive: readonly UnaryFunction[] = ['log', 'sqrt'];
  it('of one tensor', async () => {
    await check(['D', 'H'], [two(3, 4)], (net, scan) => {
      const positive = net.unary(scan, 'positive', 'softplus');
      return net.op('concat', 'all', {}, [
        ...unaryFunctions.map((name) => net.unary(ofPositive.includes(name) ? positive : scan, name, name)),
        net.op('unary', 'slope', { function: 'leaky_relu', slope: 0.3 }, [scan]),
      ]);
    });
  });

  it('of a tensor and a number, on either side', async () => {
    await check(['D'], [two(5)], (net, scan) => {
      const x = net.unary(scan, 'positive', 'softplus');
      const all = (['+', '-', '*', '/', 'power'] as const).flatMap((operator) =>
        [false, true].map((reversed) =>
          net.op('scalar', `${operator} ${reversed}`, { operator, value: 2.5, reversed }, [x]),
        ),
      );
      return net.op('concat', 'all', {}, all);
    });
  });

  it('of two tensors, whose axes are joined by name', async () => {
    await check(['D', 'H'], [two(3, 4)], (net, scan) => {
      const turned = net.op('transpose', 'turned', { order: ['H', 'C', 'D'] }, [scan]);
      const mean = net.op('reduce', 'mean', { function: 'mean', over: ['D'] }, [turned]);
      const table = net.param('table', { H: 1, C: 2 });
      const all = (['+', '-', '*', '/', 'min', 'max'] as const).map((operator) => {
        const joined = net.binary(operator, `join ${operator}`, scan, turned);
        return net.binary(operator, `both ${operator}`, net.binary(operator, operator, joined, mean), table);
      });
      return net.op('concat', 'all', {}, all);
    });
  });
});

describe('sizes that are known only when data comes', () => {
  it.each([
    ['linear', undefined],
    ['nearest', undefined],
    ['linear', [1.5, 0.5]],
    ['nearest', [1.5, 0.5]],
    ['linear', [2, 3]],
    ['nearest', [2, 3]],
    ['nearest_floor', undefined],
    ['nearest_floor', [1.5, 0.5]],
    ['nearest_floor', [2, 3]],
  ] as const)('resize %s by %j', async (mode, scale) => {
    await check(['D', 'H'], [two(12, 8), two(9, 5)], (net, scan) => {
      if (scale !== undefined) return net.op('resize', 'resized', { mode, scale, alignCorners: false }, [scan]);
      const other = net.conv(scan, 'other', 2, 3, { pad: times(2, [0, 0] as const), stride: [1, 2] });
      return net.op('resize', 'resized', { mode, scale, alignCorners: false }, [scan, other]);
    });
  });

  it('resize along one and three axes', async () => {
    for (const axes of [['D'], ['D', 'H', 'W']]) {
      for (const mode of ['linear', 'nearest'] as const) {
        await check(axes, [two(...[7, 6, 5].slice(0, axes.length))], (net, scan) => {
          const up = net.op('resize', 'up', { mode, scale: axes.map(() => 2), alignCorners: false }, [scan]);
          return net.op('resize', 'down', { mode, scale: axes.map(() => 0.3), alignCorners: false }, [up]);
        });
      }
    }
  });

  it('resize by the corners, to known and unknown sizes', async () => {
    await check(['D', 'H'], [two(12, 8), two(9, 5)], (net, scan) => {
      const up = net.op('resize', 'up', { mode: 'linear', scale: [2, 1.5], alignCorners: true }, [scan]);
      return net.op('resize', 'down', { mode: 'linear', scale: undefined, alignCorners: true }, [up, scan]);
    });
  });

  it('nearest takes the cell that holds the centre, on its border the later one', async () => {
    await check(['D'], [two(12), two(30), two(36)], (net, scan) =>
      net.op('resize', 'sixth', { mode: 'nearest', scale: [1 / 6], alignCorners: false }, [scan]),
    );
  });

  it('pad and crop to the centre, the odd one after', async () => {
    await check(['D', 'H'], [two(9, 8), two(6, 7)], (net, scan) => {
      const small = net.conv(scan, 'small', 2, 4, { pad: times(2, [0, 0] as const) });
      const cropped = net.op('crop', 'crop', { amounts: undefined }, [scan, small]);
      const padded = net.op('pad', 'pad', { amounts: undefined, channels: undefined, mode: 'zeros', value: 0.5 }, [
        net.binary('*', 'product', cropped, small),
        scan,
      ]);
      return net.op('concat', 'both', {}, [padded, scan]);
    });
  });

  it('pads after an amount before, and to multiples; crops after an amount', async () => {
    await check(['D', 'H'], [two(9, 8), two(6, 7)], (net, scan) => {
      const small = net.conv(scan, 'small', 2, 4, { pad: times(2, [0, 0] as const) });
      const cropped = net.op('crop', 'crop', { amounts: undefined, before: [1, 0] }, [scan, small]);
      const pad = { amounts: undefined, channels: undefined, value: 0 };
      const padded = net.op('pad', 'pad', { ...pad, mode: 'replicate', before: [0, 2] }, [cropped, scan]);
      const multiple = net.op('pad', 'multiple', { ...pad, mode: 'zeros', multipleOf: [4, 3] }, [padded]);
      return net.op('crop', 'back', { amounts: undefined, before: [0, 0] }, [multiple, scan]);
    });
  });

  it('slices and positions', async () => {
    await check(['D', 'H'], [two(5, 3), two(7, 4)], (net, scan) => {
      const parts = [
        { axis: 'H', indices: [2, 0] },
        { axis: 'D', indices: [1, 2] },
      ];
      const sliced = net.op('take', 'taken', { parts }, [scan]);
      const positions = net.op('arange', 'positions', { axis: 'H' }, [scan]);
      const mean = net.op('reduce', 'mean', { function: 'mean', over: ['H'] }, [positions]);
      return net.binary('*', 'scaled', sliced, mean);
    });
  });

  it('roll by less and by more than the size', async () => {
    await check(['D', 'H'], [two(5, 3), two(7, 4)], (net, scan) => {
      const shifts = [
        { axis: 'D', by: 5 },
        { axis: 'H', by: -2 },
        { axis: 'C', by: 3 },
        { axis: 'D', by: 0 },
      ];
      return net.op('roll', 'rolled', { shifts }, [scan]);
    });
  });

  it('windows are split off, attended over and put back', async () => {
    await check(['D', 'H'], [two(8, 4), two(4, 12)], (net, scan) => {
      const into = [
        { name: 'A', size: floorDivide(symbol('D'), 4) },
        { name: 'I', size: constant(4) },
      ];
      const windows = net.op('split', 'windows', { axis: 'D', into }, [scan]);
      const scores = net.op('einsum', 'scores', { into: ['A', 'I', 'J'] }, [
        windows,
        renamed(windows, 'C', 'A', 'J', 'H'),
      ]);
      const weights = net.op('softmax', 'weights', { over: ['J'] }, [scores]);
      const mixed = net.op('einsum', 'mixed', { into: ['A', 'C', 'J', 'H'] }, [weights, windows]);
      const together = net.op('merge', 'together', { axes: ['A', 'J'], into: 'D' }, [mixed]);
      return net.op('transpose', 'back', { order: ['C', 'D', 'H'] }, [together]);
    });
  });
});

it('axes merged in another order than they lie stand where the first of them lay', async () => {
  await check(['D', 'H'], [two(3, 4)], (net, scan) => {
    const merged = net.op('merge', 'merged', { axes: ['H', 'C'], into: 'X' }, [scan]);
    expect(merged.shape.map(({ name }) => name)).toEqual(['X', 'D']);
    return net.op('split', 'split', { axis: 'D', into: [{ name: 'Y', size: symbol('D') }] }, [merged]);
  });
});

it('tensors without cases meet those with', async () => {
  await check(['D'], [two(5)], (net, scan) => {
    const table = net.param('table', { R: 3, C: 2 });
    const left = net.op('einsum', 'left', { into: ['R', 'D'] }, [table, scan]);
    const right = net.op('einsum', 'right', { into: ['C', 'D'] }, [left, table]);
    const alone = net.op('einsum', 'alone', { into: ['C', 'K'] }, [table, renamed(table, 'R', 'K')]);
    const mean = net.op('reduce', 'mean', { function: 'sum', over: ['K'] }, [alone]);
    const scaled = net.binary('*', 'scaled', right, net.unary(mean, 'sigmoid', 'sigmoid'));
    const pooled = net.op('reduce', 'pooled', { function: 'max', over: ['D'] }, [scaled]);
    const vector = net.op('concat', 'vector', {}, [mean, pooled, net.param('extra', { C: 3 })]);
    const weighed = net.op('linear', 'linear', { out: 2, bias: true }, [vector]);
    return net.binary('+', 'result', scan, weighed);
  });
});

it('reductions over one axis, several and none, which leaves the tensor as it is', async () => {
  for (const name of ['mean', 'sum', 'max'] as const) {
    await check(['D', 'H'], [two(6, 5)], (net, scan) => {
      const wide = net.conv(scan, 'wide', 8, 1);
      const none = net.op('reduce', 'none', { function: name, over: [] }, [wide]);
      const one = net.op('reduce', 'one', { function: name, over: ['D'] }, [none]);
      const several = net.op('reduce', 'several', { function: name, over: ['D', 'H'] }, [none]);
      return net.binary('*', 'result', none, net.binary('+', 'sums', one, several));
    });
  }
});

it('norms of vectors, and softmax over several axes', async () => {
  await check(['D', 'H'], [two(6, 5)], (net, scan) => {
    const wide = net.conv(scan, 'wide', 8, 1);
    const spread = net.op('softmax', 'spread', { over: ['D', 'H'] }, [wide]);
    const mixed = net.op('softmax', 'mixed', { over: ['C', 'H'] }, [wide]);
    const x = net.binary('+', 'x', net.binary('*', 'product', spread, mixed), wide);
    const vector = net.op('reduce', 'vector', { function: 'mean', over: ['D', 'H'] }, [x]);
    const grouped = net.norm(vector, 'grouped', 2);
    const layer = net.op('layer_norm', 'layer', { epsilon: 1e-5, affine: false }, [grouped]);
    const instance = net.op('instance_norm', 'instance', { epsilon: 1e-2, affine: true }, [x]);
    const usual = { momentum: 0.1, epsilon: 1e-3, affine: true, frozen: false };
    const batch = net.op('batch_norm', 'batch', usual, [layer]);
    return net.binary('*', 'gate', instance, batch);
  });
});

it('a row without a fallback is of zeros, and scalars are picked, too', async () => {
  const net = new NetworkBuilder('Small');
  const scan = net.image('scan', ['FLAIR', 'T1w'], ['D']);
  const site = net.identifier('site', 3);
  const row = net.op('pick', 'row', { count: 3 }, [net.param('table', { R: 3, C: 2 }), site]);
  const scale = net.op('pick', 'scale', { count: 3 }, [net.param('scales', { R: 3 }), site]);
  net.output('mask', ['background', 'tumor'], net.binary('*', 'y', net.binary('+', 'x', scan, row), scale));
  await expectEqual(net.network(), [two(5), { patch: [4], identifiers: [0, 1, 2] }], 1e-5);
});
