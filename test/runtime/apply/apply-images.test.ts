import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../../runtime/apply/apply.js';
import type { HostTensor } from '../../../runtime/files/safetensors.js';
import { lowerText } from '../../compiler/spec-text.js';
import { buildNetwork } from '../../parity/open-network.js';
import { tinyProtocol } from '../training/tiny-network.js';

beforeAll(() => tf.setBackend('cpu'));

function image(...shape: number[]): HostTensor {
  const size = shape.reduce((product, each) => product * each, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i)) };
}

async function logits(body: string, tensors: Readonly<Record<string, HostTensor>>): Promise<HostTensor | undefined> {
  const text = `model M {
  input scan: image(T1w)[D, H]
  input atlas: image(prior, edges)[D, H]
  output mask: classes(a, b)
  knob use_atlas: bool = true off false
  ${body}
}`;
  const { network } = await buildNetwork(lowerText(text));
  return (await apply(network, tinyProtocol(), new Map(Object.entries(tensors)))).tensors.get('logits');
}

describe('a network of two images', () => {
  const both = 'mask = concat(scan, atlas) -> conv(2, 3)';
  const one = 'mask = scan -> conv(2, 3) -> conv(2, 1) when use_atlas';

  it('needs an image only if it is used', async () => {
    const scan = image(2, 1, 4, 6);
    const alone = await logits(one, { scan });
    expect(alone?.shape).toEqual([2, 2, 4, 6]);
    expect(await logits(one, { scan, atlas: image(2, 2, 4, 6) })).toEqual(alone);
    await expect(logits(both, { scan })).rejects.toThrow(/not contain a tensor `atlas`/);
  });

  it('refuses images of different sizes', async () => {
    const given = logits(both, { scan: image(1, 1, 4, 6), atlas: image(1, 2, 4, 5) });
    await expect(given).rejects.toThrow(/`scan` and `atlas` have 6 and 5 voxels along H/);
  });

  it('takes the one legal size of an axis', async () => {
    // Rows in 4 windows of 3: 12 is the only size.
    const rows = 'mean(split(scan, D, into: [A = 4, B = 3]), over: [A, B])';
    const body = `mask = concat(scan + ${rows}, atlas) -> conv(2, 1)`;
    const given = { scan: image(1, 1, 12, 5), atlas: image(1, 2, 12, 5) };
    expect((await logits(body, given))?.shape).toEqual([1, 2, 12, 5]);
    const wrong = logits(body, { scan: image(1, 1, 24, 5), atlas: image(1, 2, 24, 5) });
    await expect(wrong).rejects.toThrow(/24 voxels along D.*/);
  });
});
