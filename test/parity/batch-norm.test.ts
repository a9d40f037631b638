/** Batch norm against PyTorch, as `record/batch_norm.py` recorded it: training, running statistics, prediction. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../runtime/apply/apply.js';
import { setOnnxMode } from '../../runtime/engine/onnx/settings.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { asFloat32, readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { importedProtocol } from '../../runtime/run/imported-protocol.js';
import { assignWeights, readWeights } from '../../runtime/training/checkpoint.js';
import { createOptimizer } from '../../runtime/training/optimizer.js';
import { evaluateLoss, gradients, trainStep, type StepBatch } from '../../runtime/training/step.js';
import { lowerText } from '../compiler/spec-text.js';
import { distance, largest, tooFar, type Comparison } from './compare.js';
import { buildNetwork, type OpenedNetwork } from './open-network.js';

const text = `
model Normed {
  input  scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  let x = scan -> conv(3, 3) -> batch_norm -> tanh
          -> conv(4, 3, stride: 2) -> batch_norm(affine: false, epsilon: 1e-3, momentum: 0.3) -> tanh
          -> transposed_conv(3, 2, stride: 2) -> batch_norm(frozen: true) -> tanh
  mask = x -> conv(mask.classes, 1, bias: true)
}`;

const protocol = {
  ...importedProtocol([6, 4, 4], ['D', 'H', 'W']),
  loss: [{ kind: 'cross_entropy', weight: 1, weights: null } as const],
  optimizer: { ...importedProtocol([6, 4, 4], []).optimizer, lr: 1e-2, weightDecay: 0.01, clipNorm: null },
};

let recorded: ReadonlyMap<string, HostTensor>;

/** The recorded tensors under a prefix, by what follows it. */
function under(prefix: string): Map<string, HostTensor> {
  const own = [...recorded].filter(([name]) => name.startsWith(`${prefix}/`));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}

function batchOf(step: number): StepBatch {
  const given = under(`step${step}`);
  const { shape, data } = given.get('target')!;
  const scan = given.get('scan')!;
  return {
    inputs: { scan: { shape: scan.shape, data: asFloat32(scan) } },
    identifiers: {},
    target: { shape, data: Uint8Array.from(data, Number) },
  };
}

function compared(
  found: ReadonlyMap<string, HostTensor>,
  expected: ReadonlyMap<string, HostTensor>,
  tolerance: number,
): Comparison[] {
  expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  return [...expected].map(([name, tensor]) => {
    const values = asFloat32(tensor);
    return [name, distance(asFloat32(found.get(name)!), values), tolerance * largest(values)];
  });
}

beforeAll(async () => {
  recorded = (await readSafetensors(resolve(import.meta.dirname, 'recorded/batch-norm.safetensors'))).tensors;
});

const engines = [
  ['cpu', 'compiled'],
  ['wasm', 'compiled'],
  ['onnx', 'compiled'],
  ['onnx', 'eager'],
] as const;

describe.each(engines)('batch norm on %s (%s)', (engine, mode) => {
  let opened: OpenedNetwork;

  beforeAll(async () => {
    setOnnxMode(mode);
    await selectEngine(engine);
    opened = await buildNetwork(lowerText(text));
  });

  afterAll(() => {
    setOnnxMode('compiled');
  });

  it('trains, moves its running statistics and predicts as PyTorch', async () => {
    const { network } = opened;
    assignWeights(network, under('before'), 'the recording');
    const optimizer = createOptimizer(protocol.optimizer);
    for (let step = 0; step < 3; step++) {
      const batch = batchOf(step);
      const untouched = await readWeights(network);
      const expected = under(`step${step}`);
      const loss = asFloat32(expected.get('loss')!)[0]!;
      expect((await evaluateLoss(network, batch, protocol)).loss).toBeCloseTo(loss, 5);
      const gradient = await gradients(network, batch, protocol);
      const ofParameters = [...expected].filter(([name]) => name.startsWith('gradient/'));
      const wanted = new Map(ofParameters.map(([name, tensor]) => [name.slice('gradient/'.length), tensor]));
      expect(tooFar(compared(gradient, wanted, 2e-5))).toEqual([]);
      expect(await readWeights(network)).toEqual(untouched);

      const result = await trainStep(network, optimizer, batch, protocol, protocol.optimizer.lr);
      expect(result.loss).toBeCloseTo(loss, 5);
      expect(tooFar(compared(await readWeights(network), under(`step${step}/after`), 1e-4))).toEqual([]);
    }
    optimizer.dispose();
    const { tensors } = await apply(network, protocol, new Map([['scan', recorded.get('prediction/scan')!]]));
    const logits = new Map([['logits', tensors.get('logits')!]]);
    const wanted = new Map([['logits', recorded.get('prediction/logits')!]]);
    expect(tooFar(compared(logits, wanted, 2e-4))).toEqual([]);
  });
});
