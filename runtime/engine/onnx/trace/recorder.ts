import * as tf from '@tensorflow/tfjs';
import type { Computed } from '../../computation.js';
import { currentOperation } from '../../../ops/current-operation.js';
import { setPerStepRecorder, type PerStep } from '../../../ops/per-step.js';
import type { OnnxBackend } from '../backend.js';
import type { Emitter } from '../emit/emitter.js';
import type { ElementType, Numbers } from '../../../../onnx/graph.js';
import { emitKernel, signatureOf } from '../signature.js';
import { resultOf, type Operand, type Operation, type Trace, type Traced } from './trace.js';

type Infos = Readonly<Record<string, tf.TensorInfo>>;

let active: Recorder | undefined;

/** The recorder of the step that is being recorded; undefined where kernels are to compute. */
export function activeRecorder(): Recorder | undefined {
  return active;
}

/** Shapes of a kernel's results by its signature: emitting a kernel is the way to know them. */
const resultShapes = new Map<string, Operation['outputs']>();

/**
 * Records kernels instead of running them. What depends on variables or on per-step tensors is recorded; all else is
 * computed at once and enters as a constant.
 */
export class Recorder {
  readonly operations: Operation[] = [];
  private readonly variables = new Map<object, tf.Variable>();
  /** The part of the network that made a tensor, to name what the backward pass does with it. */
  private readonly parts = new Map<Traced, string>();
  private readonly constants = new Map<object, Traced>();
  private variableCount = -1;

  constructor(private readonly backend: OnnxBackend) {}

  isRecorded(inputs: Infos): boolean {
    return Object.values(inputs).some(({ dataId }) => this.changing(dataId) !== undefined);
  }

  record(kernel: string, emit: Emitter, inputs: Infos, attributes: object): tf.TensorInfo[] {
    const operands = Object.fromEntries(Object.entries(inputs).map(([name, info]) => [name, this.operand(info)]));
    const outputs = shapesOf(kernel, emit, inputs, attributes);
    const operation: Operation = { kernel, inputs: operands, attributes, outputs, part: this.partOf(operands) };
    this.operations.push(operation);
    return outputs.map(({ shape, type }, index) => {
      const traced = resultOf(operation, index);
      if (operation.part !== undefined) this.parts.set(traced, operation.part);
      return this.backend.makeTraced(shape, type, traced);
    });
  }

  operand({ dataId, shape, dtype }: tf.TensorInfo): Operand {
    return { traced: this.changing(dataId) ?? this.constant(dataId, shape, dtype as ElementType), shape };
  }

  perStep(source: PerStep): tf.Tensor {
    const { shape, type } = source;
    const info = this.backend.makeTraced(shape, type, { kind: 'per-step', source, shape, type });
    return tf.engine().makeTensorFromTensorInfo(info);
  }

  private partOf(operands: Readonly<Record<string, Operand>>): string | undefined {
    return currentOperation() ?? Object.values(operands).flatMap(({ traced }) => this.parts.get(traced) ?? [])[0];
  }

  /** What stands for data that is another in each step; undefined for constants. */
  private changing(dataId: object): Traced | undefined {
    if (this.variableCount !== variableCount()) this.markVariables();
    return this.backend.stored(dataId).traced;
  }

  private constant(dataId: object, shape: readonly number[], type: ElementType): Traced {
    const known = this.constants.get(dataId);
    if (known !== undefined) return known;
    // A copy: the tensor may be gone, and its memory used again, before the graph is made.
    const numbers = this.backend.stored(dataId).values.slice() as Numbers;
    const made: Traced = { kind: 'constant', numbers, shape, type };
    this.constants.set(dataId, made);
    return made;
  }

  /** Every variable is another in each step: none may enter as a constant, not even one made while recording. */
  private markVariables(): void {
    for (const variable of Object.values(tf.engine().registeredVariables)) {
      if (this.variables.has(variable.dataId) || !this.backend.data.has(variable.dataId)) continue;
      this.variables.set(variable.dataId, variable);
      const { shape } = variable;
      this.backend.stored(variable.dataId).traced = {
        kind: 'variable',
        variable,
        shape,
        type: variable.dtype as ElementType,
      };
    }
    this.variableCount = variableCount();
  }

  /** Variables get their data back. */
  finish(): void {
    for (const dataId of this.variables.keys()) {
      if (this.backend.data.has(dataId)) this.backend.stored(dataId).traced = undefined;
    }
  }
}

function variableCount(): number {
  return Object.keys(tf.engine().registeredVariables).length;
}

function shapesOf(kernel: string, emit: Emitter, inputs: Infos, attributes: object): Operation['outputs'] {
  const signature = signatureOf(kernel, inputs, attributes);
  const known = resultShapes.get(signature);
  if (known !== undefined) return known;
  const operands = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, { shape, type: dtype as ElementType }]),
  );
  const outputs = emitKernel(emit, operands, attributes).outputs.map(({ shape, type }) => ({ shape, type }));
  resultShapes.set(signature, outputs);
  return outputs;
}

/** Runs `compute` once with kernels recorded. */
export function record<R extends Computed>(backend: OnnxBackend, compute: () => R): { trace: Trace; result: R } {
  const recorder = new Recorder(backend);
  active = recorder;
  const before = setPerStepRecorder((source) => recorder.perStep(source));
  tf.engine().startScope();
  try {
    const result = compute();
    const trace: Trace = {
      operations: recorder.operations,
      outputs: result.outputs.map((tensor) => recorder.operand(tensor)),
      updates: result.updates.map(([variable, tensor]) => ({ variable, operand: recorder.operand(tensor) })),
    };
    return { trace, result };
  } finally {
    active = undefined;
    setPerStepRecorder(before);
    tf.engine().endScope();
    recorder.finish();
  }
}
