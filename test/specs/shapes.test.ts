import { describe, expect, test } from 'vitest';
import type { Network, Op } from '../../compiler/ir/ir.js';
import { evaluate } from '../../compiler/shape/size.js';
import { lowerText, opOf } from '../compiler/spec-text.js';

const spec = (file: string, base: string, settings = ''): Network =>
  lowerText(`use "${file}"\nmodel Same = ${base} { ${settings} }`);

/** The spatial sizes of an operation for an image of these extents, in the order D, H, W (or H, W). */
function sizesOf(op: Op, extents: readonly number[]): number[] {
  const axes = ['D', 'H', 'W'].slice(3 - extents.length);
  const values = new Map(axes.map((axis, index) => [axis, extents[index] ?? NaN]));
  return op.shape.map(({ size }) => evaluate(size, values));
}

function outputOf(network: Network, extents: readonly number[]): number[] {
  const [output] = network.outputs;
  if (output === undefined) throw new Error('no output');
  return sizesOf(opOf(network, output.op), extents);
}

const legalAlong = (network: Network): unknown[] => network.legal.map(({ first, step }) => [first, step]);

describe('DALight-3D', () => {
  const network = spec('dalight3d.unet', 'DALight3D');

  test.each([[[64, 64, 64]], [[16, 24, 32]], [[17, 19, 23]], [[1, 5, 9]]])(
    'a patch of %j keeps its size',
    (extents) => {
      expect(outputOf(network, extents)).toEqual([4, ...extents]);
    },
  );

  test('levels halve, rounding up; the upsampled tensor is resized to the skip', () => {
    expect(sizesOf(opOf(network, 'encoder.level1.gelu'), [17, 19, 23])).toEqual([48, 9, 10, 12]);
    expect(sizesOf(opOf(network, 'encoder.level3.gelu'), [17, 19, 23])).toEqual([432, 3, 3, 3]);
    expect(sizesOf(opOf(network, 'decoder.up0'), [17, 19, 23])).toEqual([24, 18, 20, 24]);
    expect(sizesOf(opOf(network, 'decoder.fit0'), [17, 19, 23])).toEqual([24, 17, 19, 23]);
  });

  test('attention along the slice axis is D by D', () => {
    const attention = opOf(network, 'encoder.level2.main.cross_slice_attention.a.softmax');
    expect(sizesOf(attention, [64, 64, 64])).toEqual([16, 16]);
    expect(attention.kind === 'softmax' && attention.attributes.over).toEqual(['E']);
  });

  test('any size is legal', () =>
    expect(legalAlong(network)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]));
});

describe.each([
  ['unet3d.unet', 'UNet3D', 8],
  ['attention-unet3d.unet', 'AttentionUNet3D', 8],
  ['residual-unet3d.unet', 'ResUNet3D', 8],
  ['vnet3d.unet', 'VNet3D', 8],
  ['unet-plus-plus.unet', 'UNetPlusPlus', 16],
] as const)('%s', (file, model, stride) => {
  const network = spec(file, model);

  test(`legal patches are the multiples of ${stride}`, () => {
    expect(network.legal).toEqual(['D', 'H', 'W'].map((axis) => ({ axis, first: stride, step: stride })));
  });

  test('a legal patch keeps its size', () => {
    expect(outputOf(network, [stride, 2 * stride, 3 * stride])).toEqual([4, stride, 2 * stride, 3 * stride]);
  });
});

