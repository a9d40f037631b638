import type { Intensities, ChannelStatistics } from './voxel-facts.js';
import { float32Loss, isWide } from './float32.js';
import { imagePlace, labelPlace, readCaseImage } from './case-files.js';
import { checkLabelGeometry } from './label-geometry.js';
import { type NiftiImage, type VoxelArray, readNifti } from './nifti.js';
import type { NiftiHeader } from './nifti-header.js';
import { type Place, errorAt } from './place.js';
import type { DataCase, Dataset, Geometry } from './types.js';
import { counted } from '../../text/count.js';

/** Voxels as stored: in the file's own type if it has at most 32 bits and is exact in float32, else as float32. */
export type StoredArray = Uint8Array | Int8Array | Int16Array | Uint16Array | Float32Array;

/** Relative difference below which two float32 values differ only by rounding (about eight units in the last place). */
const ROUNDING = 1e-6;

/**
 * Whether all intensities are equal up to float32 rounding, whatever their magnitude: a diffusivity map with values
 * around 1e-9 is not constant. True for an empty set.
 */
export function isConstant({ minimum, maximum }: Pick<Intensities, 'minimum' | 'maximum'>): boolean {
  return maximum - minimum <= ROUNDING * Math.max(Math.abs(minimum), Math.abs(maximum));
}

/** A case as read from its files, checked but not yet normalised. */
export interface DecodedCase {
  readonly geometry: Geometry;
  readonly channels: number;
  /** [C, D, H, W], channels in file order. */
  readonly image: StoredArray;
  readonly statistics: readonly ChannelStatistics[];
  /** [D, H, W], the data set's label values; absent for an unlabelled case. */
  readonly label?: Uint8Array;
  /** The label values that occur, in increasing order, with their voxel counts. */
  readonly labelCounts: readonly (readonly [value: number, voxels: number])[];
}

/** @throws UserError UNET6127 for finite voxels that exceed the range of float32 */
export function checkFloat32(place: Place, data: VoxelArray, from: number, to: number, modality: string): void {
  const loss = float32Loss(data, from, to);
  if (loss === undefined || (loss.overflowing === 0 && !loss.vanishing)) return;
  const fault = loss.vanishing
    ? `has no voxel of at least 1.2e-38 in channel \`${modality}\`, the smallest that float32 represents with full precision`
    : `has ${counted(loss.overflowing, 'voxel')} above 3.4e38 in channel \`${modality}\`, which float32 cannot represent`;
  throw errorAt(place, 'UNET6127', fault, 'Rescale the image to an ordinary range.');
}

function store(place: Place, data: VoxelArray, names: readonly string[]): StoredArray {
  if (!isWide(data)) return data;
  const size = data.length / names.length;
  names.forEach((name, channel) => checkFloat32(place, data, channel * size, (channel + 1) * size, name));
  return Float32Array.from(data);
}

/** Sum, count and range of the nonzero voxels of a channel. */
function sumNonzero(data: VoxelArray, from: number, to: number) {
  let [count, sum, minimum, maximum] = [0, 0, Infinity, -Infinity];
  for (let i = from; i < to; i++) {
    const value = data[i] as number;
    if (value === 0) continue;
    count++;
    sum += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return count === 0 ? { count, sum, minimum: 0, maximum: 0 } : { count, sum, minimum, maximum };
}

/**
 * Statistics over a channel's nonzero voxels and over all of them in the same two passes: zeros add nothing to the sum.
 */
function statisticsOf(data: VoxelArray, from: number, to: number): ChannelStatistics {
  const { count, sum, minimum, maximum } = sumNonzero(data, from, to);
  const size = to - from;
  const mean = count === 0 ? 0 : sum / count;
  const meanOfAll = sum / size;
  let squares = 0;
  let squaresOfAll = (size - count) * meanOfAll * meanOfAll;
  for (let i = from; i < to; i++) {
    const value = data[i] as number;
    if (value === 0) continue;
    squares += (value - mean) * (value - mean);
    squaresOfAll += (value - meanOfAll) * (value - meanOfAll);
  }
  const deviation = count === 0 ? 0 : Math.sqrt(squares / count);
  const range = count < size ? { minimum: Math.min(0, minimum), maximum: Math.max(0, maximum) } : { minimum, maximum };
  return {
    nonzero: { mean, deviation, minimum, maximum },
    all: { mean: meanOfAll, deviation: Math.sqrt(squaresOfAll / size), ...range },
  };
}

/** The number of voxels in [from, to) that are NaN or infinite. */
export function countNonFinite(data: VoxelArray, from: number, to: number): { nan: number; infinite: number } {
  let nan = 0;
  let infinite = 0;
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) return { nan, infinite };
  for (let i = from; i < to; i++) {
    const value = data[i] as number;
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
  }
  return { nan, infinite };
}

