/** Name maps against the weights of a whole network: those given, those found by order and shape, those at fault. */
import { beforeAll, describe, expect, it } from 'vitest';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { selectEngine } from '../../runtime/engine/engines.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { importWeights, type ImportTarget, type NameMap } from '../../runtime/network/import-weights.js';
import { readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { openNetwork, readNames } from './open-network.js';
import { readRecorded } from './recorded.js';

const parity = resolve(import.meta.dirname, '../../../shared/parity');

async function targetOf(file: string, knobs: Readonly<Record<string, string>>): Promise<ImportTarget> {
  const { network } = await openNetwork(file, knobs);
  network.model.dispose();
  return { name: file, weights: network.weights };
}

/** The error of an import; fails where there is none. */
function refusal(target: ImportTarget, weights: ReadonlyMap<string, HostTensor>, map: NameMap): UserError {
  try {
    importWeights(target, weights, { map, source: 'w.safetensors' });
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the weights were taken');
}

beforeAll(async () => {
  await selectEngine('cpu');
});

describe('--map auto', () => {
  it('pairs by order of use where every shape agrees', async () => {
    const target = await targetOf('attention-unet3d.unet', { width: '8' });
    const { weights } = await readRecorded('attentionunet3d');
    const named = importWeights(target, weights, { map: readNames('attentionunet3d'), source: 'w.safetensors' });
    expect(importWeights(target, weights, { map: 'auto', source: 'w.safetensors' }).weights).toEqual(named.weights);
  });

  it.skipIf(!existsSync(parity))('pairs the weights of a release that are saved in order of use', async () => {
    const target = await targetOf('attention-unet3d.unet', {});
    const { tensors } = await readSafetensors(resolve(parity, 'attentionunet3d', 'weights.safetensors'));
    const { weights: named } = importWeights(target, tensors, {
      map: readNames('attentionunet3d'),
      source: 'w.safetensors',
    });
    const { weights: found } = importWeights(target, tensors, { map: 'auto', source: 'w.safetensors' });
    const other = [...named].filter(([id, { data }]) => !data.every((value, at) => value === found.get(id)!.data[at]));
    expect(other.map(([id]) => id)).toEqual([]);
  });

  it('lists what order and shape leave open', async () => {
    const target = await targetOf('attention-unet3d.unet', { width: '8' });
    const { weights } = await readRecorded('attentionunet3d');
    const error = refusal(target, new Map([...weights].reverse()), 'auto');
    expect(error.code).toBe('UNET6053');
    expect(error.message).toContain('`decoder.fuse0.attention_gate.g.gate.weight`');
    expect(error.message).toContain('`att1.g.weight`');
  });
});

describe('a map at fault', () => {
  it('counts and names missing, unmatched and misshapen weights at once', async () => {
    const target = await targetOf('dalight3d.unet', { width: '8', neck: '16', join: 'ssfb(rank: 2)' });
    const recorded = (await readRecorded('dalight3d')).weights;
    const weights = new Map(recorded);
    weights.delete('encoder.init_conv.0.weight');
    weights.set('encoder.other.weight', { shape: [2], data: new Float32Array(2) });
    weights.set('encoder.downsamples.0.bias', { shape: [7], data: new Float32Array(7) });
    const map = { ...readNames('dalight3d'), 'encoder.stray.weight': 'x', 'encoder.down1.bias': 'not.in.the.file' };
    const error = refusal(target, weights, map);
    expect(error.code).toBe('UNET6052');
    for (const fault of [
      /missing: 2 of .*`encoder\.stem\.conv\.weight` \(`encoder\.init_conv\.0\.weight` in the file\)/,
      /missing: .*`encoder\.down1\.bias` \(`not\.in\.the\.file` in the file\)/,
      /misshapen: 1 of .*`encoder\.down0\.bias` \(`encoder\.downsamples\.0\.bias` in the file\) is \[7\], expected \[8\]/,
      /unmatched: 2 of .*`encoder\.other\.weight`/,
      /unmatched: .*`encoder\.downsamples\.1\.bias`/,
      /unknown: 1 of .*`encoder\.stray\.weight`/,
    ]) {
      expect(error.message).toMatch(fault);
    }
  });

  it('does not take the weights of another width', async () => {
    const target = await targetOf('attention-unet3d.unet', { width: '16' });
    const { weights } = await readRecorded('attentionunet3d');
    const error = refusal(target, weights, readNames('attentionunet3d'));
    const { length } = target.weights;
    expect(error.message).toContain(`misshapen: ${length - 1} of ${length} weights`);
  });
});
