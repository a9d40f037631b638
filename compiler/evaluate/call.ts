import type { CallNode, ElementNode, MemberNode } from '../../grammar/ast.js';
import type { DiagnosticExtras } from '../../grammar/diagnostics/diagnostic.js';
import { foreignMethods } from '../../grammar/diagnostics/foreign-words.js';
import { replacement, suggestionFor } from '../../grammar/diagnostics/suggest.js';
import { functionNames, primitives, type FunctionName } from '../bind/builtins.js';
import {
  blockParameters,
  builtinParameters,
  reorderArguments,
  rewriteArguments,
  type ParametersOf,
} from '../bind/foreign.js';
import { textOf } from '../../grammar/source.js';
import { conform } from './conform.js';
import { joinId, type Evaluation, type Frame } from './evaluation.js';
import { callFunction } from './functions/call-function.js';
import { layerState } from './layer-state.js';
import { anyType, readType, type Type } from './types.js';
import {
  describeValue,
  errorValue,
  unknownAnything,
  unknownTensor,
  type Argument,
  type LayerValue,
  type TensorValue,
  type Value,
} from './values.js';

const functions: ReadonlySet<string> = new Set(functionNames);

/** Evaluates `callee(arguments)`: a built-in function, a layer given more arguments, or a layer applied to tensors. */
export function evaluateCall(evaluation: Evaluation, frame: Frame, node: CallNode): Value {
  if (node.callee.kind === 'Name') {
    const { name } = node.callee;
    const symbol = evaluation.symbolOf(node.callee);
    if (symbol?.kind === 'builtin' && functions.has(name)) {
      return callFunction(evaluation, frame, node, name as FunctionName);
    }
  }
  if (node.callee.kind === 'Member') return callMethod(evaluation, frame, node, node.callee);
  const callee = evaluation.evaluate(evaluation, frame, node.callee);
  switch (callee.kind) {
    case 'error':
      for (const element of node.arguments) evaluation.evaluate(evaluation, frame, element.value);
      return errorValue;
    case 'choice': {
      for (const { name } of node.arguments) {
        if (name !== undefined) evaluation.fail(frame, 'UNET2018', { name: name.name, of: callee.name }, name.span);
      }
      if (node.arguments.some(({ name }) => name !== undefined)) return errorValue;
      const values = node.arguments.map((element) => evaluation.evaluate(evaluation, frame, element.value));
      return values.some((value) => value.kind === 'error') ? errorValue : { ...callee, arguments: values };
    }
    case 'layer':
      return callLayer(evaluation, frame, node, callee);
    case 'unknown':
      return callUnknown(evaluation, frame, node, callee.type);
    default:
      return evaluation.fail(frame, 'UNET3002', { found: describeValue(callee) }, node.callee.span);
  }
}

/** UNET2016: values have no methods. */
function callMethod(evaluation: Evaluation, frame: Frame, node: CallNode, callee: MemberNode): Value {
  const target = evaluation.evaluate(evaluation, frame, callee.target);
  if (target.kind === 'error' || callee.name.name === '') return errorValue;
  const { name, span } = callee.name;
  const found = describeValue(target);
  const of = found.charAt(0).toUpperCase() + found.slice(1);
  const text = methodAsFunction(evaluation, node, callee);
  const help = text === undefined ? foreignMethods[name] : `Tensors have no methods: write \`${text}\`.`;
  const fixes = text === undefined ? [] : [replacement(node.span, text)];
  return evaluation.fail(frame, 'UNET2016', { name, of }, span, { help, fixes, covers: node.span });
}

/** `x.mean(dim=(2, 3, 4))` as a function over the axes that a tensor of the block is declared with. */
function methodAsFunction(evaluation: Evaluation, node: CallNode, callee: MemberNode): string | undefined {
  if (!['mean', 'sum', 'max', 'amax', 'softmax'].includes(callee.name.name) || callee.target.kind !== 'Name')
    return undefined;
  const symbol = evaluation.symbolOf(callee.target);
  if (symbol?.kind !== 'tensor') return undefined;
  const axes = symbol.declaration.axes.items;
  const names = axes.map(({ value, spread }) => `${spread ? '...' : ''}${textOf(value.span)}`);
  const dims = node.arguments.find(
    ({ name }) => name === undefined || name.name === 'dim' || name.name === 'axis',
  )?.value;
  const items =
    dims?.kind === 'Tuple'
      ? dims.items
      : dims?.kind === 'List'
        ? dims.items.map(({ value }) => value)
        : dims === undefined
          ? []
          : [dims];
  const numbers = items.map((item) => Number(textOf(item.span)));
  const spatial = names.slice(1);
  const isSpatial = numbers.length > 0 && numbers.every((number, index) => number === index + 2);
  const over =
    isSpatial && (spatial.length === numbers.length || axes[1]?.spread === true)
      ? `[${spatial.join(', ')}]`
      : numbers.join() === '1'
        ? names[0]
        : undefined;
  const called = callee.name.name === 'amax' ? 'max' : callee.name.name;
  return over === undefined ? undefined : `${called}(${callee.target.name}, over: ${over})`;
}

