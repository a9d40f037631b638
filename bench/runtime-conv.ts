/**
 * `npm run bench -- runtime-conv`: GFLOP/s of the runtime's convolutions beside tfjs's stock conv3d, in one run on the
 * wasm backend. A multiply and an add count as two. Best of several runs, one case, one thread.
 */
import * as tf from '@tensorflow/tfjs';
import { selectEngine } from '../runtime/engine/engines.js';
import { conv, transposedConv } from '../runtime/ops/conv.js';
import { depthwiseConv } from '../runtime/ops/depthwise-conv.js';

interface Job {
  readonly name: string;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly run: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor;
  readonly stock?: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor;
  /** Multiply-adds an output position and channel. */
  readonly depth: number;
}

function dense(channels: number, out: number, size: number, kernel: number, stride = 1): Job {
  const half = (kernel - 1) / 2;
  const three = <T>(value: T): [T, T, T] => [value, value, value];
  const attributes = {
    stride: three(stride),
    dilation: three(1),
    pad: three<[number, number]>([half, half]),
    groups: 1,
  };
  return {
    name: `conv k${kernel}${stride > 1 ? ` s${stride}` : ''} ${channels} to ${out}, ${size}^3`,
    x: [1, size, size, size, channels],
    w: [out, channels, kernel, kernel, kernel],
    run: (x, w) => conv(x, w, undefined, attributes),
    stock: (x, w) =>
      tf.conv3d(x as tf.Tensor5D, tf.transpose(w, [2, 3, 4, 1, 0]) as tf.Tensor5D, three(stride), 'same'),
    depth: channels * kernel ** 3,
  };
}

function depthwise(channels: number, size: number): Job {
  const pad: [number, number][] = [0, 1, 2].map(() => [1, 1]);
  return {
    name: `depthwise k3 ${channels}, ${size}^3`,
    x: [1, size, size, size, channels],
    w: [channels, 1, 3, 3, 3],
    run: (x, w) => depthwiseConv(x, w, undefined, { stride: [1, 1, 1], dilation: [1, 1, 1], pad }),
    depth: 27,
  };
}

function transposed(channels: number, out: number, size: number): Job {
  const attributes = {
    stride: [2, 2, 2],
    dilation: [1, 1, 1],
    pad: [0, 1, 2].map((): [number, number] => [0, 0]),
    groups: 1,
    sizes: [2 * size, 2 * size, 2 * size],
  };
  return {
    name: `transposed k2 s2 ${channels} to ${out}, ${size}^3`,
    x: [1, size, size, size, channels],
    w: [channels, out, 2, 2, 2],
    run: (x, w) => transposedConv(x, w, undefined, attributes),
    depth: channels,
  };
}

/** Processor time, which other work on the machine disturbs less than the clock's. */
function bestSeconds(repeats: number, f: () => tf.Tensor | tf.Tensor[]): number {
  let best = Infinity;
  for (let i = 0; i < repeats; i++) {
    const start = process.cpuUsage();
    tf.dispose(tf.tidy(f));
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

function report(job: Job): void {
  const x = tf.randomNormal([...job.x]);
  const w = tf.randomNormal([...job.w]);
  const y = tf.tidy(() => job.run(x, w));
  const dy = tf.onesLike(y);
  const flops = 2 * y.size * job.depth;
  const rate = (seconds: number, count: number): string =>
    (seconds > 0 ? (count / seconds / 1e9).toFixed(1) : '-').padStart(6);
  const forward = bestSeconds(6, () => job.run(x, w));
  const input = bestSeconds(6, () => tf.grad((each: tf.Tensor) => job.run(each, w))(x, dy)) - forward;
  const filter = bestSeconds(6, () => tf.grad((each: tf.Tensor) => job.run(x, each))(w, dy)) - forward;
  const { stock } = job;
  const stockForward = stock === undefined ? undefined : bestSeconds(1, () => stock(x, w));
  console.log(
    job.name.padEnd(34),
    `forward ${rate(forward, flops)}  input gradient ${rate(input, flops)}  filter gradient ${rate(filter, flops)}`,
    stockForward === undefined ? '' : `  stock forward ${rate(stockForward, flops)}`,
    `  ${((forward + input + filter) * 1000).toFixed(0)} ms in all`,
  );
  tf.dispose([x, w, y, dy]);
}

const jobs = (): readonly Job[] => [
  dense(4, 24, 32, 3),
  dense(8, 8, 32, 3),
  dense(24, 24, 32, 3),
  dense(48, 48, 16, 3),
  dense(96, 96, 8, 3),
  dense(48, 24, 32, 1),
  dense(24, 48, 32, 3, 2),
  depthwise(24, 32),
  depthwise(48, 16),
  transposed(48, 24, 16),
];

export async function runtimeConv(): Promise<void> {
  const engine = await selectEngine('wasm');
  console.log(`${engine.description}; GFLOP/s`);
  for (const job of jobs()) report(job);
}
