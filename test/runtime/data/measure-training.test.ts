import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../contract/protocol.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { loadCase } from '../../../runtime/data/load-case.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { measureTraining, needsMeasuring } from '../../../runtime/data/measure-training.js';
import { encodeNifti } from '../../../runtime/data/nifti-write.js';
import { preparationOf } from '../../../runtime/data/preparation.js';
import type { Dataset } from '../../../runtime/data/types.js';
import {
  MODALITIES,
  caseName,
  describeModel,
  imageOf,
  labelOf,
  plainGeometry,
  type Shape,
  storedGrid,
  temporaryFolder,
  tinySet,
  userErrorOf,
} from './make.js';

const root = temporaryFolder();
const cache = join(root, 'cache');
const description = describeModel();
const none = { kind: 'none' } as const;

/** `ct` for some channels of the tiny set, and `none` for the others. */
function ctFor(channels: readonly string[]): Protocol['normalize'] {
  return MODALITIES.map((channel) => ({ channel, word: channels.includes(channel) ? { kind: 'ct' } : none }));
}

/** Replaces the files of a case: another size and another spacing. */
function replaceCase(dir: string, k: number, shape: Shape, spacing: readonly [number, number, number]): void {
  const geometry = plainGeometry(shape, spacing);
  const put = (folder: string, bytes: Uint8Array): void => {
    writeFileSync(join(dir, folder, `${caseName(k)}.nii.gz`), gzipSync(bytes, { level: 1 }));
  };
  put('imagesTr', encodeNifti(imageOf(k, shape), geometry, 4));
  put('labelsTr', encodeNifti(labelOf(shape), geometry));
}

/** Foreground values of a channel of a case, in increasing order. */
async function foregroundOf(dataset: Dataset, k: number, channel: number): Promise<number[]> {
  const { image, label } = await decodeCase(dataset, dataset.cases[k]!);
  const size = label!.length;
  const values: number[] = [];
  label!.forEach((value, voxel) => {
    if (value > 0) values.push(image[channel * size + voxel]!);
  });
  return values.sort((a, b) => a - b);
}

describe('measureTraining', () => {
  it('measures the foreground of the training cases, each of which weighs the same', async () => {
    const dir = tinySet(join(root, 'foreground'), { cases: 3 });
    // Eight times as many voxels must not weigh more.
    replaceCase(dir, 1, [12, 16, 20], [1, 1, 1]);
    const dataset = await openDataset(dir);
    const train = [caseName(1), caseName(0)];
    const protocol = { ...storedGrid, normalize: ctFor(['T1w']) };
    const { spacing, intensities } = await measureTraining({ dataset, description, protocol, train }, cache);
    expect(spacing).toBeNull();
    expect(intensities.map(({ channel }) => channel)).toEqual(['T1w']);
    const cases = [await foregroundOf(dataset, 0, 1), await foregroundOf(dataset, 1, 1)];
    const meanOf = (values: readonly number[]): number => values.reduce((sum, each) => sum + each) / values.length;
    const mean = meanOf(cases.map(meanOf));
    const variance = meanOf(cases.map((values) => meanOf(values.map((each) => (each - mean) ** 2))));
    expect(intensities[0]!.mean).toBeCloseTo(mean, 6);
    expect(intensities[0]!.deviation).toBeCloseTo(Math.sqrt(variance), 6);
    // The share of the weight below a percentile, and up to it; a voxel of the smaller case weighs a third of a percent.
    const share = (holds: (value: number) => boolean): number =>
      meanOf(cases.map((values) => values.filter(holds).length / values.length));
    for (const [bound, percentile] of [
      [intensities[0]!.low, 0.005],
      [intensities[0]!.high, 0.995],
    ] as const) {
      expect(share((each) => each < bound)).toBeLessThan(percentile + 0.004);
      expect(share((each) => each <= bound)).toBeGreaterThan(percentile - 0.004);
    }
    // Held-out cases do not take part.
    replaceCase(dir, 2, [6, 8, 30], [1, 1, 1]);
    expect(await measureTraining({ dataset, description, protocol, train }, cache)).toEqual({ spacing, intensities });
  });

  it('chooses the median spacing, or the 10th percentile along a coarse axis, of the training cases', async () => {
    const dir = tinySet(join(root, 'spacing'), { cases: 4 });
    replaceCase(dir, 0, [6, 8, 10], [1, 2, 1.5]);
    replaceCase(dir, 1, [6, 8, 10], [2, 2, 2.5]);
    replaceCase(dir, 2, [6, 8, 10], [3, 2, 2]);
    const dataset = await openDataset(dir);
    const protocol = { ...storedGrid, spacing: { kind: 'median' }, normalize: none } as const;
    const measure = async (orient: Protocol['orient']) => {
      const train = [0, 1, 2].map(caseName);
      return measureTraining({ dataset, description, protocol: { ...protocol, orient }, train }, cache);
    };
    expect(await measure('as_stored')).toEqual({ spacing: [2, 2, 2], intensities: [] });
    for (const k of [0, 1, 2]) replaceCase(dir, k, [3, 24, 24], [4 + k, 1, 1]);
    const { spacing } = await measure('ras');
    spacing!.forEach((each, axis) => expect(each).toBeCloseTo([4.2, 1, 1][axis]!, 6));
  });

  it('needs a training case with foreground', async () => {
    const dir = tinySet(join(root, 'empty'), { cases: 1 });
    writeFileSync(
      join(dir, 'labelsTr', `${caseName(0)}.nii.gz`),
      gzipSync(encodeNifti(new Uint8Array(480), plainGeometry([6, 8, 10]))),
    );
    const dataset = await openDataset(dir);
    const protocol = { ...storedGrid, normalize: { kind: 'ct' } } as const;
    const error = await userErrorOf(() =>
      measureTraining({ dataset, description, protocol, train: [caseName(0)] }, cache),
    );
    expect(error.code).toBe('UNET6134');
  });
});

