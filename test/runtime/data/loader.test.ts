import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPool } from '../../../runtime/data/batch-workers.js';
import { findCase, openDataset } from '../../../runtime/data/dataset.js';
import { loadCase } from '../../../runtime/data/load-case.js';
import { casesOfStep, createLoader } from '../../../runtime/data/loader.js';
import { matchInputs } from '../../../runtime/data/match.js';
import type { Batch, LoaderOptions } from '../../../runtime/data/types.js';
import {
  type Shape,
  CLASSES,
  describeModel,
  imageOf,
  intensity,
  labelOf,
  put,
  storedGrid,
  temporaryFolder,
  tinySet,
  userErrorOf,
} from './make.js';

const root = temporaryFolder();
let count = 0;
const shape: Shape = [6, 8, 10];
const plain: LoaderOptions['protocol'] = {
  patch: { kind: 'random', size: [4, 4, 4], foreground: { draws: 5, above: 3 } },
  ...storedGrid,
  normalize: { kind: 'none' },
  augment: [],
  batch: 2,
  identify: [{ input: 'site', source: { kind: 'column', name: 'site' } }],
};
const augment: LoaderOptions['protocol']['augment'] = [
  { kind: 'flip', axes: ['D', 'H', 'W'], chance: 0.5 },
  { kind: 'scale', from: 0.9, to: 1.1, chance: 1 },
  { kind: 'noise', from: 0.05, to: 0.05, chance: 1 },
];
const full = { ...plain, normalize: { kind: 'zscore', over: 'nonzero' }, augment } as const;

const nnunet = {
  ...full,
  patch: { ...plain.patch, foreground: { share: 0.33 } },
  augment: [{ kind: 'nnunet' }, { kind: 'elastic', from: 0, to: 1, spacing: 4, axes: null, chance: 0.5 }],
} as const;
const slices = describeModel({
  inputs: [{ kind: 'image', name: 'scan', channels: ['FLAIR'], axes: [{ name: 'H' }, { name: 'W' }] }],
});

async function options(change: Partial<LoaderOptions> = {}, cases = 5): Promise<LoaderOptions> {
  const table = 'case,site\nCASE_00,b\nCASE_01,a\nCASE_02,\nCASE_03,b\nCASE_04,a\n';
  const dataset = await openDataset(tinySet(join(root, `set${count++}`), { cases, shape, table }));
  const description = change.description ?? describeModel();
  return {
    dataset,
    description,
    matching: matchInputs(dataset, description),
    protocol: full,
    seed: 7,
    cases: dataset.cases.map(({ id }) => id),
    cacheDirectory: join(root, `cache${count}`),
    workers: 0,
    ...change,
  };
}

async function batches(settings: LoaderOptions, steps: readonly number[]): Promise<Batch[]> {
  const loader = await createLoader(settings);
  try {
    const out: Batch[] = [];
    for (const step of steps) out.push(await loader.batch(step));
    return out;
  } finally {
    await loader.close();
  }
}

