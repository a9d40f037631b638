/** Whole computations, recorded once and replayed as one session: what `torch.compile` is to PyTorch. */
import type * as tf from '@tensorflow/tfjs';
import type { OnnxBackend } from './backend.js';
import { engineFault } from './fault.js';
import type { Numbers, Value } from './graph/value.js';
import { native, type NativeTensor } from './native.js';
import { createSession, type Feeds, type Session } from './session.js';
import { fuse } from './trace/fuse.js';
import { lowerTrace, type LoweredTrace } from './trace/lower.js';
import { record, type Recorded } from './trace/recorder.js';

export interface ProgramRun {
  /** What the computation's outputs hold; overwritten by the next run. */
  readonly outputs: readonly Float32Array[];
  /** Gives the variables their new values. Without it nothing has changed. */
  commit(): void;
}

export interface Program<R> {
  /** What the computation returned when it was recorded. */
  readonly result: R;
  run(): ProgramRun;
  dispose(): void;
}

/**
 * Records `compute` and makes a program of it. Its tensors from outside are variables and per-step tensors; all else is
 * kept from this call.
 * @throws Untraceable where it cannot be recorded
 */
export function compileProgram<R extends Recorded>(backend: OnnxBackend, name: string, compute: () => R): Program<R> {
  const { trace, result } = record(backend, compute);
  const lowered = lowerTrace(fuse(trace));
  const session = start(lowered, name);
  const memory = new ProgramMemory(backend, lowered);
  return {
    result,
    run: () => {
      const { feeds, fetches } = memory.tensors();
      try {
        session.run(feeds, fetches);
      } catch (error) {
        throw engineFault(error, failedWork(error, lowered, name));
      }
      return { outputs: memory.outputs, commit: () => memory.commit() };
    },
    dispose: () => {
      session.dispose();
      memory.dispose();
    },
  };
}

function start(lowered: LoweredTrace, name: string): Session {
  try {
    return createSession(lowered.graph, { arena: true, spinning: true });
  } catch (error) {
    throw engineFault(error, failedWork(error, lowered, name));
  }
}

/** The operation of the node that onnxruntime's message names, with its shapes. */
function failedWork(error: unknown, { graph, origins }: LoweredTrace, name: string): string {
  const index = /[Nn]ame:\s*'\w+?_(\d+)'/.exec(String((error as Error).message))?.[1];
  const node = index === undefined ? undefined : graph.nodes[Number(index)];
  const origin = node === undefined ? undefined : origins.get(node.outputs[0]!.name);
  if (origin === undefined) return name;
  const operands = Object.entries(origin.inputs).map(([each, { shape }]) => `${each} [${shape.join(', ')}]`);
  const part = origin.part === undefined ? '' : ` of \`${origin.part}\``;
  return `${name}, at \`${origin.kernel}\`${part} on ${operands.join(', ')}`;
}

/**
 * Where a program reads and writes. Variables are read where they lie. Their new values go into a second array each, and
 * `commit` exchanges the two: nothing is copied, and a run that is not committed has changed nothing.
 */
class ProgramMemory {
  readonly outputs: readonly Float32Array[];
  private readonly outputTensors: Feeds;
  private readonly spares: Float32Array[];
  private readonly tensorOf = new WeakMap<object, NativeTensor>();

  constructor(
    private readonly backend: OnnxBackend,
    private readonly lowered: LoweredTrace,
  ) {
    this.outputs = lowered.outputs.map(({ shape }) => new Float32Array(count(shape)));
    this.outputTensors = Object.fromEntries(
      lowered.outputs.map((value, i) => [value.name, native().newTensor(value.type, this.outputs[i]!, value.shape)]),
    );
    this.spares = lowered.updates.map(({ variable }) => new Float32Array(variable.size));
  }

  tensors(): { readonly feeds: Feeds; readonly fetches: Feeds } {
    const feeds: Record<string, NativeTensor> = {};
    for (const { name, variable } of this.lowered.variables) {
      feeds[name] = this.nativeOf(this.backend.stored(variable.dataId).values, variable);
    }
    for (const { name, source } of this.lowered.sources) {
      feeds[name] = native().newTensor(source.type, source.values(), source.shape);
    }
    const fetches: Record<string, NativeTensor> = { ...this.outputTensors };
    this.lowered.updates.forEach(({ name, variable }, i) => (fetches[name] = this.nativeOf(this.spares[i]!, variable)));
    return { feeds, fetches };
  }

  commit(): void {
    this.lowered.updates.forEach(({ variable }, i) => {
      const stored = this.backend.stored(variable.dataId);
      const before = stored.values as Float32Array;
      stored.values = this.spares[i]!;
      // The old array may be one of the pool's, which must not hand it out again.
      this.backend.pool.release(before);
      this.spares[i] = before;
    });
  }

  dispose(): void {
    this.spares.length = 0;
  }

  private nativeOf(values: Numbers, variable: tf.Variable): NativeTensor {
    const known = this.tensorOf.get(values);
    if (known !== undefined) return known;
    const made = native().newTensor(variable.dtype as Value['type'], values, variable.shape);
    this.tensorOf.set(values, made);
    return made;
  }
}

function count(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}
