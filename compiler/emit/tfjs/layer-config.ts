/** What generated code passes to the runtime's layer of each kind of operation, defaults left out. */
import { sizesAsked, type Attributes, type Op, type OpBase, type OpKind, type Padding } from '../../ir/ir.js';
import { constantOf, type Size } from '../../shape/size.js';
import type { Literal } from './literal.js';

type Fields = { readonly [key: string]: Literal | undefined };

/** A factory of the runtime and the configuration to call it with. */
export interface LayerCall {
  readonly factory: string;
  readonly config: Fields;
}

/** The layer of an operation other than `input`. */
export function layerCall(op: Op): LayerCall {
  return { factory: camelCase(op.kind), config: { name: op.id, ...fieldsOf(op), ...frozen(op) } };
}

function fieldsOf<K extends OpKind>(op: OpBase<K>): Fields {
  const fields: FieldsOf<K> = fieldsByKind[op.kind];
  return fields(op.attributes, op);
}

function frozen({ weights }: Op): Fields {
  return weights.length > 0 && weights.every(({ trainable }) => !trainable) ? { trainable: false } : {};
}

type FieldsOf<K extends OpKind> = (attributes: Attributes[K], op: OpBase<K>) => Fields;

const none = (): Fields => ({});

const fieldsByKind: { readonly [K in OpKind]: FieldsOf<K> } = {
  input: () => {
    throw new Error('An input is not a layer');
  },
  param: (_, { shape }) => ({ shape: shape.map(({ size }) => known(constantOf(size))) }),
  conv: ({ out, groups, ...window }) => ({
    out,
    ...windowFields(window),
    groups: unless(groups, 1),
    ...biasField(window),
  }),
  depthwise_conv: (window) => ({ ...windowFields(window), ...biasField(window) }),
  transposed_conv: ({ out, ...window }) => ({ out, ...windowFields(window), ...biasField(window) }),
  linear: ({ out, bias }) => ({ out, ...biasField({ bias }) }),
  max_pool: windowFields,
  avg_pool: windowFields,
  group_norm: ({ groups, ...norm }) => ({ groups, ...normFields(norm) }),
  instance_norm: normFields,
  layer_norm: normFields,
  unary: ({ function: name, slope }) => ({ function: name, slope }),
  prelu: none,
  softmax: ({ over }, op) => ({ axes: axesOf(op), over }),
  dropout: ({ rate }) => ({ rate }),
  spatial_dropout: ({ rate }) => ({ rate }),
  resize: ({ mode, scale }) => ({ mode, scale }),
  binary: ({ operator }, op) => ({ operator, axes: axesOf(op) }),
  scalar: ({ operator, value, reversed }) => ({ operator, value, reversed: unless(reversed, false) }),
  reduce: ({ function: name, over }, op) => ({ function: name, axes: axesOf(op), over }),
  concat: (_, op) => ({ axes: axesOf(op) }),
  einsum: ({ into }, op) => ({ axes: axesOf(op), into }),
  merge: ({ axes, into }, op) => ({ axes: axesOf(op), merged: axes, into }),
  split: ({ axis, into }, op) => ({
    axes: axesOf(op),
    axis,
    into: into.map(({ name, size }) => ({
      name,
      size: sizesAsked(into).includes(size) ? formulaOf(size) : (constantOf(size) ?? null),
    })),
  }),
  transpose: ({ order }, op) => ({ axes: axesOf(op), order }),
  pick: ({ count }) => ({ count }),
  pad: ({ amounts, value }) => ({ amounts, value: unless(value, 0) }),
  crop: ({ amounts }) => ({ amounts }),
  roll: ({ shifts }, op) => ({ axes: axesOf(op), shifts: shifts.map(({ axis, by }) => ({ axis, by })) }),
};

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

function windowFields({ kernel, stride, dilation, pad }: Window): Fields {
  const isOne = (size: number): boolean => size === 1;
  return {
    kernel,
    stride: stride.every(isOne) ? undefined : stride,
    dilation: dilation === undefined || dilation.every(isOne) ? undefined : dilation,
    pad: pad.every(([before, after]) => before === 0 && after === 0) ? undefined : pad,
  };
}

function biasField({ bias }: { readonly bias: boolean }): Fields {
  return { bias: unless(bias, false) };
}

function normFields({ epsilon, affine }: { readonly epsilon: number; readonly affine: boolean }): Fields {
  return { epsilon: unless(epsilon, 1e-5), affine: unless(affine, true) };
}

function axesOf({ operands }: Pick<Op, 'operands'>): Literal {
  return operands.map(({ shape }) => shape.map(({ name }) => name));
}

function unless<T>(value: T, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

function known(size: number | undefined): number {
  if (size === undefined) throw new Error('a param has a symbolic size');
  return size;
}

function camelCase(kind: string): string {
  return kind.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
