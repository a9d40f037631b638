import type { CallNode, ElementNode } from '../../../grammar/ast.js';
import { functionForms, type FunctionName } from '../../bind/builtins.js';
import { numberFunctions, type NumberFunction } from '../../ir/ops/unary-functions.js';
import type { Evaluation, Frame } from '../evaluation.js';
import type { Value } from '../values.js';
import { arange, permute } from './axis-functions.js';
import type { FunctionCall } from './function-call.js';
import { layerFunction } from './layer-functions.js';
import { length, reverse } from './list-functions.js';
import { extremum, round, unaryFunction } from './number-functions.js';
import { merge, split } from './reshaping-functions.js';
import { concat, einsum, pick, reduce, roll, softmax } from './tensor-functions.js';

/** Evaluates `name(...)` for a built-in function; arguments are checked first (UNET2018 to UNET2021). */
export function callFunction(evaluation: Evaluation, frame: Frame, node: CallNode, name: FunctionName): Value {
  const form = functionForms[name];
  const known = [...(form.named ?? []), ...(form.optional ?? [])];
  const positional: ElementNode[] = [];
  const named = new Map<string, ElementNode>();
  for (const element of node.arguments) {
    if (element.name === undefined) {
      positional.push(element);
    } else if (!known.includes(element.name.name)) {
      return evaluation.fail(frame, 'UNET2018', { name: element.name.name, of: name }, element.name.span);
    } else if (named.has(element.name.name)) {
      return evaluation.fail(frame, 'UNET2021', { name: element.name.name, of: name }, element.name.span);
    } else {
      named.set(element.name.name, element);
    }
  }
  const lacking = form.positional[positional.length];
  if (lacking !== undefined) return evaluation.fail(frame, 'UNET2019', { name: lacking, of: name }, node.callee.span);
  if (positional.length > form.positional.length && form.any === undefined) {
    const parts = { of: name, takes: form.positional.length, given: positional.length };
    return evaluation.fail(frame, 'UNET2020', parts, positional[form.positional.length]?.span ?? node.span);
  }
  const missing = form.named?.find((each) => !named.has(each));
  if (missing !== undefined) return evaluation.fail(frame, 'UNET2019', { name: missing, of: name }, node.callee.span);
  return implementations[name]({ evaluation, frame, node, name, positional, named });
}

/** The implementation of each built-in function. */
const implementations: Readonly<Record<FunctionName, (call: FunctionCall) => Value>> = {
  einsum,
  softmax,
  mean: (call) => reduce(call, 'mean'),
  sum: (call) => reduce(call, 'sum'),
  max: (call) => (call.named.has('over') ? reduce(call, 'max') : extremum(call, 'max')),
  min: (call) => extremum(call, 'min'),
  concat,
  permute,
  arange,
  length,
  reverse,
  merge,
  split,
  pick,
  roll,
  floor: (call) => round(call, 'floor'),
  ceil: (call) => round(call, 'ceil'),
  shared: (call) => layerFunction(call, 'shared'),
  repeat: (call) => layerFunction(call, 'repeat'),
  chain: (call) => layerFunction(call, 'chain'),
  ...(Object.fromEntries(
    numberFunctions.map((name) => [name, (call: FunctionCall) => unaryFunction(call, name)]),
  ) as Record<NumberFunction, (call: FunctionCall) => Value>),
};
