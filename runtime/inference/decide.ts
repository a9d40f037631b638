import type { FloatTensor, LabelTensor } from '../data/types.js';
import type { OutputDescription } from '../../contract/model-description.js';

type Labels = OutputDescription['labels'];

/** A region is predicted where its probability is above this. */
export const REGION_THRESHOLD = 0.5;

function classVolume({ data, shape }: FloatTensor, labels: Labels): LabelTensor {
  const voxels = data.length / labels.length;
  const values = labels.map((label, index) => label.values[0] ?? index);
  const decided = new Uint8Array(voxels);
  for (let voxel = 0; voxel < voxels; voxel++) {
    let best = 0;
    let highest = data[voxel]!;
    for (let label = 1; label < labels.length; label++) {
      const probability = data[label * voxels + voxel]!;
      if (probability > highest) {
        highest = probability;
        best = label;
      }
    }
    decided[voxel] = values[best]!;
  }
  return { data: decided, shape: shape.slice(1) };
}

/** The regions that a value belongs to, as bits by position. */
function patternOf(value: number, labels: Labels): number {
  return labels.reduce((bits, label, index) => (label.values.includes(value) ? bits | (1 << index) : bits), 0);
}

/** The value for a region painted over earlier ones: one that no later region has, else its first value. */
function paintOf(region: number, labels: Labels): number {
  const later = new Set(labels.slice(region + 1).flatMap((label) => label.values));
  const values = labels[region]!.values;
  return values.find((value) => !later.has(value)) ?? values[0] ?? 0;
}

/** The value to write for each bit pattern of predicted regions. */
function regionValues(labels: Labels): (bits: number) => number {
  const exact = new Map<number, number>([[0, 0]]);
  const values = [...new Set(labels.flatMap((label) => label.values))].sort((a, b) => a - b);
  for (const value of values) {
    const pattern = patternOf(value, labels);
    if (!exact.has(pattern)) exact.set(pattern, value);
  }
  return (bits) => {
    const known = exact.get(bits);
    if (known !== undefined) return known;
    const painted = paintOf(31 - Math.clz32(bits), labels);
    exact.set(bits, painted);
    return painted;
  };
}

function regionVolume({ data, shape }: FloatTensor, labels: Labels): LabelTensor {
  if (labels.length > 31) throw new RangeError(`${labels.length} regions`);
  const voxels = data.length / labels.length;
  const valueOf = regionValues(labels);
  const bits = new Int32Array(voxels);
  for (let region = 0; region < labels.length; region++) {
    for (let voxel = 0; voxel < voxels; voxel++)
      if (data[region * voxels + voxel]! > REGION_THRESHOLD) bits[voxel]! |= 1 << region;
  }
  return { data: Uint8Array.from(bits, valueOf), shape: shape.slice(1) };
}

/**
 * One label value for each voxel.
 *
 * `classes`: the value of the most probable class (the earlier one where two are equal).
 *
 * `regions` (probabilities above 0.5 are there): the lowest value whose regions are exactly those that are there, 0 for
 * none. Where no value has that combination, regions are painted in their declared order, each over the earlier ones
 * (nnU-Net's `regions_class_order`), with a value that no later region has: of `whole: [1, 2, 3], core: [2, 3]`, core
 * without whole becomes 2.
 *
 * @param probabilities [labels, ...spatial]
 * @returns [...spatial]: class indices or, for regions, the data set's values
 */
export function decide(probabilities: FloatTensor, output: Pick<OutputDescription, 'kind' | 'labels'>): LabelTensor {
  return output.kind === 'classes'
    ? classVolume(probabilities, output.labels)
    : regionVolume(probabilities, output.labels);
}
