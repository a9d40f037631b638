/** A recorded computation: tfjs kernels in the order in which they ran, before they are lowered to a graph. */
import type * as tf from '@tensorflow/tfjs';
import type { PerStep } from '../../../ops/per-step.js';
import type { ElementType, Numbers } from '../../../../onnx/graph.js';

/** The origin of a recorded tensor's values. */
export type Traced =
  | {
      readonly kind: 'result';
      readonly operation: Operation;
      readonly index: number;
      readonly shape: readonly number[];
      readonly type: ElementType;
    }
  | {
      readonly kind: 'variable';
      readonly variable: tf.Variable;
      readonly shape: readonly number[];
      readonly type: ElementType;
    }
  | {
      readonly kind: 'per-step';
      readonly source: PerStep;
      readonly shape: readonly number[];
      readonly type: ElementType;
    }
  | {
      readonly kind: 'constant';
      readonly numbers: Numbers;
      readonly shape: readonly number[];
      readonly type: ElementType;
    };

/** An operand: a recorded tensor, viewed in some shape. Reshapes are not operations. */
export interface Operand {
  readonly traced: Traced;
  readonly shape: readonly number[];
}

export interface Operation {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Operand>>;
  readonly attributes: object;
  /** Id of the operation of the network that it belongs to, if known. */
  readonly part: string | undefined;
  readonly outputs: readonly { readonly shape: readonly number[]; readonly type: ElementType }[];
}

export interface Trace {
  readonly operations: readonly Operation[];
  /** Values that the host reads after each run. */
  readonly outputs: readonly Operand[];
  /** New values of variables. */
  readonly updates: readonly { readonly variable: tf.Variable; readonly operand: Operand }[];
}

export function resultOf(operation: Operation, index: number): Traced {
  return { kind: 'result', operation, index, ...operation.outputs[index]! };
}
