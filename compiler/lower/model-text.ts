import type {
  AssignNode,
  AuxNode,
  Expression,
  HeadNode,
  KnobNode,
  LetNode,
  ModelNode,
  PartNode,
  PenaltyNode,
} from '../../grammar/ast.js';
import type { BlockUse } from '../evaluate/block-use.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { TensorValue, Value } from '../evaluate/values.js';
import type { Network } from '../ir/ir.js';

/**
 * The text of a model with the value of each expression in it. Code generation uses it to give the code the structure
 * of the spec; everything else reads only the IR.
 */
export interface ModelText {
  readonly node: ModelNode;
  readonly evaluation: Evaluation;
  /** Values in the model's own text outside parts and loops: knobs, lists and plain `let`s. */
  readonly use: BlockUse;
  /** The value of each knob, as written. */
  readonly knobs: readonly { readonly node: KnobNode; readonly chosen: Expression }[];
  /** The steps of the model, in order of evaluation. */
  readonly steps: readonly ModelStep[];
}

/**
 * One step of a model: a part of a half at one level, a `let` (at one index), the value of an output, a head, a
 * prediction.
 */
export type ModelStep = {
  /** Id of its operation, or prefix of the ids of its operations. */
  readonly id: string;
  readonly use: BlockUse;
  readonly value: Value;
} & (
  | {
      readonly kind: 'part';
      readonly half: 'encoder' | 'decoder';
      readonly node: PartNode;
      readonly level: number;
      readonly tensors: readonly TensorValue[];
      /** The names of a fusion's tensors. */
      readonly tensorNames: readonly string[] | undefined;
    }
  | { readonly kind: 'let'; readonly node: LetNode; readonly indices: readonly number[] }
  | { readonly kind: 'assign'; readonly node: AssignNode }
  | { readonly kind: 'penalty'; readonly node: PenaltyNode }
  | { readonly kind: 'head'; readonly node: HeadNode; readonly tensors: readonly TensorValue[] }
  /** Without tensors, the value is the prediction itself. */
  | { readonly kind: 'aux'; readonly node: AuxNode; readonly tensors: readonly TensorValue[] }
);

/** A network that was lowered from source text. */
export interface LoweredNetwork extends Network {
  readonly text: ModelText;
}

/** The text of a network, if it was lowered from one. */
export function textOf(network: Network): ModelText | undefined {
  return 'text' in network ? (network as LoweredNetwork).text : undefined;
}
