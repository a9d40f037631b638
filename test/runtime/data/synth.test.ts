import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatCheckReport } from '../../../runtime/data/check-text.js';
import { checkDataset } from '../../../runtime/data/check.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { loadCase } from '../../../runtime/data/load-case.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { readNifti } from '../../../runtime/data/nifti.js';
import { synthesize } from '../../../runtime/data/synth.js';
import { CLASSES, MODALITIES, describeModel, storedGrid, temporaryFolder, userErrorOf } from './make.js';

const root = temporaryFolder();
const dir = join(root, 'phantom');
await synthesize(dir, { cases: 6, size: [40, 48, 40], seed: 3 });

const files = ['dataset.json', 'cases.csv', 'imagesTr/PHANTOM_002.nii.gz', 'labelsTr/PHANTOM_002.nii.gz'];

describe('synthesize', () => {
  it('writes a set that the check finds nothing wrong with', async () => {
    const report = await checkDataset(dir);
    expect(report.problems).toEqual([]);
    expect(report.cases).toHaveLength(6);
    expect(report.modalities).toEqual(MODALITIES);
    expect(report.cases[0]?.classes?.map(({ name }) => name)).toEqual(CLASSES);
    expect(report.cases.every(({ stored }) => stored === 'int16')).toBe(true);
    expect(formatCheckReport(report)).toContain('6 cases, 0 errors, 0 warnings');
  });

  it('is the same bytes for the same seed, another head for another', async () => {
    const again = join(root, 'again');
    await synthesize(again, { cases: 6, size: [40, 48, 40], seed: 3 });
    for (const file of files) expect(readFileSync(join(again, file)).equals(readFileSync(join(dir, file)))).toBe(true);
    const other = join(root, 'other');
    await synthesize(other, { cases: 2, size: [40, 48, 40], seed: 4 });
    expect(readFileSync(join(other, files[3] ?? '')).equals(readFileSync(join(dir, files[3] ?? '')))).toBe(false);
  });

  it('spreads the cases evenly over three sites', async () => {
    const { cases } = await openDataset(dir);
    const sites = cases.map(({ columns }) => columns['site'] ?? '');
    expect([...sites].sort()).toEqual(['north', 'north', 'south', 'south', 'west', 'west']);
  });

  it('is skull-stripped: all contrasts are 0 at the same voxels, which hold no tumour', async () => {
    const image = (await readNifti({ file: join(dir, files[2] ?? '') })).data;
    const label = (await readNifti({ file: join(dir, files[3] ?? '') })).data;
    const size = label.length;
    let [outside, uneven, wrong] = [0, 0, 0];
    for (let i = 0; i < size; i++) {
      const zeros = [0, 1, 2, 3].filter((c) => image[c * size + i] === 0).length;
      if (zeros === 4) outside++;
      if (zeros % 4 !== 0) uneven++;
      if (zeros > 0 && label[i] !== 0) wrong++;
    }
    expect([uneven, wrong]).toEqual([0, 0]);
    expect(outside / size).toBeGreaterThan(0.5);
    expect(outside / size).toBeLessThan(0.9);
  });

  it('nests its tumours: the non-enhancing core of an enhancing tumour touches no healthy voxel', async () => {
    let [core, touching] = [0, 0];
    for (let k = 1; k <= 6; k++) {
      const { data } = await readNifti({ file: join(dir, `labelsTr/PHANTOM_00${k}.nii.gz`) });
      if (!(data as Uint8Array).includes(3)) continue;
      data.forEach((value, i) => {
        if (value !== 2) return;
        core++;
        if ([-1, 1, -40, 40, -1920, 1920].some((step) => data[i + step] === 0)) touching++;
      });
    }
    expect(core).toBeGreaterThan(200);
    expect(touching / core).toBeLessThan(0.02);
  });

  /** Best Dice that one level of one z-scored contrast reaches over all cases, either side of it. */
  async function bestThreshold(channel: number, wanted: readonly number[]): Promise<number> {
    const dataset = await openDataset(dir);
    const matching = matchInputs(dataset, describeModel());
    const bins = 400;
    const [hits, all] = [new Float64Array(bins), new Float64Array(bins)];
    for (const { id } of dataset.cases) {
      const { inputs, label } = await loadCase(dataset, id, matching, {
        ...storedGrid,
        normalize: { kind: 'zscore', over: 'nonzero' },
      });
      const target = label?.data ?? new Uint8Array(0);
      target.forEach((value, i) => {
        const level = inputs['scan']?.data[channel * target.length + i] ?? 0;
        if (level === 0) return;
        const bin = Math.min(bins - 1, Math.max(0, Math.round((level + 5) * 40)));
        all[bin] = (all[bin] ?? 0) + 1;
        if (wanted.includes(value)) hits[bin] = (hits[bin] ?? 0) + 1;
      });
    }
    const total = hits.reduce((a, b) => a + b, 0);
    let best = 0;
    for (const order of [1, -1]) {
      let [found, taken] = [0, 0];
      for (let k = 0; k < bins; k++) {
        const bin = order > 0 ? k : bins - 1 - k;
        found += hits[bin] ?? 0;
        taken += all[bin] ?? 0;
        best = Math.max(best, (2 * found) / (taken + total));
      }
    }
    return best;
  }

  it('is not solved by a threshold, though the contrasts tell something', async () => {
    const [edema, core, enhancing] = [
      Math.max(...(await Promise.all([0, 3].map((channel) => bestThreshold(channel, [1]))))),
      Math.max(...(await Promise.all([0, 1, 2, 3].map((channel) => bestThreshold(channel, [2]))))),
      await bestThreshold(2, [3]),
    ];
    expect(edema).toBeGreaterThan(0.3);
    expect(edema).toBeLessThan(0.85);
    expect(core).toBeLessThan(0.4);
    expect(enhancing).toBeGreaterThan(0.2);
    expect(enhancing).toBeLessThan(0.75);
  });

  it('tells its progress, writes again over the very set, and over nothing else', async () => {
    const done: string[] = [];
    const small = { cases: 2, size: [16, 16, 16] as const, onCase: (k: number, of: number) => done.push(`${k}/${of}`) };
    const own = join(root, 'own');
    await synthesize(own, small);
    await synthesize(own, small);
    expect(done).toEqual(['1/2', '2/2', '1/2', '2/2']);
    for (const other of [
      { ...small, cases: 1 },
      { ...small, seed: 2 },
      { ...small, size: [16, 16, 18] as const },
    ]) {
      const { code, message } = await userErrorOf(() => synthesize(own, other));
      expect([code, message]).toEqual(['UNET6024', expect.stringContaining('2 cases of 16 x 16 x 16 voxels, seed 1')]);
    }
    expect(readdirSync(join(own, 'imagesTr'))).toHaveLength(2);
    const taken = join(root, 'taken');
    await synthesize(taken, { cases: 1, size: [16, 16, 16] });
    writeFileSync(join(taken, 'dataset.json'), '{}');
    const error = await userErrorOf(() => synthesize(taken, small));
    expect([error.code, error.message.includes(taken)]).toEqual(['UNET6024', true]);
    expect(readdirSync(join(taken, 'imagesTr'))).toEqual(['PHANTOM_001.nii.gz']);
  });

  it('makes a set to its end whose making was stopped', async () => {
    const whole = join(root, 'whole');
    const stopped = join(root, 'stopped');
    const options = { cases: 2, size: [16, 16, 16] as const };
    for (const target of [whole, stopped]) await synthesize(target, options);
    for (const file of ['dataset.json', 'cases.csv', 'labelsTr/PHANTOM_002.nii.gz']) rmSync(join(stopped, file));
    await synthesize(stopped, options);
    for (const file of ['dataset.json', 'labelsTr/PHANTOM_002.nii.gz']) {
      expect(readFileSync(join(stopped, file))).toEqual(readFileSync(join(whole, file)));
    }
  });

  it('refuses what cannot be made, before it writes anything', async () => {
    for (const wrong of [{ cases: 0 }, { cases: 1.5 }, { cases: 2, size: [4, 64, 64] as const }]) {
      const target = join(root, 'never');
      expect((await userErrorOf(() => synthesize(target, wrong))).code).toBe('UNET6024');
      expect(existsSync(target)).toBe(false);
    }
  });
});
