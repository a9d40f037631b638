import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { emitOnnx } from '../../../../compiler/emit/onnx/emit-onnx.js';
import type { Network } from '../../../../compiler/ir/ir.js';
import { differenceOf, predict } from '../../../../runtime/export/compare.js';
import { encodeOnnx } from '../../../../runtime/export/onnx-file.js';
import { runOnnx } from '../../../../runtime/export/run-onnx.js';
import { randomStream } from '../../../../runtime/random/random-stream.js';
import type { HostTensor } from '../../../../runtime/files/safetensors.js';
import { readWeights } from '../../../../runtime/training/checkpoint.js';
import { buildNetwork } from '../../../parity/open-network.js';

/** A batch: sizes along the network's axes, one identifier a case (-1 for none). */
export interface Batch {
  readonly patch: readonly number[];
  readonly identifiers: readonly number[];
}

function inputsFor(network: Network, { patch, identifiers }: Batch): Map<string, HostTensor> {
  const axes = [
    ...new Set(network.inputs.flatMap((each) => (each.kind === 'image' ? each.axes : [])).map((a) => a.name)),
  ];
  return new Map(
    network.inputs.map((input): [string, HostTensor] => {
      if (input.kind === 'identifier') {
        return [input.name, { shape: [identifiers.length], data: BigInt64Array.from(identifiers, BigInt) }];
      }
      const spatial = input.axes.map(({ name }) => patch[axes.indexOf(name)] ?? 1);
      const shape = [identifiers.length, input.channels.length, ...spatial];
      const random = randomStream(3, 'input', input.name);
      const size = shape.reduce((total, each) => total * each, 1);
      return [input.name, { shape, data: Float32Array.from({ length: size }, () => random.normal()) }];
    }),
  );
}

/** A network's file with fresh weights, and what runs it on tfjs. */
export async function exported(network: Network) {
  const opened = await buildNetwork(network);
  const { model } = opened.network;
  // Weights that start at 0 or 1 would hide mistakes: all are moved.
  tf.tidy(() => {
    for (const { id, variable } of opened.network.weights) {
      const random = randomStream(5, 'shift', id);
      const shift = Float32Array.from({ length: variable.size }, () => 0.1 * random.normal());
      variable.assign(variable.add(tf.tensor(shift, variable.shape)));
    }
  });
  const bytes = encodeOnnx(emitOnnx(network), await readWeights(opened.network), '0');
  const onTfjs = (inputs: ReadonlyMap<string, HostTensor>) => predict(opened.network, inputs);
  return { bytes, onTfjs, dispose: () => model.dispose() };
}

/** A network's file computes on onnxruntime what tfjs does, at each of the batches. */
export async function expectEqual(network: Network, batches: readonly Batch[], tolerance = 1e-4): Promise<void> {
  const { bytes, onTfjs, dispose } = await exported(network);
  try {
    for (const batch of batches) {
      const inputs = inputsFor(network, batch);
      const wanted = onTfjs(inputs);
      const found = runOnnx(bytes, inputs);
      expect([...found].map(([name, { shape }]) => [name, shape])).toEqual(
        [...wanted].map(([name, { shape }]) => [name, shape]),
      );
      for (const [name, logits] of wanted) {
        expect(differenceOf(found.get(name), logits), name).toBeLessThan(tolerance);
      }
    }
  } finally {
    dispose();
  }
}
