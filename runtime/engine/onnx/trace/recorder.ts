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

/** The active recorder; undefined if kernels are computed directly. */
export function activeRecorder(): Recorder | undefined {
  return active;
}

/** Shapes of a kernel's results by its signature; they are found by emitting the kernel. */
const resultShapes = new Map<string, Operation['outputs']>();

/**
 * Records kernels instead of running them. Everything that depends on variables or on per-step tensors is recorded;
 * everything else is computed immediately and becomes a constant.
 */
export class Recorder {
  readonly operations: Operation[] = [];
  private readonly variables = new Map<object, tf.Variable>();
  /** The part of the network that created a tensor, for naming its backward pass. */
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

  /** The placeholder for data that changes in each step; undefined for constants. */
  private changing(dataId: object): Traced | undefined {
    if (this.variableCount !== variableCount()) this.markVariables();
    return this.backend.stored(dataId).traced;
  }

  private constant(dataId: object, shape: readonly number[], type: ElementType): Traced {
    const known = this.constants.get(dataId);
    if (known !== undefined) return known;
    // A copy: the tensor may be gone and its memory reused before the graph is built.
    const numbers = this.backend.stored(dataId).values.slice() as Numbers;
    const made: Traced = { kind: 'constant', numbers, shape, type };
    this.constants.set(dataId, made);
    return made;
  }

  /** Marks every variable as changing: none may become a constant, not even one created while recording. */
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

  /** Restores the variables' data. */
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
