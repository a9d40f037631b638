import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as unet from '../../../runtime/index.js';
import { expectClose, normals, onEveryBackend } from '../ops/support.js';

const description: unet.ModelDescription = {
  name: 'Tiny',
  inputs: [
    {
      kind: 'image',
      name: 'scan',
      channels: ['FLAIR', 'T1w'],
      axes: [{ name: 'D' }, { name: 'H' }, { name: 'W', size: 4 }],
    },
    { kind: 'identifier', name: 'site', count: 3 },
  ],
  outputs: [{ name: 'mask', kind: 'classes', labels: [], auxiliary: 0 }],
  initial: { conv: { kind: 'normal', deviation: 0.2 } },
  legal: [],
};

/** As generated code does it: a shared layer used twice, a table row by identifier, a scalar, dropout. */
function build(options: unet.BuildOptions = {}, useSite = true): tf.LayersModel {
  const scan = unet.imageInput(description, 'scan');
  const site = unet.identifierInput(description, 'site');
  const stem = unet.conv('stem.conv', { out: 4, kernel: 3, pad: 1 }).on(scan);
  const both = unet.shared((at, x) =>
    unet.conv(at, { out: 4, kernel: 1, initial: { kind: 'uniform', bound: 0.5 } }).on(x),
  );
  const twice = both('both2', unet.gelu('act').on(both('both', stem)));
  const table = unet.param('gamma', { shape: [3, 4], initial: { kind: 'truncated_normal', deviation: 1 } });
  const plain = unet.param('plain', { shape: [4], initial: 1.5, trainable: false });
  const gamma = unet.pick('pick').on(table, site, plain);
  const gated = unet.multiply('gate', ['C D H W', 'C']).on(twice, useSite ? gamma : plain);
  const alpha = unet.param('alpha', { shape: [], initial: 0.5 });
  const scaled = unet.multiply('scale', ['', 'C D H W']).on(alpha, gated);
  const out = unet.spatialDropout('drop', { rate: 0.5 }).on(scaled);
  return unet.finish({ inputs: [scan, site], outputs: [out], description, seed: options.seed });
}

function run(model: tf.LayersModel, scan: tf.Tensor, site: readonly number[], training = false): tf.Tensor {
  const inputs = unet.feed(description, { scan, site });
  return unet.fromPhysical(model.apply(inputs, { training }) as tf.Tensor);
}

async function reloaded(model: tf.LayersModel): Promise<tf.LayersModel> {
  const saved: tf.io.ModelArtifacts[] = [];
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved.push({ ...artifacts, modelTopology: JSON.parse(JSON.stringify(artifacts.modelTopology)) as object });
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
    }),
  );
  return tf.loadLayersModel(tf.io.fromMemory(saved[0]!));
}

