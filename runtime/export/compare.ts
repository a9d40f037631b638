/** Checks that an ONNX file computes the same as the network it was exported from. */
import * as tf from '@tensorflow/tfjs';
import type { InputDescription, ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { feed } from '../network/feed.js';
import { predictionModel } from '../network/prediction-model.js';
import { fromPhysical } from '../ops/layout.js';
import { randomStream } from '../random/random-stream.js';
import { sizeOf, type HostTensor } from '../files/safetensors.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { runOnnx } from './run-onnx.js';

/** The result of comparing an ONNX file with its network. */
export interface Comparison {
  /** Spatial sizes of the input. */
  readonly patch: readonly number[];
  /** The largest difference between logits, relative if logits are above 1. */
  readonly difference: number;
}

/** The largest acceptable difference: float32 rounding in two ways of computing a network stays below it. */
const mostDifferent = 1e-3;

/** The smallest patch size used for the comparison; larger patches do not show more. */
const leastSize = 16;

/**
 * Runs the file and the network on noise, with and without an identifier.
 * @throws UserError UNET6071 if their logits differ by more than 1e-3
 */
export function compareWithNetwork(bytes: Uint8Array, network: TrainableNetwork): Comparison {
  const { description } = network;
  const inputs = noise(description);
  const wanted = predict(network, inputs);
  const found = runOnnx(bytes, inputs);
  const differences = [...wanted].map(([name, logits]) => differenceOf(found.get(name), logits));
  const difference = Math.max(...differences);
  if (!(difference <= mostDifferent)) throw differs(description.name, difference);
  return { patch: patchFor(description), difference };
}

function differs(name: string, difference: number): UserError {
  return new UserError(
    'UNET6071',
    `The ONNX file of \`${name}\` would compute different values from the trained network: the logits differ by ${difference}.`,
    'Export with the version of unet-lang that trained the run (see `versions` in its run.json).',
  );
}

/** Smallest legal sizes from 16 on, in the order of the image's axes. */
function patchFor({ inputs, legal }: ModelDescription): number[] {
  const image = inputs.find((input) => input.kind === 'image');
  return (image?.axes ?? []).map(({ name, size }) => {
    if (size !== undefined) return size;
    const { first, step } = legal.find(({ axis }) => axis === name) ?? { first: leastSize, step: 0 };
    return first >= leastSize || step === 0 ? first : first + Math.ceil((leastSize - first) / step) * step;
  });
}

/** One case, or two if there are identifiers, the second one without any. */
function noise(description: ModelDescription): Map<string, HostTensor> {
  const patch = patchFor(description);
  const cases = description.inputs.some(({ kind }) => kind === 'identifier') ? 2 : 1;
  return new Map(description.inputs.map((input) => [input.name, noiseFor(input, cases, patch)]));
}

function noiseFor(input: InputDescription, cases: number, patch: readonly number[]): HostTensor {
  if (input.kind === 'identifier') return { shape: [cases], data: BigInt64Array.of(BigInt(input.count - 1), -1n) };
  const shape = [cases, input.channels.length, ...patch];
  const random = randomStream(0, 'comparison', input.name);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()) };
}

/** Logits of the network by output, `[N, labels, ...spatial]`; without auxiliary ones. */
export function predict(
  { model, description }: TrainableNetwork,
  inputs: ReadonlyMap<string, HostTensor>,
): Map<string, HostTensor> {
  const logits = tf.tidy(() => {
    const given = [...inputs].map(([name, { shape, data }]): [string, tf.Tensor | number[]] => [
      name,
      data instanceof BigInt64Array ? Array.from(data, Number) : tf.tensor(data as Float32Array, [...shape]),
    ]);
    const made = predictionModel(model, description).predict(feed(description, Object.fromEntries(given)));
    const all = Array.isArray(made) ? made : [made];
    let next = 0;
    return description.outputs.map(({ auxiliary }) => {
      const tensor = fromPhysical(all[next]!);
      next += 1 + auxiliary;
      return tensor;
    });
  });
  const values = logits.map((tensor) => ({ shape: tensor.shape, data: tensor.dataSync().slice() as Float32Array }));
  tf.dispose(logits);
  return new Map(description.outputs.map(({ name }, index) => [name, values[index]!]));
}

/** The largest difference between two tensors, relative if the second is above 1; NaN if a value in either is NaN. */
export function differenceOf(found: HostTensor | undefined, wanted: HostTensor): number {
  if (found === undefined || String(found.shape) !== String(wanted.shape)) return Infinity;
  const [a, b] = [found.data as Float32Array, wanted.data as Float32Array];
  let most = 0;
  for (let i = 0; i < b.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(b[i]!));
    if (Number.isNaN(difference)) return NaN;
    most = Math.max(most, difference);
  }
  return most;
}
