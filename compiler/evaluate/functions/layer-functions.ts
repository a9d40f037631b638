import { formatSize } from '../../shape/size.js';
import { conform } from '../conform.js';
import { type LayerValue, type Value, errorValue, numberOf } from '../values.js';
import { type FunctionCall, argument } from './function-call.js';

/** The maximum length of a `repeat`. */
const longestRepeat = 1000;

/** `shared(layer)`, `repeat(n, layer)`, `chain(n, layer)`. */
export function layerFunction(call: FunctionCall, name: 'shared' | 'repeat' | 'chain'): Value {
  const { evaluation, frame } = call;
  const layerNode = argument(call, name === 'shared' ? 0 : 1);
  const value = evaluation.evaluate(evaluation, frame, layerNode);
  const layer = conform(
    evaluation,
    frame,
    value,
    { kind: 'layer', waits: [] },
    `The layer of \`${name}\``,
    layerNode.span,
  );
  const count = name === 'shared' ? numberOf(1, true) : repetitions(call, name);
  if (layer.kind === 'error' || count.kind === 'error') return errorValue;
  if (layer.kind !== 'layer' || count.kind !== 'number') return { kind: 'unknown', type: { kind: 'layer', waits: [] } };
  const made: LayerValue =
    name === 'shared'
      ? { kind: 'layer', recipe: { kind: 'shared', layer, weights: { made: [], state: 'unused' } } }
      : { kind: 'layer', recipe: { kind: name, count: count.value, layer } };
  return made;
}

function repetitions(call: FunctionCall, name: string): Value {
  const { evaluation, frame } = call;
  const node = argument(call, 0);
  const count = conform(
    evaluation,
    frame,
    evaluation.evaluate(evaluation, frame, node),
    { kind: 'int' },
    'The count',
    node.span,
  );
  if (count.kind === 'size') return evaluation.fail(frame, 'UNET3027', { size: formatSize(count.size) }, node.span);
  if (count.kind !== 'number' || (count.value >= 0 && count.value <= longestRepeat)) return count;
  const parts = {
    what: `The count of \`${name}\``,
    range: `between 0 and ${longestRepeat}`,
    found: String(count.value),
  };
  return evaluation.fail(frame, 'UNET3019', parts, node.span);
}
