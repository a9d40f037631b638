import { describe, expect, it } from 'vitest';
import type { Attributes, OpKind, Shape } from '../../../compiler/ir/ir.js';
import { asFraction } from '../../../compiler/shape/fraction.js';
import { inferShape, weightShapes } from '../../../compiler/ir/ops/operations.js';
import { constant, evaluate, formatSize, symbol } from '../../../compiler/shape/size.js';

function shape(text: string): Shape {
  return text === ''
    ? []
    : text.split(' ').map((axis) => {
        const [name = '', size = name] = axis.split('=');
        return { name, size: /^\d+$/.test(size) ? constant(Number(size)) : symbol(size) };
      });
}

function infer<K extends OpKind>(kind: K, attributes: Attributes[K], ...operands: readonly string[]): string {
  const result = inferShape(
    kind,
    attributes,
    operands.map((text) => ({ shape: shape(text), batched: true })),
  );
  return result.map(({ name, size }) => `${name}=${formatSize(size)}`).join(' ');
}

const square = [1, 1];
const none = [
  [0, 0],
  [0, 0],
] as const;
const conv = { out: 8, kernel: [3, 3], stride: square, dilation: square, pad: none, groups: 1, bias: false };
const pool = { kernel: [2, 2], stride: [2, 2], pad: none };

describe('inferShape', () => {
  it('of windows: floor((n + before + after - dilation * (k - 1) - 1) / stride) + 1', () => {
    expect(infer('conv', conv, 'C=4 D H')).toBe('C=8 D=D - 2 H=H - 2');
    expect(
      infer(
        'conv',
        {
          ...conv,
          pad: [
            [1, 1],
            [1, 1],
          ],
        },
        'C=4 D H',
      ),
    ).toBe('C=8 D=D H=H');
    expect(
      infer(
        'conv',
        {
          ...conv,
          pad: [
            [1, 1],
            [1, 1],
          ],
          stride: [2, 1],
        },
        'C=4 D H',
      ),
    ).toBe('C=8 D=ceil(D / 2) H=H');
    expect(infer('conv', { ...conv, dilation: [2, 3] }, 'C=4 D H')).toBe('C=8 D=D - 4 H=H - 6');
    expect(
      infer(
        'depthwise_conv',
        {
          ...conv,
          pad: [
            [1, 0],
            [0, 0],
          ],
        },
        'C=4 D H',
      ),
    ).toBe('C=4 D=D - 1 H=H - 2');
    expect(infer('max_pool', pool, 'C=4 D H')).toBe('C=4 D=floor(D / 2) H=floor(H / 2)');
    expect(
      infer(
        'avg_pool',
        {
          ...pool,
          kernel: [3, 2],
          pad: [
            [1, 1],
            [0, 0],
          ],
        },
        'C=4 D=7 H',
      ),
    ).toBe('C=4 D=4 H=floor(H / 2)');
  });

  it.each([1, 2, 3, 4])('of windows agrees with counting positions, stride %i', (stride) => {
    for (let size = 6; size < 20; size++) {
      for (const [kernel, dilation, before, after] of [
        [1, 1, 0, 0],
        [2, 1, 0, 1],
        [3, 2, 1, 0],
        [4, 1, 2, 2],
      ] as const) {
        let positions = 0;
        for (let at = -before; at + dilation * (kernel - 1) < size + after; at += stride) positions++;
        const attributes = {
          ...conv,
          kernel: [kernel],
          stride: [stride],
          dilation: [dilation],
          pad: [[before, after]] as const,
        };
        const [, axis] = inferShape('conv', attributes, [{ shape: shape('C=4 D'), batched: true }]);
        expect(evaluate(axis?.size ?? constant(0), new Map([['D', size]]))).toBe(positions);
      }
    }
  });

  it('of a transposed conv is the inverse of the strided one', () => {
    const up = {
      out: 4,
      kernel: [2, 3],
      stride: [2, 2],
      pad: [
        [0, 0],
        [1, 1],
      ] as const,
      outputPad: [1, 0],
      groups: 2,
      bias: true,
    };
    expect(infer('transposed_conv', up, 'C=8 D H')).toBe('C=4 D=2 * D + 1 H=2 * H - 1');
  });

  it('of resampling', () => {
    expect(infer('resize', { mode: 'linear', scale: [2, 0.5], alignCorners: false }, 'C=8 D H')).toBe(
      'C=8 D=2 * D H=floor(H / 2)',
    );
    expect(infer('resize', { mode: 'linear', scale: [1 / 3, 1.5], alignCorners: false }, 'C=8 D H')).toBe(
      'C=8 D=floor(D / 3) H=floor((3 * H) / 2)',
    );
    expect(infer('resize', { mode: 'nearest', scale: undefined, alignCorners: false }, 'C=8 X Y', 'K=2 D H')).toBe(
      'C=8 X=D Y=H',
    );
    expect(
      infer(
        'pad',
        {
          amounts: [
            [1, 2],
            [0, 0],
          ],
          channels: 10,
          mode: 'zeros',
          value: 0,
        },
        'C=8 D H',
      ),
    ).toBe('C=10 D=D + 3 H=H');
    expect(
      infer(
        'crop',
        {
          amounts: [
            [1, 2],
            [0, 0],
          ],
        },
        'C=8 D H',
      ),
    ).toBe('C=8 D=D - 3 H=H');
    expect(infer('crop', { amounts: undefined }, 'C=8 X Y', 'K=2 D H')).toBe('C=8 X=D Y=H');
  });

  it('of joining by name', () => {
    expect(infer('binary', { operator: '+' }, 'C=8 D', 'N D C=8')).toBe('N=N D=D C=8');
    expect(infer('binary', { operator: '*' }, 'C=8 D', 'D C=8')).toBe('C=8 D=D');
    expect(infer('binary', { operator: '*' }, 'C=1 D', 'C=8')).toBe('C=8 D=D');
    expect(infer('binary', { operator: '*' }, 'C=8 D', '')).toBe('C=8 D=D');
    expect(infer('concat', {}, 'C=8 D', 'K=4 D', 'C=1 D')).toBe('C=13 D=D');
    expect(infer('einsum', { into: ['D', 'E'] }, 'C=8 D', 'C=8 E')).toBe('D=D E=E');
  });

  it('of axes', () => {
    expect(infer('merge', { axes: ['D', 'H'], into: 'N' }, 'C=8 H D')).toBe('C=8 N=D * H');
    expect(infer('merge', { axes: ['H', 'C'], into: 'N' }, 'C=8 D H=3')).toBe('N=24 D=D');
    expect(infer('split', { axis: 'C', into: shape('H=4 E=2') }, 'C=8 D')).toBe('H=4 E=2 D=D');
    expect(infer('transpose', { order: ['D', 'C'] }, 'C=8 D')).toBe('D=D C=8');
    expect(infer('reduce', { function: 'mean', over: ['D', 'H'] }, 'C=8 D H')).toBe('C=8');
    expect(infer('softmax', { over: ['D'] }, 'C=8 D H')).toBe('C=8 D=D H=H');
    expect(infer('roll', { shifts: [{ axis: 'D', by: 1 }] }, 'C=8 D H')).toBe('C=8 D=D H=H');
    expect(infer('pick', { count: 8 }, 'N=8 C=24', '')).toBe('C=24');
    expect(infer('linear', { out: 5, bias: true }, 'C=8 D H')).toBe('C=5 D=D H=H');
    expect(infer('unary', { function: 'gelu' }, 'C=8 D H')).toBe('C=8 D=D H=H');
  });

  it('throws for what lowering must not ask', () => {
    expect(() => infer('param', {})).toThrow(/declared/);
    expect(() => infer('binary', { operator: '+' }, 'C=8 D', 'C=8 E')).toThrow(/no axis E/);
    expect(() => infer('einsum', { into: ['X'] }, 'C=8 D', 'C=8 E')).toThrow(/no axis X/);
    expect(() => infer('conv', { ...conv, kernel: [3] }, 'C=8 D H')).toThrow(/no entry/);
    expect(() => infer('binary', { operator: '+' }, 'C=8 D')).toThrow(/operand 1 is missing/);
  });
});

