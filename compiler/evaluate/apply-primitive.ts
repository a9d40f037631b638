import type { Initial, OpKind, Operand } from '../ir/ir.js';
import type { ArgumentValue, LayerCall, Start } from '../ir/ops/layer.js';
import { weightShapes, type OperationLayer } from '../ir/ops/operations.js';
import type { WeightShape } from '../ir/tensor.js';
import type { Application, Evaluation } from './evaluation.js';
import { initialOf } from './initial.js';
import { errorValue, type Argument, type ChoiceValue, type TensorValue, type Value } from './values.js';

type Bound = ReadonlyMap<string, Argument>;

/** Applies a built-in layer to tensors: checks their number and the arguments, and emits the operation. */
export function applyPrimitive<K extends OpKind>(
  application: Application,
  layer: OperationLayer<K>,
  bound: Bound,
  tensors: readonly [TensorValue, ...TensorValue[]],
): Value {
  const { evaluation, frame, id, span } = application;
  const call = layerCall(application, layer.name, bound, tensors);
  try {
    const attributes = layer.attributes(call);
    if (attributes === undefined) return tensors[0];
    const initial = startOf(evaluation, layer.start, call, bound, weightShapes(layer.kind, attributes, tensors));
    const weights = evaluation.weightsFor(layer.kind, attributes, tensors, initial);
    return evaluation.emit(frame, layer.kind, id, attributes, tensors, span, weights);
  } catch (error) {
    if (error instanceof ReportedError) return errorValue;
    throw error;
  }
}

/** Thrown after an error was reported, so that the checks of a layer read as a list. */
class ReportedError extends Error {}

const reportedError = new ReportedError();

function layerCall(
  { evaluation, frame, span }: Application,
  name: string,
  bound: Bound,
  tensors: readonly [Operand, ...Operand[]],
): LayerCall {
  const leave = (): never => {
    throw reportedError;
  };
  return {
    name,
    tensors,
    span,
    valueOf: (argument) => argumentValue(bound.get(argument)?.value),
    spanOf: (argument) => bound.get(argument)?.span ?? span,
    leave,
    fail: (code, parts, place, extras) => {
      evaluation.fail(frame, code, parts, place, extras);
      return leave();
    },
    requireAtLeast: (larger, smaller, reason) => evaluation.requireAtLeast(larger, smaller, span, reason),
  };
}

function argumentValue(value: Value): ArgumentValue;
function argumentValue(value: Value | undefined): ArgumentValue | undefined;
function argumentValue(value: Value | undefined): ArgumentValue | undefined {
  switch (value?.kind) {
    case undefined:
      return undefined;
    case 'number':
    case 'boolean':
    case 'size':
    case 'choice':
      return value;
    case 'list':
      return { kind: 'list', items: value.items.map((item) => argumentValue(item)) };
    default:
      return { kind: 'unknown' };
  }
}

/** The initial values of each weight of a layer. */
function startOf(
  evaluation: Evaluation,
  start: Start | undefined,
  call: LayerCall,
  bound: Bound,
  weights: readonly WeightShape[],
): (name: string) => Initial {
  if (typeof start === 'function') return (name) => start(name, call);
  const choice = initChoice(evaluation, bound, start?.rules ?? []);
  const shape = weights.find(({ name }) => name === 'weight')?.shape ?? [];
  return (name) => initialOf(choice, name, shape);
}

/** The `init` of the layer, else the model's first rule for it. */
function initChoice(evaluation: Evaluation, bound: Bound, rules: readonly string[]): ChoiceValue | undefined {
  const own = bound.get('init')?.value;
  if (own?.kind === 'choice') return own;
  const rule = rules.find((each) => evaluation.initRules.has(each));
  return rule === undefined ? undefined : evaluation.initRules.get(rule);
}
