import { describe, expect, it } from 'vitest';
import type { Network, Op } from '../../../compiler/ir/ir.js';
import { verify } from '../../../compiler/ir/verify.js';
import { constant, symbol } from '../../../compiler/shape/size.js';
import { NetworkBuilder, renamed } from '../network-builder.js';

/** A small network with a skip, a pooled gate, a shared conv and a param. */
function sound(): Network {
  const net = new NetworkBuilder('Sound');
  const scan = net.image('scan', ['FLAIR', 'T1w'], ['D', 'H', 'W']);
  const first = net.stage('encoder.level0').conv(scan, 'encoder.level0.convolution', 8, 3);
  const gate = net.op('reduce', 'encoder.level0.mean', { function: 'mean', over: ['D', 'H', 'W'] }, [first]);
  const gated = net.binary('*', 'encoder.level0.multiply', first, net.unary(gate, 'encoder.level0.sigmoid', 'sigmoid'));
  const down = net.pool(gated, 'encoder.down0.pool');
  const once = net.stage('encoder.level1').conv(down, 'encoder.level1.once', 8, 3);
  const twice = net.conv(once, 'encoder.level1.twice', 8, 3, {}, { sharedWith: 'encoder.level1.once' });
  const alpha = net.param('encoder.level1.alpha', {});
  const scaled = net.binary('*', 'encoder.level1.scaled', twice, alpha);
  const up = net.stage('decoder.level0').up(scaled, 'decoder.up0.convolution', 8);
  net.equal(up.shape[1]?.size ?? constant(0), symbol('D'));
  net.equal(up.shape[2]?.size ?? constant(0), symbol('H'));
  net.equal(up.shape[3]?.size ?? constant(0), symbol('W'));
  const joined = net.op('concat', 'decoder.level0.concat', {}, [first, renamed(up, 'C', 'D', 'H', 'W')]);
  const normed = net.norm(joined, 'decoder.level0.norm', 4);
  return net
    .stage('head.mask')
    .output('mask', ['background', 'tumor'], net.conv(normed, 'head.mask', 2, 1))
    .network();
}

/** The network with one operation changed. */
function withOp(id: string, change: (op: Op) => object): Network {
  const network = sound();
  const ops = network.ops.map((op) => (op.id === id ? { ...op, ...change(op) } : op));
  return { ...network, ops };
}

const d = symbol('D');

describe('verify', () => {
  it('finds nothing in a sound network', () => {
    expect(verify(sound())).toEqual([]);
  });

  const broken: readonly (readonly [string, Network, RegExp])[] = [
    [
      'an id used twice',
      withOp('encoder.level1.once', () => ({ id: 'encoder.down0.pool' })),
      /two operations are called/,
    ],
    [
      'an operation before its operand',
      { ...sound(), ops: [...sound().ops].reverse() },
      /encoder\.level0\.convolution comes before scan, which it uses/,
    ],
    [
      'an operand that is not there',
      withOp('encoder.down0.pool', () => ({ operands: [{ op: 'gone', shape: [], batched: true }] })),
      /operand gone does not exist/,
    ],
    [
      'a shape that is not its rule',
      withOp('encoder.level0.convolution', ({ shape }) => ({
        shape: shape.map((axis, i) => (i === 1 ? { ...axis, size: constant(5) } : axis)),
      })),
      /where its rule gives/,
    ],
    [
      'an axis named twice',
      withOp('decoder.level0.norm', ({ shape }) => ({ shape: shape.map((axis) => ({ ...axis, name: 'D' })) })),
      /has the axis D twice/,
    ],
    [
      'an operand of another size',
      withOp('decoder.level0.norm', ({ operands }) => ({
        operands: operands.map((o) => ({ ...o, shape: o.shape.map((axis) => ({ ...axis, size: d })) })),
      })),
      /was made as/,
    ],
    [
      'a missing operand',
      withOp('encoder.level0.multiply', ({ operands }) => ({ operands: operands.slice(1) })),
      /binary has 1 operands/,
    ],
    [
      'a misshapen weight',
      withOp('encoder.level0.convolution', ({ weights }) => ({
        weights: weights.map((w) => ({ ...w, shape: [8, 2, 3, 3] })),
      })),
      /has the weights weight\[8 x 2 x 3 x 3\] for weight\[8 x 2 x 3 x 3 x 3\]/,
    ],
    [
      'a missing weight',
      withOp('decoder.level0.norm', ({ weights }) => ({ weights: weights.slice(0, 1) })),
      /has the weights/,
    ],
    [
      'a weight of another name',
      withOp('encoder.level0.convolution', ({ weights }) => ({
        weights: weights.map((w) => ({ ...w, id: 'other.weight' })),
      })),
      /not named after its operation/,
    ],
    [
      'groups that do not divide',
      withOp('decoder.level0.norm', ({ attributes }) => ({ attributes: { ...attributes, groups: 3 } })),
      /3 groups do not divide 16 channels/,
    ],
    [
      'sharing with nothing',
      withOp('encoder.level1.twice', () => ({ sharedWith: 'gone' })),
      /gone, which does not exist/,
    ],
    [
      'sharing with another kind',
      withOp('encoder.level1.twice', () => ({ sharedWith: 'encoder.down0.pool' })),
      /which is another operation/,
    ],
    [
      'sharing with other attributes',
      withOp('encoder.level1.twice', ({ attributes }) => ({ attributes: { ...attributes, groups: 2 } })),
      /which is another operation/,
    ],
    ['a batch from nowhere', withOp('encoder.level1.alpha', () => ({ batched: true })), /batched is true/],
    [
      'an output that is not there',
      { ...sound(), outputs: sound().outputs.map((o) => ({ ...o, op: 'gone' })) },
      /the output mask is gone/,
    ],
    [
      'an output with other channels',
      { ...sound(), outputs: sound().outputs.map((o) => ({ ...o, op: 'decoder.level0.norm' })) },
      /has 2 labels and decoder\.level0\.norm 16 channels/,
    ],
    ['no output', { ...sound(), outputs: [] }, /has no output/],
    [
      'an input without operation',
      { ...sound(), inputs: [...sound().inputs, { kind: 'identifier', name: 'site', count: 8 }] },
      /the input site has no operation/,
    ],
    ['an axis without legal size', { ...sound(), legal: sound().legal.slice(1) }, /no size of the axis D is legal/],
    [
      'a constraint that does not hold',
      { ...sound(), legal: sound().legal.map((each) => ({ ...each, first: 3 })) },
      /does not hold at the smallest legal patch/,
    ],
    [
      'an empty axis',
      { ...sound(), constraints: [], legal: sound().legal.map((each) => ({ ...each, first: 1 })) },
      /is empty at the smallest legal patch/,
    ],
  ];
  it.each(broken)('finds %s', (_, network, message) => {
    expect(verify(network).join('\n')).toMatch(message);
  });

  it('finds a split with two sizes to work out and no operand that tells one', () => {
    const net = new NetworkBuilder();
    const scan = net.image('scan', ['T1w'], ['D', 'H']);
    const into = [
      { name: 'A', size: symbol('D') },
      { name: 'B', size: symbol('H') },
    ];
    net.output('mask', ['background'], net.op('split', 'split', { axis: 'D', into }, [scan]));
    expect(verify(net.network()).join()).toMatch(/no operand gives the size of the axis D/);
  });
});
