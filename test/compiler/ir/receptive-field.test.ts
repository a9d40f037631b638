import { describe, expect, it } from 'vitest';
import type { Network, Op, Operand } from '../../../compiler/ir/ir.js';
import { receptiveFields, spatialAxes } from '../../../compiler/ir/receptive-field.js';
import { constant, evaluate, floorDivide, symbol } from '../../../compiler/shape/size.js';
import { NetworkBuilder, renamed } from '../network-builder.js';

/** Input positions that each position of an operation's only spatial axis depends on, found by following every tap. */
type Seen = readonly ReadonlySet<number>[];

function union(parts: readonly (ReadonlySet<number> | undefined)[]): ReadonlySet<number> {
  return new Set(parts.flatMap((part) => [...(part ?? [])]));
}

/** The reference: dependence followed tap by tap through a network over one spatial axis. */
function trace(network: Network, size: number): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const op of network.ops) {
    const length = evaluate(op.shape[1]?.size ?? constant(0), new Map([['D', size]]));
    const operands = op.operands.map((operand) => seen.get(operand.op) ?? []);
    const positions = Array.from({ length }, (_, position) =>
      op.kind === 'input'
        ? new Set([position])
        : union(operands.flatMap((operand) => taps(op, position, operand.length, length).map((tap) => operand[tap]))),
    );
    seen.set(op.id, positions);
  }
  return seen;
}

function taps(op: Op, position: number, from: number, to: number): readonly number[] {
  switch (op.kind) {
    case 'conv':
    case 'max_pool': {
      const { kernel, stride, pad } = op.attributes;
      const dilation = op.kind === 'conv' ? (op.attributes.dilation[0] ?? 1) : 1;
      const start = position * (stride[0] ?? 1) - (pad[0]?.[0] ?? 0);
      return Array.from({ length: kernel[0] ?? 1 }, (_, tap) => start + tap * dilation);
    }
    case 'transposed_conv': {
      const [kernel = 1] = op.attributes.kernel;
      const [stride = 1] = op.attributes.stride;
      return Array.from({ length: from }, (_, each) => each).filter((each) => {
        const tap = position - each * stride;
        return tap >= 0 && tap < kernel;
      });
    }
    case 'resize': {
      const place = ((position + 0.5) * from) / to - 0.5;
      return place === Math.floor(place) ? [place] : [Math.floor(place), Math.floor(place) + 1];
    }
    default:
      return [position];
  }
}

/** What positions far from the ends see: the widest, and the mean over positions. */
function extents(seen: Seen): { readonly widest: number; readonly mean: number } {
  const middle = seen.slice(Math.floor(seen.length / 3), Math.ceil((2 * seen.length) / 3));
  const each = middle.map((positions) => Math.max(...positions) - Math.min(...positions) + 1);
  return { widest: Math.max(...each), mean: each.reduce((sum, extent) => sum + extent, 0) / each.length };
}

function check(which: 'widest' | 'mean', build: (net: NetworkBuilder, scan: Operand) => Operand): void {
  const net = new NetworkBuilder();
  const result = build(net, net.image('scan', ['T1w'], ['D']));
  const network = net.output('mask', ['background'], result).network();
  const traced = trace(network, 576);
  for (const [id, { size, global }] of receptiveFields(network, new Map([['D', 576]]))) {
    expect([id, size[0], global]).toEqual([id, extents(traced.get(id) ?? [])[which], false]);
  }
}

describe('the receptive field of local operations equals what following every tap gives', () => {
  it('for convs, strides and dilations', () => {
    check('widest', (net, scan) => {
      const a = net.conv(scan, 'a', 1, 3);
      const b = net.conv(a, 'b', 1, 3, { stride: [2] });
      const c = net.conv(b, 'c', 1, 5, { dilation: [2], pad: [[4, 4]] });
      return net.pool(net.conv(c, 'd', 1, 3), 'e');
    });
  });

  it('for a transposed conv of kernel 2 and stride 2, which adds nothing, and of kernel 4, which adds a neighbour', () => {
    check('widest', (net, scan) => net.up(net.conv(net.pool(scan, 'down'), 'low', 1, 3), 'up', 1));
    check('widest', (net, scan) =>
      net.op(
        'transposed_conv',
        'up',
        { out: 1, kernel: [4], stride: [2], pad: [[0, 0]], outputPad: [0], groups: 1, bias: false },
        [net.pool(scan, 'down')],
      ),
    );
  });

  it('for a linear resize, which adds a neighbour, with a conv at the new, finer jump', () => {
    check('widest', (net, scan) => {
      const down = net.conv(net.pool(scan, 'down'), 'low', 1, 3);
      return net.conv(
        net.op('resize', 'fit', { mode: 'linear', scale: [2], alignCorners: false }, [down]),
        'high',
        1,
        3,
      );
    });
  });

  it('for a U with skips, as the mean over positions', () => {
    check('mean', (net, scan) => {
      const skip = net.conv(net.conv(scan, 'e0a', 1, 3), 'e0b', 1, 3);
      const middle = net.conv(net.pool(skip, 'p0'), 'e1', 1, 3);
      const bottom = net.conv(net.conv(net.pool(middle, 'p1'), 'e2a', 1, 3), 'e2b', 1, 3);
      const one = net.conv(net.op('concat', 'join1', {}, [net.up(bottom, 'u1', 1), middle]), 'd1', 1, 3);
      return net.conv(net.op('concat', 'join0', {}, [net.up(one, 'u0', 1), skip]), 'd0', 1, 3);
    });
  });
});

