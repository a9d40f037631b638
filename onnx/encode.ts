/** Graphs as the bytes of an ONNX model (onnx.proto3). */
import protobuf from 'protobufjs';
import type { AnyValue, Attribute, Constant, ElementType, Graph, Node, Numbers, Size } from './graph.js';
import type { Target } from './target.js';

/** The part of onnx.proto that our graphs use, field numbers as there. */
const schema = `
syntax = "proto3";
message AttributeProto {
  string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated float floats = 7; repeated int64 ints = 8; int32 type = 20;
}
message NodeProto {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated AttributeProto attribute = 5; string domain = 7;
}
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { int64 dim_value = 1; string dim_param = 2; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TypeProto { TensorTypeProto tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message StringStringEntryProto { string key = 1; string value = 2; }
message GraphProto {
  repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; repeated ValueInfoProto value_info = 13;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto {
  int64 ir_version = 1; string producer_name = 2; string producer_version = 3; string doc_string = 6;
  GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
}`;

/** The numbers by which ONNX names element types. */
export const ELEMENT_TYPES: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

const ATTRIBUTE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** What a model says about its graph. */
export interface ModelHeader {
  readonly name: string;
  readonly doc?: string;
  /** Version of the program that wrote it. */
  readonly version?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

let modelType: protobuf.Type | undefined;

/** The bytes of a model. The graph's weights must be among its constants. */
export function encodeModel(graph: Graph<Size>, header: ModelHeader = { name: 'unet' }): Uint8Array {
  modelType ??= protobuf.parse(schema, { keepCase: true }).root.lookupType('ModelProto');
  const message = {
    ir_version: graph.target.irVersion,
    producer_name: 'unet',
    ...(header.version === undefined ? {} : { producer_version: header.version }),
    ...(header.doc === undefined ? {} : { doc_string: header.doc }),
    graph: {
      name: header.name,
      node: graph.nodes.map(nodeMessage),
      initializer: graph.constants.map(tensorMessage),
      input: graph.inputs.map(valueMessage),
      output: graph.outputs.map(valueMessage),
    },
    opset_import: opsets(graph.target),
    metadata_props: Object.entries(header.metadata ?? {}).map(([key, value]) => ({ key, value })),
  };
  return modelType.encode(message).finish();
}

function opsets({ opset, contributed }: Target): object[] {
  const standard = { domain: '', version: opset };
  return contributed ? [standard, { domain: 'com.microsoft', version: 1 }] : [standard];
}

function nodeMessage({ op, domain, name, inputs, outputs, attributes }: Node): object {
  return {
    input: inputs.map((each) => each.name),
    output: outputs.map((each) => each.name),
    name,
    op_type: op,
    attribute: Object.entries(attributes).map((each) => attributeMessage(...each)),
    domain,
  };
}

function attributeMessage(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, i: value, type: ATTRIBUTE.int };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: ATTRIBUTE.string };
  if ('float' in value) return { name, f: value.float, type: ATTRIBUTE.float };
  return { name, ints: value, type: ATTRIBUTE.ints };
}

function tensorMessage({ value, data }: Constant): object {
  return { dims: value.shape, data_type: ELEMENT_TYPES[value.type], name: value.name, raw_data: bytesOf(data) };
}

function bytesOf(data: Numbers): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function valueMessage({ name, type, shape }: AnyValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dim_value: size } : { dim_param: size }));
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPES[type], shape: { dim } } } };
}
