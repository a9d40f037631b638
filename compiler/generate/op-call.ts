/**
 * Translates an operation of the IR to a call of the runtime, with every attribute as a literal and defaults omitted.
 */
import { operatorNames } from '../../contract/functions.js';
import { sizesAsked, type Attributes, type Op, type OpBase, type OpKind, type Padding } from '../ir/ir.js';
import { constantOf, type Size } from '../shape/size.js';
import { axesCode, literal, type RuntimeCall, type Setting } from './code.js';
import type { Literal } from './literal.js';

/** The parts of a call besides the id and the operands. */
export interface OpCall {
  /** The function of the runtime: `conv`, `add`. */
  readonly name: string;
  /** Arguments between the id and the settings. */
  readonly positional?: readonly string[];
  readonly settings?: readonly Setting[];
  readonly after?: readonly string[];
}

/** The call for any operation except inputs. */
export function opCall(op: Op): OpCall {
  return callOf(op);
}

function callOf<K extends OpKind>(op: OpBase<K>): OpCall {
  const call: CallOf<K> = calls[op.kind];
  return call(op.attributes, op);
}

/** The call with its id and operands as code. */
export function completeCall(call: OpCall, id: string, on: readonly string[] | undefined): RuntimeCall {
  const { name, positional = [], settings = [], after = [] } = call;
  return { name, positional: [id, ...positional], settings, on, after };
}

type CallOf<K extends OpKind> = (attributes: Attributes[K], op: OpBase<K>) => OpCall;

const calls: { readonly [K in OpKind]: CallOf<K> } = {
  input: () => {
    throw new Error('an input is not a layer');
  },
  param: (_, { shape }) => {
    return { name: 'param', settings: [['shape', literal(shape.map(({ size }) => known(constantOf(size))))]] };
  },
  conv: ({ out, groups, ...window }) => ({
    name: 'conv',
    settings: [
      ['out', literal(out)],
      ...windowSettings(window),
      ...unless('groups', groups, 1),
      ...unless('bias', window.bias, false),
    ],
  }),
  depthwise_conv: (window) => ({
    name: 'depthwiseConv',
    settings: [...windowSettings(window), ...unless('bias', window.bias, false)],
  }),
  transposed_conv: ({ out, outputPad, groups, ...window }) => ({
    name: 'transposedConv',
    settings: [
      ['out', literal(out)],
      ...windowSettings(window),
      ...(outputPad.every((each) => each === 0) ? [] : [['outputPad', sizes(outputPad)] as const]),
      ...unless('groups', groups, 1),
      ...unless('bias', window.bias, false),
    ],
  }),
  linear: ({ out, bias }) => ({
    name: 'linear',
    settings: [['out', literal(out)], ...unless('bias', bias, false)],
  }),
  max_pool: (window) => ({ name: 'maxPool', settings: poolSettings(window) }),
  avg_pool: (window) => ({ name: 'avgPool', settings: poolSettings(window) }),
  group_norm: ({ groups, ...norm }) => ({
    name: 'groupNorm',
    settings: [['groups', literal(groups)], ...normSettings(norm)],
  }),
  instance_norm: (norm) => ({ name: 'instanceNorm', settings: normSettings(norm) }),
  layer_norm: (norm) => ({ name: 'layerNorm', settings: normSettings(norm) }),
  batch_norm: ({ momentum, frozen, ...norm }) => ({
    name: 'batchNorm',
    settings: [...normSettings(norm), ...unless('momentum', momentum, 0.1), ...unless('frozen', frozen, false)],
  }),
  unary: ({ function: name, slope }) => ({
    name: camelCase(name),
    settings: slope === undefined ? [] : unless('slope', slope, 0.01),
  }),
  prelu: ({ shared }) => ({ name: 'prelu', settings: unless('shared', shared, false) }),
  softmax: ({ over }, op) => ({
    name: 'softmax',
    positional: [axesOf(op, 0)],
    settings: [['over', axesCode(over)]],
  }),
  dropout: ({ rate }) => ({ name: 'dropout', settings: [['rate', literal(rate)]] }),
  spatial_dropout: ({ rate }) => ({ name: 'spatialDropout', settings: [['rate', literal(rate)]] }),
  noise: () => ({ name: 'noise' }),
  resize: ({ mode, scale, alignCorners }) => ({
    name: 'resize',
    settings: [
      ['mode', literal(mode)],
      ...(scale === undefined ? [] : [['scale', sizes(scale)] as const]),
      ...unless('alignCorners', alignCorners, false),
    ],
  }),
  binary: ({ operator }, op) => ({ name: operatorNames[operator], positional: binaryAxes(op) }),
  scalar: ({ operator, value, reversed }) => ({
    name: operatorNames[operator],
    positional: [literal(value)],
    settings: unless('reversed', reversed, false),
  }),
  reduce: ({ function: name, over }, op) => ({
    name,
    positional: [axesOf(op, 0)],
    settings: [['over', axesCode(over)]],
  }),
  concat: () => ({ name: 'concat' }),
  einsum: ({ into }, op) => ({
    name: 'einsum',
    positional: [`[${axesOf(op, 0)}, ${axesOf(op, 1)}]`, axesCode(into)],
  }),
  merge: ({ axes, into }, op) => ({
    name: 'merge',
    positional: [axesOf(op, 0)],
    settings: [
      ['axes', axesCode(axes)],
      ['into', literal(into)],
    ],
  }),
  split: ({ axis, into }, op) => ({
    name: 'split',
    positional: [axesOf(op, 0)],
    settings: [
      ['axis', literal(axis)],
      ['into', splitSizes(into.map(({ name, size }) => [name, splitSize(size, sizesAsked(into).includes(size))]))],
    ],
    after: op.operands.slice(1).map((_, index) => axesOf(op, index + 1)),
  }),
  transpose: ({ order }, op) => ({
    name: 'transpose',
    positional: [axesOf(op, 0)],
    settings: [['order', axesCode(order)]],
  }),
  take: ({ parts }, op) => ({
    name: 'take',
    positional: [axesOf(op, 0)],
    settings: [
      ['axis', axesCode(parts.map(({ axis }) => axis))],
      ['indices', literal(parts.map(({ indices }) => indices))],
    ],
  }),
  arange: ({ axis }, op) => ({ name: 'arange', positional: [axesOf(op, 0)], settings: [['over', literal(axis)]] }),
  pick: () => ({ name: 'pick' }),
  pad: ({ amounts, before, multipleOf, channels, mode, value }) => ({
    name: 'pad',
    settings: [
      ...borderSettings(amounts),
      ...sizeSetting('before', before),
      ...sizeSetting('multipleOf', multipleOf),
      ...(channels === undefined ? [] : [['channels', literal(channels)] as const]),
      ...unless('mode', mode, 'zeros'),
      ...unless('value', value, 0),
    ],
  }),
  crop: ({ amounts, before }) => ({
    name: 'crop',
    settings: [...borderSettings(amounts), ...sizeSetting('before', before)],
  }),
  roll: ({ shifts }, op) => ({
    name: 'roll',
    positional: [axesOf(op, 0)],
    settings: [
      ['axis', axesCode(shifts.map(({ axis }) => axis))],
      ['by', sizes(shifts.map(({ by }) => by))],
    ],
  }),
};

