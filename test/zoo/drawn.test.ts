/**
 * Networks of the zoo against what their repositories' own code computes with weights and an input that are drawn from
 * their names, as recorded by record-drawn.py: networks too large for their weights to be stored.
 */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { forward } from '../../runtime/apply/forward.js';
import { readInputs } from '../../runtime/apply/read-inputs.js';
import { verifyTolerance } from '../../runtime/apply/verify.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { asFloat32, readSafetensors } from '../../runtime/files/safetensors.js';
import type { HostTensor, StoredTensor } from '../../runtime/files/tensor-types.js';
import { assignWeights } from '../../runtime/training/checkpoint.js';
import { importWeights } from '../../runtime/weights/import-weights.js';
import { parseNameMap } from '../../runtime/weights/name-map.js';
import { networkOf, testFolder, zooFolder } from '../../scripts/zoo/zoo.js';
import { distance, largest } from '../parity/compare.js';
import { drawUniform } from '../parity/draw.js';
import { buildNetwork } from '../parity/open-network.js';

const folder = path.join(testFolder, 'drawn');
const shape = z.array(z.int());
const drawnWeights = z.record(z.string(), z.object({ shape, centre: z.number(), spread: z.number() }));

function draw(name: string, sizes: readonly number[], centre: number, spread: number): HostTensor {
  const count = sizes.reduce((product, size) => product * size, 1);
  return { shape: sizes, data: drawUniform(name, count, centre, spread) };
}

/** A tensor of a file, drawn when it is read. */
function drawn(name: string, { shape: sizes, centre, spread }: z.infer<typeof drawnWeights>[string]): StoredTensor {
  return { shape: sizes, type: 'F32', read: async () => Promise.resolve(draw(name, sizes, centre, spread)) };
}

beforeAll(async () => {
  await selectEngine('onnx');
});

describe('networks with drawn weights', () => {
  const models = [
    ['swin-unet', 'RecordedSwinUnet'],
    ['swin-unetr', 'RecordedSwinUNETR'],
    ['transbts', 'RecordedTransBTS'],
    ['unetr', 'RecordedUNETR'],
  ] as const;

  it('are all used', () => {
    expect(readdirSync(folder).sort()).toEqual(models.map(([name]) => `${name}.safetensors`));
  });

  it.each(models)('%s', async (name, model) => {
    const { tensors, metadata } = await readSafetensors(path.join(folder, `${name}.safetensors`));
    const weights = Object.entries(drawnWeights.parse(JSON.parse(metadata['weights']!)));
    const { network } = await buildNetwork(networkOf({ spec: `${name}.unet`, model }, testFolder));
    const file = path.join(zooFolder, 'maps', `${name}.json`);
    const map = parseNameMap(readFileSync(file, 'utf8'), file);
    const given = new Map(weights.map(([key, weight]) => [key, drawn(`${name}/${key}`, weight)]));
    const imported = await importWeights({ name: model, weights: network.weights }, given, { source: name, map });
    assignWeights(network, imported.weights, name);
    const scan = draw(`${name}/input`, shape.parse(JSON.parse(metadata['input']!)), 0, 1.7);
    const computed = await forward(network, readInputs(network.description, new Map([['scan', scan]])));
    const every = Number(metadata['every']);
    const found = asFloat32(computed.get('logits')!).filter((_, index) => index % every === 0);
    const expected = asFloat32(tensors.get('output')!);
    expect(distance(found, expected) / Math.max(1, largest(expected))).toBeLessThan(verifyTolerance);
  });
});
