import { describe, expect, test } from 'vitest';
import { weightsOf, type Network } from '../../compiler/ir/ir.js';
import { lowerText } from '../compiler/spec-text.js';
import {
  attention,
  dalight,
  residual,
  standard,
  total,
  unet2015,
  unetPlusPlus,
  unetr,
  vnet,
  type DALight,
} from './counts.js';

const volume = (shape: readonly number[]): number => shape.reduce((product, each) => product * each, 1);
const count = (network: Network): number => weightsOf(network).reduce((all, { shape }) => all + volume(shape), 0);

/** Parameters of each stage that has any, in order. */
function stagesOf(network: Network): Record<string, number> {
  const stages: Record<string, number> = {};
  for (const { stage, weights } of network.ops) {
    for (const { shape } of weights) stages[stage] = (stages[stage] ?? 0) + volume(shape);
  }
  return stages;
}

/** A model of a spec, with knobs set by a variant. */
const variant = (file: string, base: string, settings: string): Network =>
  lowerText(`use "${file}"\nmodel Mine = ${base} { ${settings} }`);

describe('DALight-3D', () => {
  /** The table of the paper's release, as measured by building its classes. */
  const released = {
    'encoder.stem': 2_640,
    'encoder.level0': 32_286,
    'encoder.down0': 15_576,
    'encoder.level1': 9_588,
    'encoder.down1': 62_256,
    'encoder.level2': 44_664,
    'encoder.down2': 248_928,
    'encoder.level3': 674_676,
    'decoder.up2': 331_872,
    'decoder.fuse2': 497_856,
    'decoder.level2': 31_800,
    'decoder.up1': 36_912,
    'decoder.fuse1': 131_789,
    'decoder.level1': 10_140,
    'decoder.up0': 9_240,
    'decoder.fuse0': 33_361,
    'decoder.level0': 3_630,
    'head.mask': 41_860,
  };

  test('the arithmetic of this test agrees with the released table', () => {
    expect(dalight({ widths: [24, 48, 96, 432] })).toEqual(released);
    expect(total(released)).toBe(2_219_074);
  });

  test('every stage has its published count', () => {
    const network = variant('dalight3d.unet', 'DALight3D', 'width = 24');
    expect(stagesOf(network)).toEqual(released);
    expect(Object.keys(stagesOf(network))).toEqual(Object.keys(released));
    expect(count(network)).toBe(2_219_074);
  });

  // From the table: what goes, and what takes its place.
  const blocks = [24, 48, 96, 432, 96, 48, 24];
  const separable = (from: number, to: number): number => 27 * from + from * to + 27 * to + to * to;
  const plain = (from: number, to: number): number => 27 * from * to + 27 * to * to;
  const swapped: readonly (readonly [number, number])[] = [
    [24, 48],
    [48, 96],
    [96, 432],
    [96, 96],
    [48, 48],
    [24, 24],
  ];
  const ablations: readonly (readonly [file: string, expected: number, without: DALight['without']])[] = [
    [
      'no-sepconv',
      2_219_074 + swapped.reduce((all, [a, b]) => all + plain(a, b) - separable(a, b), 0),
      { separable: false },
    ],
    // Two norms a block: 8 + 1 rows of scale and shift become one.
    [
      'no-identifier-norm',
      2_219_074 - blocks.reduce((all, c) => all + 2 * (2 * 9 * c - 2 * c), 0),
      { identifier: false },
    ],
    ['no-csa', 2_219_074 - (2 * (96 * 24 + 24) + 96 * 97) - (2 * (432 * 108 + 108) + 432 * 433), { attention: false }],
    ['no-ssfb', 2_219_074 - (131_789 - (27 * 96 * 48 + 96)) - (33_361 - (27 * 48 * 24 + 48)), { ssfb: false }],
  ];

  test.each(ablations)('%s: %i', (file, expected, without) => {
    const network = lowerText(`use "ablations/${file}.unet"\nmodel Same = ${modelIn(file)} { width = 24 }`);
    expect(count(network)).toBe(expected);
    expect(stagesOf(network)).toEqual(dalight({ widths: [24, 48, 96, 432], ...(without && { without }) }));
  });

  const settings: readonly (readonly [string, DALight])[] = [
    ['width = 8', { widths: [8, 16, 32, 432] }],
    ['width = 16, neck = 128', { widths: [16, 32, 64, 128] }],
    ['width = 32', { widths: [32, 64, 128, 432] }],
    ['neck = 96', { widths: [24, 48, 96, 96] }],
    ['join = ssfb(rank: 16)', { widths: [24, 48, 96, 432], rank: 16 }],
    ['join = ssfb(rank: 1), width = 40, neck = 320', { widths: [40, 80, 160, 320], rank: 1 }],
    [
      'csa = off, norm = off, width = 16',
      { widths: [16, 32, 64, 432], without: { attention: false, identifier: false } },
    ],
  ];
  test.each(settings)('{ %s }', (setting, described) => {
    const network = variant('dalight3d.unet', 'DALight3D', setting);
    expect(stagesOf(network)).toEqual(dalight(described));
  });

  /** Widths double per level, 384 at most; the last is 432. */
  test.each([2, 3, 5, 6, 7])('%i levels', (depth) => {
    const widths = Array.from({ length: depth }, (_, level) =>
      level === depth - 1 ? 432 : Math.min(24 * 2 ** level, 384),
    );
    const network = variant('dalight3d.unet', 'DALight3D', `widths = [${widths.join(', ')}]`);
    expect(stagesOf(network)).toEqual(dalight({ widths }));
  });
});

