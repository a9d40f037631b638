/** A network of stock tfjs layers, small enough for exact tests: a conv, a table picked by an identifier, a conv. */
import * as tf from '@tensorflow/tfjs';
import type { Batch, Loader } from '../../../runtime/data/types.js';
import type { ModelDescription } from '../../../contract/model-description.js';
import type { Protocol } from '../../../contract/protocol.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { importedProtocol } from '../../../runtime/run/imported-protocol.js';
import type { NetworkWeight, TrainableNetwork } from '../../../runtime/network/trainable-network.js';

export const classes = 3;
const width = 4;
const rows = 5;

/** x * gamma[id], with a default row where id is -1; masked, so that both weights always get a gradient from tfjs. */
class PickScale extends tf.layers.Layer {
  static className = 'TestPickScale';
  private table!: tf.LayerVariable;
  private fallback!: tf.LayerVariable;

  override build(): void {
    this.table = this.addWeight('table', [rows, width], 'float32', tf.initializers.ones());
    this.fallback = this.addWeight('fallback', [width], 'float32', tf.initializers.ones());
    this.built = true;
  }

  override computeOutputShape(shapes: tf.Shape[]): tf.Shape {
    return shapes[0]!;
  }

  override call(inputs: tf.Tensor[]): tf.Tensor {
    const [x, ids] = inputs as [tf.Tensor, tf.Tensor];
    const id = ids.reshape([-1]);
    const given = tf.cast(tf.greaterEqual(id, 0), 'float32').reshape([-1, 1]);
    const row = tf.gather(this.table.read(), tf.cast(tf.maximum(id, 0), 'int32'));
    const gamma = tf.add(tf.mul(row, given), tf.mul(this.fallback.read().reshape([1, width]), tf.sub(1, given)));
    return tf.mul(x, gamma.reshape([-1, 1, 1, 1, width]));
  }
}

export const weightIds = ['first.weight', 'first.bias', 'scale.table', 'scale.fallback', 'last.weight', 'last.bias'];

function fill(variable: tf.Variable, seed: number, id: string): void {
  const random = randomStream(seed, 'test', id);
  const values = Float32Array.from({ length: variable.size }, () => 0.4 * random.normal());
  tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
}

export interface TinyOptions {
  readonly seed?: number;
  /** Adds a prediction at half the size after the output. */
  readonly auxiliary?: boolean;
  /** Makes the output smaller than its patch by two voxels an axis. */
  readonly valid?: boolean;
}

export function tinyNetwork({ seed = 1, auxiliary = false, valid = false }: TinyOptions = {}): TrainableNetwork {
  const scan = tf.input({ shape: [null, null, null, 2] });
  const site = tf.input({ shape: [1], dtype: 'int32' });
  const first = tf.layers.conv3d({
    filters: width,
    kernelSize: 3,
    padding: valid ? 'valid' : 'same',
    activation: 'tanh',
  });
  const scaled = new PickScale({}).apply([first.apply(scan) as tf.SymbolicTensor, site]) as tf.SymbolicTensor;
  const last = tf.layers.conv3d({ filters: classes, kernelSize: 1 });
  const outputs = [last.apply(scaled) as tf.SymbolicTensor];
  if (auxiliary) {
    const pooled = tf.layers.averagePooling3d({ poolSize: 2, strides: 2, padding: 'valid' }).apply(outputs[0]!);
    outputs.push(pooled as tf.SymbolicTensor);
  }
  const model = tf.model({ inputs: [scan, site], outputs });
  const variables = model.weights.map((weight) => weight.read() as tf.Variable);
  variables.forEach((variable, index) => fill(variable, seed, weightIds[index]!));
  const used = { input: 'site', given: true };
  const weights = weightIds.map((id, index): NetworkWeight => {
    const variable = variables[index]!;
    const initial = { kind: 'constant', value: 0 } as const;
    const plain = { id, variable, shape: variable.shape, initial, trainable: true };
    if (id === 'scale.table') return { ...plain, usedWhen: used };
    return id === 'scale.fallback' ? { ...plain, usedWhen: { input: 'site', given: false } } : plain;
  });
  const description: ModelDescription = {
    name: 'Tiny',
    inputs: [
      { kind: 'image', name: 'scan', channels: ['a', 'b'], axes: [{ name: 'D' }, { name: 'H' }, { name: 'W' }] },
      { kind: 'identifier', name: 'site', count: rows },
    ],
    outputs: [
      {
        name: 'mask',
        kind: 'classes',
        labels: ['background', 'edema', 'core'].map((name, index) => ({ name, values: [index] })),
        auxiliary: auxiliary ? 1 : 0,
      },
    ],
    legal: [{ axis: 'W', first: 2, step: 2 }],
  };
  return { model, description, weights };
}

/** A batch that depends on seed and step alone; a voxel's class follows from its two channels. */
export function tinyBatch(step: number, { size = 4, cases = 1, seed = 7, site = 2 } = {}): Batch {
  const random = randomStream(seed, 'batch', step);
  const voxels = size ** 3;
  const scan = Float32Array.from({ length: cases * 2 * voxels }, () => random.normal());
  const target = Uint8Array.from({ length: cases * voxels }, (_, at) => {
    const first = at + Math.floor(at / voxels) * voxels;
    return scan[first]! > 0.5 ? 1 : scan[first + voxels]! > 0.5 ? 2 : 0;
  });
  return {
    step,
    cases: Array.from({ length: cases }, (_, index) => `case${index}`),
    inputs: { scan: { data: scan, shape: [cases, 2, size, size, size] } },
    identifiers: { site: new Int32Array(cases).fill(site) },
    target: { data: target, shape: [cases, size, size, size] },
  };
}

export function tinyLoader(batchesPerEpoch: number, make: (step: number) => Batch = tinyBatch): Loader {
  return {
    batchesPerEpoch,
    waitedMs: 0,
    threads: 0,
    batch: (step) => Promise.resolve(make(step)),
    close: () => Promise.resolve(),
  };
}

export function tinyProtocol(changes: Partial<Protocol> = {}): Protocol {
  const base = importedProtocol([4, 4, 4], ['D', 'H', 'W']);
  return {
    ...base,
    optimizer: { ...base.optimizer, lr: 0.01, weightDecay: 0.1 },
    schedule: { kind: 'cosine', to: 1e-4 },
    ...changes,
  };
}

/** Copies of all weights' values, in order. */
export function weightValues(network: TrainableNetwork): number[][] {
  return network.weights.map(({ variable }) => Array.from(variable.dataSync()));
}