function refuseNonFinite(place: Place, data: VoxelArray, from: number, to: number, modality: string): void {
  const { nan, infinite } = countNonFinite(data, from, to);
  if (nan + infinite === 0) return;
  const parts = [nan > 0 ? `${nan} NaN` : '', infinite > 0 ? `${infinite} infinite` : ''].filter((part) => part !== '');
  const fault = `has ${parts.join(' and ')} voxels in channel \`${modality}\``;
  throw errorAt(place, 'UNET6013', fault, 'Replace them (with 0 outside the head), or remove the case.');
}

/**
 * Mean, standard deviation and range of each channel over its nonzero voxels and over all voxels.
 * @param names of the channels, for the message
 * @throws UserError UNET6013 for NaN or infinite voxels
 */
export function channelStatistics(
  place: Place,
  data: VoxelArray,
  names: readonly string[],
): readonly ChannelStatistics[] {
  const size = data.length / names.length;
  return names.map((name, channel) => {
    const from = channel * size;
    refuseNonFinite(place, data, from, from + size, name);
    return statisticsOf(data, from, from + size);
  });
}

/** How far a label value may be from an integer: scaled and quantised labels are stored as 3.0000002. */
const LABEL_ROUNDING = 1e-3;

/** Rounds label values that are almost integers, in place. */
export function roundLabels(data: VoxelArray): VoxelArray {
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) return data;
  for (let i = 0; i < data.length; i++) {
    const whole = Math.round(data[i] as number);
    if (Math.abs((data[i] as number) - whole) <= LABEL_ROUNDING) data[i] = whole;
  }
  return data;
}

/** The voxel count of each value, in increasing order (NaN last). */
export function countValues(data: VoxelArray): [value: number, voxels: number][] {
  const small = new Float64Array(256);
  const other = new Map<number, number>();
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (value >= 0 && value < 256 && Number.isInteger(value)) small[value] = (small[value] as number) + 1;
    else other.set(value, (other.get(value) ?? 0) + 1);
  }
  const counts: [number, number][] = [...other];
  small.forEach((voxels, value) => {
    if (voxels > 0) counts.push([value, voxels]);
  });
  return counts.sort((a, b) => (Number.isNaN(a[0]) ? 1 : Number.isNaN(b[0]) ? -1 : a[0] - b[0]));
}

/**
 * @throws UserError UNET6012 for values that are not labels of the data set, with their counts; UNET6188 for voxels that
 * were not annotated
 */
export function checkLabelValues(
  place: Place,
  counts: readonly (readonly [number, number])[],
  labels: Dataset['labels'],
  ignore?: number,
): void {
  const ignored = counts.find(([value]) => value === ignore);
  if (ignored !== undefined) {
    throw errorAt(
      place,
      'UNET6188',
      `has ${counted(ignored[1], 'voxel')} with the value ${ignored[0]} (\`ignore\`), which training and scoring do not support`,
      'Annotate these voxels, or remove the case.',
    );
  }
  const strange = counts.filter(([value]) => !labels.some((label) => label.value === value));
  if (strange.length === 0) return;
  const some = strange.slice(0, 5).map(([value, voxels]) => `${value} (${counted(voxels, 'voxel')})`);
  const more = strange.length > 5 ? ` and ${strange.length - 5} more` : '';
  const known = labels.map(({ name, value }) => `${value} \`${name}\``).join(', ');
  throw errorAt(
    place,
    'UNET6012',
    `contains values that are not classes: ${some.join(', ')}${more}`,
    `The classes of the data set are ${known}.`,
  );
}

function fromImage(
  place: Place,
  { header, data }: NiftiImage,
  modalities: readonly string[],
): Omit<DecodedCase, 'label' | 'labelCounts'> {
  const image = store(place, data, modalities);
  return {
    geometry: header.geometry,
    channels: header.channels,
    image,
    statistics: channelStatistics(place, image, modalities),
  };
}

type DecodedLabel = Pick<DecodedCase, 'label' | 'labelCounts'>;

async function decodeLabel(dataset: Dataset, each: DataCase, image: NiftiHeader): Promise<DecodedLabel> {
  const place = labelPlace(each);
  if (place === undefined) return { labelCounts: [] };
  const { header, data: stored } = await readNifti(place);
  checkLabelGeometry(place, header, image);
  const data = roundLabels(stored);
  const labelCounts = countValues(data);
  checkLabelValues(place, labelCounts, dataset.labels, dataset.ignore);
  return { label: data instanceof Uint8Array ? data : Uint8Array.from(data), labelCounts };
}

/**
 * Reads and checks a case's files.
 * @throws UserError with case and file: UNET6003, 6005 to 6009, 6012, 6013, 6120 to 6122, 6126, 6127, 6185
 */
export async function decodeCase(dataset: Dataset, each: DataCase): Promise<DecodedCase> {
  const place = imagePlace(each);
  const image = await readCaseImage(dataset, each);
  const label = await decodeLabel(dataset, each, image.header);
  return { ...fromImage(place, image, dataset.modalities), ...label };
}
