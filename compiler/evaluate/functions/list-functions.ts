import { conform } from '../conform.js';
import { errorValue, numberOf, type Value } from '../values.js';
import { argument, evaluateAt, type FunctionCall } from './function-call.js';

/** `length(list)`. */
export function length(call: FunctionCall): Value {
  const list = listOf(call);
  if (list.kind === 'list') return numberOf(list.items.length, true);
  return list.kind === 'error' ? errorValue : { kind: 'unknown', type: { kind: 'int' } };
}

/** `reverse(list)`. */
export function reverse(call: FunctionCall): Value {
  const list = listOf(call);
  return list.kind === 'list' ? { kind: 'list', items: list.items.toReversed() } : list;
}

function listOf(call: FunctionCall): Value {
  const type = { kind: 'list', of: { kind: 'any' } } as const;
  const what = `The argument of \`${call.name}\``;
  return conform(call.evaluation, call.frame, evaluateAt(call, 0), type, what, argument(call, 0).span);
}