onEveryBackend('a generated model', () => {
  let scan: tf.Tensor;
  beforeAll(() => {
    scan = normals([2, 2, 3, 5, 4], 'scan');
  });

  it('has the weights it was described with, from seed and id alone', async () => {
    const model = build({ seed: 5 });
    const described = unet.describeWeights(model, description);
    expect(described.map(({ id }) => id)).toEqual(['stem.conv.weight', 'both.weight', 'gamma', 'plain', 'alpha']);
    expect(described.map(({ usedWhen }) => usedWhen?.given)).toEqual([undefined, undefined, true, false, undefined]);
    const first = await unet.getWeights(model);
    expect(await unet.getWeights(build({ seed: 5 }))).toEqual(first);
    expect((await unet.getWeights(build({ seed: 6 }))).get('gamma')).not.toEqual(first.get('gamma'));
    expect((await unet.getWeights(build({ seed: 5 }, false))).get('both.weight')).toEqual(first.get('both.weight'));
    expect([...first.get('plain')!]).toEqual([1.5, 1.5, 1.5, 1.5]);
    expect(Math.max(...first.get('both.weight')!.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(Math.max(...first.get('gamma')!.map(Math.abs))).toBeLessThanOrEqual(2);
    expect(model.countParams()).toBe(4 * 2 * 27 + 16 + 12 + 4 + 1);
    expect(model.trainableWeights.length).toBe(4);
  });

  it('computes what its layers say, each case by its own identifier', async () => {
    const model = build({ seed: 5 });
    const both = run(model, scan, [2, -1]);
    expect(both.shape).toEqual([2, 4, 3, 5, 4]);
    const single = tf.slice(scan, [1, 0, 0, 0, 0], [1, -1, -1, -1, -1]);
    await expectClose(tf.slice(both, [1, 0, 0, 0, 0], [1, -1, -1, -1, -1]), run(model, single, [-1]), 1e-6);
    const weights = await unet.getWeights(model);
    unet.setWeights(model, new Map([['alpha', Float32Array.of(1)]]));
    await expectClose(run(model, scan, [2, -1]), tf.mul(both, 2), 1e-6);
    unet.setWeights(model, weights);
  });

  it('answers tfjs’s own `predict` as it answers `apply`', async () => {
    const model = build({ seed: 5 });
    const inputs = unet.feed(description, { scan, site: [0, -1] });
    await expectClose(unet.fromPhysical(model.predict(inputs) as tf.Tensor), run(model, scan, [0, -1]), 1e-6);
  });

  it('is the same after saving and loading, also with an input it does not use', async () => {
    const model = build({ seed: 5 });
    await expectClose(run(await reloaded(model), scan, [0, 1]), run(model, scan, [0, 1]), 1e-6);
    const without = build({ seed: 5 }, false);
    expect(without.inputNames).toEqual(['scan', 'site']);
    await expectClose(run(await reloaded(without), scan, [0, 1]), run(without, scan, [2, -1]), 1e-6);
    const lines: string[] = [];
    model.summary(undefined, undefined, (line: string) => lines.push(line));
    expect(lines.join('\n')).toContain('stem.conv (UnetConv)');
  });

  it('gives every trainable weight a gradient, also those no case uses', () => {
    const model = build({ seed: 5 });
    const variables = [...unet.variablesOf(model)].filter(([id]) => id !== 'plain');
    const loss = (): tf.Scalar => tf.mean(tf.square(run(model, scan, [-1, -1], true)));
    unet.setRandomness({ seed: 1, step: 0 });
    const { grads } = tf.variableGrads(
      loss,
      variables.map(([, variable]) => variable),
    );
    for (const [id, variable] of variables) {
      const largest = Math.max(...grads[variable.name]!.dataSync().map(Math.abs));
      if (id === 'gamma') expect(largest, id).toBe(0);
      else expect(largest, id).toBeGreaterThan(1e-6);
    }
  });

  it('frees what it makes', () => {
    const model = build({ seed: 5 });
    tf.tidy(() => run(model, scan, [0, 1]));
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const variables = [...unet.variablesOf(model).values()].filter(({ trainable }) => trainable);
      tf.variableGrads(() => tf.mean(run(model, scan, [0, 1], true)), variables);
    });
    const inputs = unet.feed(description, { scan, site: [0, 1] });
    const output = model.apply(inputs) as tf.Tensor;
    const logical = unet.fromPhysical(output);
    tf.dispose([inputs, output, logical]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('drops the same channels for a seed and a step, and others for another', async () => {
    const model = build({ seed: 5 });
    const dropped = (seed: number, step: number): string => {
      unet.setRandomness({ seed, step });
      const channels = tf.max(tf.abs(run(model, scan, [0, 1], true)), [2, 3, 4]).dataSync();
      return channels.map((each) => (each === 0 ? 0 : 1)).join('');
    };
    expect(dropped(3, 7)).toBe(dropped(3, 7));
    const patterns = new Set(Array.from({ length: 8 }, (_, step) => dropped(3, step)));
    expect(patterns.size).toBeGreaterThan(3);
    unet.setRandomness({ seed: 0, step: 0 });
    await expectClose(tf.mul(keptOf(model, scan), 0.5), maskedBy(model, scan), 1e-6);
  });
});

/** What training lets through at step 0, and the same entries without dropout. */
function keptOf(model: tf.LayersModel, scan: tf.Tensor): tf.Tensor {
  unet.setRandomness({ seed: 0, step: 0 });
  return run(model, scan, [0, 1], true);
}

function maskedBy(model: tf.LayersModel, scan: tf.Tensor): tf.Tensor {
  return tf.mul(run(model, scan, [0, 1]), tf.cast(tf.notEqual(keptOf(model, scan), 0), 'float32'));
}

describe('what is fed and set', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it.each([
    [
      'an identifier beyond the table',
      { scan: [2, 2, 3, 5, 4], site: [0, 3] },
      'UNET5001',
      'The identifier `site` is 3; the network accepts 0 to 2.',
    ],
    ['an identifier below -1', { scan: [2, 2, 3, 5, 4], site: [0, -2] }, 'UNET5001', 'is -2'],
    ['an identifier that is no integer', { scan: [2, 2, 3, 5, 4], site: [0.5, 1] }, 'UNET5001', 'is 0.5'],
    ['too few identifiers', { scan: [2, 2, 3, 5, 4], site: [0] }, 'UNET5001', 'has 1 value for 2 cases'],
    ['no image', { site: [0] }, 'UNET5002', 'The image `scan` is missing.'],
    ['an image of other channels', { scan: [2, 3, 3, 5, 4] }, 'UNET5002', '[2, 3, 3, 5, 4]'],
    ['an image of another fixed size', { scan: [2, 2, 3, 5, 5] }, 'UNET5002', '[2, 2, 3, 5, 5]'],
    ['an image without depth', { scan: [2, 2, 5, 4] }, 'UNET5002', '[2, 2, 5, 4]'],
  ] as [string, { scan?: number[]; site?: number[] }, string, string][])(
    'names %s',
    (_, { scan, site }, code, message) => {
      const given = { ...(scan && { scan: tf.zeros(scan) }), ...(site && { site }) };
      expect(() => unet.feed(description, given)).toThrow(
        expect.objectContaining({
          code,
          message: expect.stringContaining(message) as string,
          help: expect.any(String) as string,
        }) as Error,
      );
    },
  );

  it('takes an absent identifier for none', () => {
    const [, site] = unet.feed(description, { scan: tf.zeros([2, 2, 3, 5, 4]) });
    expect([...site!.dataSync()]).toEqual([-1, -1]);
  });

  it('names a weight that does not fit', () => {
    const model = build();
    const set = (id: string, count: number) => () => unet.setWeights(model, new Map([[id, new Float32Array(count)]]));
    expect(set('gama', 12)).toThrow(expect.objectContaining({ code: 'UNET5003' }) as Error);
    expect(set('gamma', 11)).toThrow('The weight `gamma` has 11 values where the model wants 12 ([3, 4]).');
  });
});
