/** Generates the function of a block: its parameters, doc comment and body. */
import type { BlockNode, Expression, LetNode, ParameterNode, ParamNode } from '../../grammar/ast.js';
import { layerState } from '../evaluate/layer-state.js';
import { readType, type Type } from '../evaluate/types.js';
import { ruleOf } from '../evaluate/initial.js';
import type { BlockFunction } from './block-functions.js';
import { callCode, literal, type Code } from './code.js';
import type { GeneratedFunction, GeneratedParameter } from './module.js';
import { bindValue, constantOf, isTensors } from './named-values.js';
import { scalarCode } from './scalar-code.js';
import { renderStatements } from './statements.js';
import { innerId, layerType, layerTypeOf, layerValue } from './apply-layer.js';
import { tensorCode, type Place } from './tensor-code.js';
import { newWriter, valueOf, type ModuleContext, type Writer } from './writer.js';
import { Unstructured } from './unstructured.js';

export function blockFunction(context: ModuleContext, { name, block, uses, images }: BlockFunction): GeneratedFunction {
  const writer = newWriter(context, { block, uses, idCode: innerId });
  const tensors = bindTensors(writer, block);
  const sized = [...images].map((image) => bindImage(writer, image));
  const parameters = block.parameters.map((parameter) => blockParameter(writer, parameter));
  writeMembers(writer, block);
  return {
    name,
    isExported: false,
    doc: block.doc ?? '',
    parameters: [{ name: 'at', type: 'string' }, ...tensors, ...sized, ...parameters],
    returnType: returnsList(writer, block) ? 'Tensor[]' : 'Tensor',
    statements: renderStatements([...writer.opening, ...writer.statements]),
  };
}

function bindTensors(writer: Writer, block: BlockNode): readonly GeneratedParameter[] {
  return block.members.flatMap((member) => {
    const symbol = member.kind === 'Tensor' ? writer.context.evaluation.declared.get(member) : undefined;
    if (member.kind !== 'Tensor' || symbol === undefined) return [];
    const text = writer.names.nameFor(member.name.name);
    writer.bindings.set(symbol, { kind: 'tensor', text });
    return [{ name: text, type: 'Tensor' }];
  });
}

/** An image whose sizes a split needs. */
function bindImage(writer: Writer, id: string): GeneratedParameter {
  const text = writer.names.nameFor(id);
  writer.variables.set(id, text);
  return { name: text, type: 'Tensor' };
}

/** A parameter with its type and, if it does not depend on the body, its default. */
function blockParameter(writer: Writer, parameter: ParameterNode): GeneratedParameter {
  const symbol = writer.context.evaluation.declared.get(parameter);
  const name = writer.names.captureFor(parameter.name.name);
  const ignore = (): void => undefined;
  const declared = readType(parameter.type, ignore);
  const type = parameterType(writer, parameter, declared);
  const isLayer = declared.kind === 'layer' || declared.kind === 'fusion';
  const bind = (): void => {
    if (symbol === undefined) return;
    const kind = declared.kind === 'identifier' ? 'tensor' : 'scalar';
    writer.bindings.set(symbol, isLayer ? { kind: 'layer', text: name, layer: undefined } : { kind, text: name });
  };
  const { value } = parameter;
  if (value === undefined) {
    bind();
    return { name, type };
  }
  const initializer = defaultCode(writer, value, isLayer);
  bind();
  if (writer.axes.size > 0) throw new Unstructured('a default that depends on a tensor');
  return { name, type, initializer };
}

function defaultCode(writer: Writer, node: Expression, isLayer: boolean): string {
  if (node.kind === 'Number' || node.kind === 'Boolean') return literal(node.value);
  const value = valueOf(writer, node);
  if (value?.kind === 'choice') return literal({ ...ruleOf(value) });
  // A default that is never used has no value, but can still be written.
  if (value?.kind === 'layer' || isLayer) return layerValue(writer, node).flat;
  return scalarCode(writer, node);
}

