import {
  unaryFunctions,
  type BinaryOperator,
  type ScalarOperator,
  type UnaryFunction,
} from '../../../contract/functions.js';
import { binary, withScalar } from '../../ops/binary.js';
import { dropout, noise, setRandomness, spatialDropout } from '../../ops/dropout.js';
import { prelu } from '../../ops/prelu.js';
import { unary } from '../../ops/unary.js';
import { awayFromZero, image, plain, positive, type OpCase, type Operand } from '../op-case.js';

const x = image(2, 3, 2, 4, 3);

/** Functions of positive numbers; all others are tested on both sides of 0, where they may have a kink. */
const ofPositive: readonly UnaryFunction[] = ['log', 'sqrt'];

const axes = ['C', 'D', 'H', 'W'] as const;

const between = (operator: BinaryOperator, about: string, right: Operand, names: readonly string[]): OpCase => ({
  op: operator,
  about,
  operands: [x, right],
  run: (a, b) => binary(operator, a, b, [axes, names]),
});

const withNumber = (operator: ScalarOperator, value: number, reversed: boolean): OpCase => ({
  op: operator,
  about: reversed ? `of ${value} and a tensor` : `of a tensor and ${value}`,
  operands: [positive(x)],
  run: (a) => withScalar(operator, a, value, reversed),
});

/** The same masks in every call. */
function withMasks<T>(run: () => T): T {
  setRandomness({ seed: 1, step: 0 });
  return run();
}

export const elementwise: readonly OpCase[] = [
  ...unaryFunctions.map((name): OpCase => ({
    op: name,
    operands: [ofPositive.includes(name) ? positive(x) : awayFromZero(x)],
    run: (a) => unary(a, name),
  })),
  {
    op: 'prelu',
    operands: [awayFromZero(x), plain(3)],
    run: (a, slope) => prelu(a, slope),
  },
  between('+', 'same shape', x, axes),
  between('+', 'by channel', image(2, 3), ['C']),
  between('-', 'same shape', x, axes),
  between('*', 'same shape', x, axes),
  between('*', 'gate of channels', image(2, 3), ['C']),
  between('*', 'mask of one channel', image(2, 1, 2, 4, 3), axes),
  between('/', 'same shape', positive(x), axes),
  between('min', 'by channel', image(2, 3), ['C']),
  between('max', 'by channel', image(2, 3), ['C']),
  withNumber('+', 2.5, false),
  withNumber('-', 2.5, true),
  withNumber('*', -3, false),
  withNumber('/', 4, true),
  withNumber('min', 0.9, false),
  withNumber('max', 0.9, false),
  withNumber('power', 1.7, false),
  withNumber('power', 2, true),
  { op: 'dropout', operands: [x], run: (a) => withMasks(() => dropout(a, 0.25, 'verify')) },
  { op: 'noise', operands: [x], run: (a) => a.mul(withMasks(() => noise(a, 'verify'))) },
  { op: 'spatial_dropout', operands: [x], run: (a) => withMasks(() => spatialDropout(a, 0.25, 'verify')) },
];