describe('preparationOf', () => {
  const measured = {
    spacing: [2, 1, 1] as [number, number, number],
    intensities: [{ channel: 'T1w', mean: 10, deviation: 5, low: 0, high: 20 }],
  };

  it('normalises each channel of the file as its name in the network says', async () => {
    const dataset = await openDataset(tinySet(join(root, 'channels'), { cases: 1, shape: [4, 4, 4] }));
    const matching = matchInputs(dataset, description);
    const normalize: Protocol['normalize'] = [
      { channel: 'T2w', word: { kind: 'minmax' } },
      { channel: 'T1w', word: { kind: 'ct' } },
      { channel: 't1gd', word: none },
      { channel: 'FLAIR', word: { kind: 'zscore', over: 'all' } },
    ];
    const preparation = preparationOf({ ...storedGrid, normalize }, description, matching, dataset, measured);
    const { inputs } = await loadCase(dataset, caseName(0), matching, preparation);
    const { image } = await decodeCase(dataset, dataset.cases[0]!);
    const [flair, t1, t1gd, t2] = [0, 64, 128, 192].map((from) => inputs['scan']!.data.slice(from, from + 64));
    const mean = flair!.reduce((sum, each) => sum + each, 0) / 64;
    expect(mean).toBeCloseTo(0, 5);
    t1!.forEach((each, k) => expect(each).toBeCloseTo((Math.min(20, image[64 + k]!) - 10) / 5, 5));
    expect([...t1gd!]).toEqual([...image.slice(128, 192)]);
    expect([Math.min(...t2!), Math.max(...t2!)]).toEqual([0, 1]);
    const cached = await loadCase(dataset, caseName(0), matching, preparation, cache);
    expect(cached.inputs).toEqual(inputs);
  });

  it('takes percentiles from the whole case, also of a prepared one', async () => {
    const dataset = await openDataset(tinySet(join(root, 'percentiles'), { cases: 1 }));
    const matching = matchInputs(dataset, description);
    const preparation = { ...storedGrid, normalize: { kind: 'percentiles', from: 1, to: 75 } } as const;
    const { inputs } = await loadCase(dataset, caseName(0), matching, preparation);
    const cached = await loadCase(dataset, caseName(0), matching, preparation, cache);
    expect(cached.inputs).toEqual(inputs);
    const high = inputs['scan']!.data.slice(0, 480).filter((value) => value === 1).length;
    expect(high).toBe(120);
  });

  it('needs one word for each channel of the network, and what was measured', async () => {
    const dataset = await openDataset(tinySet(join(root, 'errors'), { cases: 1 }));
    const matching = matchInputs(dataset, description);
    const prepare = (protocol: Parameters<typeof preparationOf>[0]) =>
      userErrorOf(() => preparationOf(protocol, description, matching, dataset, undefined));
    const list = await prepare({ ...storedGrid, normalize: [{ channel: 'CT', word: none }] });
    expect([list.code, list.message]).toEqual([
      'UNET6132',
      'The list of `normalize` does not contain `FLAIR`, `T1w`, `t1gd`, `T2w` and contains `CT`, but the network has the channels `FLAIR`, `T1w`, `t1gd`, `T2w`.',
    ]);
    const ct = { ...storedGrid, normalize: { kind: 'ct' } } as const;
    const median = { ...storedGrid, spacing: { kind: 'median' }, normalize: none } as const;
    expect((await prepare(ct)).code).toBe('UNET6133');
    expect((await prepare(median)).code).toBe('UNET6133');
    expect(
      [ct, median, { ...median, spacing: { kind: 'as_stored' } as const }].map((protocol) =>
        needsMeasuring({ dataset, description, protocol }),
      ),
    ).toEqual([true, true, false]);
  });
});