/** The TypeScript type of a parameter, from its declared type and its values. */
function parameterType(writer: Writer, parameter: ParameterNode, type: Type): string {
  const values = writer.uses.flatMap((use) => {
    const given = use.bound.get(parameter.name.name)?.value;
    const value = given ?? (parameter.value === undefined ? undefined : use.values.get(parameter.value));
    return value === undefined ? [] : [value];
  });
  switch (type.kind) {
    case 'int':
    case 'float':
      return 'number';
    case 'bool':
      return 'boolean';
    case 'size':
      return values.every(({ kind }) => kind === 'number') ? 'number' : 'unet.Size';
    case 'identifier':
      return 'Tensor';
    case 'init':
      return 'unet.InitialRule';
    case 'layer':
    case 'fusion': {
      const types = new Set(values.map((value) => (value.kind === 'layer' ? layerType(writer, value) : undefined)));
      const [first] = types;
      const named =
        types.size === 1 && first !== undefined ? first : types.size === 0 ? layerTypeOf(writer, type) : undefined;
      if (named === undefined) {
        const counts = new Set(values.map((value) => (value.kind === 'layer' ? layerState(value).tensors.length : 0)));
        if (counts.size > 1) throw new Unstructured('layers of different numbers of tensors');
        return '(at: string, ...x: Tensor[]) => Tensor';
      }
      return named;
    }
    case 'list':
      return type.of.kind === 'layer' ? listOf(writer) : 'readonly number[]';
    default:
      throw new Unstructured(`a parameter of type ${type.kind}`);
  }
}

function listOf(writer: Writer): string {
  writer.context.types.add('Layer');
  return 'readonly Layer[]';
}

function writeMembers(writer: Writer, block: BlockNode): void {
  for (const member of block.members) {
    if (member.kind === 'Param') writeParam(writer, member);
    if (member.kind === 'Let') writeLet(writer, member);
    if (member.kind === 'Result') {
      const names = writer.context.evaluation.namesIn(member.value);
      const variable = writer.names.nameFor('y');
      const place: Place = { prefix: '', names, variable, isResult: true };
      writer.statements.push({ kind: 'return', value: tensorCode(writer, member.value, place) });
    }
  }
}

function writeLet(writer: Writer, member: LetNode): void {
  const { name, value: node } = member;
  if (member.indices.length > 0) throw new Unstructured('a family in a block');
  const { evaluation } = writer.context;
  const symbol = evaluation.declared.get(member);
  const value = valueOf(writer, node);
  if (symbol === undefined || value === undefined) return;
  if (value.kind === 'tensor' || isTensors(value)) {
    const variable = writer.names.nameFor(name.name);
    const place = { prefix: name.name, names: evaluation.namesIn(node), variable };
    const made = tensorCode(writer, node, place);
    if (made.flat !== variable) writer.statements.push({ kind: 'assign', variable, value: made });
    bindValue(writer, symbol, variable, node, value);
    return;
  }
  const variable = writer.names.captureFor(name.name);
  const made = constantOf(writer, node, value);
  if (made === undefined) throw new Unstructured(`a name for ${value.kind}`);
  writer.statements.push({ kind: 'assign', variable, ...made });
  bindValue(writer, symbol, variable, node, value);
}

/** `param gamma: [id.count, C] = 1` */
function writeParam(writer: Writer, node: ParamNode): void {
  const symbol = writer.context.evaluation.declared.get(node);
  if (symbol === undefined) return;
  const variable = writer.names.nameFor(node.name.name);
  writer.statements.push({ kind: 'assign', variable, value: paramCode(writer, node) });
  writer.bindings.set(symbol, { kind: 'tensor', text: variable });
}

function paramCode(writer: Writer, node: ParamNode): Code {
  const sizes = node.shape.kind === 'List' ? node.shape.items.map((item) => paramSize(writer, node, item)) : [];
  const settings = [
    ['shape', `[${sizes.join(', ')}]`],
    ['initial', initialCode(writer, node.value)],
  ] as const;
  return callCode({ name: 'param', positional: [writer.idCode(node.name.name)], settings, on: undefined });
}

function paramSize(
  writer: Writer,
  node: ParamNode,
  item: Extract<Expression, { kind: 'List' }>['items'][number],
): string {
  if (item.spread) throw new Unstructured(`\`...\` in the shape of ${node.name.name}`);
  return scalarCode(writer, item.value);
}

function initialCode(writer: Writer, node: Expression): string {
  const value = valueOf(writer, node);
  return value?.kind === 'choice' ? literal({ ...ruleOf(value) }) : scalarCode(writer, node);
}

function returnsList(writer: Writer, block: BlockNode): boolean {
  const result = block.members.find((member) => member.kind === 'Result');
  const value = result?.kind === 'Result' ? valueOf(writer, result.value) : undefined;
  return value?.kind === 'list';
}
