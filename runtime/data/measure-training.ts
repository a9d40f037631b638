import type { ForegroundStatistics, PreparationEntries } from './preparation-types.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { boxVolume } from './box.js';
import { openPrepared } from './cache.js';
import { imagePlace } from './case-files.js';
import { findCase } from './dataset.js';
import { planGrid } from './grid-plan.js';
import { matchInputs } from './match.js';
import { nonzeroBox } from './nonzero-box.js';
import { type Measured, normalizedChannels } from './preparation.js';
import { quantileOfSorted, readChannel } from './preprocess.js';
import { reorderedShape } from './resample/axis-order.js';
import { targetSpacingOf } from './target-spacing.js';
import type { Dataset } from './types.js';
import type { VoxelSource } from './voxel-source.js';

/** The number of values that stand for the distribution of a case, so that each case weighs the same. */
const PER_CASE = 10_000;

/** The foreground of one channel of one case. */
interface CaseForeground {
  readonly mean: number;
  readonly meanSquare: number;
  /** Values at equal steps of rank. */
  readonly sample: Float32Array;
}

/** The foreground of some channels of a case, as the label (not 0) marks it; undefined for a case without any. */
async function foregroundIn(
  source: VoxelSource,
  channels: readonly number[],
): Promise<readonly CaseForeground[] | undefined> {
  const whole = { origin: [0, 0, 0], size: source.geometry.shape } as const;
  const marks = new Uint8Array(boxVolume(whole));
  await source.label(whole, (data, from, count, to) => {
    for (let i = 0; i < count; i++) marks[to + i] = data[from + i] === 0 ? 0 : 1;
  });
  if (!marks.includes(1)) return undefined;
  const found: CaseForeground[] = [];
  for (const channel of channels) {
    const values = (await readChannel(source, channel)).filter((_, voxel) => marks[voxel] === 1).sort();
    let [sum, squares] = [0, 0];
    for (const value of values) {
      sum += value;
      squares += value * value;
    }
    const ranks = Array.from({ length: PER_CASE }, (_, k) => (k + 0.5) / PER_CASE);
    const sample = Float32Array.from(ranks, (share) => quantileOfSorted(values, share));
    found.push({ mean: sum / values.length, meanSquare: squares / values.length, sample });
  }
  return found;
}

/** Pools cases, each with the same weight. */
function pooled(cases: readonly CaseForeground[]): ForegroundStatistics {
  const mean = cases.reduce((sum, each) => sum + each.mean, 0) / cases.length;
  const meanSquare = cases.reduce((sum, each) => sum + each.meanSquare, 0) / cases.length;
  const all = new Float32Array(cases.length * PER_CASE);
  cases.forEach(({ sample }, k) => all.set(sample, k * PER_CASE));
  all.sort();
  return {
    mean,
    deviation: Math.sqrt(Math.max(0, meanSquare - mean * mean)),
    low: quantileOfSorted(all, 0.005),
    high: quantileOfSorted(all, 0.995),
  };
}

async function medianSpacing(
  dataset: Dataset,
  sources: readonly { readonly id: string; readonly source: VoxelSource }[],
  channels: readonly number[],
  { orient, resample }: PreparationEntries,
): Promise<[number, number, number]> {
  const spacings: number[][] = [];
  const shapes: number[][] = [];
  for (const { id, source } of sources) {
    const place = imagePlace(findCase(dataset, id));
    const { order } = planGrid(place, source.geometry, { orient, spacing: { kind: 'as_stored' }, resample });
    const { size } = await nonzeroBox(source, channels);
    spacings.push(reorderedShape(source.geometry.spacing, order));
    shapes.push(reorderedShape(size, order));
  }
  return targetSpacingOf({ spacings, shapes }).spacing as [number, number, number];
}

/** The input of `measureTraining`. */
export interface MeasuredTraining {
  readonly dataset: Dataset;
  readonly description: ModelDescription;
  readonly protocol: PreparationEntries;
  /** Ids of the training cases, and only of these. */
  readonly train: readonly string[];
}

/**
 * Whether a protocol takes anything from its training cases.
 * @throws UserError UNET6010, UNET6011, UNET6022 (data set), UNET6132
 */
export function needsMeasuring({ dataset, description, protocol }: Omit<MeasuredTraining, 'train'>): boolean {
  const channels = normalizedChannels(protocol.normalize, description, matchInputs(dataset, description));
  return protocol.spacing.kind === 'median' || channels.some(({ word }) => word.kind === 'ct');
}

/**
 * Measures what a protocol takes from its training cases: the spacing of `spacing: median`, and the foreground of the
 * channels with `ct`. Cases are decoded if they have not been prepared.
 * @param cacheDirectory the folder of prepared cases
 * @throws UserError as `openPrepared`, UNET6132, UNET6134 (no training case has foreground)
 */
export async function measureTraining(
  { dataset, description, protocol, train }: MeasuredTraining,
  cacheDirectory: string,
  onProgress: (done: number, of: number, id: string) => void = () => undefined,
): Promise<Measured> {
  const channels = normalizedChannels(protocol.normalize, description, matchInputs(dataset, description));
  const byForeground = channels.filter(
    ({ word, name }, k) => word.kind === 'ct' && channels.findIndex((each) => each.name === name) === k,
  );
  const isMedian = protocol.spacing.kind === 'median';
  const ids = [...new Set(train)].sort();
  const sources: { id: string; source: VoxelSource }[] = [];
  const foreground: (readonly CaseForeground[])[] = [];
  for (const [index, id] of ids.entries()) {
    onProgress(index, ids.length, id);
    const source = await openPrepared(cacheDirectory, dataset, findCase(dataset, id));
    sources.push({ id, source });
    if (byForeground.length === 0) continue;
    const found = await foregroundIn(
      source,
      byForeground.map(({ channel }) => channel),
    );
    if (found !== undefined) foreground.push(found);
  }
  if (byForeground.length > 0 && foreground.length === 0) {
    throw new UserError(
      'UNET6134',
      'No training case has foreground, from which `normalize: ct` takes its percentiles.',
      'Train on cases with foreground, or normalise with `zscore(all)`.',
    );
  }
  const used = [...new Set(channels.map(({ channel }) => channel))];
  return {
    spacing: isMedian ? await medianSpacing(dataset, sources, used, protocol) : null,
    intensities: byForeground.map(({ name }, k) => ({ channel: name, ...pooled(foreground.map((each) => each[k]!)) })),
  };
}
