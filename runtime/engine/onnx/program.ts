/** Whole computations, recorded once and replayed as one session: the equivalent of `torch.compile` in PyTorch. */
import * as tf from '@tensorflow/tfjs';
import type { Computed } from '../computation.js';
import { UserError } from '../../errors/user-error.js';
import type { OnnxBackend } from './backend.js';
import { engineError } from './engine-error.js';
import { sameShape, sizeOf, type Value } from '../../../onnx/graph.js';
import { native, type NativeTensor } from './native.js';
import { createSession, type Feeds, type Session } from './session.js';
import { lowerTrace, type LoweredTrace } from './trace/lower.js';
import { record } from './trace/recorder.js';

export interface ProgramRun {
  /** The values of the computation's outputs; overwritten by the next run. */
  readonly outputs: readonly Float32Array[];
  /** Assigns the new values to the variables. Without it nothing changes. */
  commit(): void;
  /** Frees new values that were not committed. */
  dispose(): void;
}

export interface Program<R> {
  /** The result of the computation when it was recorded. */
  readonly result: R;
  run(): ProgramRun;
  dispose(): void;
}

/**
 * Records `compute` and compiles it to a program. Its inputs are variables and per-step tensors; everything else is
 * kept from this call.
 * @throws Untraceable if it cannot be recorded
 */
export function compileProgram<R extends Computed>(backend: OnnxBackend, name: string, compute: () => R): Program<R> {
  const { trace, result } = record(backend, compute);
  const lowered = lowerTrace(trace);
  const session = start(lowered, name);
  const memory = new ProgramMemory(backend, lowered);
  return {
    result,
    run: () => {
      const updates: tf.Tensor[] = [];
      try {
        const { feeds, fetches } = memory.tensors(updates);
        session.run(feeds, fetches);
      } catch (error) {
        tf.dispose(updates);
        throw error instanceof UserError ? error : engineError(error, failedWork(error, lowered, name));
      }
      return {
        outputs: memory.outputs,
        commit: () => lowered.updates.forEach(({ variable }, i) => variable.assign(updates[i]!)),
        dispose: () => tf.dispose(updates),
      };
    },
    dispose: () => session.dispose(),
  };
}

function start(lowered: LoweredTrace, name: string): Session {
  try {
    return createSession(lowered.graph, { arena: true, spinning: true });
  } catch (error) {
    throw engineError(error, failedWork(error, lowered, name));
  }
}

/** The operation of the node named in onnxruntime's message, with its shapes. */
function failedWork(error: unknown, { origins }: LoweredTrace, name: string): string {
  const node = /[Nn]ame:\s*'(\w+)'/.exec(String((error as Error).message))?.[1];
  const origin = node === undefined ? undefined : origins.get(node);
  if (origin === undefined) return name;
  const operands = Object.entries(origin.inputs).map(([each, { shape }]) => `${each} [${shape.join(', ')}]`);
  const part = origin.part === undefined ? '' : ` of \`${origin.part}\``;
  return `${name}, at \`${origin.kernel}\`${part} on ${operands.join(', ')}`;
}

/**
 * The memory that a program reads and writes. Variables are read in place. New values are written into memory that the
 * previous values returned to the pool two runs before, so nothing is copied, and a run that is not committed changes
 * nothing.
 */
class ProgramMemory {
  readonly outputs: readonly Float32Array[];
  private readonly outputTensors: Feeds;
  private readonly tensorOf = new WeakMap<object, NativeTensor>();

  constructor(
    private readonly backend: OnnxBackend,
    private readonly lowered: LoweredTrace,
  ) {
    this.outputs = lowered.outputs.map(({ shape }) => new Float32Array(sizeOf(shape)));
    this.outputTensors = Object.fromEntries(
      lowered.outputs.map((value, i) => [value.name, native().newTensor(value.type, this.outputs[i]!, value.shape)]),
    );
  }

  /**
   * Native tensors of a run.
   * @param updates receives the tensors for the new values
   */
  tensors(updates: tf.Tensor[]): { readonly feeds: Feeds; readonly fetches: Feeds } {
    const feeds: Record<string, NativeTensor> = {};
    for (const { name, variable } of this.lowered.variables) feeds[name] = this.nativeOf(variable);
    for (const { name, source } of this.lowered.sources) {
      feeds[name] = native().newTensor(source.type, source.values(), source.shape);
    }
    const fetches: Record<string, NativeTensor> = { ...this.outputTensors };
    for (const { name, variable } of this.lowered.updates) {
      const tensor = tf.engine().makeTensorFromTensorInfo(this.backend.makeEmpty(variable.shape));
      updates.push(tensor);
      fetches[name] = this.nativeOf(tensor);
    }
    return { feeds, fetches };
  }

  private nativeOf({ dataId, shape, dtype }: tf.Tensor): NativeTensor {
    const { values } = this.backend.stored(dataId);
    const known = this.tensorOf.get(values);
    if (known !== undefined && sameShape(known.dims, shape)) return known;
    const made = native().newTensor(dtype as Value['type'], values, shape);
    this.tensorOf.set(values, made);
    return made;
  }
}
