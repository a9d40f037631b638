/** Calls of built-in layers with the settings that the spec gives them. */
import { ruleOf } from '../evaluate/initial.js';
import type { Op } from '../ir/ir.js';
import { callCode, code, literal, type Code, type Setting } from './code.js';
import type { LayerOf } from './layer-form.js';
import { camelCase, completeCall, padSettings } from './op-call.js';
import { isLiteral, scalarCode } from './scalar-code.js';
import { Unstructured } from './unstructured.js';
import { valueOf, type Writer } from './writer.js';

/** A built-in layer. One that does nothing here, such as a resize to the same size, is replaced by its operand. */
export function primitiveCode(
  writer: Writer,
  layer: LayerOf<'primitive'>,
  id: string,
  tensors: readonly string[],
): Code {
  const { primitive, recipes } = layer;
  const ops = recipes.flatMap((recipe) => writer.context.evaluation.applications.operationsOf(recipe));
  const [first] = ops;
  const op = first === undefined ? undefined : writer.context.ops.get(first);
  if (primitive.name === 'identity') return code(tensors[0] ?? '');
  if (op === undefined && ['resize', 'pad', 'crop'].includes(primitive.name)) return code(tensors[0] ?? '');
  const all = ops.flatMap((each) => writer.context.ops.get(each) ?? []);
  const settings = primitive.parameters.flatMap(({ name }) => settingOf(writer, layer, name, all));
  const name = camelCase(primitive.name);
  return callCode(completeCall({ name, settings }, writer.idCode(id), tensors));
}

/** A setting of a built-in layer as written in the spec; omitted if it equals the runtime's default. */
function settingOf(writer: Writer, layer: LayerOf<'primitive'>, name: string, ops: readonly Op[]): readonly Setting[] {
  const { primitive, bound } = layer;
  const node = bound.get(name);
  if (node === undefined) {
    if (name === 'bias' && primitive.name === 'linear') return [['bias', 'true']];
    return name === 'pad' && !primitive.name.endsWith('_pool') ? defaultPad(writer, layer, ops) : [];
  }
  if ('flat' in node) return [[name, node.flat]];
  if (name === 'init') {
    const value = valueOf(writer, node);
    if (value?.kind !== 'choice') throw new Unstructured('an initial value that is a parameter');
    return [['initial', literal({ ...ruleOf(value) })]];
  }
  if (name === 'mode') {
    const value = valueOf(writer, node);
    const word = value?.kind === 'choice' ? (runtimeModes[value.name] ?? value.name) : 'linear';
    return word === 'zeros' ? [] : [['mode', literal(word)]];
  }
  const text = scalarCode(writer, node);
  return usual[name] === text ? [] : [[camelCase(name), text]];
}

/** Words for which the runtime has another name: it finds the number of axes itself. */
const runtimeModes: Readonly<Record<string, string>> = { bilinear: 'linear', trilinear: 'linear' };

/** The default settings of the runtime. */
const usual: Readonly<Record<string, string>> = {
  dilation: '1',
  bias: 'false',
  affine: 'true',
  align_corners: 'false',
  shared: 'false',
  output_pad: '0',
  pad: '0',
  epsilon: '0.00001',
  momentum: '0.1',
  frozen: 'false',
};

/** The default padding, half of an odd kernel, as numbers if the kernel is a number. */
function defaultPad(
  writer: Writer,
  { primitive, bound }: LayerOf<'primitive'>,
  ops: readonly Op[],
): readonly Setting[] {
  const pads = ops.flatMap((op) => ('pad' in op.attributes ? [padSettings(op.attributes.pad)] : []));
  const [first] = pads;
  const agreed = first !== undefined && pads.every((pad) => String(pad) === String(first)) ? first : undefined;
  const isFixed = ['kernel', 'dilation'].every((name) => {
    const node = bound.get(name);
    return node === undefined || (!('flat' in node) && isLiteral(writer, node));
  });
  const kernel = bound.get('kernel');
  if (pads.length === 0 && kernel !== undefined && 'kind' in kernel && kernel.kind === 'Number' && kernel.value === 1) {
    return [];
  }
  if (agreed !== undefined && (isFixed || primitive.name === 'transposed_conv')) return agreed;
  if (primitive.name === 'transposed_conv' && pads.length > 0) throw new Unstructured('paddings that differ');
  return [['pad', '"same"']];
}
