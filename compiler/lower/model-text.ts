import type {
  AssignNode,
  AuxNode,
  Expression,
  HeadNode,
  KnobNode,
  LetNode,
  ModelNode,
  PartNode,
} from '../../grammar/ast.js';
import type { BlockUse } from '../evaluate/block-use.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { TensorValue, Value } from '../evaluate/values.js';
import type { Network } from '../ir/ir.js';

/**
 * The text of a model with what each place of it evaluated to: code generation reads it, so that the code has the spec's
 * structure. Everything else reads the IR alone.
 */
export interface ModelText {
  readonly node: ModelNode;
  readonly evaluation: Evaluation;
  /** Values of the model's own text outside parts and loops: knobs, lists and plain `let`s. */
  readonly use: BlockUse;
  /** The value that each knob has here, as it was written. */
  readonly knobs: readonly { readonly node: KnobNode; readonly chosen: Expression }[];
  /** What the model does, in the order in which it was done. */
  readonly steps: readonly ModelStep[];
}

/** One step of a model: a part of a half at one level, a `let` (at one index), an output's value, a head, a prediction. */
export type ModelStep = {
  /** Id of its operation, or what the ids of its operations begin with. */
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
      /** What a fusion calls its tensors. */
      readonly tensorNames: readonly string[] | undefined;
    }
  | { readonly kind: 'let'; readonly node: LetNode; readonly indices: readonly number[] }
  | { readonly kind: 'assign'; readonly node: AssignNode }
  | { readonly kind: 'head'; readonly node: HeadNode; readonly tensors: readonly TensorValue[] }
  /** Without tensors, its value is the prediction itself. */
  | { readonly kind: 'aux'; readonly node: AuxNode; readonly tensors: readonly TensorValue[] }
);

/** A network that was lowered from a text. */
export interface LoweredNetwork extends Network {
  readonly text: ModelText;
}

/** The text of a network, if it was lowered from one. */
export function textOf(network: Network): ModelText | undefined {
  return 'text' in network ? (network as LoweredNetwork).text : undefined;
}
