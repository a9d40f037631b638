/** Where tensors come from: inputs, trained tensors, and rows picked from them. */
import { fail, operandAt } from './shapes.js';
import { operation } from './traits.js';
import { none, nothing, one, type Origin } from './view.js';

/** A model's image `[channels, ...spatial]` or its identifier (no axes; one integer per case, -1 for none). */
export interface InputAttributes {
  readonly input: 'image' | 'identifier';
}

const input = operation<InputAttributes>({
  operands: [0, 0],
  shape: () => fail('the shape of an input is declared, not inferred'),
  view: ({ shape }) => {
    const spatial = shape.slice(1).map(({ name }) => [name, { size: one, jump: one }] as const);
    const origins = shape.map(({ name }, index): Origin => (index === 0 ? none : { kind: 'whole', axes: [name] }));
    return { fields: new Map(spatial), origins, global: false };
  },
  figure: () => 'other',
  label: ({ attributes }) => attributes.input,
});

/** A trainable tensor without a batch; the weight `value` is under the op's own id. */
export type ParamAttributes = Record<never, never>;

const param = operation<ParamAttributes>({
  operands: [0, 0],
  shape: () => fail('the shape of a param is declared, not inferred'),
  view: ({ shape }) => ({ ...nothing, origins: shape.map(() => none) }),
  figure: () => 'other',
  label: () => 'trained tensor',
});

/**
 * A row of a table: operands are the table (a `param` `[count, ...]`), the identifier, and optionally the value for a
 * case without an identifier. Output: the table's other axes, per case.
 */
export interface PickAttributes {
  readonly count: number;
}

const pick = operation<PickAttributes, 'pick'>({
  operands: [2, 3],
  shape: (_, operands) => operandAt(operands, 0).slice(1),
  view: ({ shape }) => ({ ...nothing, origins: shape.map(() => none) }),
  figure: () => 'other',
  label: () => 'row of a table',
  functions: {
    pick: {
      doc: 'Row of a param `[id.count, ...]` for the identifier of each case; `absent` for cases without one.',
      positional: ['table', 'identifier'],
      optional: ['absent'],
    },
  },
});

export const sources = { input, param, pick };
