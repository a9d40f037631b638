/**
 * Networks of the zoo against what their repositories' own code computes, with weights imported through the maps that we
 * ship: small cases recorded by record.py, and the recorded networks next to the repository (`../shared/zoo`), if present.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { verifyCase } from '../../runtime/apply/verify.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { readSafetensors } from '../../runtime/files/safetensors.js';
import type { HostTensor } from '../../runtime/files/tensor-types.js';
import { assignWeights } from '../../runtime/training/checkpoint.js';
import { importWeights } from '../../runtime/weights/import-weights.js';
import { parseNameMap } from '../../runtime/weights/name-map.js';
import { networkOf, testFolder, zooFolder } from '../../scripts/zoo/zoo.js';
import { buildNetwork } from '../parity/open-network.js';

interface Recording {
  readonly name: string;
  readonly model: string;
  readonly spec?: string;
  readonly map?: string;
  /** Our names of the outputs that the repository's network returns, in its order. */
  readonly outputs: readonly string[];
}

/** The finest output, then the auxiliary ones. */
const deep = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => (index === 0 ? 'logits' : `auxiliary/${index}`));
const one = deep(1);

const ours: readonly Recording[] = [
  { name: 'attention-gated', model: 'RecordedAttentionGated', outputs: one },
  { name: 'brain-segmentation-unet', model: 'RecordedBrainSegmentation', outputs: one },
  { name: 'mednext', model: 'RecordedMedNeXt', outputs: deep(5) },
  { name: 'monai-unet', map: 'monai-unet-plain-3-levels', model: 'RecordedMonaiUNet', outputs: one },
  { name: 'nnunet', model: 'RecordedPlain', outputs: deep(2) },
  { name: 'nnunet-resenc', model: 'RecordedResidual', outputs: deep(2) },
  { name: 'pytorch-3dunet', model: 'RecordedUNet3D', outputs: one },
  { name: 'pytorch-3dunet-residual', model: 'RecordedResidualUNet3D', outputs: one },
];

const shared: readonly Recording[] = [
  { name: 'mednext_tiny_k5', spec: 'mednext', model: 'MedNeXtTiny', outputs: one },
  {
    name: 'monai_basicunetpp_small',
    spec: 'basicunet-plus-plus',
    model: 'BasicUNetPlusPlusSmall',
    outputs: ['auxiliary/1', 'auxiliary/2', 'auxiliary/3', 'logits'],
  },
  {
    name: 'monai_unet_plain_small',
    spec: 'monai-unet',
    map: 'monai-unet-plain-3-levels',
    model: 'UNetBatch',
    outputs: one,
  },
  {
    name: 'monai_unet_res2_small',
    spec: 'monai-unet',
    map: 'monai-unet-4-levels',
    model: 'UNetResidual',
    outputs: one,
  },
  { name: 'monai_unetr_small', spec: 'unetr', model: 'UNETRSmall', outputs: one },
  { name: 'nnunet_plain_aniso', spec: 'nnunet', model: 'PlainAnisotropic', outputs: deep(3) },
  { name: 'nnunet_resenc_small', spec: 'nnunet-resenc', model: 'ResEncSmall', outputs: deep(3) },
  { name: 'wolny_unet3d_deconv_cbl', spec: 'pytorch-3dunet', model: 'WolnyBatch', outputs: one },
];

type Tensors = ReadonlyMap<string, HostTensor>;

/** Imports the weights, runs the case, and compares every output; 1e-4 of the largest value is the product's own limit. */
async function verify({ name, spec = name, map = spec, model, outputs }: Recording, weights: Tensors, given: Tensors) {
  const { network } = await buildNetwork(networkOf({ spec: `${spec}.unet`, model }, testFolder));
  const file = path.join(zooFolder, 'maps', `${map}.json`);
  const target = { name: model, weights: network.weights };
  const options = { source: name, map: parseNameMap(readFileSync(file, 'utf8'), file) };
  const imported = await importWeights(target, weights, options);
  assignWeights(network, imported.weights, name);
  const recorded = (index: number) => (given.has('output') ? 'output' : `output_${index}`);
  const pairs = new Map(outputs.map((output, index) => [output, recorded(index)]));
  const verified = await verifyCase(network, given, name, pairs);
  expect(verified.map(({ output }) => output).sort()).toEqual([...outputs].sort());
}

beforeAll(async () => {
  await selectEngine('onnx');
});

describe('small cases that we recorded', () => {
  const folder = path.join(testFolder, 'recorded');

  it('are all used', () => {
    expect(readdirSync(folder).sort()).toEqual(ours.map(({ name }) => `${name}.safetensors`).sort());
  });

  it.each(ours)('$name', async (recording) => {
    const { tensors } = await readSafetensors(path.join(folder, `${recording.name}.safetensors`));
    const given = [...tensors].filter(([key]) => key.startsWith('case.'));
    const weights = [...tensors].filter(([key]) => !key.startsWith('case.'));
    const unprefixed = given.map(([key, tensor]) => [key.slice('case.'.length), tensor] as const);
    await verify(recording, new Map(weights), new Map(unprefixed));
  });
});

const zoo = path.resolve(zooFolder, '../../../shared/zoo');

describe.skipIf(!existsSync(zoo))('recorded public networks', () => {
  it.each(shared)('$name', async (recording) => {
    const read = async (file: string) => (await readSafetensors(path.join(zoo, recording.name, file))).tensors;
    await verify(recording, await read('weights.safetensors'), await read('case.safetensors'));
  });
});