/**
 * Gives a parameter of type `layer(int, ...)` or `fusion(int, ...)` its arguments, or applies a parameter of type `layer`
 * to a tensor.
 */
function callUnknown(evaluation: Evaluation, frame: Frame, node: CallNode, type: Type): Value {
  const values = node.arguments.map((element) => evaluation.evaluate(evaluation, frame, element.value));
  if (values.some((value) => value.kind === 'error')) return errorValue;
  if (type.kind === 'any') return { kind: 'unknown', type };
  if (type.kind !== 'layer' && type.kind !== 'fusion') {
    return evaluation.fail(frame, 'UNET3002', { found: describeValue({ kind: 'unknown', type }) }, node.callee.span);
  }
  const { waits } = type;
  if (waits.length === 0) {
    if (values.every((value) => value.kind === 'unknown' || value.kind === 'tensor')) return unknownTensor;
    const parts = { of: calledName(node), takes: 0, given: values.length };
    return evaluation.fail(frame, 'UNET2020', parts, node.span);
  }
  const missing = waits[values.length];
  if (missing !== undefined) {
    return evaluation.fail(frame, 'UNET3024', { layer: calledName(node), argument: missing.kind }, node.span);
  }
  if (values.length > waits.length) {
    const parts = { of: calledName(node), takes: waits.length, given: values.length };
    return evaluation.fail(frame, 'UNET2020', parts, node.span);
  }
  const given = node.arguments.map((element, index) => {
    const [value = errorValue, asked = anyType] = [values[index], waits[index]];
    const what = index === 0 && asked.kind === 'int' ? 'The width' : `Argument ${index + 1}`;
    return conform(evaluation, frame, value, asked, what, element.value.span);
  });
  const isWrong = given.some((each) => each.kind === 'error');
  return isWrong ? errorValue : { kind: 'unknown', type: { kind: type.kind, waits: [] } };
}

/** The callee as written. */
function calledName({ callee }: CallNode): string {
  return callee.kind === 'Name' ? callee.name : 'this layer';
}

function isTensorLike(value: Value): boolean {
  return value.kind === 'tensor' || (value.kind === 'unknown' && value.type.kind === 'tensor');
}

function isUnknown(value: Value): boolean {
  return value.kind === 'unknown' && value.type.kind === 'any';
}

function callLayer(evaluation: Evaluation, frame: Frame, node: CallNode, layer: LayerValue): Value {
  const tensors: Value[] = [];
  const given: { element: ElementNode; value: Value }[] = [];
  let faulty = false;
  for (const element of node.arguments) {
    const value = evaluation.evaluate(evaluation, frame, element.value);
    // `...` in a call has been reported.
    if (value.kind === 'error' || element.spread) faulty = true;
    else if (element.name === undefined && isTensorLike(value)) tensors.push(value);
    else given.push({ element, value });
  }
  if (faulty) return errorValue;
  // The value is unknown, so it could be a tensor or an argument.
  if (given.some(({ element, value }) => element.name === undefined && isUnknown(value))) return unknownAnything;
  const bound = given.length === 0 ? layer : bindArguments(evaluation, frame, node, layer, given);
  if (bound.kind !== 'layer' || tensors.length === 0) return bound;
  const state = layerState(bound);
  const [missing] = state.missing;
  if (missing !== undefined) {
    return evaluation.fail(frame, 'UNET3024', { layer: state.name, argument: missing }, node.span);
  }
  if (tensors.some((value) => value.kind !== 'tensor') || frame.abstract) return unknownTensor;
  const id = joinId(frame.prefix, frame.names.get(node) ?? state.name);
  return evaluation.apply({ evaluation, frame, layer: bound, tensors: tensors as TensorValue[], id, span: node.span });
}

/**
 * Whether arguments without names are in the order of another library, which puts the number of channels before or after
 * ours: `conv(in, out, kernel)`, `group_norm(groups, channels)`, `linear(in, out)` (UNET3001, UNET3011).
 */
