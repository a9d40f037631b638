/**
 * Registers the kernels of the backend `onnx`: onnxruntime's if there is an emitter, else those of tfjs's cpu backend.
 */
import * as tf from '@tensorflow/tfjs';
import type { OnnxBackend } from './backend.js';
import { Untraceable } from './backend.js';
import { notice } from '../notices.js';
import { canRun, runEager } from './eager.js';
import { NotEmitted, type Emitter } from './emit/emitter.js';
import { emitters } from './emit/registry.js';
import { activeRecorder } from './trace/recorder.js';

/** Kernels that only create another view of a tensor; the cpu backend's share its data. */
const VIEWS = new Set(['Reshape', 'Identity', 'ExpandDims']);

/** Kernels whose result is a list, even of a single tensor. */
const LISTS = new Set(['Unpack', 'SplitV', 'UnetAdamW', 'UnetSgd']);

/** Registers all kernels once. */
export function registerKernels(): void {
  const cpuKernels = new Map(tf.getKernelsForBackend('cpu').map((kernel) => [kernel.kernelName, kernel]));
  const names = new Set([...cpuKernels.keys(), ...emitters.keys()]);
  for (const kernelName of names) {
    const cpu = cpuKernels.get(kernelName)?.kernelFunc;
    const emit = VIEWS.has(kernelName) ? undefined : emitters.get(kernelName);
    tf.registerKernel({ kernelName, backendName: 'onnx', kernelFunc: kernelOf(kernelName, cpu, emit) });
  }
}

function kernelOf(kernelName: string, cpu: tf.KernelFunc | undefined, emit: Emitter | undefined): tf.KernelFunc {
  return (parameters) => {
    const { inputs, attrs = {} } = parameters;
    const backend = parameters.backend as OnnxBackend;
    const given = definedInputs(inputs);
    if (VIEWS.has(kernelName)) return cpu!(parameters);
    const recorder = activeRecorder();
    if (recorder?.isRecorded(given) === true) {
      if (emit === undefined || !canRun(given))
        throw new Untraceable(`the kernel \`${kernelName}\` cannot be recorded`);
      return resultOf(kernelName, recorder.record(kernelName, emit, given, attrs));
    }
    if (emit !== undefined && canRun(given)) {
      try {
        return resultOf(kernelName, runEager(backend, kernelName, emit, given, attrs));
      } catch (error) {
        if (!(error instanceof NotEmitted)) throw error;
      }
    }
    if (cpu === undefined) throw new Error(`no kernel ${kernelName} for these operands`);
    // Kernels without operands create constants, which are cheap.
    if (Object.keys(given).length > 0) {
      notice(`The engine \`onnx\` has no kernel \`${kernelName}\`: it runs in plain JavaScript.`);
    }
    // The result may be a view of an operand's memory, which must then not be reused for another tensor.
    for (const { dataId } of Object.values(given)) backend.pool.disown(backend.stored(dataId).values);
    return cpu(parameters);
  };
}

function definedInputs(inputs: tf.NamedTensorInfoMap): Record<string, tf.TensorInfo> {
  const given: Record<string, tf.TensorInfo> = {};
  for (const [name, info] of Object.entries(inputs)) if (info !== undefined && info !== null) given[name] = info;
  return given;
}

function resultOf(kernelName: string, results: tf.TensorInfo[]): tf.TensorInfo | tf.TensorInfo[] {
  return results.length === 1 && !LISTS.has(kernelName) ? results[0]! : results;
}
