import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { resultsOf, type Network } from '../../compiler/ir/ir.js';
import { verify } from '../../compiler/ir/verify.js';
import { evaluate } from '../../compiler/shape/size.js';
import * as runtime from '../../runtime/index.js';
import { generate } from '../compiler/emit/tfjs/generated.js';
import { lowerText, tinyModel } from '../compiler/spec-text.js';
import { examples } from './examples.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const batch = 2;

/** The smallest legal patch of at least four voxels along each free axis. */
function smallPatch(network: Network): ReadonlyMap<string, number> {
  const axes = network.inputs.flatMap((input) => (input.kind === 'image' ? input.axes : []));
  return new Map(
    axes.map(({ name, size }) => {
      const legal = network.legal.find(({ axis }) => axis === name);
      if (size !== undefined || legal === undefined) return [name, size ?? 0];
      const steps = legal.step === 0 ? 0 : Math.max(0, Math.ceil((4 - legal.first) / legal.step));
      return [name, legal.first + steps * legal.step];
    }),
  );
}

/** Generates, builds and runs a network on a batch of two; the shapes of its predictions, channels first. */
function run(network: Network): Map<string, readonly number[]> {
  expect(verify(network)).toEqual([]);
  const { build, description } = generate(network);
  const model = build({ seed: 1 });
  const patch = smallPatch(network);
  const given: Record<string, tf.Tensor | number[]> = {};
  for (const input of network.inputs) {
    given[input.name] =
      input.kind === 'image'
        ? tf.randomNormal([batch, input.channels.length, ...input.axes.map(({ name }) => patch.get(name) ?? 0)])
        : Array.from({ length: batch }, (_, index) => index - 1);
  }
  const made = model.apply(runtime.feed(description, given)) as tf.Tensor | tf.Tensor[];
  const results = Array.isArray(made) ? made : [made];
  for (const result of results) expect(tf.any(tf.isNaN(result)).dataSync()[0]).toBe(0);
  const shapes = new Map(model.outputNames.map((name, index) => [name, runtime.fromPhysical(results[index]!).shape]));
  model.dispose();
  return shapes;
}

/** The shapes the compiler says the predictions and penalties have. */
function inferred(network: Network): (readonly number[])[] {
  const patch = smallPatch(network);
  const ids = resultsOf(network);
  return ids.map((id) => {
    const op = network.ops.find((each) => each.id === id);
    return [batch, ...(op?.shape ?? []).map(({ size }) => evaluate(size, patch))];
  });
}

const sorted = (shapes: Iterable<readonly number[]>): string[] => [...shapes].map((shape) => shape.join(' x ')).sort();

describe('every model of the language reference runs as it is inferred', () => {
  const models = examples.filter(({ code, text }) => code === undefined && text.includes('model '));
  it.each(models)('the example at line $line', { timeout: 120_000 }, ({ text }) => {
    const network = lowerText(text);
    expect(sorted(run(network).values())).toEqual(sorted(inferred(network)));
  });
});

describe('what params and the batch have to do with each other', () => {
  const block = (params: string, result: string): string =>
    tinyModel(
      'mask = scan -> conv(4, 3) -> odd -> conv(2, 1)',
      `block odd {\n  x: [C, ...S]\n  ${params}\n  ${result}\n}`,
    );
  it.each([
    ['a param through a layer', block('param t: [C, K = 3] = normal(1)', 'x + mean(t -> linear(C), over: K)')],
    [
      'a param joined with a tensor',
      block('param t: [C, ...S] = normal(1)', 'concat(x, t)').replace('[D, H, W]', '[D = 4, H = 4, W = 4]'),
    ],
    ['two params', block('param t: [C, K = 3] = normal(1)\n  param u: [K = 3] = ones', 'x * einsum(t, u, into: [C])')],
    ['a scalar', block('param s: scalar = 0.5', 's * x + (1 - s) * relu(x)')],
    [
      'a param and a tensor in an einsum',
      block('param t: [C, R = 5] = normal(1)', 'einsum(t, einsum(t, x, into: [R, ...S]), into: [C, ...S])'),
    ],
    ['a softmax of a param', block('param t: [C] = normal(1)', 'x * softmax(t, over: C)')],
    ['a norm of a param', block('param t: [C, K = 6] = normal(1)', 'x * mean(t -> layer_norm -> relu, over: K)')],
    [
      'a param split and merged',
      block(
        'param t: [C, K = 6] = normal(1)',
        'x * mean(merge(split(t, K, into: [A = 2, B]), [B, A], into: K), over: K)',
      ),
    ],
  ])('%s', (_, text) => {
    const network = lowerText(text);
    expect(sorted(run(network).values())).toEqual(sorted(inferred(network)));
  });
});

describe('other ranks', () => {
  it.each([
    ['one axis', '[L]'],
    ['two axes', '[H, W]'],
  ])('%s', (_, axes) => {
    const chain =
      'conv(4, 3) -> group_norm(2) -> depthwise_conv(3) -> max_pool(2) -> transposed_conv(4, 2, stride: 2) -> avg_pool(3, stride: 1, pad: 1) -> instance_norm -> spatial_dropout(0.2) -> resize(nearest, scale: 2) -> crop(1) -> pad(1) -> conv(2, 2, stride: 2)';
    const network = lowerText(tinyModel(`mask = scan -> ${chain}`).replace('[D, H, W]', axes));
    expect(sorted(run(network).values())).toEqual(sorted(inferred(network)));
  });
});
