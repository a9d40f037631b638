import type { InputDescription, ModelDescription, OutputDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { didYouMean, findName, listNames } from './names.js';
import type { Dataset, Matching } from './types.js';

/** In `Matching.targets`: the data set has no such label value. */
export const NO_TARGET = 255;

type ImageInput = Extract<InputDescription, { kind: 'image' }>;

/** The network's image inputs, in order. */
export function imageInputs(description: Pick<ModelDescription, 'inputs'>): ImageInput[] {
  return description.inputs.filter((input): input is ImageInput => input.kind === 'image');
}

function quote(dir: string): string {
  return `Data set \`${dir}\``;
}

/** Indices of `wanted` in `present`; a single error names everything that is missing and everything that exists. */
function indicesByName(
  wanted: readonly string[],
  present: readonly string[],
  missingError: (missing: readonly string[]) => { code: string; message: string },
  kind: string,
): number[] {
  const indices = wanted.map((name) => findName(name, present));
  const missing = wanted.filter((_, k) => indices[k] === -1);
  if (missing.length === 0) return indices;
  const { code, message } = missingError(missing);
  const has = `The data set has ${kind} ${listNames(present)}.`;
  const near = missing.length === 1 && missing[0] !== undefined ? didYouMean(missing[0], present, '') : '';
  throw new UserError(code, message, near === '' ? has : `${near} ${has}`);
}

function matchChannels(dataset: Dataset, input: ImageInput): number[] {
  return indicesByName(
    input.channels,
    dataset.modalities,
    (missing) => ({
      code: 'UNET6010',
      message: `${quote(dataset.dir)} does not have the modality ${listNames(missing)}, which the input \`${input.name}\` requires.`,
    }),
    'the modalities',
  );
}

/** Maps the data set's label values to class indices, by name; every class of either side needs a counterpart. */
function classTargets(dataset: Dataset, output: OutputDescription): Map<number, number> {
  if (dataset.regions.length > 0) {
    throw new UserError(
      'UNET6022',
      `The classes of data set \`${dataset.dir}\` overlap: ${regionTexts(dataset.regions)}. Output \`${output.name}\` has exclusive classes.`,
      `Declare the output as \`regions(${dataset.regions.map(({ name, values }) => `\`${name}\`: [${values.join(', ')}]`).join(', ')})\`.`,
    );
  }
  const classes = output.labels.map(({ name }) => name);
  const names = dataset.labels.map(({ name }) => name);
  const indices = indicesByName(
    classes,
    names,
    (missing) => ({
      code: 'UNET6011',
      message: `${quote(dataset.dir)} does not have the class ${listNames(missing)}, which the output \`${output.name}\` predicts.`,
    }),
    'the classes',
  );
  const left = dataset.labels.filter((_, index) => !indices.includes(index));
  if (left.length > 0) {
    throw new UserError(
      'UNET6022',
      `Output \`${output.name}\` has no class for ${listNames(left.map(({ name }) => name))} of data set \`${dataset.dir}\`.`,
      `Add the class to the output, or use \`regions\`, which need not cover all values.`,
    );
  }
  return new Map(indices.map((index, position) => [dataset.labels[index]?.value ?? 0, position]));
}

function regionTexts(regions: Dataset['regions']): string {
  return regions.map(({ name, values }) => `\`${name}\` (${values.join(', ')})`).join(', ');
}

/** Rejects a region that the data set declares under the same name with other values. */
function refuseOtherRegion(dataset: Dataset, { name, values }: OutputDescription['labels'][number]): void {
  const names = dataset.regions.map((region) => region.name);
  const declared = dataset.regions[findName(name, names)];
  if (declared === undefined || sorted(declared.values) === sorted(values)) return;
  throw new UserError(
    'UNET6011',
    `The region \`${name}\` contains the label values ${sorted(values)}, but in data set \`${dataset.dir}\` it contains ${sorted(declared.values)}.`,
    'Use the values of the data set, or give the region another name.',
  );
}

function sorted(values: readonly number[]): string {
  return [...values].sort((a, b) => a - b).join(', ');
}

/** Label values map to themselves; a region may only name existing values. */
function regionTargets(dataset: Dataset, output: OutputDescription): Map<number, number> {
  const values = dataset.labels.map(({ value }) => value);
  for (const region of output.labels) {
    refuseOtherRegion(dataset, region);
    const missing = region.values.filter((value) => !values.includes(value));
    if (missing.length > 0) {
      throw new UserError(
        'UNET6011',
        `${quote(dataset.dir)} does not have the label value ${missing.join(', ')}, which the region \`${region.name}\` contains.`,
        `The data set has ${dataset.labels.map(({ name, value }) => `${value} (\`${name}\`)`).join(', ')}.`,
      );
    }
  }
  return new Map(values.map((value) => [value, value]));
}

function targetsOf(dataset: Dataset, output: OutputDescription): Map<number, number> {
  return output.kind === 'classes' ? classTargets(dataset, output) : regionTargets(dataset, output);
}

/** Outputs share one target volume, so all must map the data set's values in the same way. */
function commonTargets(dataset: Dataset, description: ModelDescription): Map<number, number> {
  const [first, ...rest] = description.outputs;
  if (first === undefined) throw new UserError('UNET6011', `Model \`${description.name}\` has no output to train.`);
  const targets = targetsOf(dataset, first);
  for (const output of rest) {
    const other = targetsOf(dataset, output);
    if ([...targets].some(([value, target]) => other.get(value) !== target)) {
      throw new UserError(
        'UNET6022',
        `Outputs \`${first.name}\` and \`${output.name}\` order the classes of the data set differently.`,
        'List the classes in the same order in each output.',
      );
    }
  }
  return targets;
}

/**
 * Finds the network's channels and classes in a data set by name: exactly, else ignoring case, spaces, hyphens and
 * underscores. Channels are returned in the network's order, label values as the network's class indices.
 * @throws UserError UNET6010 (modality), UNET6011 (class or region value), UNET6022 (class without a counterpart)
 */
export function matchInputs(dataset: Dataset, description: ModelDescription): Matching {
  const images = imageInputs(description).map((input) => ({
    input: input.name,
    channels: matchChannels(dataset, input),
  }));
  const targets = new Uint8Array(256).fill(NO_TARGET);
  const values = new Uint8Array(256);
  for (const [value, target] of commonTargets(dataset, description)) {
    targets[value] = target;
    values[target] = value;
  }
  return { images, targets, values };
}
