/** The maps of weight names that we ship, against the names and shapes of the networks that they are for. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { weightsOf, type Network } from '../../compiler/ir/ir.js';
import { readSafetensors } from '../../runtime/files/safetensors.js';
import { applyNameMap, parseNameMap, type NameMap } from '../../runtime/weights/name-map.js';
import { planImport, type ImportTarget } from '../../runtime/weights/plan-import.js';
import { refuseIncomplete } from '../../runtime/weights/refuse-incomplete.js';
import { lowerSpec } from '../compiler/lowered.js';

const maps = resolve(import.meta.dirname, '../../specs/maps');
const parity = resolve(import.meta.dirname, '../../../shared/parity');

const zooMaps = resolve(import.meta.dirname, '../../specs/zoo/maps');

function readMap(name: string, folder = maps): NameMap {
  const file = resolve(folder, `${name}.json`);
  return parseNameMap(readFileSync(file, 'utf8'), file);
}

function targetOf(network: Network): ImportTarget {
  return { name: network.name, weights: weightsOf(network).map(({ id, shape }) => ({ id, shape })) };
}

/** The nine networks of DALight-3D's release: their names there, our spec and our map. */
const released = [
  { name: 'dalight3d', spec: 'dalight3d.unet', map: 'dalight3d', count: 186 },
  { name: 'dalight3d_no_csa', spec: 'ablations/no-csa.unet', map: 'dalight3d', count: 174 },
  { name: 'dalight3d_no_scanner_norm', spec: 'ablations/no-identifier-norm.unet', map: 'dalight3d', count: 158 },
  { name: 'dalight3d_no_sepconv', spec: 'ablations/no-sepconv.unet', map: 'dalight3d', count: 174 },
  { name: 'dalight3d_no_ssfb', spec: 'ablations/no-ssfb.unet', map: 'dalight3d-no-ssfb', count: 160 },
  { name: 'standard3dunet', spec: 'unet3d.unet', map: 'unet3d', count: 50 },
  { name: 'attentionunet3d', spec: 'attention-unet3d.unet', map: 'attention-unet3d', count: 59 },
  { name: 'resunet3d', spec: 'residual-unet3d.unet', map: 'residual-unet3d', count: 57 },
  { name: 'vnet3d', spec: 'vnet3d.unet', map: 'vnet3d', count: 71 },
] as const;

type Shapes = Readonly<Record<string, readonly number[]>>;

/** Names and shapes of a network of the release. */
async function releasedShapes(name: string): Promise<Shapes> {
  const weights = resolve(parity, name, 'weights.safetensors');
  if (existsSync(weights)) {
    const { tensors } = await readSafetensors(weights);
    return Object.fromEntries([...tensors].map(([each, { shape }]) => [each, shape]));
  }
  const all = JSON.parse(readFileSync(resolve(parity, 'release-names.json'), 'utf8')) as Record<string, Shapes>;
  return all[name]!;
}

describe('specs/maps', () => {
  it('has no map that no network of these tests uses', () => {
    const files = readdirSync(maps).filter((file) => file.endsWith('.json'));
    expect(files.sort()).toEqual([...new Set(released.map(({ map }) => `${map}.json`))].sort());
  });

  it.each(released)('$name: the map lists every weight, and no name twice', ({ spec, map, count }) => {
    const ids = targetOf(lowerSpec(spec)[0]!).weights.map(({ id }) => id);
    const { sources, unknown, unlisted } = applyNameMap(readMap(map), ids);
    expect({ count: ids.length, unlisted: [...unlisted], unknown }).toEqual({ count, unlisted: [], unknown: [] });
    expect(new Set([...sources.values()].map(({ names }) => names.join())).size).toBe(count);
  });

  it.each([2, 3, 5, 6])('dalight3d: the map lists every weight of %i levels, and no name twice', (levels) => {
    const widths = Array.from({ length: levels }, (_, level) => (level === levels - 1 ? 432 : 24 * 2 ** level));
    const network = lowerSpec('dalight3d.unet', { widths: `[${widths.join(', ')}]` })[0]!;
    const ids = targetOf(network).weights.map(({ id }) => id);
    const { sources, unlisted } = applyNameMap(readMap('dalight3d'), ids);
    const names = [...sources.values()].map((source) => source.names[0]!);
    expect([...unlisted]).toEqual([]);
    expect(new Set(names).size).toBe(ids.length);
    // Stages of the decoder are counted from the deepest, whose fusion is plain.
    expect(sources.get('decoder.fuse0.group_norm.weight')!.names[0]).toBe(
      levels === 2 ? 'decoder.skip_fusions.0.conv.1.weight' : `decoder.skip_fusions.${levels - 2}.fusion.1.weight`,
    );
  });

  it.skipIf(!existsSync(parity)).each(released)(
    '$name: takes every tensor of the release',
    async ({ name, spec, map }) => {
      const target = targetOf(lowerSpec(spec)[0]!);
      const tensors = Object.entries(await releasedShapes(name)).map(
        ([each, shape]) => [each, { shape, data: new Float32Array(0) }] as const,
      );
      const plan = planImport(target, new Map(tensors), { map: readMap(map), source: name });
      expect(() => refuseIncomplete(target, plan, name)).not.toThrow();
    },
  );
});

/** A network of the zoo for each map; more are imported in test/zoo/forward.test.ts. */
const zoo: readonly (readonly [map: string, spec: string, model: string])[] = [
  ['attention-gated', 'attention-gated', 'MultiAttentionGated'],
  ['basicunet-plus-plus', 'basicunet-plus-plus', 'BasicUNetPlusPlus'],
  ['brain-segmentation-unet', 'brain-segmentation-unet', 'BrainSegmentationUNet'],
  ['mednext', 'mednext-sizes', 'MedNeXtB'],
  ['monai-unet-4-levels', '../../test/zoo/monai-unet', 'UNetResidual'],
  ['monai-unet-5-levels', 'monai-unet', 'MonaiUNet'],
  ['monai-unet-plain-3-levels', '../../test/zoo/monai-unet', 'UNetBatch'],
  ['nnunet', 'nnunet', 'PlainConvUNet'],
  ['nnunet-resenc', 'nnunet-resenc', 'ResidualEncoderUNet'],
  ['pytorch-3dunet', 'pytorch-3dunet', 'UNet2D'],
  ['pytorch-3dunet-residual', 'pytorch-3dunet-residual', 'ResidualUNet2D'],
  ['swin-unet', 'swin-unet', 'SwinUnet'],
  ['transbts', 'transbts', 'TransBTS'],
  ['swin-unetr', 'swin-unetr', 'SwinUNETR'],
  ['unetr', 'unetr', 'UNETR'],
];

describe('specs/zoo/maps', () => {
  it('has no map that no network of these tests uses', () => {
    expect(readdirSync(zooMaps).sort()).toEqual(zoo.map(([map]) => `${map}.json`).sort());
  });

  it.each(zoo)('%s lists every weight of %s#%s, and no name twice', (map, spec, model) => {
    const network = lowerSpec(`zoo/${spec}.unet`).find(({ name }) => name === model)!;
    const ids = targetOf(network).weights.map(({ id }) => id);
    const { sources, unknown, unlisted } = applyNameMap(readMap(map, zooMaps), ids);
    expect({ unlisted: [...unlisted], unknown }).toEqual({ unlisted: [], unknown: [] });
    // Parts of a tensor are sources of their own.
    expect(new Set([...sources.values()].map((source) => JSON.stringify(source))).size).toBe(ids.length);
  });
});