function modelIn(file: string): string {
  const names: Record<string, string> = {
    'no-sepconv': 'NoSepConv',
    'no-identifier-norm': 'NoIdentifierNorm',
    'no-csa': 'NoCSA',
    'no-ssfb': 'NoSSFB',
  };
  return names[file] ?? '';
}

describe('baselines', () => {
  test('the published counts at base 24', () => {
    expect(standard(24)).toBe(3_153_388);
    expect(attention(24)).toBe(3_165_568);
    expect(residual(24)).toBe(3_201_868);
  });

  const networks: readonly (readonly [file: string, model: string, formula: (base: number) => number])[] = [
    ['unet3d.unet', 'UNet3D', standard],
    ['attention-unet3d.unet', 'AttentionUNet3D', attention],
    ['residual-unet3d.unet', 'ResUNet3D', residual],
    ['vnet3d.unet', 'VNet3D', vnet],
  ];
  describe.each(networks)('%s', (file, model, formula) => {
    test.each([8, 16, 24, 40])('width %i', (width) => {
      expect(count(variant(file, model, `width = ${width}`))).toBe(formula(width));
    });
  });
});

describe('beyond the five', () => {
  test.each([16, 64])('U-Net of 2015, width %i', (width) => {
    expect(count(variant('unet2d-2015.unet', 'UNet2015', `width = ${width}`))).toBe(unet2015(width, 4, 4));
  });

  test('U-Net of 2015 as its paper has it, one channel and two classes: 31.03 million', () => {
    expect(unet2015(64, 1, 2)).toBe(31_030_658);
  });

  test('U-Net++ with and without its three auxiliary predictions', () => {
    expect(count(variant('unet-plus-plus.unet', 'UNetPlusPlus', 'width = 32'))).toBe(unetPlusPlus(32, 4));
    expect(count(variant('unet-plus-plus.unet', 'UNetPlusPlus', 'deep = off'))).toBe(unetPlusPlus(32, 1));
    expect(count(variant('unet-plus-plus.unet', 'UNetPlusPlus', 'width = 16'))).toBe(unetPlusPlus(16, 4));
  });

  test('UNETR', () => {
    expect(count(variant('unetr.unet', 'UNETR', 'width = 16'))).toBe(unetr(16, 768, 3072, 216));
    expect(count(variant('unetr.unet', 'UNETR', 'width = 8, hidden = 96, perceptron = 192, heads = 4'))).toBe(
      unetr(8, 96, 192, 216),
    );
  });
});
