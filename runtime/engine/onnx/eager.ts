/** Runs kernel by kernel: each has a session of its own, created in the first call with these shapes and attributes. */
import type * as tf from '@tensorflow/tfjs';
import type { OnnxBackend } from './backend.js';
import type { Emitter } from './emit/emitter.js';
import { engineError } from './engine-error.js';
import { sizeOf, type ElementType, type Value } from '../../../onnx/graph.js';
import { native, type NativeTensor } from './native.js';
import { createSession, type Session } from './session.js';
import { threadCount } from './settings.js';
import { asOutput, elementType, emitKernel, signatureOf } from './signature.js';

interface CachedKernel {
  readonly session: Session;
  /** Inputs that the graph uses, in order. */
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/**
 * The maximum number of cached sessions; the least recently used one is dropped. A training with one shape needs a few
 * hundred.
 */
const MOST_SESSIONS = 4096;

/**
 * Kernels on fewer numbers run on this thread only: most of a network's kernels are small, and each would hold threads.
 */
const WORTH_THREADS = 2 ** 15;

/** Threads per session: there are hundreds of sessions, and a machine may have a hundred cores. */
const MOST_THREADS = 8;

const cache = new Map<string, CachedKernel>();

type Infos = Readonly<Record<string, tf.TensorInfo>>;

/** Whether every operand has a type that onnxruntime supports, and none is empty. */
export function canRun(inputs: Infos): boolean {
  return Object.values(inputs).every(
    ({ dtype, shape }) => elementType(dtype) !== undefined && shape.every((size) => size > 0),
  );
}

export function runEager(
  backend: OnnxBackend,
  kernel: string,
  emit: Emitter,
  inputs: Infos,
  attributes: object,
): tf.TensorInfo[] {
  const cached = kernelFor(kernel, emit, inputs, attributes);
  const feeds: Record<string, NativeTensor> = {};
  for (const { name, type, shape } of cached.inputs) {
    feeds[name] = native().newTensor(type, backend.stored(inputs[name]!.dataId).values, shape);
  }
  try {
    const fetches: Record<string, NativeTensor> = {};
    const results = cached.outputs.map((output) => {
      const info = emptyTensor(backend, output);
      fetches[output.name] = native().newTensor(output.type, backend.stored(info.dataId).values, output.shape);
      return info;
    });
    cached.session.run(feeds, fetches);
    return results;
  } catch (error) {
    throw engineError(error, `\`${kernel}\` on ${shapesText(inputs)}`);
  }
}

function emptyTensor(backend: OnnxBackend, { shape, type }: Value): tf.TensorInfo {
  if (type === 'float32') return backend.makeEmpty(shape);
  const size = sizeOf(shape);
  const data = type === 'int32' ? new Int32Array(size) : new Uint8Array(size);
  return backend.makeTensorInfo([...shape], type as tf.DataType, data);
}

function kernelFor(kernel: string, emit: Emitter, inputs: Infos, attributes: object): CachedKernel {
  const signature = signatureOf(kernel, inputs, attributes);
  const known = cache.get(signature);
  if (known !== undefined) {
    // Moves it to the end: the map's first entry is the least recently used one.
    cache.delete(signature);
    cache.set(signature, known);
    return known;
  }
  const made = makeKernel(kernel, emit, inputs, attributes);
  cache.set(signature, made);
  if (cache.size > MOST_SESSIONS) {
    const [oldest, { session }] = cache.entries().next().value!;
    session.dispose();
    cache.delete(oldest);
  }
  return made;
}

function makeKernel(kernel: string, emit: Emitter, inputs: Infos, attributes: object): CachedKernel {
  const operands = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, type: dtype as ElementType }]),
  );
  const { builder, outputs } = emitKernel(emit, operands, attributes);
  const taken = new Set<string>();
  const named = outputs.map((output) => {
    const own = asOutput(builder, output, taken);
    taken.add(own.name);
    return own;
  });
  const graph = builder.finish(named);
  try {
    const values = [...graph.inputs, ...graph.outputs].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const threads = values < WORTH_THREADS ? 1 : Math.min(threadCount(), MOST_THREADS);
    const session = createSession(graph, { arena: false, spinning: false, threads });
    return { session, inputs: graph.inputs, outputs: graph.outputs };
  } catch (error) {
    throw engineError(error, `\`${kernel}\` on ${shapesText(inputs)}`);
  }
}

function shapesText(inputs: Infos): string {
  return Object.entries(inputs)
    .map(([name, { shape }]) => `${name} [${shape.join(', ')}]`)
    .join(', ');
}
