/** Measures of masks beside the values that the peers' own code gave for 44 pairs of masks and 4 pairs of label maps. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, type HostTensor } from '../../../runtime/files/safetensors.js';
import { averageSurfaceDistance } from '../../../runtime/metrics/assd.js';
import type { Triple } from '../../../runtime/metrics/box.js';
import { elementDistances, elementPercentile } from '../../../runtime/metrics/element-distances.js';
import { surfaceDistances } from '../../../runtime/metrics/hausdorff.js';
import { LESION_SETTINGS, lesionScores, MISSED_LESION_HD95 } from '../../../runtime/metrics/lesions.js';
import { surfaceDice } from '../../../runtime/metrics/nsd.js';

type Recorded = number | string | null;

interface Challenge {
  readonly Num_TP: number;
  readonly Num_FP: number;
  readonly Num_FN: number;
  readonly LesionWise_Score_Dice: number;
  readonly LesionWise_Score_HD95: number;
}

interface Pair {
  readonly id: string;
  readonly kind: string;
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly voxels_ref: number;
  readonly voxels_pred: number;
  readonly deepmind: Readonly<Record<string, Recorded>>;
  readonly medpy: Readonly<Record<string, Recorded>>;
  readonly monai: Readonly<Record<string, Recorded>>;
  readonly brats2023: Readonly<Record<string, Challenge>> | null;
}

interface Regions {
  readonly id: string;
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly brats2023: Readonly<Record<string, Readonly<Record<string, Challenge>>>>;
}

const folder = resolve(import.meta.dirname, '../../../../shared/measures');
const { pairs, regions } = existsSync(folder)
  ? (JSON.parse(readFileSync(join(folder, 'masks.json'), 'utf8')) as { pairs: Pair[]; regions: Regions[] })
  : { pairs: [], regions: [] };

const CHALLENGES = { gli: 'BraTS-GLI', men: 'BraTS-MEN', met: 'BraTS-MET' } as const;
/** As in the README of the recorded masks. */
const REGIONS = { WT: [1, 2, 3], TC: [1, 3], ET: [3] } as const;

function selection(values: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => (values.includes(value) ? 1 : 0));
}

/** Two axes as one slice. */
function triple(values: readonly number[]): Triple {
  const [a, b, c] = [1, ...values].slice(-3);
  return [a!, b!, c!];
}

let arrays: ReadonlyMap<string, HostTensor>;

function masksOf(id: string): readonly [Uint8Array, Uint8Array] {
  return ['ref', 'pred'].map((which) => Uint8Array.from(arrays.get(`${id}.${which}`)!.data as Uint8Array)) as [
    Uint8Array,
    Uint8Array,
  ];
}

describe.skipIf(pairs.length === 0)('measures of masks beside those of their peers', () => {
  beforeAll(async () => {
    const { tensors } = await readSafetensors(join(folder, 'masks.safetensors'));
    arrays = tensors;
  });

  it.each(pairs.map((pair) => [pair.id, pair] as const))('%s', (id, pair) => {
    const [truth, prediction] = masksOf(id);
    const [shape, spacing, one] = [triple(pair.shape), triple(pair.spacing), selection([1])];
    const elements = elementDistances(truth, prediction, shape, one, spacing);
    const voxels = surfaceDistances(truth, prediction, shape, one, spacing);
    expect(elements === undefined).toBe(pair.voxels_ref === 0 || pair.voxels_pred === 0);
    expect(voxels === undefined).toBe(elements === undefined);
    if (elements === undefined || voxels === undefined) return;
    const areas = elements.map(({ areas }) => areas.reduce((sum, area) => sum + area, 0));
    const { surface_area_ref: reference, surface_area_pred: predicted } = pair.deepmind;
    // DeepMind's table of areas has float32 precision where it was not computed.
    expect(areas[0]! / Number(reference)).toBeCloseTo(1, 7);
    expect(areas[1]! / Number(predicted)).toBeCloseTo(1, 7);
    expect(elementPercentile(elements, 95)).toBe(pair.deepmind['hd95']);
    expect(elementPercentile(elements, 100)).toBe(pair.deepmind['hd100']);
    for (const tolerance of [1, 2]) {
      expect(Math.abs(surfaceDice(elements, tolerance) - Number(pair.deepmind[`nsd_${tolerance}mm`]))).toBeLessThan(
        3e-9,
      );
      expect(surfaceDice(elements, tolerance)).toBeCloseTo(Number(pair.monai[`nsd_${tolerance}mm_subvoxel`]), 5);
    }
    expect(Math.abs(averageSurfaceDistance(voxels) - Number(pair.medpy['assd']))).toBeLessThan(1e-12);
    // MONAI computes in float32.
    expect(Math.abs(averageSurfaceDistance(voxels) - Number(pair.monai['assd']))).toBeLessThan(4e-5);
  });

  const expectLesions = (scores: ReturnType<typeof lesionScores>, recorded: Challenge): void => {
    expect(scores.dice).toBeCloseTo(recorded.LesionWise_Score_Dice, 12);
    expect(scores.hd95).toBeCloseTo(recorded.LesionWise_Score_HD95, 9);
    const { counted, missed, falsePositives } = scores;
    expect([counted - missed, falsePositives]).toEqual([recorded.Num_TP, recorded.Num_FP]);
    expect(missed).toBe(recorded.Num_FN);
  };

  it.each(pairs.filter(({ brats2023 }) => brats2023 !== null).map((pair) => [pair.id, pair] as const))(
    'lesions of %s',
    (id, { shape, spacing, brats2023 }) => {
      const [truth, prediction] = masksOf(id);
      for (const [name, challenge] of Object.entries(CHALLENGES)) {
        const settings = LESION_SETTINGS[name as keyof typeof CHALLENGES];
        const scores = lesionScores(truth, prediction, triple(shape), selection([1]), triple(spacing), settings);
        expectLesions(scores, brats2023![challenge]!);
      }
    },
  );

  it.each(regions.map((each) => [each.id, each] as const))('lesions of the regions of %s', (id, each) => {
    const [truth, prediction] = masksOf(id);
    for (const [name, challenge] of Object.entries(CHALLENGES))
      for (const [region, values] of Object.entries(REGIONS)) {
        const settings = LESION_SETTINGS[name as keyof typeof CHALLENGES];
        const [shape, spacing] = [triple(each.shape), triple(each.spacing)];
        const scores = lesionScores(truth, prediction, shape, selection(values), spacing, settings);
        expectLesions(scores, each.brats2023[challenge]![region]!);
      }
  });

  it('counts a missed lesion as recorded', () => {
    expect(MISSED_LESION_HD95).toBe(374);
  });
});
