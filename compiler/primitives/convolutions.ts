import type { Attributes, Padding } from '../ir/ir.js';
import type { TensorValue } from '../evaluate/values.js';
import { booleanArgument, channelsOf, choiceArgument, integerArgument, sizesArgument, spatialOf } from './arguments.js';
import { initialOf } from './initial.js';
import { abandon, optional, required, type Primitive, type PrimitiveCall } from './primitive.js';
import { counted } from '../../text/count.js';

const int = { kind: 'int' } as const;
const size = { kind: 'size' } as const;
const bool = { kind: 'bool' } as const;
const init = { kind: 'init' } as const;

/** The init of the layer, else the model's rule for its kind (`conv` holds for every convolution but transposed). */
function initChoice(call: PrimitiveCall, ...kinds: readonly string[]) {
  const own = choiceArgument(call, 'init');
  if (own !== undefined) return own;
  for (const kind of kinds) {
    const rule = call.evaluation.initRules.get(kind);
    if (rule !== undefined) return rule;
  }
  return undefined;
}

function emitWeighted<K extends 'conv' | 'depthwise_conv' | 'transposed_conv' | 'linear'>(
  call: PrimitiveCall,
  kind: K,
  attributes: Attributes[K],
  ...rules: readonly string[]
) {
  const choice = initChoice(call, ...rules);
  const shapes = new Map<string, readonly number[]>();
  call.evaluation.weightsFor(kind, attributes, [call.tensors[0]], (name, shape) => {
    shapes.set(name, shape);
    return { kind: 'constant', value: 0 };
  });
  const weightShape = shapes.get('weight') ?? [];
  const weights = call.evaluation.weightsFor(kind, attributes, [call.tensors[0]], (name) =>
    initialOf(choice, name, weightShape),
  );
  return call.evaluation.emit(call.frame, kind, call.id, attributes, [call.tensors[0]], call.span, weights);
}

/**
 * Odd kernels pad by half their extent; an even one that equals its stride needs none; any other must state its
 * padding (UNET3011).
 */
function paddingOf(
  call: PrimitiveCall,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): Padding {
  if (call.bound.has('pad')) return sizesArgument(call, 'pad', kernel.length, 0).map((pad) => [pad, pad] as const);
  return kernel.map((extent, axis) => {
    const step = stride[axis] ?? 1;
    if (extent % 2 === 1) {
      const half = ((dilation[axis] ?? 1) * (extent - 1)) / 2;
      return [half, half] as const;
    }
    if (extent === step) return [0, 0] as const;
    const help = 'Use `pad: 0` for no padding, or give the number of voxels on both sides.';
    call.evaluation.fail(call.frame, 'UNET3011', { kernel: extent, stride: step }, call.span, { help });
    return abandon();
  });
}

function geometry(call: PrimitiveCall, tensor: TensorValue) {
  const rank = spatialOf(call, tensor).length;
  const unit = Array.from({ length: rank }, () => 1);
  const kernel = sizesArgument(call, 'kernel', rank, 1);
  const stride = sizesArgument(call, 'stride', rank, 1, unit);
  const dilation = sizesArgument(call, 'dilation', rank, 1, unit);
  return { kernel, stride, dilation };
}

/** UNET3007: groups divide the channels on both sides. */
function requireGroups(call: PrimitiveCall, groups: number, channels: number, side: string): void {
  if (channels % groups === 0) return;
  const span = call.bound.get('groups')?.span ?? call.span;
  const labels = [{ span: call.span, text: `${side} ${counted(channels, 'channel')}` }];
  call.evaluation.fail(call.frame, 'UNET3007', { groups, channels }, span, { labels });
  abandon();
}