describe('createLoader', () => {
  it('cuts image and label from one place, channels and identifiers of the right case', async () => {
    const all = await batches(await options({ protocol: plain }), [0, 1, 2, 3, 4, 5]);
    for (const batch of all) {
      const image = batch.inputs['scan'];
      expect(image?.shape).toEqual([batch.cases.length, 4, 4, 4, 4]);
      expect(batch.target.shape).toEqual([batch.cases.length, 4, 4, 4]);
      batch.cases.forEach((id, n) => {
        const k = Number(id.slice(-2));
        expect(batch.identifiers['site']?.[n]).toBe([1, 0, -1, 1, 0][k]);
        const own: Shape = [shape[0], shape[1], shape[2] + k];
        const labels = labelOf(own);
        const voxels = image?.data.subarray(n * 256, n * 256 + 256) ?? [];
        const target = batch.target.data.subarray(n * 64, n * 64 + 64);
        const holds = (z: number, y: number, x: number): boolean =>
          [0, 1, 2, 3].every((c) => voxels[c * 64 + 63] === intensity(k, c, z + 3, y + 3, x + 3)) &&
          target.every((value, i) => {
            const at = ((z + (i >> 4)) * own[1] + y + ((i >> 2) & 3)) * own[2] + x + (i & 3);
            return labels[at] === value;
          }) &&
          [...voxels].every((value, i) => {
            return value === intensity(k, i >> 6, z + ((i >> 4) & 3), y + ((i >> 2) & 3), x + (i & 3));
          });
        let found = 0;
        for (let z = 0; z <= 2; z++)
          for (let y = 0; y <= 4; y++) for (let x = 0; x <= own[2] - 4; x++) if (holds(z, y, x)) found++;
        expect(found).toBe(1);
      });
    }
  });

  it.each(['prepared', 'decoded'])('pads %s cases that are smaller than the patch', async (kind) => {
    const settings = await options({
      protocol: { ...plain, normalize: { kind: 'zscore', over: 'all' }, patch: { ...plain.patch, size: [8, 8, 16] } },
      ...(kind === 'decoded' ? { cacheDirectory: null } : {}),
    });
    const [batch] = await batches(settings, [0]);
    const id = batch!.cases[0]!;
    const { inputs, label } = await loadCase(settings.dataset, id, settings.matching, settings.protocol);
    const [, , , width = 0] = inputs['scan']!.shape;
    for (let i = 0; i < 8 * 8 * 16; i++) {
      const [z, y, x] = [i >> 7, (i >> 4) & 7, i & 15];
      const inside = z < 6 && x < width;
      const at = (z * 8 + y) * width + x;
      // Voxels outside the volume are 0 after normalisation; those of 0 inside it are not.
      expect(batch!.inputs['scan']!.data[i]).toBe(inside ? inputs['scan']!.data[at] : 0);
      expect(batch!.target.data[i]).toBe(inside ? label!.data[at] : 0);
    }
    expect(inputs['scan']!.data[0]).toBeLessThan(-0.5);
  });

  it('goes through each case once an epoch, in another order each time', async () => {
    const settings = await options();
    const loader = await createLoader(settings);
    expect(loader.batchesPerEpoch).toBe(3);
    await loader.close();
    const epochs = [0, 1, 2, 3].map((epoch) =>
      [0, 1, 2].flatMap((step) => casesOfStep([...settings.cases], 2, 7, epoch * 3 + step)),
    );
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([...settings.cases].sort());
    expect(new Set(epochs.map((epoch) => epoch.join())).size).toBeGreaterThan(2);
    const [last] = await batches(settings, [2]);
    expect(last?.cases).toHaveLength(1);
  });

  it('continues exactly: from step k on the batches are those of an uninterrupted loader', async () => {
    const settings = await options();
    const whole = await batches(settings, [0, 1, 2, 3, 4, 5, 6, 7]);
    expect(await batches(settings, [5, 6, 7])).toEqual(whole.slice(5));
    expect(await batches(settings, [7, 2, 6])).toEqual([whole[7], whole[2], whole[6]]);
    expect(whole[0]?.inputs['scan']?.data).not.toEqual(whole[3]?.inputs['scan']?.data);
  });

  it('gives another seed other batches, and another network of the same inputs the same', async () => {
    const settings = await options();
    const [one] = await batches(settings, [4]);
    const [other] = await batches({ ...settings, seed: 8 }, [4]);
    expect(other?.inputs).not.toEqual(one?.inputs);
    const rival = describeModel({ name: 'Rival', inputs: describeModel().inputs.slice(0, 1) });
    const [same] = await batches({ ...settings, description: rival, protocol: { ...full, identify: [] } }, [4]);
    expect([same?.cases, same?.inputs, same?.target]).toEqual([one?.cases, one?.inputs, one?.target]);
  });

  it('gives the same bytes as ever', async () => {
    const hash = createHash('sha256');
    for (const { inputs, target } of await batches(await options(), [0, 1, 2, 3])) {
      hash.update(new Uint8Array(inputs['scan']!.data.buffer)).update(target.data);
    }
    expect(hash.digest('hex')).toBe('a4d35d98c22515bb4a56b072c3dfc4d020c34ed79c76c483d4dd35434126e689');
  });

  it('gives the same batches without prepared cases', async () => {
    for (const protocol of [full, nnunet]) {
      const settings = await options({ protocol });
      const steps = [0, 1, 2];
      expect(await batches({ ...settings, cacheDirectory: null }, steps)).toEqual(await batches(settings, steps));
    }
  });

  it('gives batches with the augmentations of nnU-Net, which differ from plain ones, in 3-D and in slices', async () => {
    const share = { ...nnunet, augment: [] };
    for (const description of [describeModel(), slices]) {
      const size = description === slices ? [8, 8] : [4, 4, 4];
      const of = (protocol: LoaderOptions['protocol']) => ({
        ...protocol,
        patch: { ...protocol.patch, size },
        identify: [],
      });
      const steps = Array.from({ length: 12 }, (_, step) => step);
      const settings = await options({ description, protocol: of(nnunet) });
      const augmented = await batches(settings, steps);
      const straight = await batches({ ...settings, protocol: of(share) }, steps);
      const changed = augmented.filter(
        (batch, step) => batch.target.data.join() !== straight[step]!.target.data.join(),
      );
      expect(changed.length).toBeGreaterThan(4);
      for (const { inputs, target } of augmented) {
        expect(inputs['scan']!.data.every((value) => Number.isFinite(value))).toBe(true);
        expect(target.data.every((value) => value < 4)).toBe(true);
      }
      expect(await batches(settings, [9, 10])).toEqual(augmented.slice(9, 11));
    }
  });

  it('finds foreground in the last patch of two, where a share of them is centred on it', async () => {
    const loader = await options({ protocol: { ...nnunet, augment: [] } });
    for (const { cases, target } of await batches(loader, [0, 1, 3, 4, 6, 7])) {
      expect(cases).toHaveLength(2);
      expect(target.data.subarray(64).some((value) => value > 0)).toBe(true);
    }
  });

  it('draws another patch for each step of a case and for each case of a step', async () => {
    const settings = await options();
    for (const id of ['CASE_00', 'CASE_01']) {
      const {
        images: [image = ''],
        label = '',
      } = findCase(settings.dataset, id);
      put(image, imageOf(0, shape), shape, 4);
      put(label, labelOf(shape), shape);
    }
    const { dataset, matching, seed, cacheDirectory = null } = settings;
    const pool = await startPool(
      { dataset, matching, protocol: plain, axes: ['D', 'H', 'W'], seed, cacheDirectory },
      0,
    );
    const made: string[] = [];
    for (const id of ['CASE_00', 'CASE_01']) {
      for (let step = 0; step < 6; step++) made.push((await pool.make(step, [id])).inputs['scan']?.data.join() ?? '');
    }
    await pool.close();
    expect(new Set(made.slice(0, 6)).size).toBeGreaterThan(3);
    expect(made.slice(0, 6).filter((patch, step) => patch === made[6 + step]).length).toBeLessThan(3);
  });

  it('does not depend on the order of the cases, nor on other cases of the data set', async () => {
    const settings = await options();
    const expected = await batches(settings, [3]);
    expect(await batches({ ...settings, cases: [...settings.cases].reverse() }, [3])).toEqual(expected);
  });

  it('remaps classes and channels to the network’s order', async () => {
    const base = describeModel();
    const reversed = describeModel({
      inputs: [
        { kind: 'image', name: 'a', channels: ['T2w'], axes: [{ name: 'D' }, { name: 'H' }, { name: 'W' }] },
        { kind: 'image', name: 'b', channels: ['T1w', 'FLAIR'], axes: [{ name: 'D' }, { name: 'H' }, { name: 'W' }] },
      ],
      outputs: [
        {
          name: 'mask',
          kind: 'classes',
          labels: [...CLASSES].reverse().map((name, k) => ({ name, values: [k] })),
          auxiliary: 0,
        },
      ],
    });
    const settings = await options({ protocol: { ...plain, identify: [] } });
    const [one] = await batches({ ...settings, description: base }, [0]);
    const matching = matchInputs(settings.dataset, reversed);
    const [two] = await batches({ ...settings, description: reversed, matching }, [0]);
    expect(two?.target.data).toEqual(one?.target.data.map((value) => 3 - value));
    expect(two?.inputs['a']?.data.subarray(0, 64)).toEqual(one?.inputs['scan']?.data.subarray(192, 256));
    expect(two?.inputs['b']?.data.subarray(0, 64)).toEqual(one?.inputs['scan']?.data.subarray(64, 128));
    expect(two?.inputs['b']?.data.subarray(64, 128)).toEqual(one?.inputs['scan']?.data.subarray(0, 64));
  });

  it('trains 2-D networks on axial slices that hold foreground', async () => {
    const description = describeModel({
      inputs: [{ kind: 'image', name: 'scan', channels: ['FLAIR'], axes: [{ name: 'H' }, { name: 'W' }] }],
    });
    const protocol = {
      ...plain,
      patch: { kind: 'random', size: [8, 8], foreground: { draws: 50, above: 20 } },
      augment: [{ kind: 'flip', axes: ['H', 'W'], chance: 0.5 }],
      identify: [],
    } as const;
    for (const batch of await batches(await options({ description, protocol }), [0, 1, 2, 3])) {
      expect(batch.inputs['scan']?.shape).toEqual([batch.cases.length, 1, 8, 8]);
      expect(batch.target.shape).toEqual([batch.cases.length, 8, 8]);
      expect(batch.target.data.filter((value) => value > 0).length).toBeGreaterThan(20);
    }
  });
});