describe('receptiveFields', () => {
  function cube() {
    const net = new NetworkBuilder();
    return { net, scan: net.image('scan', ['T1w', 'T2w'], ['D', 'H', 'W']) };
  }
  const patch = new Map([
    ['D', 16],
    ['H', 16],
    ['W', 16],
  ]);

  function fieldOf(net: NetworkBuilder, result: Operand) {
    return receptiveFields(net.network(), patch).get(result.op);
  }

  it('keeps the axes apart', () => {
    const { net, scan } = cube();
    const flat = net.conv(scan, 'flat', 4, 3, {
      kernel: [1, 3, 5],
      stride: [1, 2, 1],
      pad: [
        [0, 0],
        [1, 1],
        [2, 2],
      ],
    });
    expect(fieldOf(net, net.conv(flat, 'full', 4, 3))).toEqual({ size: [3, 7, 7], global: false });
    expect(spatialAxes(net.network())).toEqual(['D', 'H', 'W']);
  });

  it('marks a pooled gate, keeping the size of local operations', () => {
    const { net, scan } = cube();
    const x = net.conv(scan, 'x', 8, 3);
    const pooled = net.op('reduce', 'mean', { function: 'mean', over: ['D', 'H', 'W'] }, [x]);
    expect(fieldOf(net, pooled)).toEqual({ size: [3, 3, 3], global: true });
    expect(fieldOf(net, net.binary('*', 'gated', x, pooled))).toEqual({ size: [3, 3, 3], global: true });
    expect(fieldOf(net, x)).toEqual({ size: [3, 3, 3], global: false });
  });

  it('does not count norms, nor sums over channels', () => {
    const { net, scan } = cube();
    const normed = net.norm(net.conv(scan, 'x', 8, 3), 'norm', 4);
    expect(fieldOf(net, normed)?.global).toBe(false);
    expect(fieldOf(net, net.op('reduce', 'max', { function: 'max', over: ['C'] }, [normed]))?.global).toBe(false);
    expect(fieldOf(net, net.op('softmax', 'classes', { over: ['C'] }, [normed]))?.global).toBe(false);
  });

  it('follows axes through attention over merged positions', () => {
    const { net, scan } = cube();
    const tokens = net.op('merge', 'tokens', { axes: ['D', 'H', 'W'], into: 'N' }, [net.conv(scan, 'x', 8, 3)]);
    const scores = net.op('einsum', 'scores', { into: ['N', 'K'] }, [tokens, renamed(tokens, 'C', 'K')]);
    expect(fieldOf(net, scores)?.global).toBe(false);
    const mixed = net.op('einsum', 'mixed', { into: ['C', 'N'] }, [scores, renamed(tokens, 'C', 'K')]);
    expect(fieldOf(net, mixed)?.global).toBe(true);
    const apart = net.op(
      'split',
      'apart',
      { axis: 'N', into: ['D', 'H', 'W'].map((name) => ({ name, size: symbol(name) })) },
      [tokens],
    );
    expect(fieldOf(net, net.conv(apart, 'again', 8, 3))).toEqual({ size: [5, 5, 5], global: false });
  });

  it('sees the window, and no more, in attention within windows', () => {
    const { net, scan } = cube();
    const x = net.conv(scan, 'x', 8, 3);
    const into = [
      { name: 'A', size: floorDivide(symbol('D'), 4) },
      { name: 'B', size: constant(4) },
    ];
    const windows = net.op('split', 'windows', { axis: 'D', into }, [x]);
    const keys = renamed(windows, 'C', 'A', 'K', 'H', 'W');
    const scores = net.op('einsum', 'scores', { into: ['A', 'B', 'K', 'H', 'W'] }, [windows, keys]);
    const weights = net.op('softmax', 'weights', { over: ['K'] }, [scores]);
    const mixed = net.op('einsum', 'mixed', { into: ['C', 'A', 'B', 'H', 'W'] }, [weights, keys]);
    const whole = net.op('merge', 'whole', { axes: ['A', 'B'], into: 'D' }, [mixed]);
    expect(fieldOf(net, whole)).toEqual({ size: [6, 3, 3], global: false });
    expect(fieldOf(net, net.conv(whole, 'after', 8, 3))).toEqual({ size: [8, 5, 5], global: false });
    expect(fieldOf(net, net.op('reduce', 'grid', { function: 'mean', over: ['A'] }, [mixed]))?.global).toBe(true);
  });

  it('is 0 for what no image enters', () => {
    const { net } = cube();
    const table = net.param('table', { N: 8, C: 4 });
    expect(fieldOf(net, net.op('pick', 'row', { count: 8 }, [table, net.identifier('site', 8)]))).toEqual({
      size: [0, 0, 0],
      global: false,
    });
  });
});
