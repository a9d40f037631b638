/** A network with penalties and noise in the commands that list, import and export weights. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelDescription } from '../../contract/model-description.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { differenceOf, predict } from '../../runtime/export/compare.js';
import { runOnnx } from '../../runtime/export/run-onnx.js';
import { encodeSafetensors, readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { modelFolder } from '../../runtime/index.js';
import { trainableNetwork } from '../../runtime/network/trainable-network.js';
import { scratch, spawnEach, succeeds, unet } from './run-unet.js';
import { writeSpec } from './tiny.js';

spawnEach();

const at = (name: string): string => path.join(scratch(), name);
const spec = writeSpec(
  'penalised.unet',
  `model Penalised {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  let x = scan -> conv(2, 3)
  mask = x -> relu -> conv(mask.classes, 1, bias: true)
  let centre = x -> linear(2) as centre
  let image = centre + noise(centre) -> conv(1, 1, bias: true)
  penalty reconstruction = 0.3 * (scan - image) ^ 2
}
`,
);
const values = (shape: number[], start: number): HostTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) =>
    Math.sin(start + i),
  ),
});
const weights = new Map<string, HostTensor>([
  ['x.conv.weight', values([2, 1, 3, 3, 3], 1)],
  ['mask.conv.weight', values([2, 2, 1, 1, 1], 2)],
  ['mask.conv.bias', values([2], 3)],
  ['centre.centre.weight', values([2, 2], 4)],
  ['centre.centre.bias', values([2], 5)],
  ['image.conv.weight', values([1, 2, 1, 1, 1], 6)],
  ['image.conv.bias', values([1], 7)],
]);
const predicted = [...weights.keys()].filter((id) => !/^(centre|image)/.test(id));

beforeAll(async () => {
  await selectEngine('cpu');
  writeFileSync(at('weights.safetensors'), encodeSafetensors(weights));
  const { code, stderr } = await unet(['import', spec, '--weights', at('weights.safetensors'), '-o', at('run')]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
});

describe('the weights of a penalty', () => {
  it('are listed with all others', async () => {
    const listed = await succeeds(['report', spec, '--weights']);
    for (const id of weights.keys()) expect(listed).toContain(`${id} `);
    expect(listed).toContain(`\n${weights.size} weights`);
  });

  it('are imported, and exported as weights', async () => {
    await succeeds(['export', at('run'), '--format', 'safetensors', '-o', at('out.safetensors')]);
    const { tensors } = await readSafetensors(at('out.safetensors'));
    expect(Object.fromEntries(tensors)).toEqual(Object.fromEntries(weights));
  });

  it('are not part of exported graphs, which predict as the run does', async () => {
    await succeeds(['export', at('run'), '--format', 'tfjs', '-o', at('tfjs')]);
    await succeeds(['export', at('run'), '--format', 'onnx', '-o', at('out.onnx')]);
    const model = await tf.loadLayersModel(modelFolder(at('tfjs')));
    const { description } = model.getUserDefinedMetadata() as { description: ModelDescription };
    expect(model.weights).toHaveLength(predicted.length);
    const inputs = new Map([['scan', values([1, 1, 4, 5, 6], 8)]]);
    writeFileSync(at('in.safetensors'), encodeSafetensors(inputs));
    await succeeds(['apply', at('run'), '--inputs', at('in.safetensors'), '-o', at('applied.safetensors')]);
    const logits = (await readSafetensors(at('applied.safetensors'))).tensors.get('logits')!;
    const byTfjs = predict(trainableNetwork(model, description), inputs);
    expect(differenceOf(byTfjs.get('mask'), logits)).toBeLessThan(1e-5);
    const found = runOnnx(readFileSync(at('out.onnx')), inputs);
    expect([...found.keys()]).toEqual(['mask']);
    expect(differenceOf(found.get('mask'), logits)).toBeLessThan(1e-5);
  });
});