describe('U-Net of 2015', () => {
  const network = spec('unet2d-2015.unet', 'UNet2015');

  /** The paper by hand: two valid convolutions a level, pools of maps with even sides, skips cut to the upsampled map. */
  function paper(tile: number): number | undefined {
    const skips: number[] = [];
    let size = tile;
    for (let level = 0; level < 4; level++) {
      size -= 4;
      skips.push(size);
      if (size % 2 === 1) return undefined;
      size /= 2;
    }
    size -= 4;
    for (const skip of skips.reverse()) {
      if (size < 1 || skip < 2 * size) return undefined;
      size = 2 * size - 4;
    }
    return size < 1 ? undefined : size;
  }

  test('a tile of 572 gives a map of 388', () => {
    expect(paper(572)).toBe(388);
    expect(outputOf(network, [572, 572])).toEqual([4, 388, 388]);
    expect(sizesOf(opOf(network, 'encoder.level4.dropout'), [572, 572])).toEqual([1024, 28, 28]);
    expect(sizesOf(opOf(network, 'decoder.fit3'), [572, 572])).toEqual([512, 56, 56]);
  });

  test('every tile from 1 to 700 is legal exactly where the paper’s arithmetic comes out, and gives its map', () => {
    const [legal] = network.legal;
    for (let tile = 1; tile <= 700; tile++) {
      const expected = paper(tile);
      const isLegal = legal !== undefined && tile >= legal.first && (tile - legal.first) % legal.step === 0;
      expect([tile, isLegal]).toEqual([tile, expected !== undefined]);
      if (expected !== undefined) expect(outputOf(network, [tile, tile])).toEqual([4, expected, expected]);
    }
  });

  test('with its dropout off nothing but the dropout is gone', () => {
    const bare = spec('unet2d-2015.unet', 'UNet2015', 'drop = off');
    const kept = network.ops.filter(({ kind }) => kind !== 'dropout').map(({ id }) => id);
    expect(bare.ops.map(({ id }) => id)).toEqual(kept);
  });
});

describe('U-Net++', () => {
  const network = spec('unet-plus-plus.unet', 'UNetPlusPlus');

  test('three auxiliary predictions of the output’s labels, all at full size', () => {
    const [output] = network.outputs;
    expect(output?.op).toBe('mask.conv');
    expect(output?.auxiliary).toEqual(['aux.mask.1.conv', 'aux.mask.2.conv', 'aux.mask.3.conv']);
    for (const id of output?.auxiliary ?? []) expect(sizesOf(opOf(network, id), [32, 48, 64])).toEqual([4, 32, 48, 64]);
  });

  test('node (i, j) joins the j nodes before it and the one below', () => {
    const join = opOf(network, 'x.1.3.concat');
    expect(join.operands.map(({ op }) => op)).toEqual([
      'x.1.0.two_convs.conv_norm_act2.act',
      'x.1.1.two_convs.conv_norm_act2.act',
      'x.1.2.two_convs.conv_norm_act2.act',
      'x.1.3.transposed_conv',
    ]);
  });

  test('without deep supervision there are none', () => {
    expect(spec('unet-plus-plus.unet', 'UNetPlusPlus', 'deep = off').outputs[0]?.auxiliary).toEqual([]);
  });
});

describe('UNETR', () => {
  const network = spec('unetr.unet', 'UNETR');

  test('its position table fixes the patch at 96^3', () => {
    expect(network.legal).toEqual([]);
    expect(opOf(network, 'tokens.position_embedding.table').weights[0]?.shape).toEqual([768, 216]);
    expect(outputOf(network, [])).toEqual([4, 96, 96, 96]);
  });

  test('tokens are 6^3 patches, attended by 12 heads', () => {
    expect(sizesOf(opOf(network, 'embedded.patches'), [])).toEqual([768, 6, 6, 6]);
    expect(sizesOf(opOf(network, 'z.chain.1.1.y.attend.a.softmax'), [])).toEqual([12, 216, 216]);
    expect(network.ops.filter(({ kind }) => kind === 'softmax')).toHaveLength(12);
  });

  test('other depths', () => {
    const shallow = spec('unetr.unet', 'UNETR', 'depth = 1, hidden = 48, heads = 4, perceptron = 96, width = 8');
    expect(shallow.ops.filter(({ kind }) => kind === 'softmax')).toHaveLength(4);
  });
});
