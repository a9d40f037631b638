import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';
import { slopes } from '../../runtime/engine-checks/numbers.js';
import { generate } from '../compiler/emit/tfjs/generated.js';
import { lowerText } from '../compiler/spec-text.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const softplus = (x: number): number => Math.log1p(Math.exp(x));
const relu6 = (x: number): number => Math.min(Math.max(x, 0), 6);

/** The formulas in double precision, as PyTorch's functions of these names define them. */
const formulas: Readonly<Record<string, (x: number) => number>> = {
  mish: (x) => x * Math.tanh(softplus(x)),
  relu6,
  hard_swish: (x) => (x * relu6(x + 3)) / 6,
  selu: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
};

/** Away from the kinks at -3, 0, 3 and 6, over which a finite difference must not step. */
const numbers = [-7.5, -3.4, -2.2, -1.1, -0.4, -0.1, 0.1, 0.6, 1.3, 2.5, 5.2, 8.1];

function modelOf(name: string): tf.LayersModel {
  const text = `use "lib/activations.unet"
model Alone {
  input scan: image(A, B)[D]
  output mask: classes(a, b)
  mask = scan -> ${name}
}`;
  return generate(lowerText(text)).build();
}

test.each(Object.entries(formulas))('%s computes its formula, and its gradient', async (name, formula) => {
  const model = modelOf(name);
  const x = tf.tensor3d(numbers, [1, numbers.length / 2, 2]);
  const run = (each: tf.Tensor): tf.Tensor => model.apply(each) as tf.Tensor;
  const found = Array.from(await run(x).data());
  for (const [index, each] of numbers.entries()) expect(found[index], `${name}(${each})`).toBeCloseTo(formula(each), 5);
  for (const slope of await slopes(run, [x])) expect(slope.error, JSON.stringify(slope)).toBeLessThan(2e-3);
});

test('adds no operation of its own to the network', () => {
  const kinds = lowerText(`use "lib/activations.unet"
model Alone {
  input scan: image(A, B)[D]
  output mask: classes(a, b)
  mask = scan -> mish
}`).ops.map(({ kind, attributes }) => ('function' in attributes ? attributes.function : kind));
  expect(kinds).toEqual(['input', 'softplus', 'tanh', 'binary']);
});