/** The axes of two operands; omitted if they are equal. */
function binaryAxes(op: OpBase<'binary'>): readonly string[] {
  const [left = '', right = ''] = [axesOf(op, 0), axesOf(op, 1)];
  return left === right ? [] : [`[${left}, ${right}]`];
}

function axesOf({ operands }: Pick<Op, 'operands'>, index: number): string {
  return axesCode(operands[index]?.shape.map(({ name }) => name) ?? []);
}

/** `{ H: heads, E: null }`; keys that are not plain names are strings. */
export function splitSizes(parts: readonly (readonly [name: string, size: string])[]): string {
  const entries = parts.map(([name, size]) => `${/^[A-Za-z]\w*$/.test(name) ? name : literal(name)}: ${size}`);
  return `{ ${entries.join(', ')} }`;
}

/** A number; if needed, a formula of the images' sizes; else null, because the size is inferred. */
function splitSize(size: Size, asked: boolean): string {
  return literal(asked ? formulaOf(size) : (constantOf(size) ?? null));
}

/** The runtime's `SizeFormula` of a size. */
function formulaOf(size: Size): Literal {
  switch (size.kind) {
    case 'constant':
      return size.value;
    case 'symbol':
      return size.name;
    case 'sum': {
      const terms = size.terms.map(({ factor, term }) =>
        factor === 1 ? formulaOf(term) : { product: [factor, formulaOf(term)] },
      );
      return { sum: size.constant === 0 ? terms : [...terms, size.constant] };
    }
    case 'floor':
      return { floor: formulaOf(size.of), by: size.by };
    case 'product':
      return { product: size.factors.map(formulaOf) };
  }
}

interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation?: readonly number[];
  readonly pad: Padding;
}

function windowSettings({ kernel, stride, dilation, pad }: Window): readonly Setting[] {
  const isOne = (size: number): boolean => size === 1;
  return [
    ['kernel', sizes(kernel)],
    ...(stride.every(isOne) ? [] : [['stride', sizes(stride)] as const]),
    ...(dilation === undefined || dilation.every(isOne) ? [] : [['dilation', sizes(dilation)] as const]),
    ...padSettings(pad),
  ];
}

function poolSettings({ kernel, stride, pad }: Window): readonly Setting[] {
  const strides = stride.join() === kernel.join() ? [] : [['stride', sizes(stride)] as const];
  return [['kernel', sizes(kernel)], ...strides, ...padSettings(pad)];
}

/** Empty if there is no padding. */
export function padSettings(pad: Padding): readonly Setting[] {
  return pad.every(([before, after]) => before === 0 && after === 0) ? [] : [['pad', amounts(pad)]];
}

function sizeSetting(name: string, size: readonly number[] | undefined): readonly Setting[] {
  return size === undefined ? [] : [[name, sizes(size)]];
}

function borderSettings(pad: Padding | undefined): readonly Setting[] {
  return pad === undefined ? [] : [['amount', amounts(pad)]];
}

/** `1` for one voxel on every side, `[1, 0]` per axis, pairs if the sides differ. */
function amounts(pad: Padding): string {
  return pad.every(([before, after]) => before === after) ? sizes(pad.map(([before]) => before)) : literal(pad);
}

/** `3` for `[3, 3, 3]`. */
function sizes(values: readonly number[]): string {
  const [first = 0] = values;
  return literal(values.length > 0 && values.every((value) => value === first) ? first : values);
}

function normSettings({ epsilon, affine }: { readonly epsilon: number; readonly affine: boolean }): readonly Setting[] {
  return [...unless('epsilon', epsilon, 1e-5), ...unless('affine', affine, true)];
}

function unless(key: string, value: Literal, usual: Literal): readonly Setting[] {
  return value === usual ? [] : [[key, literal(value)]];
}

function known(size: number | undefined): number {
  if (size === undefined) throw new Error('a param has a symbolic size');
  return size;
}

export function camelCase(kind: string): string {
  return kind.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