describe('workers', () => {
  it('run beside this thread and give the same batches', async () => {
    const settings = await options();
    const pool = await startPool(
      {
        dataset: settings.dataset,
        matching: settings.matching,
        protocol: settings.protocol,
        axes: ['D', 'H', 'W'],
        seed: 7,
        cacheDirectory: settings.cacheDirectory ?? null,
      },
      2,
    );
    expect(pool.threads).toBe(2);
    await pool.close();
    await expect(pool.make(0, ['CASE_00'])).rejects.toThrow('ended');
    const steps = [0, 1, 2, 3, 4, 9, 10];
    for (const protocol of [full, nnunet]) {
      const threaded = await batches({ ...settings, protocol, workers: 2, prefetch: 3, endStep: 11 }, steps);
      expect(threaded).toEqual(await batches({ ...settings, protocol }, steps));
    }
  });

  it('make batches ahead, so that little is waited for', async () => {
    const loader = await createLoader(await options({ workers: 1, prefetch: 2 }));
    expect([loader.threads, loader.waitedMs]).toEqual([1, 0]);
    await loader.batch(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = loader.waitedMs;
    expect(before).toBeGreaterThan(0);
    await loader.batch(1);
    expect(loader.waitedMs - before).toBeLessThan(50);
    await loader.close();
  });

  it('hand user errors over as such', async () => {
    const settings = await options({ workers: 1 });
    const file = findCase(settings.dataset, 'CASE_03').images[0]!;
    const own: Shape = [shape[0], shape[1], shape[2] + 3];
    const data = Float32Array.from(imageOf(3, own));
    data[5] = NaN;
    put(file, data, own, 4);
    const loader = await createLoader(settings);
    const error = await userErrorOf(async () => {
      for (let step = 0; step < 3; step++) await loader.batch(step);
    });
    expect([error.code, error.message.includes('CASE_03'), error.message.includes(file)]).toEqual([
      'UNET6013',
      true,
      true,
    ]);
    expect(error.help, 'a remedy, as a sentence').toMatch(/^[A-Z].{10,}[.?]$/s);
    await loader.close();
  });

  it('reject what is awaited when the loader is closed', async () => {
    const loader = await createLoader(await options({ workers: 1 }));
    const awaited = loader.batch(0);
    const outcome = awaited.then(
      () => 'made',
      (error: unknown) => (error instanceof Error ? error.message : ''),
    );
    await loader.close();
    expect(['made', 'The data loader has ended.']).toContain(await outcome);
    await expect(loader.batch(1)).rejects.toThrow('ended');
  });
});

describe('faults found before the first batch', () => {
  const refuse = async (settings: LoaderOptions, code: string, part: RegExp): Promise<void> => {
    const error = await userErrorOf(() => createLoader(settings));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(part);
  };

  it('a missing file, a label of another shape, a wrong channel count, an unlabelled case', async () => {
    const settings = await options();
    const {
      images: [image = ''],
      label = '',
    } = findCase(settings.dataset, 'CASE_04');
    put(label, labelOf(shape), shape);
    await refuse(settings, 'UNET6009', /CASE_04.*6 x 8 x 10, but its image has 6 x 8 x 14/);
    put(image, imageOf(4, shape, 2), shape, 2);
    await refuse(settings, 'UNET6008', /CASE_04.*2 channels/);
    rmSync(image);
    await refuse(settings, 'UNET6003', /CASE_04.*missing/);
    await refuse({ ...settings, cases: ['CASE_00', 'CASE_77'] }, 'UNET6018', /CASE_77/);
  });

  it('no training case', async () => {
    await refuse(await options({ cases: [] }), 'UNET6017', /no training case/);
  });

  it('a case without a label', async () => {
    const settings = await options();
    const [first, ...rest] = settings.dataset.cases;
    const bare = { id: first?.id ?? '', images: first?.images ?? [], columns: {} };
    await refuse({ ...settings, dataset: { ...settings.dataset, cases: [bare, ...rest] } }, 'UNET6018', /no label/);
  });
});
