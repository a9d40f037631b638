import { describe, expect, it } from 'vitest';
import { costs } from '../../../compiler/ir/cost.js';
import type { Operand } from '../../../compiler/ir/ir.js';
import { keptForTraining } from '../../../compiler/ir/kept-for-training.js';
import { NetworkBuilder, renamed } from '../network-builder.js';

const patch = new Map([
  ['D', 8],
  ['H', 6],
]);

function image(net: NetworkBuilder): Operand {
  return net.image('scan', ['FLAIR', 'T1w', 'T2w', 'T1gd'], ['D', 'H']);
}

function costOf(build: (net: NetworkBuilder, scan: Operand) => Operand) {
  const net = new NetworkBuilder();
  const result = build(net, image(net));
  const cost = costs(net.network(), patch).find(({ op }) => op.id === result.op);
  if (cost === undefined) throw new Error('the operation has no cost');
  return cost;
}

describe('macs and parameters', () => {
  it('of a conv in groups: output elements * in / groups * kernel', () => {
    const cost = costOf((net, scan) => net.conv(scan, 'x', 6, 3, { groups: 2, bias: true, stride: [2, 1] }));
    expect(cost).toMatchObject({
      output: [6, 4, 6],
      macs: 6 * 4 * 6 * 2 * 9,
      params: { total: 6 * 2 * 9 + 6, trainable: 114 },
    });
  });

  it('of a depthwise conv', () => {
    const attributes = {
      kernel: [3, 3],
      stride: [1, 1],
      dilation: [1, 1],
      pad: [
        [1, 1],
        [1, 1],
      ] as const,
      bias: false,
    };
    const cost = costOf((net, scan) => net.op('depthwise_conv', 'x', attributes, [scan]));
    expect(cost).toMatchObject({ macs: 4 * 8 * 6 * 9, params: { total: 36 } });
  });

  it('of a transposed conv: input elements * out * kernel', () => {
    expect(costOf((net, scan) => net.up(scan, 'x', 5))).toMatchObject({
      output: [5, 16, 12],
      macs: 4 * 8 * 6 * 5 * 4,
      params: { total: 4 * 5 * 4 + 5 },
    });
  });

  it('of a linear layer and of einsum', () => {
    expect(costOf((net, scan) => net.op('linear', 'x', { out: 7, bias: true }, [scan])).macs).toBe(7 * 8 * 6 * 4);
    const product = costOf((net, scan) => {
      const other = renamed(scan, 'C', 'E', 'H');
      return net.op('einsum', 'x', { into: ['H', 'D', 'E'] }, [scan, other]);
    });
    expect(product).toMatchObject({ output: [6, 8, 8], macs: 4 * 8 * 8 * 6 });
  });

  it('of all else are 0', () => {
    expect(costOf((net, scan) => net.binary('*', 'x', scan, scan)).macs).toBe(0);
    expect(costOf((net, scan) => net.pool(scan, 'x')).macs).toBe(0);
  });

  it('count a shared layer once, and frozen weights apart', () => {
    const net = new NetworkBuilder();
    const once = net.conv(image(net), 'once', 4, 3);
    net.conv(once, 'twice', 4, 3, {}, { sharedWith: 'once' });
    net.conv(once, 'frozen', 4, 3, {}, { frozen: true });
    const counts = costs(net.network(), patch).map(({ params, macs }) => [params.total, params.trainable, macs]);
    expect(counts).toEqual([
      [0, 0, 0],
      [144, 144, 8 * 6 * 144],
      [0, 0, 8 * 6 * 144],
      [144, 0, 8 * 6 * 144],
    ]);
  });
});

describe('activations kept for training', () => {
  it('are what the gradients of a level need, each tensor once', () => {
    const net = new NetworkBuilder();
    const scan = image(net);
    const conv = net.conv(scan, 'conv', 8, 3);
    const norm = net.norm(conv, 'norm', 4);
    const relu = net.unary(norm, 'relu');
    const sum = net.binary('+', 'sum', relu, conv);
    const logits = net.conv(sum, 'logits', 2, 1);
    const network = net.output('mask', ['a', 'b'], logits).network();
    const bytes = Object.fromEntries(costs(network, patch).map(({ op, activationBytes }) => [op.id, activationBytes]));
    const voxels = 4 * 48;
    // The first conv needs the scan, the norm needs conv, relu its own output, the last conv the sum; the loss the logits.
    expect(bytes).toEqual({
      scan: 4 * voxels,
      conv: 8 * voxels,
      norm: 0,
      relu: 8 * voxels,
      sum: 8 * voxels,
      logits: 2 * voxels,
    });
  });

  it('need nothing before the first trainable weight, nor for frozen weights', () => {
    const net = new NetworkBuilder();
    const early = net.unary(image(net), 'early', 'gelu');
    const frozen = net.conv(early, 'frozen', 8, 3, {}, { frozen: true });
    const logits = net.conv(frozen, 'logits', 2, 1);
    const kept = keptForTraining(net.output('mask', ['a', 'b'], logits).network());
    expect([...kept.keys()]).toEqual(['frozen', 'logits']);
  });

  it('hold the other factor of a product, and both tensors of a shared layer', () => {
    const net = new NetworkBuilder();
    const scan = image(net);
    const x = net.conv(scan, 'x', 4, 3);
    const once = net.binary('*', 'once', scan, x);
    const twice = net.conv(net.binary('+', 'sum', once, x), 'again', 4, 3, {}, { sharedWith: 'x' });
    const kept = keptForTraining(net.output('mask', ['a', 'b', 'c', 'd'], twice).network());
    // `x` is no factor of anything that gets a gradient: the scan gets none.
    expect([...kept.keys()]).toEqual(['scan', 'sum', 'again']);
  });

  it('hold the masks of dropout', () => {
    const cost = costOf((net, scan) => net.op('dropout', 'drop', { rate: 0.5 }, [net.conv(scan, 'x', 8, 3)]));
    expect(cost.activationBytes).toBe(4 * 8 * 48);
    const channels = costOf((net, scan) =>
      net.op('spatial_dropout', 'drop', { rate: 0.5 }, [net.conv(scan, 'x', 8, 3)]),
    );
    expect(channels.activationBytes).toBe(4 * 8);
    expect(costOf((net, scan) => net.op('dropout', 'drop', { rate: 0.5 }, [scan])).activationBytes).toBe(0);
  });
});
