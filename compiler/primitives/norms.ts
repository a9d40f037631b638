import { replacement } from '../../grammar/diagnostics/suggest.js';
import { textOf } from '../../grammar/source.js';
import { formatShape } from '../evaluate/values.js';
import type { Attributes } from '../ir/ir.js';
import { booleanArgument, channelsOf, integerArgument, numberArgument } from './arguments.js';
import { ones, zeros } from './initial.js';
import { abandon, optional, required, type Primitive, type PrimitiveCall } from './primitive.js';
import { counted } from '../../text/count.js';

const affine = optional('affine', { kind: 'bool' });
const epsilon = optional('epsilon', { kind: 'float' });

function epsilonOf(call: PrimitiveCall): number {
  return numberArgument(
    call,
    'epsilon',
    { least: Number.MIN_VALUE, most: 1, text: 'greater than 0 and at most 1' },
    1e-5,
  );
}

function emitNorm<K extends 'group_norm' | 'instance_norm' | 'layer_norm'>(
  call: PrimitiveCall,
  kind: K,
  attributes: Attributes[K],
) {
  const weights = call.evaluation.weightsFor(kind, attributes, call.tensors, (name) =>
    name === 'weight' ? ones : zeros,
  );
  return call.evaluation.emit(call.frame, kind, call.id, attributes, call.tensors, call.span, weights);
}

export const groupNorm: Primitive = {
  name: 'group_norm',
  parameters: [required('groups', { kind: 'int' }), affine, epsilon],
  tensors: [1, 1],
  apply: (call) => {
    const channels = channelsOf(call);
    const groups = integerArgument(call, 'groups', 1);
    if (channels % groups !== 0) {
      const span = call.bound.get('groups')?.span ?? call.span;
      call.evaluation.fail(call.frame, 'UNET3007', { groups, channels }, span, {
        labels: [{ span: call.span, text: `the tensor has ${counted(channels, 'channel')}` }],
        fixes: /^\d+$/.test(textOf(span)) ? [replacement(span, String(nearestDivisor(channels, groups)))] : [],
      });
      return abandon();
    }
    const attributes = { groups, epsilon: epsilonOf(call), affine: booleanArgument(call, 'affine', true) };
    return emitNorm(call, 'group_norm', attributes);
  },
};

/** The divisor of `channels` that is nearest to `groups`, the smaller of two. */
function nearestDivisor(channels: number, groups: number): number {
  let nearest = 1;
  for (let divisor = 1; divisor <= channels; divisor++) {
    if (channels % divisor === 0 && Math.abs(divisor - groups) < Math.abs(nearest - groups)) nearest = divisor;
  }
  return nearest;
}

/** UNET3010: statistics over positions need an axis of positions; of one value they would be 0 everywhere. */
function requirePositions(call: PrimitiveCall): void {
  const { shape } = call.tensors[0];
  if (shape.length > 1) return;
  const parts = { what: '`instance_norm`', expected: '`[C, ...S]` with spatial axes', found: formatShape(shape) };
  call.evaluation.fail(call.frame, 'UNET3010', parts, call.span);
  abandon();
}

function simpleNorm(name: 'instance_norm' | 'layer_norm'): Primitive {
  return {
    name,
    parameters: [affine, epsilon],
    tensors: [1, 1],
    apply: (call) => {
      channelsOf(call);
      if (name === 'instance_norm') requirePositions(call);
      return emitNorm(call, name, { epsilon: epsilonOf(call), affine: booleanArgument(call, 'affine', true) });
    },
  };
}

export const instanceNorm = simpleNorm('instance_norm');
export const layerNorm = simpleNorm('layer_norm');
