import type { Computation, ComputationRun, Computed, Recorder } from '../computation.js';
import { notice } from '../notices.js';
import { onnxBackend, Untraceable, type OnnxBackend } from './backend.js';
import { compileProgram, type Program } from './program.js';
import { onnxMode } from './settings.js';

interface Compiled<A, R> {
  readonly program: Program<R>;
  /** The argument of the current run, which per-step tensors read. */
  readonly holder: { argument: A };
}

/** Programs by owner and key; undefined for a computation that cannot be recorded. */
const compiled = new WeakMap<object, Map<string, Compiled<unknown, Computed> | undefined>>();

/**
 * The maximum number of programs per owner: one for each set of weights that batches train, and for each patch size;
 * each holds memory.
 */
const MOST_PROGRAMS = 16;

/** Runs a computation as a recorded program; undefined if another backend is in use or the computation cannot be recorded. */
function compiledRun<A, R extends Computed>(
  computation: Computation<A, R>,
  argument: A,
): ComputationRun<R> | undefined {
  const backend = onnxBackend();
  if (backend === undefined || onnxMode() === 'eager') return undefined;
  const known = programFor(backend, computation, argument);
  if (known === undefined) return undefined;
  known.holder.argument = argument;
  const run = known.program.run();
  return { ...run, result: known.program.result };
}

function programFor<A, R extends Computed>(
  backend: OnnxBackend,
  computation: Computation<A, R>,
  argument: A,
): Compiled<A, R> | undefined {
  const { owner, key } = computation;
  const programs = (compiled.get(owner) ?? new Map()) as Map<string, Compiled<A, R> | undefined>;
  compiled.set(owner, programs);
  if (programs.has(key)) {
    const known = programs.get(key);
    programs.delete(key);
    programs.set(key, known);
    return known;
  }
  if (programs.size >= MOST_PROGRAMS) {
    const [oldest, given] = programs.entries().next().value!;
    given?.program.dispose();
    programs.delete(oldest);
  }
  const made = compile(backend, computation, argument);
  programs.set(key, made);
  return made;
}

function compile<A, R extends Computed>(
  backend: OnnxBackend,
  { name, compute }: Computation<A, R>,
  argument: A,
): Compiled<A, R> | undefined {
  const holder = { argument };
  try {
    return { holder, program: compileProgram(backend, name, () => compute(() => holder.argument)) };
  } catch (error) {
    if (!(error instanceof Untraceable)) throw error;
    notice(`The engine \`onnx\` runs ${name} one operation at a time: ${error.message}.`);
    return undefined;
  }
}

/** Frees the programs of an owner and the memory they hold. */
function disposePrograms(owner: object): void {
  for (const each of compiled.get(owner)?.values() ?? []) each?.program.dispose();
  compiled.delete(owner);
  onnxBackend()?.pool.clear();
}

/** Records computations as ONNX graphs. */
export const onnxRecorder: Recorder = { run: compiledRun, forget: disposePrograms };