function explainOrder(
  evaluation: Evaluation,
  frame: Frame,
  node: CallNode,
  called: string,
  given: readonly { element: ElementNode; value: Value }[],
  parametersOf: ParametersOf,
): boolean {
  const positional = given.filter(({ element }) => element.name === undefined);
  const parameters = primitives.get(called)?.parameters ?? [];
  const explain = (): DiagnosticExtras | undefined => {
    const text = reorderArguments(node, called, parametersOf);
    if (text === undefined) return undefined;
    const help = `The number of channels follows from the tensor: write \`${text}\`.`;
    return { help, fixes: [replacement(node.span, text)] };
  };
  const [, kernel, stride] = positional.map(({ value }) => (value.kind === 'number' ? value.value : undefined));
  if (
    parameters[1]?.name === 'kernel' &&
    parameters[2]?.name === 'stride' &&
    kernel !== undefined &&
    stride !== undefined
  ) {
    const isGiven = given.some(({ element }) => element.name?.name === 'pad');
    const extras = kernel % 2 === 0 && kernel !== stride && !isGiven ? explain() : undefined;
    if (extras === undefined) return false;
    evaluation.fail(frame, 'UNET3011', { kernel, stride }, node.span, extras);
    return true;
  }
  const wrong = positional.find(({ value }, index) => parameters[index]?.type === 'bool' && isCount(value));
  const extras = wrong === undefined ? undefined : explain();
  if (wrong === undefined || extras === undefined) return false;
  const name = parameters[positional.indexOf(wrong)]?.name ?? '';
  const parts = { what: `\`${name}\` of \`${called}\``, expected: 'a bool', found: describeValue(wrong.value) };
  evaluation.fail(frame, 'UNET3001', parts, wrong.element.value.span, extras);
  return true;
}

function isCount(value: Value): boolean {
  return value.kind === 'number' || value.kind === 'size' || (value.kind === 'unknown' && value.type.kind === 'int');
}

interface ParameterForm {
  readonly name: string;
  readonly type: Type;
}

/**
 * Gives a layer more of its arguments, each at most once: by name, or by position in the order of its parameters. A
 * layer that already has arguments takes only the missing required ones by position (UNET2018, UNET2020, UNET2021).
 */
function bindArguments(
  evaluation: Evaluation,
  frame: Frame,
  node: CallNode,
  layer: LayerValue,
  given: readonly { element: ElementNode; value: Value }[],
): Value {
  const { recipe } = layer;
  if (recipe.kind !== 'primitive' && recipe.kind !== 'block') {
    const parts = { of: layerState(layer).name, takes: 0, given: given.length };
    return evaluation.fail(frame, 'UNET2020', parts, node.span);
  }
  evaluation.trace.called.set(node, recipe);
  const ignore = (): void => undefined;
  const parameters: readonly ParameterForm[] =
    recipe.kind === 'primitive'
      ? recipe.primitive.parameters.map(({ name, type }) => ({ name, type: { kind: type } }))
      : recipe.block.parameters.map((each) => ({ name: each.name.name, type: readType(each.type, ignore) }));
  const bound = new Map<string, Argument>(recipe.bound);
  const state = layerState(layer);
  const called = state.name;
  const open = bound.size === 0 ? parameters : parameters.filter(({ name }) => state.missing.includes(name));
  const parametersOf: ParametersOf = (name) =>
    name !== called
      ? builtinParameters(name)
      : recipe.kind === 'block'
        ? blockParameters(recipe.block)
        : recipe.primitive.parameters;
  const isWhole = recipe.bound.size === 0 && given.length === node.arguments.length;
  if (isWhole && explainOrder(evaluation, frame, node, called, given, parametersOf)) return errorValue;
  let faulty = false;
  let position = 0;
  const here = new Map<string, ElementNode>();
  for (const { element, value } of given) {
    const parameter =
      element.name === undefined ? open[position++] : parameters.find((each) => each.name === element.name?.name);
    if (parameter === undefined) {
      faulty = true;
      const text = isWhole ? rewriteArguments(node, called, parametersOf) : undefined;
      if (element.name !== undefined && text !== undefined) {
        const fixes = [replacement(node.span, text)];
        const extras = { help: `Write \`${text}\`.`, fixes, covers: node.span };
        return evaluation.fail(frame, 'UNET2018', { name: element.name.name, of: called }, element.name.span, extras);
      }
      if (element.name === undefined) {
        const count = given.filter((each) => each.element.name === undefined).length;
        evaluation.fail(frame, 'UNET2020', { of: called, takes: open.length, given: count }, element.span);
        break;
      }
      const names = parameters.map((each) => each.name);
      const help = names.length > 0 ? `Its arguments are ${names.map((each) => `\`${each}\``).join(', ')}.` : undefined;
      const extras = { help, ...suggestionFor(element.name.name, names, element.name.span) };
      evaluation.fail(frame, 'UNET2018', { name: element.name.name, of: called }, element.name.span, extras);
      continue;
    }
    const first = here.get(parameter.name);
    if (first !== undefined || recipe.bound.has(parameter.name)) {
      faulty = true;
      const at = first?.span ?? recipe.bound.get(parameter.name)?.span;
      const labels = at?.source === element.span.source ? [{ span: at, text: 'first given here' }] : [];
      evaluation.fail(frame, 'UNET2021', { name: parameter.name, of: called }, element.span, { labels });
      continue;
    }
    here.set(parameter.name, element);
    const what = `\`${parameter.name}\` of \`${called}\``;
    const fitting = conform(evaluation, frame, value, parameter.type, what, element.value.span);
    if (fitting.kind === 'error') faulty = true;
    bound.set(parameter.name, { value: fitting, node: element.value, span: element.value.span });
  }
  if (faulty) return errorValue;
  return { kind: 'layer', recipe: { ...recipe, bound, base: recipe } };
}
