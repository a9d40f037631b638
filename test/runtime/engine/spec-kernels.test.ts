/**
 * A training step of every spec, on stand-ins for the GPU engines that have the kernels which those engines register and no
 * others: none is missing there. The heavy ones among them give zeros of the right shape, which is enough to see who is asked.
 */
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silenceBanner } from '../../../runtime/engine/quiet.js';
import { TFJS_NODE_KERNELS } from '../../../runtime/engine/tfjs-node-kernels.js';
import { recordKernels } from '../../../runtime/engine-checks/record-kernels.js';
import { registerStandIn } from '../../../runtime/engine-checks/stand-in.js';
import { webgpu } from '../../../runtime/engine/webgpu/webgpu.js';
import { setLayout } from '../../../runtime/ops/layout.js';
import { importedProtocol } from '../../../runtime/run/imported-protocol.js';
import { trainableNetwork } from '../../../runtime/network/trainable-network.js';
import { createOptimizer } from '../../../runtime/training/optimizer.js';
import { trainStep, type StepBatch } from '../../../runtime/training/step.js';
import type { ModelDescription } from '../../../contract/model-description.js';
import { generate } from '../../compiler/emit/tfjs/generated.js';
import { lowerSpec } from '../../compiler/lowered.js';
import { smallUnetr } from '../../compiler/spec-text.js';
import type { Network } from '../../../compiler/ir/ir.js';

const narrow = { width: '8', neck: '16' };

const specs: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['dalight3d.unet', { ...narrow, join: 'ssfb(rank: 2)' }],
  ['ablations/no-csa.unet', narrow],
  ['ablations/no-identifier-norm.unet', narrow],
  ['ablations/no-sepconv.unet', narrow],
  ['ablations/no-ssfb.unet', narrow],
  ['unet3d.unet', { width: '8' }],
  ['attention-unet3d.unet', { width: '8' }],
  ['residual-unet3d.unet', { width: '8' }],
  ['vnet3d.unet', { width: '8' }],
  ['unet2d-2015.unet', { width: '1' }],
  ['unet-plus-plus.unet', { width: '8' }],
  ['unetr.unet', { width: '8', hidden: '24', heads: '2', perceptron: '24' }],
  ['engine-check.unet', {}],
];

function networkOf(file: string, knobs: Readonly<Record<string, string>>): Network {
  return file === 'unetr.unet' ? smallUnetr(knobs, 1) : lowerSpec(file, knobs)[0]!;
}

interface Attributes {
  readonly strides: number;
  readonly pad: 'valid';
  readonly dilations: number;
  readonly inputShape: number[];
  readonly filterShape: number[];
  readonly perm: number[];
  readonly begin: number[];
  readonly size: number[];
  readonly paddings: [number, number][];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The result's shape of each kernel that takes long. */
const heavy: Readonly<Record<string, (inputs: Record<string, tf.TensorInfo>, attributes: Attributes) => number[]>> = {
  FusedConv2D: ({ x, filter }, { strides, pad, dilations }) =>
    tf.backend_util.computeConv2DInfo(x!.shape as Four, filter!.shape as Four, strides, dilations, pad).outShape,
  Conv3D: ({ x, filter }, { strides, pad }) =>
    tf.backend_util.computeConv3DInfo(x!.shape as Five, filter!.shape as Five, strides, 1, pad).outShape,
  Conv3DBackpropInputV2: (_, { inputShape }) => inputShape,
  Conv3DBackpropFilterV2: (_, { filterShape }) => filterShape,
  Slice: ({ x }, { begin, size }) => tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size)[1]!,
  Reverse: ({ x }) => x!.shape,
  Transpose: ({ x }, { perm }) => perm.map((axis) => x!.shape[axis]!),
  PadV2: ({ x }, { paddings }) => x!.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]),
  BatchMatMul: ({ a, b }, { transposeA, transposeB }) => [
    ...a!.shape.slice(0, -2),
    a!.shape.at(transposeA ? -1 : -2)!,
    b!.shape.at(transposeB ? -2 : -1)!,
  ],
};

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

function lighten(backendName: string): void {
  for (const [kernelName, shapeOf] of Object.entries(heavy)) {
    if (tf.getKernel(kernelName, backendName) === undefined) continue;
    tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        tf.zeros(shapeOf(inputs as Record<string, tf.TensorInfo>, attrs as unknown as Attributes)),
    });
  }
}

/** A batch of the network's smallest patch. */
function batchOf(description: ModelDescription): StepBatch {
  const axes = description.inputs.flatMap((input) => (input.kind === 'image' ? input.axes : []));
  const patch = axes.map(({ name, size }) => size ?? description.legal.find(({ axis }) => axis === name)?.first ?? 8);
  const voxels = patch.reduce((product, size) => product * size, 1);
  const inputs: Record<string, { data: Float32Array; shape: number[] }> = {};
  const identifiers: Record<string, Int32Array> = {};
  for (const input of description.inputs) {
    if (input.kind === 'identifier') identifiers[input.name] = Int32Array.of(0);
    else {
      const count = input.channels.length;
      inputs[input.name] = {
        data: Float32Array.from({ length: count * voxels }, (_, i) => Math.sin(i)),
        shape: [1, count, ...patch],
      };
    }
  }
  return { inputs, identifiers, target: { data: new Uint8Array(voxels), shape: [1, ...patch] } };
}

/** webgpu's formulations differ from tensorflow's in the convolutions alone: a few specs show them all. */
const few = specs.filter(([file]) => ['dalight3d.unet', 'vnet3d.unet', 'unetr.unet'].includes(file));

describe.each([
  ['tensorflow', specs, () => Promise.resolve(TFJS_NODE_KERNELS)],
  ['webgpu', few, () => webgpu.knownKernels!()],
] as const)('a training step asks %s for kernels that it has', (backend, chosen, kernels) => {
  let known: readonly string[] = [];
  beforeAll(async () => {
    silenceBanner();
    known = await kernels();
    registerStandIn(backend, known);
    lighten(backend);
    await tf.setBackend(backend);
    setLayout('channels-last');
  });
  afterAll(() => tf.setBackend('cpu'));

  it.each(chosen)('%s', async (file, knobs) => {
    const { build, description } = generate(networkOf(file, knobs));
    const model = build({ seed: 1 });
    const protocol = importedProtocol([8], ['W']);
    const stop = recordKernels();
    const result = await trainStep(
      trainableNetwork(model, description),
      createOptimizer(protocol.optimizer),
      batchOf(description),
      protocol,
      1e-3,
      { seed: 1, step: 0 },
    );
    const asked = stop().filter((name) => !name.startsWith('Unet'));
    expect(result.updated).toBe(true);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((name) => !known.includes(name))).toEqual([]);
    model.dispose();
  });
});
