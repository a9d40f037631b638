import { encodeModel } from '../../onnx/encode.js';
import type { OnnxModel } from '../../onnx/graph.js';
import { UserError } from '../errors/user-error.js';
import { asFloat32, type HostTensor } from '../files/safetensors.js';

/** The size limit of a protobuf message, minus room for everything except the weights. */
const mostBytes = 2 ** 31 - 2 ** 24;

/**
 * Returns the bytes of an ONNX file: a model with the values of its weights.
 * @param weights by id, in PyTorch's axis order
 * @param version of unet-lang, which the file names as its producer
 * @throws UserError UNET6072 if the weights need more than 2 GiB
 */
export function encodeOnnx(model: OnnxModel, weights: ReadonlyMap<string, HostTensor>, version: string): Uint8Array {
  const { graph, ...header } = model;
  const filled = graph.weights.map(({ name, id, shape }) => {
    const tensor = weights.get(id);
    if (tensor === undefined) throw new Error(`the weight ${id} has no values`);
    return { value: { name, shape, type: 'float32' as const }, data: asFloat32(tensor) };
  });
  const bytes = filled.reduce((total, { data }) => total + data.byteLength, 0);
  if (bytes > mostBytes) throw tooLarge(model.name, bytes);
  const constants = [...graph.constants, ...filled];
  return encodeModel({ ...graph, constants }, { ...header, version });
}

function tooLarge(name: string, bytes: number): UserError {
  return new UserError(
    'UNET6072',
    `The weights of \`${name}\` take ${(bytes / 2 ** 30).toFixed(1)} GiB, but an ONNX file can contain at most 2 GiB.`,
    'Export them with `--format safetensors`.',
  );
}
