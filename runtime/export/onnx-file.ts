import { encodeModel, type EncodableGraph } from '../engine/onnx/graph/encode.js';
import { UserError } from '../errors.js';
import { asFloat32, type HostTensor } from '../safetensors.js';

/** A model as the compiler emits it: weights stand in its graph by their ids. */
export interface EmittedModel {
  readonly name: string;
  readonly doc: string;
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: EncodableGraph & {
    readonly weights: readonly { readonly name: string; readonly id: string; readonly shape: readonly number[] }[];
  };
}

/** Version of the file format that came with operator set 17. */
const irVersion = 8;

/** What one protobuf message may hold, with room for all but the weights. */
const mostBytes = 2 ** 31 - 2 ** 24;

/**
 * The bytes of an ONNX file: a model with the values of its weights.
 * @param weights by id, in PyTorch's axis order
 * @param version of unet-lang, which the file names as its producer
 * @throws UserError UNET6072 where the weights need more than 2 GiB
 */
export function encodeOnnx(model: EmittedModel, weights: ReadonlyMap<string, HostTensor>, version: string): Uint8Array {
  const { graph, opset, ...header } = model;
  const filled = graph.weights.map(({ name, id, shape }) => {
    const tensor = weights.get(id);
    if (tensor === undefined) throw new Error(`the weight ${id} has no values`);
    return { value: { name, shape, type: 'float32' as const }, data: asFloat32(tensor) };
  });
  const bytes = filled.reduce((total, { data }) => total + data.byteLength, 0);
  if (bytes > mostBytes) throw tooLarge(model.name, bytes);
  const constants = [...graph.constants, ...filled];
  return encodeModel({ ...graph, constants }, { ...header, version, irVersion, opsets: { '': opset } });
}

function tooLarge(name: string, bytes: number): UserError {
  return new UserError(
    'UNET6072',
    `The weights of \`${name}\` take ${(bytes / 2 ** 30).toFixed(1)} GiB, but an ONNX file can contain at most 2 GiB.`,
    'Export them with `--format safetensors`.',
  );
}
