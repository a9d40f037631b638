import type { CallNode, ElementNode } from '../../../grammar/ast.js';
import type { FunctionName } from '../../bind/builtins.js';
import type { Evaluation, Frame } from '../evaluation.js';
import type { Value } from '../values.js';
import type { FunctionCall } from './function-call.js';
import { layerFunction } from './layer-functions.js';
import { extremum, round, unaryFunction } from './number-functions.js';
import { merge, split } from './reshaping-functions.js';
import { concat, einsum, pick, reduce, roll, softmax } from './tensor-functions.js';

/** What a function takes: names for its positional arguments (a star: any number more) and its named ones. */
export const functionForms: Record<
  FunctionName,
  { positional: readonly string[]; any?: true; named?: readonly string[] }
> = {
  einsum: { positional: ['a', 'b'], named: ['into'] },
  softmax: { positional: ['x'], named: ['over'] },
  mean: { positional: ['x'], named: ['over'] },
  sum: { positional: ['x'], named: ['over'] },
  max: { positional: ['number'], any: true, named: ['over'] },
  min: { positional: ['number'], any: true },
  concat: { positional: ['tensor'], any: true },
  merge: { positional: ['x', 'axes'], named: ['into'] },
  split: { positional: ['x', 'axis'], named: ['into'] },
  pick: { positional: ['table', 'identifier'], named: ['absent'] },
  roll: { positional: ['x'], named: ['axis', 'by'] },
  floor: { positional: ['x'] },
  ceil: { positional: ['x'] },
  sqrt: { positional: ['x'] },
  exp: { positional: ['x'] },
  log: { positional: ['x'] },
  abs: { positional: ['x'] },
  shared: { positional: ['layer'] },
  repeat: { positional: ['count', 'layer'] },
  chain: { positional: ['count', 'layer'] },
};

const optionalNames = new Set(['absent']);

/** Evaluates `name(...)` for a built-in function; arguments are checked first (UNET2018 to UNET2021). */
export function callFunction(evaluation: Evaluation, frame: Frame, node: CallNode, name: FunctionName): Value {
  const form = functionForms[name];
  const positional: ElementNode[] = [];
  const named = new Map<string, ElementNode>();
  for (const element of node.arguments) {
    if (element.name === undefined) {
      positional.push(element);
    } else if (!(form.named ?? []).includes(element.name.name)) {
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
  const required = name === 'max' ? [] : (form.named ?? []).filter((each) => !optionalNames.has(each));
  const missing = required.find((each) => !named.has(each));
  if (missing !== undefined) return evaluation.fail(frame, 'UNET2019', { name: missing, of: name }, node.callee.span);
  return dispatch({ evaluation, frame, node, name, positional, named });
}

function dispatch(call: FunctionCall): Value {
  switch (call.name) {
    case 'einsum':
      return einsum(call);
    case 'softmax':
      return softmax(call);
    case 'mean':
    case 'sum':
      return reduce(call, call.name);
    case 'max':
      return call.named.has('over') ? reduce(call, 'max') : extremum(call, 'max');
    case 'min':
      return extremum(call, 'min');
    case 'concat':
      return concat(call);
    case 'merge':
      return merge(call);
    case 'split':
      return split(call);
    case 'pick':
      return pick(call);
    case 'roll':
      return roll(call);
    case 'floor':
    case 'ceil':
      return round(call, call.name);
    case 'sqrt':
    case 'exp':
    case 'log':
    case 'abs':
      return unaryFunction(call, call.name);
    case 'shared':
    case 'repeat':
    case 'chain':
      return layerFunction(call, call.name);
  }
}