export const conv: Primitive = {
  name: 'conv',
  parameters: [
    required('out', int),
    required('kernel', size),
    optional('stride', size),
    optional('dilation', size),
    optional('pad', size),
    optional('groups', int),
    optional('bias', bool),
    optional('init', init),
  ],
  tensors: [1, 1],
  apply: (call) => {
    const [tensor] = call.tensors;
    const { kernel, stride, dilation } = geometry(call, tensor);
    const channels = channelsOf(call);
    const out = integerArgument(call, 'out', 1);
    const groups = integerArgument(call, 'groups', 1, 1);
    requireGroups(call, groups, channels, 'the input has');
    requireGroups(call, groups, out, 'the output has');
    const pad = paddingOf(call, kernel, stride, dilation);
    const bias = booleanArgument(call, 'bias', false);
    return emitWeighted(call, 'conv', { out, kernel, stride, dilation, pad, groups, bias }, 'conv');
  },
};

export const depthwiseConv: Primitive = {
  name: 'depthwise_conv',
  parameters: [
    required('kernel', size),
    optional('stride', size),
    optional('dilation', size),
    optional('pad', size),
    optional('bias', bool),
    optional('init', init),
  ],
  tensors: [1, 1],
  apply: (call) => {
    const [tensor] = call.tensors;
    const { kernel, stride, dilation } = geometry(call, tensor);
    channelsOf(call);
    const pad = paddingOf(call, kernel, stride, dilation);
    const bias = booleanArgument(call, 'bias', false);
    const attributes = { kernel, stride, dilation, pad, bias };
    return emitWeighted(call, 'depthwise_conv', attributes, 'depthwise_conv', 'conv');
  },
};

export const transposedConv: Primitive = {
  name: 'transposed_conv',
  parameters: [
    required('out', int),
    required('kernel', size),
    optional('stride', size),
    optional('pad', size),
    optional('bias', bool),
    optional('init', init),
  ],
  tensors: [1, 1],
  apply: (call) => {
    const [tensor] = call.tensors;
    const { kernel, stride } = geometry(call, tensor);
    channelsOf(call);
    const out = integerArgument(call, 'out', 1);
    const unit = kernel.map(() => 1);
    const pad: Padding =
      kernel.every((extent, axis) => extent === stride[axis]) && !call.bound.has('pad')
        ? kernel.map(() => [0, 0] as const)
        : paddingOf(call, kernel, stride, unit);
    const bias = booleanArgument(call, 'bias', false);
    return emitWeighted(call, 'transposed_conv', { out, kernel, stride, pad, bias }, 'transposed_conv');
  },
};

export const linear: Primitive = {
  name: 'linear',
  parameters: [required('out', int), optional('bias', bool), optional('init', init)],
  tensors: [1, 1],
  apply: (call) => {
    channelsOf(call);
    const out = integerArgument(call, 'out', 1);
    const bias = booleanArgument(call, 'bias', true);
    return emitWeighted(call, 'linear', { out, bias }, 'linear');
  },
};

/** UNET3019: no window of a pool may lie in the padding alone, where there is nothing to take a maximum of. */
function poolPadding(call: PrimitiveCall, kernel: readonly number[]): Padding {
  const none = kernel.map(() => 0);
  const amounts = sizesArgument(call, 'pad', kernel.length, 0, none);
  const wide = amounts.find((amount, axis) => amount >= (kernel[axis] ?? 1));
  if (wide !== undefined) {
    const parts = { what: '`pad`', range: 'smaller than the kernel', found: String(wide) };
    call.evaluation.fail(call.frame, 'UNET3019', parts, call.bound.get('pad')?.span ?? call.span);
    return abandon();
  }
  return amounts.map((each) => [each, each] as const);
}

function pool(name: 'max_pool' | 'avg_pool'): Primitive {
  return {
    name,
    parameters: [required('kernel', size), optional('stride', size), optional('pad', size)],
    tensors: [1, 1],
    apply: (call) => {
      const [tensor] = call.tensors;
      const rank = spatialOf(call, tensor).length;
      const kernel = sizesArgument(call, 'kernel', rank, 1);
      const stride = sizesArgument(call, 'stride', rank, 1, kernel);
      const pad = poolPadding(call, kernel);
      return call.evaluation.emit(call.frame, name, call.id, { kernel, stride, pad }, [tensor], call.span);
    },
  };
}

export const maxPool = pool('max_pool');
export const avgPool = pool('avg_pool');
