import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { apply, applyFile } from '../../../runtime/apply/apply.js';
import { asFloat32, readSafetensors, writeSafetensors, type HostTensor } from '../../../runtime/files/safetensors.js';
import { evaluateLoss, gradients } from '../../../runtime/training/step.js';
import { tinyBatch, tinyNetwork, tinyProtocol, weightIds, weightValues } from '../training/tiny-network.js';

const protocol = tinyProtocol();

/** The tiny batch as a file would hold it. */
function given(changes: Record<string, HostTensor | undefined> = {}): Map<string, HostTensor> {
  const batch = tinyBatch(0, { cases: 2 });
  const all: Record<string, HostTensor | undefined> = {
    scan: batch.inputs['scan']!,
    site: { shape: [2], data: BigInt64Array.of(2n, 2n) },
    target: { shape: batch.target.shape, data: BigInt64Array.from(batch.target.data, BigInt) },
    ...changes,
  };
  return new Map(Object.entries(all).filter((entry): entry is [string, HostTensor] => entry[1] !== undefined));
}

beforeAll(() => tf.setBackend('cpu'));

describe('apply', () => {
  it('gives logits and probabilities, N C D H W', async () => {
    const network = tinyNetwork();
    const { tensors, ignored } = await apply(network, protocol, given());
    expect([...tensors.keys()]).toEqual(['logits', 'probabilities']);
    expect(ignored).toEqual([]);
    const [logits, probabilities] = [tensors.get('logits')!, tensors.get('probabilities')!];
    expect(logits.shape).toEqual([2, 3, 4, 4, 4]);
    const at = (tensor: HostTensor, channel: number): number => asFloat32(tensor)[channel * 64 + 5]!;
    const exponentials = [0, 1, 2].map((channel) => Math.exp(at(logits, channel)));
    const sum = exponentials.reduce((total, each) => total + each, 0);
    exponentials.forEach((each, channel) => expect(at(probabilities, channel)).toBeCloseTo(each / sum, 6));
  });

  it('takes an absent identifier for none', async () => {
    const network = tinyNetwork();
    const fallback = network.weights[weightIds.indexOf('scale.fallback')]!.variable;
    fallback.assign(tf.zerosLike(fallback));
    const none = await apply(network, protocol, given({ site: undefined }));
    const minus = await apply(network, protocol, given({ site: { shape: [2], data: Int32Array.of(-1, -1) } }));
    const some = await apply(network, protocol, given());
    expect(none.tensors.get('logits')).toEqual(minus.tensors.get('logits'));
    expect(none.tensors.get('logits')).not.toEqual(some.tensors.get('logits'));
  });

  it('adds gradients under weight ids and the losses around each step', async () => {
    const network = tinyNetwork();
    const batch = tinyBatch(0, { cases: 2 });
    const expected = await gradients(network, batch, protocol);
    const first = await evaluateLoss(network, batch, protocol);
    const { tensors } = await apply(network, protocol, given(), { gradients: true, steps: 3 });
    expect([...tensors.keys()]).toEqual(['logits', 'probabilities', ...weightIds, 'losses', 'gradient_norm']);
    for (const id of weightIds) expect(tensors.get(id)).toEqual(expected.get(id));
    const losses = [...asFloat32(tensors.get('losses')!)];
    expect(losses).toHaveLength(4);
    expect(losses[0]).toBeCloseTo(first.loss, 6);
    expect(losses[3]).toBeCloseTo((await evaluateLoss(network, batch, protocol)).loss, 6);
    expect(losses[3]).toBeLessThan(losses[0]!);
    const norm = Math.hypot(...[...expected.values()].flatMap(({ data }) => [...data]));
    expect(asFloat32(tensors.get('gradient_norm')!)[0]).toBeCloseTo(norm, 5);
    expect(tensors.get('gradient_norm')!.shape).toEqual([3]);
  });

  it('changes no weight without steps', async () => {
    const network = tinyNetwork();
    const before = weightValues(network);
    await apply(network, protocol, given(), { gradients: true });
    expect(weightValues(network)).toEqual(before);
  });

  it('names what it ignored', async () => {
    const extra = given({ sight: { shape: [1], data: Int32Array.of(1) } });
    expect((await apply(tinyNetwork(), protocol, extra)).ignored).toEqual(['sight']);
  });

  const float = (shape: number[]): HostTensor => ({
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  });
  it.each([
    ['a missing image', { scan: undefined }, /not contain a tensor `scan`/],
    ['a missing target', { target: undefined }, /not contain the tensor `target`/],
    [
      'the wrong channels',
      { scan: float([2, 3, 4, 4, 4]) },
      /`scan` has the shape \[2, 3, 4, 4, 4\]; expected \[N, 2, D, H, W\]/,
    ],
    ['the wrong rank', { scan: float([2, 2, 4, 4]) }, /`scan` has the shape/],
    ['an illegal size', { scan: float([2, 2, 4, 4, 5]) }, /`scan` has 5 voxels along W/],
    ['too few identifiers', { site: float([1]) }, /`site` has 1 value for 2 cases/],
    [
      'an unknown identifier',
      { site: { shape: [2], data: Int32Array.of(0, 5) } },
      /`site` is 5; the network accepts 0 to 4/,
    ],
    [
      'a target of other cases',
      { target: float([1, 4, 4, 4]) },
      /target has the shape \[1, 4, 4, 4\], but the input has 2 cases/,
    ],
    [
      'a negative target',
      { target: { shape: [2, 1, 1, 1], data: Int32Array.of(0, -1) } },
      /target contains the value -1/,
    ],
  ])('tells of %s', async (_, changes, message) => {
    const failing = apply(tinyNetwork(), protocol, given(changes), { gradients: true });
    await expect(failing).rejects.toMatchObject({ code: 'UNET6061' });
    await expect(failing).rejects.toThrow(message);
  });

  it('works from file to file', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'unet-apply-'));
    const [input, output] = [path.join(directory, 'in.safetensors'), path.join(directory, 'out.safetensors')];
    await writeSafetensors(input, given());
    await applyFile(tinyNetwork(), protocol, input, output, { steps: 1 });
    const direct = await apply(tinyNetwork(), protocol, given(), { steps: 1 });
    expect((await readSafetensors(output)).tensors).toEqual(direct.tensors);
    await rm(directory, { recursive: true });
  });

  it('leaks no tensor', async () => {
    const network = tinyNetwork();
    const before = tf.memory().numTensors;
    await apply(network, protocol, given(), { gradients: true, steps: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
