import type { FloatTensor, LabelTensor } from '../data/types.js';
import type { InputDescription, ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { asFloat32, asInt32, type HostTensor } from '../files/safetensors.js';
import { counted } from '../../text/count.js';

/** A batch as read from a file, with `target` if the file has one. */
export interface GivenBatch {
  readonly inputs: Readonly<Record<string, FloatTensor>>;
  readonly identifiers: Readonly<Record<string, Int32Array>>;
  readonly target: LabelTensor | undefined;
  /** Names in the file that are neither inputs nor `target`. */
  readonly ignored: readonly string[];
}

type Tensors = ReadonlyMap<string, HostTensor>;
type ImageInput = InputDescription & { readonly kind: 'image' };
type IdentifierInput = InputDescription & { readonly kind: 'identifier' };

function fault(message: string, help: string): UserError {
  return new UserError('UNET6061', message, help);
}

function show(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The legal sizes of `axis` near `size`, in words. */
function checkSize(name: string, axis: ImageInput['axes'][number], size: number, description: ModelDescription): void {
  if (axis.size !== undefined && axis.size !== size) {
    throw fault(
      `The input \`${name}\` has ${counted(size, 'voxel')} along ${axis.name}, but the network requires ${axis.size}.`,
      `Give ${counted(axis.size, 'voxel')} along ${axis.name}.`,
    );
  }
  const legal = description.legal.find((each) => each.axis === axis.name);
  // A step of 0 allows only the first size.
  const steps = legal === undefined || size === legal.first ? 0 : (size - legal.first) / legal.step;
  if (legal === undefined || (steps >= 0 && Number.isInteger(steps))) return;
  const below = legal.first + Math.floor(steps) * legal.step;
  const near = size < legal.first || legal.step === 0 ? `${legal.first}` : `${below} or ${below + legal.step}`;
  throw fault(
    `The input \`${name}\` has ${counted(size, 'voxel')} along ${axis.name}, which is not a legal size for the network.`,
    `Give ${near} voxels along ${axis.name}.`,
  );
}

function readImage(input: ImageInput, tensors: Tensors, description: ModelDescription): FloatTensor {
  const tensor = tensors.get(input.name);
  const wanted = `[N, ${[input.channels.length, ...input.axes.map((axis) => axis.name)].join(', ')}]`;
  if (tensor === undefined) {
    throw fault(
      `The input file does not contain a tensor \`${input.name}\`.`,
      `Add a tensor of shape ${wanted}; the file contains ${[...tensors.keys()].map((name) => `\`${name}\``).join(', ') || 'none'}.`,
    );
  }
  const [cases, channels, ...spatial] = tensor.shape;
  if (spatial.length !== input.axes.length || channels !== input.channels.length || cases === 0) {
    throw fault(
      `The input \`${input.name}\` has the shape ${show(tensor.shape)}; expected ${wanted}.`,
      `Its channels are ${input.channels.join(', ')}, in this order.`,
    );
  }
  input.axes.forEach((axis, index) => checkSize(input.name, axis, spatial[index]!, description));
  return { shape: tensor.shape, data: asFloat32(tensor) };
}

/** Zeros for an image that the network does not use, with the sizes of the others. */
function placeholder(input: ImageInput, sizes: ReadonlyMap<string, number>, cases: number): FloatTensor {
  const spatial = input.axes.map(({ name, size }) => size ?? sizes.get(name) ?? 1);
  const shape = [cases, input.channels.length, ...spatial];
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
}

/** The size of each axis, which must be the same in all images that have it. */
function sizesOf(images: readonly ImageInput[], inputs: Readonly<Record<string, FloatTensor>>): Map<string, number> {
  const first = new Map<string, { readonly input: string; readonly size: number }>();
  for (const { name: input, axes } of images) {
    for (const [index, { name: axis }] of axes.entries()) {
      const size = inputs[input]!.shape[index + 2]!;
      const known = first.get(axis);
      if (known === undefined) first.set(axis, { input, size });
      else if (known.size !== size) {
        throw fault(
          `The inputs \`${known.input}\` and \`${input}\` have ${known.size} and ${counted(size, 'voxel')} along ${axis}.`,
          'Images that share an axis must have the same size along it.',
        );
      }
    }
  }
  return new Map([...first].map(([axis, { size }]) => [axis, size]));
}

function readIdentifier(input: IdentifierInput, tensors: Tensors, cases: number): Int32Array {
  const tensor = tensors.get(input.name);
  if (tensor === undefined) return new Int32Array(cases).fill(-1);
  const values = asInt32(tensor);
  if (values.length !== cases) {
    throw fault(
      `The identifier \`${input.name}\` has ${counted(values.length, 'value')} for ${counted(cases, 'case')}.`,
      'Give one integer per case, or -1 for a case without a value.',
    );
  }
  const stray = values.find((value) => value < -1 || value >= input.count);
  if (stray === undefined) return values;
  throw fault(
    `The identifier \`${input.name}\` is ${stray}; the network accepts 0 to ${input.count - 1}.`,
    'Use -1 for a case without a value.',
  );
}

function readTarget(tensors: Tensors, cases: number, rank: number): LabelTensor | undefined {
  const tensor = tensors.get('target');
  if (tensor === undefined) return undefined;
  if (tensor.shape[0] !== cases || tensor.shape.length !== rank + 1) {
    throw fault(
      `The target has the shape ${show(tensor.shape)}, but the input has ${counted(cases, 'case')} with ${counted(rank, 'spatial axis', 'spatial axes')}.`,
      'The target must have one label value per voxel: [N, ...spatial].',
    );
  }
  const values = asInt32(tensor);
  const stray = values.find((value) => value < 0 || value > 255);
  if (stray !== undefined)
    throw fault(`The target contains the value ${stray}.`, 'Label values are whole numbers from 0 to 255.');
  return { shape: tensor.shape, data: Uint8Array.from(values) };
}

/**
 * Reads the network's inputs and the target from a file's tensors, which are named as the spec's inputs. Images are
 * `[N, C, ...spatial]`, identifiers `[N]` (if absent, none for every case), `target` is `[N, ...spatial]`. An image
 * that the network does not use may be absent.
 * @throws UserError UNET6061 that names the tensor which is missing or has the wrong shape
 */
export function readInputs(description: ModelDescription, tensors: Tensors): GivenBatch {
  const images = description.inputs.filter((input): input is ImageInput => input.kind === 'image');
  const identifiers = description.inputs.filter((input): input is IdentifierInput => input.kind === 'identifier');
  const given = images.filter(({ name, unused }) => unused !== true || tensors.has(name));
  const inputs = Object.fromEntries(given.map((input) => [input.name, readImage(input, tensors, description)]));
  const sizes = sizesOf(given, inputs);
  const counts = new Set(Object.values(inputs).map(({ shape }) => shape[0]!));
  const [cases = 1] = counts;
  if (counts.size > 1)
    throw fault(
      `The inputs have different numbers of cases: ${[...counts].join(' and ')}.`,
      'Give each the same number of cases.',
    );
  for (const input of images) inputs[input.name] ??= placeholder(input, sizes, cases);
  const known = new Set([...description.inputs.map((input) => input.name), 'target']);
  return {
    inputs,
    identifiers: Object.fromEntries(identifiers.map((input) => [input.name, readIdentifier(input, tensors, cases)])),
    target: readTarget(tensors, cases, images[0]?.axes.length ?? 0),
    ignored: [...tensors.keys()].filter((name) => !known.has(name)),
  };
}
