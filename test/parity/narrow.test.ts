/**
 * DALight-3D at width 8, neck 16, rank 2 and Attention U-Net at width 8 against numbers that an independent PyTorch
 * implementation gave (`bench/peer/`, recorded in float64; `record/check.py` holds it against the authors'
 * release at the published width). No network or data is needed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apply } from '../../runtime/apply/apply.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { setOnnxMode } from '../../runtime/engine/onnx/settings.js';
import { importWeights } from '../../runtime/weights/import-weights.js';
import { importedProtocol } from '../../runtime/run/imported-protocol.js';
import { asFloat32, type HostTensor } from '../../runtime/files/safetensors.js';
import { assignWeights, readWeights } from '../../runtime/training/checkpoint.js';
import { distance, gradientTolerance, largest, tooFar, type Comparison } from './compare.js';
import { openNetwork, readMap, readNames, type OpenedNetwork } from './open-network.js';
import { readRecorded, type Recorded } from './recorded.js';

const networks = [
  { reference: 'dalight3d', spec: 'dalight3d.unet', knobs: { width: '8', neck: '16', join: 'ssfb(rank: 2)' } },
  { reference: 'attentionunet3d', spec: 'attention-unet3d.unet', knobs: { width: '8' } },
] as const;

const runs = networks.flatMap((each) => ['onnx', 'onnx, eager', 'wasm', 'cpu'].map((engine) => ({ ...each, engine })));

const recordings = new Map<string, Recorded>();
for (const { reference } of networks) recordings.set(reference, await readRecorded(reference));

describe.each(runs)('$reference on $engine', ({ reference, spec, knobs, engine }) => {
  const recorded = recordings.get(reference)!;
  let names: Readonly<Record<string, string>>;
  const caseNames = Object.keys(recorded.cases);
  const trained = caseNames.filter((name) => recorded.cases[name]!.trained);
  const { lr, weight_decay: weightDecay, clip_norm: clipNorm } = recorded.training;
  const imported = importedProtocol([16, 16, 16], ['D', 'H', 'W']);
  const protocol = { ...imported, optimizer: { ...imported.optimizer, lr, weightDecay, clipNorm } };
  let opened: OpenedNetwork;
  let weights: Map<string, HostTensor>;

  beforeAll(async () => {
    await selectEngine(engine.split(',')[0]!);
    setOnnxMode(engine === 'onnx, eager' ? 'eager' : 'compiled');
    opened = await openNetwork(spec, knobs);
    names = readNames(reference, opened.network);
    const target = { name: spec, weights: opened.network.weights };
    const options = { map: readMap(reference), source: 'w.safetensors' };
    weights = (await importWeights(target, recorded.weights, options)).weights;
  });

  afterAll(() => {
    setOnnxMode('compiled');
    opened.network.model.dispose();
  });

  const run = async (name: string, options: { gradients?: boolean; steps?: number } = {}) => {
    assignWeights(opened.network, weights, reference);
    return (await apply(opened.network, protocol, recorded.inputs(name), options)).tensors;
  };

  it.each(caseNames)('%s: logits', async (name) => {
    const logits = asFloat32((await run(name)).get('logits')!);
    expect(distance(logits, recorded.answer(`${name}.logits`))).toBeLessThan(1e-4);
  });

  // One case with and one without an identifier ask for every weight there is; more is too slow on this engine.
  const slow = engine === 'cpu';
  const chosen = slow ? [trained.find((name) => name === 'mixed') ?? 'main'] : trained;

  it.each(chosen)('%s: every gradient, the losses of training steps, and what they leave alone', async (name) => {
    const steps = slow ? 1 : 3;
    const result = await run(name, { gradients: true, steps });
    expect(gradientFaults(name, (id) => asFloat32(result.get(id)!))).toEqual([]);
    const losses = Array.from(recorded.answer(`${name}.losses`)).slice(0, steps + 1);
    expect(distance(asFloat32(result.get('losses')!), losses)).toBeLessThan(1e-4);
    const norms = Array.from(recorded.answer(`${name}.norms`)).slice(0, steps);
    expect(distance(asFloat32(result.get('gradient_norm')!), norms)).toBeLessThan(1e-3 * largest(norms));
    const after = await readWeights(opened.network);
    expect(untouched(opened, recorded.cases[name]!.identifiers, steps, weights, after)).toEqual([]);
  });

  /** Compares the values kept of each gradient, and the sums over all of it. */
  function gradientFaults(name: string, gradientOf: (id: string) => Float32Array): readonly string[] {
    const idOf = new Map(Object.entries(names).map(([id, source]) => [source, id]));
    const entries = recorded.answer(`${name}.gradient.entries`);
    const sums = recorded.answer(`${name}.gradient.sums`);
    const most = recorded.answer(`${name}.gradient.largest`);
    let from = 0;
    const found = [...recorded.weights].flatMap(([source, { data }], index): Comparison[] => {
      const id = idOf.get(source)!;
      const ours = recorded.summarize(name, source, gradientOf(id));
      const theirs = entries.slice(from, (from += ours.entries.length));
      const theirSums = sums.slice(4 * index, 4 * index + 4);
      const tolerance = gradientTolerance(id, most[index]!);
      // Errors of n values add up as their square root, if they are rounding.
      return [
        [id, distance(ours.entries, theirs), tolerance],
        [`sums of ${id}`, distance(ours.sums, theirSums), tolerance * Math.sqrt(data.length)],
      ];
    });
    expect(from).toBe(entries.length);
    return tooFar(found);
  }

  /** The values that no identifier of the batch asks for: decayed if another row of the table was, else as they were. */
  function untouched(
    { network }: OpenedNetwork,
    identifiers: readonly number[],
    steps: number,
    before: ReadonlyMap<string, HostTensor>,
    now: ReadonlyMap<string, HostTensor>,
  ): readonly string[] {
    const decay = (1 - lr * weightDecay) ** steps;
    const conditional = network.weights.filter(({ usedWhen }) => usedWhen !== undefined);
    const found = conditional.flatMap(({ id, shape, usedWhen }): Comparison[] => {
      const takesPart = identifiers.some((value) => value >= 0 === usedWhen!.given);
      const [old, values] = [asFloat32(before.get(id)!), asFloat32(now.get(id)!)];
      if (!takesPart) return [[id, distance(values, old), 0]];
      if (!usedWhen!.given) return [[id, distance(values, old) > 0.5 * lr ? 0 : Infinity, 0]];
      const channels = shape[1]!;
      const rows = Array.from({ length: shape[0]! }, (_, row) => row).filter((row) => !identifiers.includes(row));
      return rows.map((row) => {
        const cut = (all: Float32Array): Float32Array => all.subarray(row * channels, (row + 1) * channels);
        const decayed = cut(old).map((value) => value * decay);
        return [`row ${row} of ${id}`, distance(cut(values), decayed), 1e-6];
      });
    });
    return tooFar(found);
  }
});
