import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import type { RuntimeLayer } from '../../../runtime/layers/base.js';
import type { Named } from '../../../runtime/layers/configs.js';
import { setWeights, variablesOf } from '../../../runtime/layers/weights.js';
import { fromPhysical, toPhysical, toPhysicalOrder } from '../../../runtime/ops/layout.js';
import { expectClose, onEveryBackend } from '../ops/support.js';
import * as layers from './classes.js';

interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}

/** As `torch_layers.py` writes it. */
interface Recorded {
  readonly name: string;
  readonly layer: 'TransposedConv' | 'Resize' | 'Pad' | 'Crop' | 'Take' | 'Prelu';
  readonly config: object;
  readonly inputs: readonly Numbers[];
  readonly weights: Readonly<Record<string, Numbers>>;
  readonly output: Numbers;
  readonly upstream: Numbers;
  readonly gradients: readonly Numbers[];
  readonly weightGradients: Readonly<Record<string, Numbers>>;
}

const recorded = JSON.parse(readFileSync(new URL('torch-layers.json', import.meta.url), 'utf8')) as Recorded[];

const tensorOf = ({ shape, values }: Numbers): tf.Tensor => tf.tensor(values, shape, 'float32');

function modelOf({ layer, config, inputs }: Recorded): tf.LayersModel {
  const symbolic = inputs.map(({ shape }, i) =>
    tf.input({ name: `input${i}`, batchShape: toPhysicalOrder([null, ...shape.slice(1)]) }),
  );
  const Layer = layers[layer] as unknown as new (config: Named) => RuntimeLayer<Named>;
  return tf.model({ inputs: symbolic, outputs: new Layer({ ...config, name: 'l' }).on(...symbolic) });
}

onEveryBackend('layers against PyTorch', () => {
  it.each(recorded.map((each) => [each.name, each] as const))('%s', async (_, given) => {
    const model = modelOf(given);
    const weights = Object.entries(given.weights);
    setWeights(model, new Map(weights.map(([name, { values }]) => [`l.${name}`, Float32Array.from(values)])));
    const inputs = given.inputs.map(tensorOf);
    const run = (...operands: tf.Tensor[]): tf.Tensor => {
      const fed = operands.map(toPhysical);
      return fromPhysical(model.apply(fed.length === 1 ? fed[0]! : fed) as tf.Tensor);
    };
    const output = run(...inputs);
    await expectClose(output, tensorOf(given.output));
    const upstream = tensorOf(given.upstream);
    const [x, ...others] = inputs;
    const gradient = tf.grad((each) => tf.sum(tf.mul(run(each, ...others), upstream)))(x!);
    await expectClose(gradient, tensorOf(given.gradients[0]!));
    const variables = variablesOf(model);
    expect([...variables.keys()].sort()).toEqual(weights.map(([name]) => `l.${name}`).sort());
    for (const [name, expected] of Object.entries(given.weightGradients)) {
      const variable = variables.get(`l.${name}`)!;
      const { grads } = tf.variableGrads(() => tf.sum(tf.mul(run(...inputs), upstream)), [variable]);
      await expectClose(grads[variable.name]!, tensorOf(expected), 1e-4);
    }
  });
});