describe('weightShapes', () => {
  const operands = [{ shape: shape('C=6 D H'), batched: true }];
  it('follows the order of PyTorch', () => {
    expect(weightShapes('conv', { ...conv, groups: 3, out: 9, bias: true }, operands)).toEqual([
      { name: 'weight', shape: [9, 2, 3, 3] },
      { name: 'bias', shape: [9] },
    ]);
    expect(weightShapes('depthwise_conv', conv, operands)).toEqual([{ name: 'weight', shape: [6, 1, 3, 3] }]);
    expect(
      weightShapes('transposed_conv', { ...conv, out: 9, kernel: [2, 3], outputPad: [0, 0], groups: 3 }, operands),
    ).toEqual([{ name: 'weight', shape: [6, 3, 2, 3] }]);
    expect(weightShapes('linear', { out: 9, bias: true }, operands)).toEqual([
      { name: 'weight', shape: [9, 6] },
      { name: 'bias', shape: [9] },
    ]);
    expect(weightShapes('group_norm', { groups: 2, epsilon: 1e-5, affine: true }, operands)).toEqual([
      { name: 'weight', shape: [6] },
      { name: 'bias', shape: [6] },
    ]);
    expect(weightShapes('prelu', { shared: false }, operands)).toEqual([{ name: 'slope', shape: [6] }]);
    expect(weightShapes('prelu', { shared: true }, operands)).toEqual([{ name: 'slope', shape: [1] }]);
  });

  it('is empty for what has none', () => {
    expect(weightShapes('group_norm', { groups: 2, epsilon: 1e-5, affine: false }, operands)).toEqual([]);
    expect(weightShapes('unary', { function: 'relu' }, operands)).toEqual([]);
  });

  it('needs a known number of channels', () => {
    expect(() => weightShapes('linear', { out: 9, bias: true }, [{ shape: shape('N C=3'), batched: true }])).toThrow(
      /not known/,
    );
  });
});

describe('asFraction', () => {
  it.each([
    [2, 2, 1],
    [0.5, 1, 2],
    [1.5, 3, 2],
    [1 / 3, 1, 3],
    [0.1, 1, 10],
    [2.2, 11, 5],
    [7 / 13, 7, 13],
  ])('of %f is %i / %i', (value, over, under) => {
    expect(asFraction(value)).toEqual({ over, under });
  });
});
