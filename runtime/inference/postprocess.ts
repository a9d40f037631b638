import type { OutputDescription } from '../../contract/model-description.js';
import type { PostprocessStep } from '../../contract/protocol.js';
import type { Geometry, LabelTensor } from '../data/types.js';
import { connectedComponents } from './components.js';

type Output = Pick<OutputDescription, 'kind' | 'labels'>;

/** Sizes in mm3 are compared to this precision: spacings are derived from affines, which are rounded. */
const PRECISION = 1e-6;

/** A part of the mask whose components are examined: the values that belong to it, and what replaces each of them. */
interface Part {
  readonly values: ReadonlySet<number>;
  readonly replacements: Uint8Array;
}

/** The values of each label, in the order of the labels. */
function valuesOf({ kind, labels }: Output): readonly (readonly number[])[] {
  return labels.map(({ values }, index) => (kind === 'classes' ? [values[0] ?? index] : values));
}

/**
 * The value that replaces one from which labels are removed: of the values without these labels and without labels that the
 * voxel did not have, the lowest with the most labels; 0 if there is none.
 */
function replacementOf(value: number, removed: ReadonlySet<number>, labels: readonly (readonly number[])[]): number {
  const had = labels.filter((values) => values.includes(value));
  const others = labels.filter((values) => !values.includes(value)).flat();
  const known = [...new Set(labels.flat())].sort((a, b) => a - b);
  const allowed = known.filter((each) => !removed.has(each) && !others.includes(each));
  const kept = allowed.map((each) => had.filter((values) => values.includes(each)).length);
  const most = Math.max(0, ...kept);
  return most === 0 ? 0 : allowed[kept.indexOf(most)]!;
}

function partOf(indices: readonly number[], output: Output): Part {
  const all = valuesOf(output);
  const values = new Set(indices.flatMap((index) => all[index]!));
  const background = all[0]![0]!;
  const replacements = Uint8Array.from({ length: 256 }, (_, value) => {
    if (!values.has(value)) return value;
    return output.kind === 'classes' ? background : replacementOf(value, values, all);
  });
  return { values, replacements };
}

/** The parts that a step treats separately. */
function partsOf({ classes, components }: PostprocessStep, output: Output): readonly Part[] {
  const names = output.labels.map(({ name }) => name);
  const foreground = output.kind === 'classes' ? names.slice(1) : names;
  const indices = (classes ?? foreground).map((name) => names.indexOf(name));
  return (components === 'union' ? [indices] : indices.map((index) => [index])).map((each) => partOf(each, output));
}

/** Whether each component, from 1, is kept. */
function keptComponents(sizes: Float64Array, step: PostprocessStep, voxelVolume: number): readonly boolean[] {
  if (step.kind === 'largest') {
    const largest = sizes.indexOf(sizes.reduce((most, size) => Math.max(most, size), 1));
    return Array.from(sizes, (_, component) => component === largest);
  }
  const unit = step.unit === 'mm3' ? voxelVolume : 1;
  return Array.from(sizes, (size) => size * unit >= step.size * (1 - PRECISION));
}

function removeComponents(
  data: Uint8Array,
  shape: Geometry['shape'],
  { values, replacements }: Part,
  step: PostprocessStep,
  voxelVolume: number,
): void {
  const mask = data.map((value) => (values.has(value) ? 1 : 0));
  const { count, labels } = connectedComponents(mask, shape, step.connectivity);
  const sizes = new Float64Array(count + 1);
  for (const component of labels) if (component > 0) sizes[component]!++;
  const kept = keptComponents(sizes, step, voxelVolume);
  for (let voxel = 0; voxel < data.length; voxel++) {
    const component = labels[voxel]!;
    if (component > 0 && !kept[component]!) data[voxel] = replacements[data[voxel]!]!;
  }
}

/**
 * Removes components from a decided mask, step by step, and within a step label by label in the order in which they are named.
 *
 * Voxels of a removed component of a class become background. Those of a region lose that region and the regions
 * that lie within it: they take the value that keeps the most of their other regions.
 *
 * @param mask [D, H, W], as `decide` returns it
 * @param spacing of the mask's voxels along [D, H, W] in millimetres
 * @returns a new mask; the given one if there are no steps
 */
export function postprocess(
  mask: LabelTensor,
  output: Output,
  steps: readonly PostprocessStep[],
  spacing: Geometry['spacing'],
): LabelTensor {
  if (steps.length === 0) return mask;
  const data = Uint8Array.from(mask.data);
  const [depth = 1, height = 1, width = 1] = mask.shape;
  const voxelVolume = spacing.reduce((product, each) => product * each, 1);
  for (const step of steps)
    for (const part of partsOf(step, output)) removeComponents(data, [depth, height, width], part, step, voxelVolume);
  return { data, shape: mask.shape };
}
