import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { weightsOf, type Network } from '../../../../compiler/ir/ir.js';
import { verify } from '../../../../compiler/ir/verify.js';
import { constantOf, evaluate } from '../../../../compiler/shape/size.js';
import * as runtime from '../../../../runtime/index.js';
import { lowerSpec } from '../../lowered.js';
import { generate } from './generated.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const narrowDalight = { width: '8', neck: '16', join: 'ssfb(rank: 2)' };

const specs: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['dalight3d.unet', narrowDalight],
  ['ablations/no-csa.unet', { width: '8', neck: '16' }],
  ['ablations/no-identifier-norm.unet', { width: '8', neck: '16' }],
  ['ablations/no-sepconv.unet', { width: '8', neck: '16' }],
  ['ablations/no-ssfb.unet', { width: '8', neck: '16' }],
  ['unet3d.unet', { width: '8' }],
  ['attention-unet3d.unet', { width: '8' }],
  ['residual-unet3d.unet', { width: '8' }],
  ['vnet3d.unet', { width: '8' }],
  ['unet2d-2015.unet', { width: '4' }],
  ['unet-plus-plus.unet', { width: '8' }],
  ['unetr.unet', { width: '8', hidden: '24', heads: '2', perceptron: '24' }],
];

function narrow(file: string, knobs: Readonly<Record<string, string>>): Network {
  const [network] = lowerSpec(file, knobs);
  if (network === undefined) throw new Error(`${file} declares no model`);
  return network;
}

/** Sizes as the model knows them before it runs: null where they follow the patch. */
function staticShape({ shape, batched }: Network['ops'][number]): readonly (number | null)[] {
  return [batched ? null : 1, ...shape.map(({ size }) => constantOf(size) ?? null)];
}

/** Operations whose layer has one use, with the tensor it gives. */
function tensorsOf(network: Network, model: tf.LayersModel) {
  const again = new Set(network.ops.map(({ sharedWith }) => sharedWith));
  const ops = network.ops.filter(
    ({ kind, id, sharedWith }) => kind !== 'input' && sharedWith === undefined && !again.has(id),
  );
  return ops.map((op) => ({ op, tensor: model.getLayer(op.id).output as tf.SymbolicTensor }));
}

/** Channels first, as `fromPhysical` orders the axes of a tensor in memory. */
function logicalOrder(shape: readonly (number | null)[]): readonly (number | null)[] {
  const places = runtime.fromPhysical(tf.zeros(shape.map((_, place) => place + 1))).shape;
  return places.map((place) => shape[place - 1] ?? null);
}

describe('the generated code of every spec', () => {
  it.each(specs)('%s: the network is sound, and the model has its weights and shapes', (file, knobs) => {
    const network = narrow(file, knobs);
    expect(verify(network)).toEqual([]);
    const model = generate(network).build({ seed: 1 });
    const weights = [...runtime.weightsOf(model)].map(([id, { shape }]) => [id, shape] as const);
    expect(new Map(weights)).toEqual(new Map(weightsOf(network).map(({ id, shape }) => [id, [...shape]])));
    for (const { op, tensor } of tensorsOf(network, model)) {
      const given = logicalOrder(tensor.shape);
      // Sizes that the IR knows, the model knows too; others it learns when it runs.
      const known = staticShape(op).map((size, axis) => (size === null ? given[axis] : size));
      expect([op.id, given]).toEqual([op.id, known]);
    }
    model.dispose();
  });

  it.each([
    ['dalight3d.unet', narrowDalight, [9, 7, 6]],
    ['vnet3d.unet', { width: '8' }, [8, 16, 8]],
    ['unet-plus-plus.unet', { width: '8' }, [16, 16, 16]],
    ['unet2d-2015.unet', { width: '2' }, [188, 196]],
  ])('%s: every tensor has the sizes of the IR when it runs', { timeout: 120_000 }, (file, knobs, sizes) => {
    const network = narrow(file, knobs);
    const { build, description } = generate(network);
    const model = build({ seed: 1 });
    const traced = tensorsOf(network, model);
    const probe = tf.model({ inputs: model.inputs, outputs: traced.map(({ tensor }) => tensor) });
    const given: Record<string, tf.Tensor | number[]> = {};
    for (const input of network.inputs) {
      const isImage = input.kind === 'image';
      given[input.name] = isImage ? tf.randomNormal([1, input.channels.length, ...sizes]) : [1];
    }
    const feeds = runtime.feed(description, given);
    const results = probe.apply(feeds) as tf.Tensor[];
    const axes = network.inputs.flatMap((input) => (input.kind === 'image' ? input.axes.map(({ name }) => name) : []));
    const patch = new Map(axes.map((axis, index) => [axis, sizes[index] ?? 0]));
    traced.forEach(({ op }, index) => {
      const result = results[index];
      const expected = [1, ...op.shape.map(({ size }) => evaluate(size, patch))];
      expect([op.id, result && runtime.fromPhysical(result).shape]).toEqual([op.id, expected]);
    });
    model.dispose();
  });
});
