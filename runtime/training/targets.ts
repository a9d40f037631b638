import type { LabelTensor } from '../data/types.js';
import type { OutputDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { layout } from '../ops/layout.js';
import { sizeOf } from '../files/safetensors.js';

/** For each index along an axis of the result, the index along the axis of the source. */
type IndexMap = (index: number, axis: number) => number;

/** Selects voxels of `[N, ...spatial]`; the batch is unchanged. */
function pickVoxels(source: LabelTensor, spatial: readonly number[], map: IndexMap): LabelTensor {
  const [cases = 0, ...from] = source.shape;
  const lists = spatial.map((size, axis) => Array.from({ length: size }, (_, index) => map(index, axis)));
  let positions: number[] = Array.from({ length: cases }, (_, index) => index);
  lists.forEach((list, axis) => {
    const extent = from[axis]!;
    positions = positions.flatMap((base) => list.map((index) => base * extent + index));
  });
  return { shape: [cases, ...spatial], data: Uint8Array.from(positions, (position) => source.data[position]!) };
}

function sameSizes(label: LabelTensor, spatial: readonly number[]): boolean {
  return spatial.every((size, axis) => size === label.shape[axis + 1]);
}

/**
 * Crops a target `[N, ...spatial]` to the centre covered by an output that valid convolutions made smaller; an odd
 * voxel is cut after, as by the language's `crop`.
 * @throws UserError UNET6062 if the output is larger or has another rank
 */
export function cropToOutput(target: LabelTensor, spatial: readonly number[], output: string): LabelTensor {
  const fits =
    target.shape.length === spatial.length + 1 && spatial.every((size, axis) => size <= target.shape[axis + 1]!);
  if (!fits) {
    throw new UserError(
      'UNET6062',
      `The output \`${output}\` is ${spatial.join(' x ')} voxels where the target is ${target.shape.slice(1).join(' x ')}.`,
      'An output may be smaller than its patch (its centre is compared), never larger.',
    );
  }
  if (sameSizes(target, spatial)) return target;
  return pickVoxels(
    target,
    spatial,
    (index, axis) => index + Math.floor((target.shape[axis + 1]! - spatial[axis]!) / 2),
  );
}

/** Resizes a target to an auxiliary prediction by nearest voxel, with half-pixel centres. */
export function resizeToAuxiliary(target: LabelTensor, spatial: readonly number[]): LabelTensor {
  if (sameSizes(target, spatial)) return target;
  return pickVoxels(target, spatial, (index, axis) =>
    Math.floor(((index + 0.5) * target.shape[axis + 1]!) / spatial[axis]!),
  );
}

/** A value of a batch's target: the voxel counts in no loss. */
export const IGNORED = 254;

/** Returns whether a target has voxels that count in no loss. */
export function hasIgnored(target: LabelTensor): boolean {
  return target.data.includes(IGNORED);
}

/** 256 rows, one for each value of the target: the labels that contain it, or -1 for all. */
function membership(output: OutputDescription): Float32Array {
  const labels = output.labels.length;
  const table = new Float32Array(256 * labels);
  output.labels.forEach((label, index) => {
    // Classes are indices by position in a batch's target; regions list the data set's own values.
    const values = output.kind === 'classes' ? [index] : label.values;
    for (const value of values) table[value * labels + index] = 1;
  });
  table.fill(-1, IGNORED * labels, (IGNORED + 1) * labels);
  return table;
}

/** @throws UserError UNET6062 for a class index that the output does not have */
function checkClasses(target: LabelTensor, output: OutputDescription): void {
  if (output.kind !== 'classes') return;
  const stray = target.data.find((value) => value >= output.labels.length && value !== IGNORED);
  if (stray === undefined) return;
  throw new UserError(
    'UNET6062',
    `The target holds the class ${stray}, and the output \`${output.name}\` has the classes 0 to ${output.labels.length - 1}.`,
    'Make the labels of the data set and those of the output agree.',
  );
}

/** Shape of an encoded target in memory: `[N, labels, ...spatial]` in the current layout. */
export function encodedShape([cases = 0, ...spatial]: readonly number[], output: OutputDescription): number[] {
  const labels = output.labels.length;
  return layout() === 'channels-last' ? [cases, ...spatial, labels] : [cases, labels, ...spatial];
}

/**
 * Encodes a target `[N, ...spatial]` by label: 1 or 0, `[N, labels, ...spatial]`, in the memory order of the current
 * layout. Each voxel has exactly one label for `classes`, any number for `regions`; one to ignore is -1 for all labels.
 * @throws UserError UNET6062 for a class index that the output does not have
 */
export function encodeTarget(target: LabelTensor, output: OutputDescription): Float32Array {
  checkClasses(target, output);
  const table = membership(output);
  const labels = output.labels.length;
  const [cases = 0, ...spatial] = target.shape;
  const voxels = sizeOf(spatial);
  const [voxelStride, labelStride] = layout() === 'channels-last' ? [labels, 1] : [1, voxels];
  const values = new Float32Array(cases * voxels * labels);
  for (let at = 0; at < target.data.length; at++) {
    const base = Math.floor(at / voxels) * voxels * labels + (at % voxels) * voxelStride;
    const row = target.data[at]! * labels;
    for (let label = 0; label < labels; label++) values[base + label * labelStride] = table[row + label]!;
  }
  return values;
}
