/** Operations in the words of a figure: `conv 3×3×3, stride 2`, `GN`, `max pool 2×2×2`. */
import type { Axis, Op, Padding } from '../../ir/ir.js';
import { formatSize } from '../../shape/size.js';
import { printable } from '../printable.js';

/** What a layer is, as a figure tells kinds apart. */
export type LayerKind =
  | 'convolution'
  | 'separable'
  | 'linear'
  | 'norm'
  | 'activation'
  | 'attention'
  | 'gate'
  | 'down'
  | 'up'
  | 'join'
  | 'dropout'
  | 'shape'
  | 'other';

/** The kind of an operation by itself; a strided convolution leads down. */
export function kindOfOp(op: Op): LayerKind {
  switch (op.kind) {
    case 'conv':
      return op.attributes.stride.some((stride) => stride > 1) ? 'down' : 'convolution';
    case 'depthwise_conv':
      return op.attributes.stride.some((stride) => stride > 1) ? 'down' : 'separable';
    case 'transposed_conv':
    case 'resize':
      return 'up';
    case 'max_pool':
    case 'avg_pool':
      return 'down';
    case 'linear':
      return 'linear';
    case 'group_norm':
    case 'instance_norm':
    case 'layer_norm':
      return 'norm';
    case 'unary':
    case 'prelu':
    case 'softmax':
      return 'activation';
    case 'dropout':
    case 'spatial_dropout':
      return 'dropout';
    case 'binary':
    case 'concat':
      return 'join';
    case 'merge':
    case 'split':
    case 'transpose':
    case 'pad':
    case 'crop':
    case 'roll':
      return 'shape';
    case 'input':
    case 'param':
    case 'scalar':
    case 'reduce':
    case 'einsum':
    case 'pick':
      return 'other';
  }
}

const functionNames: Readonly<Record<string, string>> = {
  relu: 'ReLU',
  leaky_relu: 'LeakyReLU',
  elu: 'ELU',
  gelu: 'GELU',
  silu: 'SiLU',
};

const binaryNames = { '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide', min: 'minimum', max: 'maximum' };

/** An operation in a few words. Numbers of channels are left to shapes. */
export function labelOp(op: Op): string {
  switch (op.kind) {
    case 'conv': {
      const { kernel, stride, dilation, groups } = op.attributes;
      return [`conv ${sizes(kernel)}`, ...steps(stride), ...dilations(dilation), ...grouping(groups)].join(', ');
    }
    case 'depthwise_conv': {
      const { kernel, stride, dilation } = op.attributes;
      return [`depthwise conv ${sizes(kernel)}`, ...steps(stride), ...dilations(dilation)].join(', ');
    }
    case 'transposed_conv':
      return [`up-conv ${sizes(op.attributes.kernel)}`, ...steps(op.attributes.stride)].join(', ');
    case 'max_pool':
    case 'avg_pool': {
      const { kernel, stride } = op.attributes;
      const name = op.kind === 'max_pool' ? 'max pool' : 'average pool';
      return [`${name} ${sizes(kernel)}`, ...(stride.join() === kernel.join() ? [] : steps(stride))].join(', ');
    }
    case 'linear':
      return 'linear';
    case 'group_norm':
      return `GN(${op.attributes.groups})`;
    case 'instance_norm':
      return 'IN';
    case 'layer_norm':
      return 'LN';
    case 'unary':
      return functionNames[op.attributes.function] ?? op.attributes.function;
    case 'prelu':
      return 'PReLU';
    case 'softmax':
      return 'softmax';
    case 'dropout':
      return `dropout ${op.attributes.rate}`;
    case 'spatial_dropout':
      return `channel dropout ${op.attributes.rate}`;
    case 'resize':
      return resizeLabel(op);
    case 'binary':
      return binaryNames[op.attributes.operator];
    case 'scalar':
      return op.attributes.operator === 'power' ? 'power' : binaryNames[op.attributes.operator];
    case 'reduce':
      return op.attributes.function;
    case 'param':
      return 'trained tensor';
    case 'pick':
      return 'row of a table';
    case 'input':
      return op.attributes.input;
    case 'concat':
    case 'einsum':
    case 'merge':
    case 'split':
    case 'transpose':
    case 'pad':
    case 'crop':
    case 'roll':
      return op.kind;
  }
}

function resizeLabel(op: Extract<Op, { kind: 'resize' }>): string {
  const { mode, scale } = op.attributes;
  const rank = op.shape.length - 1;
  const name = mode === 'nearest' ? 'nearest' : rank === 3 ? 'trilinear' : rank === 2 ? 'bilinear' : 'linear';
  return scale === undefined ? `resize, ${name}` : `resize ×${sizes(scale)}, ${name}`;
}

/** `3×3×3`; `[3]` stays `3`. */
export function sizes(values: readonly number[]): string {
  return values.join('×');
}

function isOne(values: readonly number[]): boolean {
  return values.every((value) => value === 1);
}

function uniform(values: readonly number[]): string {
  const [first] = values;
  return values.every((value) => value === first) ? String(first) : sizes(values);
}

function steps(stride: readonly number[]): string[] {
  return isOne(stride) ? [] : [`stride ${uniform(stride)}`];
}

function dilations(dilation: readonly number[]): string[] {
  return isOne(dilation) ? [] : [`dilation ${uniform(dilation)}`];
}

function grouping(groups: number): string[] {
  return groups === 1 ? [] : [`${groups} groups`];
}

/** Every attribute of an operation, for telling two of one kind apart: `conv(out: 24, kernel: 3×3×3, ...)`. */
export function attributeTexts(op: Op): ReadonlyMap<string, string> {
  const entries = Object.entries(op.attributes as Readonly<Record<string, unknown>>);
  return new Map(entries.map(([name, value]) => [name, printable(attributeText(name, value))]));
}

function attributeText(name: string, value: unknown): string {
  if (name === 'pad' || name === 'amounts') {
    if (value === undefined) return 'to fit';
    return (value as Padding).map(([before, after]) => (before === after ? before : `${before}+${after}`)).join('×');
  }
  if (Array.isArray(value)) return value.map(elementText).join(value.every(Number.isInteger) ? '×' : ', ');
  return typeof value === 'string' ? value : JSON.stringify(value ?? 'none');
}

/** An axis, a name or a number in a list of them. */
function elementText(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('size' in value) || !('name' in value)) {
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  const { name, size } = value as Axis;
  return `${name} = ${formatSize(size)}`;
}
