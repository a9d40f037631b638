import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { encodeSafetensors } from '../../../runtime/files/safetensors.js';
import {
  assignWeights,
  newProgress,
  readCheckpoint,
  readWeights,
  restoreCheckpoint,
  saveCheckpoint,
} from '../../../runtime/training/checkpoint.js';
import { createOptimizer } from '../../../runtime/training/optimizer.js';
import { trainStep } from '../../../runtime/training/step.js';
import { tinyBatch, tinyNetwork, tinyProtocol, weightValues } from './tiny-network.js';

let directory: string;
let file: string;

beforeAll(() => selectEngine('cpu'));
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'unet-checkpoint-'));
  file = path.join(directory, 'last.safetensors');
});
afterEach(() => rm(directory, { recursive: true }));

/** A network two steps into its training. */
async function trained() {
  const network = tinyNetwork();
  const optimizer = createOptimizer(tinyProtocol().optimizer);
  for (let step = 0; step < 2; step++) await trainStep(network, optimizer, tinyBatch(step), tinyProtocol(), 0.01);
  return { network, optimizer };
}

async function rejection(bytes: Uint8Array): Promise<unknown> {
  await writeFile(file, bytes);
  return readCheckpoint(file).then(
    () => 'read',
    (error: unknown) => error,
  );
}

describe('checkpoints', () => {
  it('tell weights from moments by the updates alone, whatever weights are called', async () => {
    const { network, optimizer } = await trained();
    const weights = network.weights.map((each) => ({ ...each, id: `optimizer.first/${each.id}/` }));
    const renamed = { ...network, weights };
    const moments = new Map([...optimizer.moments].map(([id, each]) => [`optimizer.first/${id}/`, each]));
    const fresh = createOptimizer(tinyProtocol().optimizer);
    fresh.restore(moments);
    await saveCheckpoint(file, renamed, fresh, newProgress());
    const read = await readCheckpoint(file);
    expect([...read.weights.keys()]).toEqual(weights.map(({ id }) => id));
    expect([...read.moments.keys()]).toEqual([...moments.keys()]);
  });

  it('bring back weights, moments, update counts and progress', async () => {
    const { network, optimizer } = await trained();
    const progress = { ...newProgress(), step: 2, best: 0.1 + 0.2, metricsBytes: 7 };
    await saveCheckpoint(file, network, optimizer, progress);
    const [other, fresh] = [tinyNetwork({ seed: 5 }), createOptimizer(tinyProtocol().optimizer)];
    expect(restoreCheckpoint(await readCheckpoint(file), other, fresh)).toEqual(progress);
    expect(weightValues(other)).toEqual(weightValues(network));
    expect([...fresh.moments.keys()]).toEqual([...optimizer.moments.keys()]);
    for (const [id, { first, second, steps }] of optimizer.moments) {
      const restored = fresh.moments.get(id)!;
      expect(restored.steps).toBe(steps);
      expect(restored.first.dataSync()).toEqual(first.dataSync());
      expect(restored.second!.dataSync()).toEqual(second!.dataSync());
    }
  });

  it('are told by file where they are cut, altered, of another kind or missing', async () => {
    const { network, optimizer } = await trained();
    await saveCheckpoint(file, network, optimizer, newProgress());
    const whole = await readFile(file);
    const altered = Uint8Array.from(whole);
    altered[altered.length - 3]! ^= 1;
    const corrupted = { code: 'UNET6059', message: expect.stringContaining(file) as string };
    for (const size of [0, 5, 100, whole.length - 1]) {
      expect(await rejection(whole.subarray(0, size))).toMatchObject(corrupted);
    }
    expect(await rejection(altered)).toMatchObject({
      ...corrupted,
      message: expect.stringMatching(/checksum/) as string,
    });
    expect(await rejection(encodeSafetensors(new Map(), {}))).toMatchObject(corrupted);
    const helps = { help: expect.stringContaining('best.safetensors` is another checkpoint of the run') as string };
    expect(await rejection(altered)).not.toMatchObject(helps);
    await writeFile(path.join(directory, 'best.safetensors'), whole);
    expect(await rejection(altered)).toMatchObject(helps);
    await expect(readCheckpoint(path.join(directory, 'none'))).rejects.toMatchObject({ code: 'UNET6059' });
  });

  it('are refused if any bit of them has changed', async () => {
    const { network, optimizer } = await trained();
    await saveCheckpoint(file, network, optimizer, { ...newProgress(), step: 48, metricsBytes: 1234 });
    const whole = await readFile(file);
    const header = 8 + Number(whole.readBigUInt64LE());
    // A step that comes by all bits of a byte.
    const bits = [
      ...Array.from({ length: Math.ceil((header * 8) / 61) }, (_, i) => 61 * i),
      ...Array.from({ length: 20 }, (_, i) => header * 8 + i * 97),
    ];
    for (const bit of bits) {
      const altered = Uint8Array.from(whole);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(await rejection(altered), `bit ${bit}`).toMatchObject({ code: 'UNET6059' });
    }
    for (const [from, to] of [
      [':48,', ':40,'],
      [':1234}', ':0000}'],
      ['metricsBytes', 'metricsbytes'],
    ] as const) {
      const altered = Buffer.from(whole.toString('latin1').replace(from, to), 'latin1');
      expect(altered.equals(whole)).toBe(false);
      expect(await rejection(altered)).toMatchObject({ message: expect.stringContaining('checksum') as string });
    }
  });

  it('of another network are refused by weight, and change nothing', async () => {
    const network = tinyNetwork();
    const before = weightValues(network);
    const weights = await readWeights(tinyNetwork({ seed: 2 }));
    weights.set('first.weight', { shape: [1], data: Float32Array.of(1) });
    weights.delete('last.bias');
    weights.set('other.bias', { shape: [1], data: Float32Array.of(1) });
    expect(() => assignWeights(network, weights, 'w')).toThrow(expect.objectContaining({ code: 'UNET6063' }));
    expect(() => assignWeights(network, weights, 'w')).toThrow(
      /`first.weight` has the shape \[1\], but the network has \[3, 3, 3, 2, 4\]; `last.bias` is missing; `other.bias` is not in the network/,
    );
    expect(weightValues(network)).toEqual(before);
  });
});
