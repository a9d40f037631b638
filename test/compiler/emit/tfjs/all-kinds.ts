import type { Network } from '../../../../compiler/ir/ir.js';
import { constant, floorDivide, symbol } from '../../../../compiler/shape/size.js';
import { NetworkBuilder, renamed, times } from '../../network-builder.js';

/** A 2-D network in which every kind of operation stands at least once, with and without its defaults. */
export function allKinds(): Network {
  const net = new NetworkBuilder('Every kind', 'One of each.');
  const scan = net.image('scan', ['FLAIR', 'T1w'], ['D', 'H']);
  const site = net.identifier('site', 3);

  net.stage('encoder.level0');
  const zero = times(2, [0, 0] as const);
  const start = net.conv(scan, 'level0.conv', 4, 3, { bias: true });
  const depthwise = net.op(
    'depthwise_conv',
    'level0.depthwise',
    { kernel: [3, 3], stride: [1, 1], dilation: [2, 2], pad: times(2, [2, 2] as const), bias: true },
    [start],
  );
  const grouped = net.conv(depthwise, 'level0.grouped', 4, 1, { groups: 2 });
  const normed = net.norm(grouped, 'level0.group_norm', 2);
  const instance = net.op('instance_norm', 'level0.instance_norm', { epsilon: 1e-3, affine: false }, [normed]);
  const layer = net.op('layer_norm', 'level0.layer_norm', { epsilon: 1e-5, affine: true }, [instance]);
  const batch = net.op(
    'batch_norm',
    'level0.batch_norm',
    { momentum: 0.2, epsilon: 1e-5, affine: false, frozen: true },
    [
      net.op('batch_norm', 'level0.batch_norm_usual', { momentum: 0.1, epsilon: 1e-5, affine: true, frozen: false }, [
        layer,
      ]),
    ],
  );
  const prelu = net.op('prelu', 'level0.prelu', { shared: false }, [batch]);
  const leaky = net.op('unary', 'level0.leaky', { function: 'leaky_relu', slope: 0.2 }, [prelu]);
  const dropped = net.op('dropout', 'level0.dropout', { rate: 0.1 }, [leaky]);
  const noise = net.op('noise', 'level0.noise', {}, [dropped]);
  const noisy = net.binary('+', 'level0.noisy', dropped, noise);
  const channels = net.op('spatial_dropout', 'level0.spatial_dropout', { rate: 0.1 }, [noisy]);

  net.stage('encoder.level1');
  const pooled = net.pool(channels, 'level1.max_pool');
  const average = net.op('avg_pool', 'level1.avg_pool', { kernel: [2, 2], stride: [2, 2], pad: zero }, [channels]);
  const both = net.op('concat', 'level1.concat', {}, [pooled, average]);
  const once = net.conv(both, 'level1.once', 8, 3);
  const twice = net.conv(once, 'level1.twice', 8, 3, {}, { sharedWith: 'level1.once' });
  const frozen = net.conv(twice, 'level1.frozen', 8, 1, {}, { frozen: true });
  const linear = net.op('linear', 'level1.linear', { out: 4, bias: true }, [frozen]);
  const table = net.param('level1.table', { N: 3, C: 4 });
  const fallback = net.param('level1.fallback', { C: 4 }, { kind: 'normal', deviation: 0.5 });
  const row = net.op('pick', 'level1.pick', { count: 3 }, [table, site, fallback]);
  const shifted = net.binary('+', 'level1.add', linear, row);
  const alpha = net.param('level1.alpha', {}, { kind: 'constant', value: 0.5 });
  const blend = net.binary('*', 'level1.blend', shifted, net.unary(alpha, 'level1.sigmoid', 'sigmoid'));

  net.stage('attention');
  const tokens = net.op('merge', 'attention.tokens', { axes: ['D', 'H'], into: 'N' }, [blend]);
  const into = [
    { name: 'G', size: constant(2) },
    { name: 'E', size: constant(2) },
  ];
  const heads = net.op('split', 'attention.heads', { axis: 'C', into }, [tokens]);
  const keys = renamed(net.unary(heads, 'attention.keys', 'tanh'), 'G', 'E', 'K');
  const scores = net.op('einsum', 'attention.scores', { into: ['G', 'N', 'K'] }, [heads, keys]);
  const scaled = net.op('scalar', 'attention.scaled', { operator: '/', value: 1.5, reversed: false }, [scores]);
  const weights = net.op('softmax', 'attention.softmax', { over: ['K'] }, [scaled]);
  const mixed = net.op('einsum', 'attention.mixed', { into: ['G', 'E', 'N'] }, [weights, keys]);
  const joined = net.op('merge', 'attention.joined', { axes: ['G', 'E'], into: 'C' }, [mixed]);
  const turned = net.op('transpose', 'attention.turned', { order: ['N', 'C'] }, [joined]);
  const mean = net.op('reduce', 'attention.mean', { function: 'mean', over: ['N'] }, [turned]);
  const gated = net.binary('*', 'attention.gate', blend, mean);
  const turnedRound = net.op('roll', 'attention.roll', { shifts: [{ axis: 'D', by: 1 }] }, [gated]);
  const parts = [{ axis: 'C', indices: [3, 0, 1, 1] }];
  const taken = net.op('take', 'attention.take', { parts }, [turnedRound]);
  const places = net.op('arange', 'attention.arange', { axis: 'D' }, [taken]);
  const rolled = net.binary('+', 'attention.placed', taken, places);

  net.stage('decoder.level0');
  const up = net.up(rolled, 'decoder.up', 4);
  const widened = net.op(
    'transposed_conv',
    'decoder.grouped',
    {
      out: 4,
      kernel: [3, 3],
      stride: [2, 2],
      pad: times(2, [1, 1] as const),
      outputPad: [1, 1],
      groups: 2,
      bias: true,
    },
    [rolled],
  );
  const corners = net.op('resize', 'decoder.corners', { mode: 'linear', scale: [2, 2], alignCorners: true }, [rolled]);
  const floored = net.op('resize', 'decoder.floored', { mode: 'nearest_floor', scale: [2, 2], alignCorners: false }, [
    rolled,
  ]);
  const mirrored = net.op(
    'pad',
    'decoder.mirrored',
    {
      amounts: [
        [1, 0],
        [0, 1],
      ],
      channels: 6,
      mode: 'reflect',
      value: 0,
    },
    [net.binary('+', 'decoder.ups', net.binary('+', 'decoder.sum', widened, corners), floored)],
  );
  const repeated = net.op(
    'pad',
    'decoder.repeated',
    { amounts: undefined, channels: undefined, mode: 'replicate', value: 0 },
    [net.op('prelu', 'decoder.shared_slope', { shared: true }, [floored]), mirrored],
  );
  const fitted = net.op('resize', 'decoder.resize', { mode: 'linear', scale: undefined, alignCorners: false }, [
    up,
    start,
  ]);
  const padded = net.op(
    'pad',
    'decoder.pad',
    {
      amounts: [
        [1, 0],
        [1, 1],
      ],
      channels: undefined,
      mode: 'zeros',
      value: 0,
    },
    [fitted],
  );
  const cropped = net.op(
    'crop',
    'decoder.crop',
    {
      amounts: [
        [1, 0],
        [1, 1],
      ],
    },
    [padded],
  );
  const around = net.op('pad', 'decoder.pad_to', { amounts: undefined, channels: undefined, mode: 'zeros', value: 0 }, [
    cropped,
    padded,
  ]);
  const centre = net.op('crop', 'decoder.crop_to', { amounts: undefined }, [around, start]);
  const edges = net.op('crop', 'decoder.edges', { amounts: undefined }, [
    net.op('concat', 'decoder.borders', {}, [mirrored, repeated]),
    start,
  ]);
  const result = net.op('concat', 'decoder.concat', {}, [start, centre, edges]);

  net.stage('head.mask');
  const logits = net.conv(result, 'head.mask.conv', 3, 1, { bias: true });
  const coarse = net.stage('aux.mask').conv(rolled, 'aux.mask.conv', 3, 1, { bias: true });
  net.output('mask', ['background', 'edema', 'tumor'], logits, [coarse]);
  const even = (name: string) => floorDivide(symbol(name), 2);
  net.equal(even('D'), even('D'));
  return net.network({ knobs: [{ name: 'width', value: '4', changed: false }] });
}

/** Names that would end a string, a comment or a statement, or steer the compiler, if they were let through. */
export const hostileNames: readonly string[] = [
  '*/ throw new Error("out"); /*',
  '"); process.exit(1); ("',
  '`${process.exit(1)}`',
  'line\nbreak(); // \r\n oops',
  'separator\u2028process.exit(1)\u2029',
  '@ts-ignore',
  'class',
  'unet',
  '__proto__',
  'constructor',
  '\u202Ereversed',
  '\\',
  '1st',
  '</script>',
  '',
];

/** A network whose every name is hostile. */
export function hostile(): Network {
  const name = (index: number): string => hostileNames[index % hostileNames.length] ?? '';
  const net = new NetworkBuilder(name(0), hostileNames.join('\n'));
  const scan = net.image(name(1), hostileNames, [name(6) + 'D', name(3)]);
  let x = scan;
  hostileNames.forEach((each, index) => {
    net.stage(each);
    const id = `${each}.${index}`;
    x = index % 2 === 0 ? net.conv(x, id, 4, 1) : net.binary('+', id, x, x);
  });
  net.output(name(4), hostileNames.slice(0, 4), x);
  return net.network({ knobs: hostileNames.map((each) => ({ name: each, value: each, changed: false })) });
}
