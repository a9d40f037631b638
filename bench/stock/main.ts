/**
 * One side of a benchmark: the Standard U-Net in tfjs as its documentation has it, on the stock wasm backend, nothing of
 * this project's runtime loaded. Answers `threads`, `build`, `batch`, `step` and `rss` of `bench/peer/main.py`.
 */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { z } from 'zod';
import { ownPeakRss, serve } from '../harness/serve.js';
import { asFloat32, asInt32, readSafetensors, sizeOf } from '../../runtime/files/safetensors.js';
import { stockStep, type StockBatch, type StockNetwork } from './step.js';
import { stockUnet } from './unet3d.js';

const count = z.int().positive();
const commandSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('threads'), count }),
  z.strictObject({ do: z.literal('build'), width: count, weights: z.string() }),
  z.strictObject({ do: z.literal('batch'), file: z.string() }),
  z.strictObject({ do: z.literal('step'), count }),
  z.strictObject({ do: z.literal('rss') }),
]);

let network: StockNetwork | undefined;
let batch: StockBatch | undefined;

async function build(width: number, file: string): Promise<object> {
  const { tensors } = await readSafetensors(file);
  const model = stockUnet(width, tensors);
  network = { model, optimizer: tf.train.adam(5e-5, 0.9, 0.999, 1e-8) };
  const parameters = model.trainableWeights.reduce((sum, { shape }) => sum + sizeOf(shape.map(Number)), 0);
  return { parameters, engine: 'stock TensorFlow.js wasm backend (1 thread)' };
}

async function readBatch(file: string): Promise<object> {
  const { tensors } = await readSafetensors(file);
  const [scan, target] = [tensors.get('scan')!, tensors.get('target')!];
  batch = tf.tidy(() => ({
    scan: tf.transpose(tf.tensor(asFloat32(scan), [...scan.shape]), [0, 2, 3, 4, 1]),
    target: tf.cast(tf.oneHot(tf.tensor(asInt32(target), [...target.shape], 'int32'), 4), 'float32'),
  }));
  return {};
}

async function step(times: number): Promise<object> {
  if (network === undefined || batch === undefined) throw new Error('there is no network or no batch');
  const seconds: number[] = [];
  const losses: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    losses.push(await stockStep(network, batch));
    seconds.push((performance.now() - start) / 1000);
  }
  return { seconds, losses };
}

async function run(json: unknown): Promise<object> {
  const command = commandSchema.parse(json);
  switch (command.do) {
    case 'threads':
      // In Node the backend has one, whatever is asked for.
      return { threads: 1 };
    case 'build':
      return build(command.width, command.weights);
    case 'batch':
      return readBatch(command.file);
    case 'step':
      return step(command.count);
    case 'rss':
      return { bytes: ownPeakRss() };
  }
}

await tf.setBackend('wasm');
await serve(`stock TensorFlow.js ${tf.version.tfjs} wasm`, run);
