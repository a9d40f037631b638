import type { UnaryFunction } from '../ir/ir.js';
import { channelsOf, numberArgument } from './arguments.js';
import { optional, required, type Primitive } from './primitive.js';

const float = { kind: 'float' } as const;

function unary(name: UnaryFunction): Primitive {
  return {
    name,
    parameters: [],
    tensors: [1, 1],
    apply: (call) => call.evaluation.emit(call.frame, 'unary', call.id, { function: name }, call.tensors, call.span),
  };
}

export const activations: readonly Primitive[] = (
  ['relu', 'elu', 'gelu', 'silu', 'sigmoid', 'tanh', 'softplus'] as const
).map(unary);

export const leakyRelu: Primitive = {
  name: 'leaky_relu',
  parameters: [optional('slope', float)],
  tensors: [1, 1],
  apply: (call) => {
    const slope = numberArgument(call, 'slope', { least: 0, most: 1, text: 'between 0 and 1' }, 0.01);
    const attributes = { function: 'leaky_relu', slope } as const;
    return call.evaluation.emit(call.frame, 'unary', call.id, attributes, call.tensors, call.span);
  },
};

/** He et al. 2015: one slope per channel, from 0.25. */
export const prelu: Primitive = {
  name: 'prelu',
  parameters: [optional('slope', float)],
  tensors: [1, 1],
  apply: (call) => {
    channelsOf(call);
    const value = numberArgument(call, 'slope', { least: -1, most: 1, text: 'between -1 and 1' }, 0.25);
    const weights = call.evaluation.weightsFor('prelu', {}, call.tensors, () => ({ kind: 'constant', value }));
    return call.evaluation.emit(call.frame, 'prelu', call.id, {}, call.tensors, call.span, weights);
  },
};

function dropoutOf(name: 'dropout' | 'spatial_dropout'): Primitive {
  return {
    name,
    parameters: [required('rate', float)],
    tensors: [1, 1],
    apply: (call) => {
      const rate = numberArgument(call, 'rate', { least: 0, most: 1, open: true, text: 'at least 0 and less than 1' });
      return call.evaluation.emit(call.frame, name, call.id, { rate }, call.tensors, call.span);
    },
  };
}

export const dropout = dropoutOf('dropout');
export const spatialDropout = dropoutOf('spatial_dropout');

/** Leaves its tensor as it is. */
export const identity: Primitive = {
  name: 'identity',
  parameters: [],
  tensors: [1, 1],
  apply: (call) => call.tensors[0],
};
