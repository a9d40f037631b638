/** Translates tensor expressions and applied layers to statements. */
import type { BinaryNode, CallNode, Expression, PipeNode } from '../../grammar/ast.js';
import { operatorNames as stepWords, type StepNames } from '../evaluate/naming.js';
import { joinId } from '../evaluate/evaluation.js';
import { layerState } from '../evaluate/layer-state.js';
import type { LayerValue } from '../evaluate/values.js';
import { ruleOf } from '../evaluate/initial.js';
import type { Op } from '../ir/ir.js';
import { operationFunctions } from '../ir/ops/operations.js';
import { callCode, code, functionCall, literal, type Code, type Setting } from './code.js';
import { isLayer, layerOf, requiredNames, settingsOf, truths } from './layer-code.js';
import type { BlockFunctions } from './block-functions.js';
import type { LayerCode, LayerStep } from './layer-form.js';
import { camelCase, completeCall, opCall, padSettings, splitSizes, type OpCall } from './op-call.js';
import { isLiteral, scalarCode } from './scalar-code.js';
import { arrowBody, type Statement } from './statements.js';
import { collect, operationOf, valueOf, valuesOf, type LayerType, type Writer } from './writer.js';
import { Unstructured } from './unstructured.js';

/** The position of an expression in the text of a member: the prefix of its ids, and the names of its steps. */
export interface Place {
  readonly prefix: string;
  readonly names: StepNames;
  /** The variable for the intermediate results of a chain. */
  readonly variable: string | undefined;
  /** Whether the expression is a block's result, which needs no variable. */
  readonly isResult?: boolean;
}

function stepId(place: Place, node: Expression, word: string): string {
  return joinId(place.prefix, place.names.get(node) ?? word);
}

/** Translates a tensor expression. The statements that it needs are added first. */
export function tensorCode(writer: Writer, node: Expression, place: Place): Code {
  const known = knownTensor(writer, node);
  if (known !== undefined) return code(known);
  switch (node.kind) {
    case 'Pipe':
      return pipeCode(writer, node, place);
    case 'Call':
      return isFunction(writer, node) ? functionCode(writer, node, place) : appliedCall(writer, node, place);
    case 'Binary':
      return binaryCode(writer, node, place);
    case 'Unary':
      return operation(writer, node, place, 'negate', [operand(writer, node.operand, place)]);
    case 'Conditional':
      return conditionalCode(writer, node, place);
    case 'Index':
      return tensorCode(writer, node.target, place);
    default:
      throw new Unstructured(`a tensor that is ${node.kind}`);
  }
}

/** A tensor that has a name in the code: a name in the spec, an element of a list, a level of the U. */
function knownTensor(writer: Writer, node: Expression): string | undefined {
  if (node.kind === 'Name') {
    const symbol = writer.context.evaluation.symbolOf(node);
    const binding = symbol === undefined ? undefined : writer.bindings.get(symbol);
    if (binding?.kind === 'tensor' || binding?.kind === 'tensors' || binding?.kind === 'scalar') return binding.text;
  }
  if (node.kind !== 'Name' && node.kind !== 'Index') return undefined;
  const value = valueOf(writer, node);
  const variable = value?.kind === 'tensor' ? writer.variables.get(value.op) : undefined;
  if (variable !== undefined && writer.block === undefined) return variable;
  if (node.kind !== 'Index' || valueOf(writer, node.target)?.kind !== 'list') return undefined;
  const list = knownTensor(writer, node.target);
  const [item] = node.items;
  if (list === undefined || item === undefined || value?.kind !== 'tensor') return undefined;
  return `${list}[${scalarCode(writer, item.value)}]`;
}

/** Returns a tensor as a variable; assigns it first if necessary. */
function operand(writer: Writer, node: Expression, place: Place): string {
  const inner = { ...place, variable: undefined };
  return settle(writer, tensorCode(writer, node, inner), joinId(place.prefix, wordFor(place, node)));
}

/** Returns a variable for a result: in a block it is named after the step alone, if that name is free. */
function settle(writer: Writer, value: Code, id: string): string {
  if (isVariable(value)) return value.flat;
  const word = id.slice(id.lastIndexOf('.') + 1);
  const words = writer.block === undefined ? [id] : [word, id, 'y'];
  const variable = writer.names.nameFor(words.find((each) => writer.names.isFree(each)) ?? word);
  writer.statements.push({ kind: 'assign', variable, value });
  return variable;
}

function isVariable({ flat }: Code): boolean {
  return /^[\w$]+(\[\d+\])?$/.test(flat);
}

/** The name for the result of an expression: that of its last step. */
function wordFor(place: Place, node: Expression): string {
  const named = node.kind === 'Pipe' ? node.step : node;
  return place.names.get(named) ?? (node.kind === 'Index' ? wordFor(place, node.target) : 'y');
}

/** Whether a chain has at most one intermediate result, which is then named after its step. */
function isShort(writer: Writer, steps: readonly Step[], source: Expression): boolean {
  const live = steps.filter(({ when }) => when === undefined || truths(writer, when).has(true));
  const isDynamic = live.some(({ when }) => when !== undefined);
  const isMade = source.kind !== 'Tuple' && knownTensor(writer, source) === undefined;
  return !isDynamic && live.length + (isMade ? 1 : 0) <= 2;
}

interface Step {
  readonly node: Expression;
  readonly when: Expression | undefined;
  readonly id: string;
  readonly word: string;
}

/** `x -> a -> b when c`: assigns each step to the variable of the place, or to one of its own. */
function pipeCode(writer: Writer, root: PipeNode, place: Place): Code {
  const steps: Step[] = [];
  let node: Expression = root;
  while (node.kind === 'Pipe' && !isLayer(writer, node)) {
    const word = place.names.get(node.step) ?? 'step';
    steps.unshift({ node: node.step, when: node.when, id: joinId(place.prefix, word), word });
    node = node.source;
  }
  const variable = place.isResult && isShort(writer, steps, node) ? undefined : place.variable;
  if (node.kind === 'Tuple') {
    const tensors = node.items.map((each) => operand(writer, each, place));
    return applySteps(writer, steps, tensors, undefined, variable);
  }
  const source = tensorCode(writer, node, { ...place, variable });
  const word = joinId(place.prefix, wordFor(place, node));
  const tensor = isVariable(source) ? source.flat : assignTo(writer, variable, source, word);
  return applySteps(writer, steps, [tensor], undefined, variable);
}

/** Applies steps in sequence. The last one is returned as code, the others are assigned. */
function applySteps(
  writer: Writer,
  steps: readonly Step[],
  inputs: readonly string[],
  tensorNames: readonly string[] | undefined,
  variable: string | undefined,
): Code {
  let current = code(inputs[0] ?? '');
  let tensors = inputs;
  let names = tensorNames;
  let word = 'y';
  for (const step of steps) {
    const isDecided = step.when === undefined || writer.block === undefined;
    if (isDecided && step.when !== undefined && !truths(writer, step.when).has(true)) continue;
    // A step that is never active is kept if its code can be written without a use.
    const isTaken = step.when === undefined || truths(writer, step.when).has(true);
    if (!isTaken && !canWrite(writer, (trial) => applyLayer(trial, step.node, step.id, inputs, names, variable)))
      continue;
    if (tensors !== inputs || current.flat !== inputs[0]) tensors = [assignTo(writer, variable, current, word)];
    const apply = (): Code => applyLayer(writer, step.node, step.id, tensors, names, variable);
    if (isDecided) {
      current = apply();
    } else {
      const target =
        variable ?? (isOwn(writer, tensors[0]) ? tensors[0] : undefined) ?? writer.names.nameFor(step.word);
      if (tensors[0] !== target)
        writer.statements.push({ kind: 'assign', variable: target, value: code(tensors[0] ?? '') });
      tensors = [target];
      const { statements, result } = collect(writer, apply);
      const then = [...statements, { kind: 'assign', variable: target, value: result } as const];
      const condition = scalarCode(writer, step.when ?? step.node);
      writer.statements.push({ kind: 'if', condition, then, otherwise: [] });
      current = code(target);
    }
    word = step.id;
    names = undefined;
  }
  return current;
}

/** Whether a variable was assigned here, so that it may be reassigned. */
function isOwn(writer: Writer, variable: string | undefined): boolean {
  return writer.statements.some((each) => each.kind === 'assign' && each.variable === variable);
}

function assignTo(writer: Writer, variable: string | undefined, value: Code, id: string): string {
  if (variable === undefined) return settle(writer, value, id);
  if (value.flat !== variable) writer.statements.push({ kind: 'assign', variable, value });
  return variable;
}

/** Applies a layer at an id, relative to the prefix of the function's ids. */
export function applyLayer(
  writer: Writer,
  node: Expression,
  id: string,
  tensors: readonly string[],
  tensorNames: readonly string[] | undefined,
  variable: string | undefined,
): Code {
  return applyCode(writer, layerOf(writer, node), id, tensors, tensorNames, variable);
}

function applyCode(
  writer: Writer,
  layer: LayerCode,
  id: string,
  tensors: readonly string[],
  tensorNames: readonly string[] | undefined,
  variable: string | undefined,
): Code {
  switch (layer.kind) {
    case 'primitive':
      return primitiveCode(writer, layer, id, tensors);
    case 'block':
      return blockCode(writer, layer, id, tensors, tensorNames);
    case 'variable': {
      const width = layer.width === undefined ? [] : [scalarCode(writer, layer.width)];
      const taken =
        tensorNames === undefined ? tensors : writer.context.fusionTensors.map((_, index) => tensors[index] ?? '');
      return functionCall(
        layer.text,
        [writer.idCode(id), ...taken, ...width].map((each) => code(each)),
      );
    }
    case 'steps': {
      const steps = layer.steps.map((step) => chainStep(step, id));
      return applySteps(writer, steps, tensors, tensorNames, variable);
    }
    case 'copies': {
      const before = [writer.idCode(id), scalarCode(writer, layer.count), tensors[0] ?? ''];
      return functionCall(`unet.${layer.how}`, [...before.map((each) => code(each)), layerValue(writer, layer.layer)]);
    }
    case 'shared':
      return applyLayer(writer, layer.layer, id, tensors, tensorNames, variable);
    case 'conditional': {
      const [then, otherwise] = [layer.then, layer.otherwise].map((arm) => layerValue(writer, arm).flat);
      const condition = scalarCode(writer, layer.condition);
      return code(`(${condition} ? ${then} : ${otherwise})(${[writer.idCode(id), ...tensors].join(', ')})`);
    }
  }
}

function chainStep({ node, name, when }: LayerStep, id: string): Step {
  return { node, when, id: joinId(id, name), word: name };
}

type Of<Kind extends LayerCode['kind']> = Extract<LayerCode, { kind: Kind }>;

/** A built-in layer. One that does nothing here, such as a resize to the same size, is replaced by its operand. */
function primitiveCode(writer: Writer, layer: Of<'primitive'>, id: string, tensors: readonly string[]): Code {
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
function settingOf(writer: Writer, layer: Of<'primitive'>, name: string, ops: readonly Op[]): readonly Setting[] {
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
    return [['mode', literal(value?.kind === 'choice' && value.name === 'nearest' ? 'nearest' : 'linear')]];
  }
  const text = scalarCode(writer, node);
  return usual[name] === text ? [] : [[name, text]];
}

/** The default settings of the runtime. */
const usual: Readonly<Record<string, string>> = {
  dilation: '1',
  bias: 'false',
  affine: 'true',
  pad: '0',
  epsilon: '0.00001',
};

/** The default padding, half of an odd kernel, as numbers if the kernel is a number. */
function defaultPad(writer: Writer, { primitive, bound }: Of<'primitive'>, ops: readonly Op[]): readonly Setting[] {
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

/** A call of a block's function: id, tensors, arguments. */
function blockCode(
  writer: Writer,
  layer: Of<'block'>,
  id: string,
  tensors: readonly string[],
  tensorNames: readonly string[] | undefined,
): Code {
  const { name, images } = functionOf(writer, layer);
  const declared = layer.block.members.flatMap((member) => (member.kind === 'Tensor' ? [member.name.name] : []));
  const byName = declared.map((each) => tensors[tensorNames?.indexOf(each) ?? -1]);
  const ordered = byName.every((each) => each !== undefined) ? byName : tensors;
  const given = [...images].map((image) => imageOf(writer, image));
  const before = [writer.idCode(id), ...ordered, ...given].map((each) => code(each ?? ''));
  return functionCall(name, [...before, ...blockArguments(writer, layer)]);
}

function functionOf(writer: Writer, { block, recipes }: Of<'block'>): ReturnType<BlockFunctions['functionFor']> {
  const { evaluation, functions } = writer.context;
  const uses = recipes.flatMap((recipe) => evaluation.applications.usesOf(recipe));
  if (writer.isTrial === true && uses.length === 0) throw new Unstructured(`${block.name.name} is never applied`);
  return functions.functionFor(block, uses);
}

/** The arguments of a block, up to the last one that is given. */
function blockArguments(writer: Writer, { block, bound }: Of<'block'>): readonly Code[] {
  const last = block.parameters.findLastIndex(({ name }) => bound.has(name.name));
  return block.parameters.slice(0, last + 1).map(({ name, value }) => {
    const node = bound.get(name.name);
    if (node !== undefined) return 'flat' in node ? node : argumentCode(writer, node);
    return code(value?.kind === 'Number' || value?.kind === 'Boolean' ? literal(value.value) : 'undefined');
  });
}

function argumentCode(writer: Writer, node: Expression): Code {
  const value = valueOf(writer, node);
  if (value?.kind === 'layer') return layerValue(writer, node);
  if (value?.kind === 'choice') return code(literal({ ...ruleOf(value) }));
  if (value?.kind === 'identifier') return code(knownTensor(writer, node) ?? '');
  if (value?.kind === 'list' && value.items.some(({ kind }) => kind === 'layer')) {
    if (node.kind !== 'List') throw new Unstructured('a list of layers that is not written out');
    return code(`[${node.items.map((item) => layerValue(writer, item.value).flat).join(', ')}]`);
  }
  return code(scalarCode(writer, node));
}

/** A layer as a value: the function of a block, a constant, or an arrow function. */
export function layerValue(writer: Writer, node: Expression): Code {
  const layer = layerOf(writer, node);
  if (layer.kind === 'variable' && layer.width === undefined) return code(layer.text);
  if (layer.kind === 'block' && isPlain(writer, layer)) return code(functionOf(writer, layer).name);
  if (layer.kind === 'shared') {
    const inner = layerValue(writer, layer.layer);
    return code(`unet.shared(${inner.flat})`, `unet.shared(${inner.broken})`);
  }
  const { names: tensorNames, isFusion } = tensorsOf(writer, node, layer);
  const width = waitsFor(layer);
  const parameters = ['at', ...tensorNames.map((name) => writer.names.localName(name))];
  const widthName = width === undefined ? [] : [writer.names.localName(width)];
  const complete = width === undefined ? layer : withWidth(layer, width, widthName[0] ?? width);
  const inner: Writer = { ...writer, idCode: innerId };
  const names = isFusion ? tensorNames : undefined;
  const { statements, result } = collect(inner, () =>
    applyCode(inner, complete, '', parameters.slice(1), names, tensorNames.length === 1 ? parameters[1] : undefined),
  );
  const body = arrowBody(statements, result, parameters);
  const head = `(${[...parameters, ...widthName].join(', ')}) => `;
  return code(head + body.flat, head + body.broken);
}

/** Ids inside an arrow function start with its own parameter. */
export function innerId(suffix: string): string {
  if (suffix === '') return 'at';
  return /^[\w.-]+$/.test(suffix) ? `\`\${at}.${suffix}\`` : `at + ${literal(`.${suffix}`)}`;
}

/** Whether a block's function has the signature of a layer: an id, tensors and, if a width is missing, the width. */
function isPlain(writer: Writer, layer: Of<'block'>): boolean {
  const { block, bound } = layer;
  const required = requiredNames(layer);
  const tensors = block.members.flatMap((member) => (member.kind === 'Tensor' ? [member.name.name] : []));
  const fusion = writer.context.fusionTensors;
  const isInOrder = tensors.length === 1 || tensors.join() === fusion.slice(0, tensors.length).join();
  const isShort = tensors.length > 1 && required.length > 0 && tensors.length < fusion.length;
  const waits = required.length === 0 || (required.length === 1 && block.parameters[0]?.name.name === required[0]);
  const isComplete = [...functionOf(writer, layer).images].length === 0;
  return bound.size === 0 && isInOrder && !isShort && waits && isComplete;
}

/** The argument that a layer is missing. */
function waitsFor(layer: LayerCode): string | undefined {
  if (layer.kind !== 'primitive' && layer.kind !== 'block') return undefined;
  const required = requiredNames(layer);
  if (required.length > 1) throw new Unstructured('a layer that waits for several arguments');
  return required[0];
}

/** A layer with its width set to a parameter of the arrow function around it. */
function withWidth(layer: LayerCode, name: string, text: string): LayerCode {
  if (layer.kind !== 'primitive' && layer.kind !== 'block') return layer;
  return { ...layer, bound: new Map([...layer.bound, [name, code(text)]]) };
}

/** Names for the tensors that a layer takes. */
function tensorsOf(
  writer: Writer,
  node: Expression,
  layer: LayerCode,
): { readonly names: readonly string[]; readonly isFusion: boolean } {
  const value = valueOf(writer, node);
  if (value?.kind === 'layer') {
    const { tensors, fusion } = layerState(value);
    if (fusion) return { names: writer.context.fusionTensors, isFusion: true };
    return { names: tensors.length === 0 ? ['x'] : tensors, isFusion: false };
  }
  if (layer.kind !== 'primitive') throw new Unstructured('a layer that is not known');
  return { names: ['x'], isFusion: false };
}

/** Whether code for something can be written; the code itself is discarded. */
function canWrite(writer: Writer, write: (trial: Writer) => unknown): boolean {
  const trial: Writer = {
    ...writer,
    isTrial: true,
    names: writer.names.copy(),
    axes: new Map(writer.axes),
    statements: [],
    opening: [],
  };
  try {
    write(trial);
    return true;
  } catch (error) {
    if (error instanceof Unstructured) return false;
    throw error;
  }
}

/** The type of a layer as a value. */
export function layerType(value: LayerValue): LayerType | undefined {
  const { fusion, waits, tensors } = layerState(value);
  if (fusion) return waits ? 'SizedFusion' : 'Fusion';
  if (tensors.length > 1) return undefined;
  return waits ? 'SizedLayer' : 'Layer';
}

const functionNames: ReadonlySet<string> = new Set(Object.keys(operationFunctions));

function isFunction(writer: Writer, { callee }: CallNode): boolean {
  if (callee.kind !== 'Name' || !functionNames.has(callee.name)) return false;
  return writer.context.evaluation.symbolOf(callee)?.kind === 'builtin';
}

/** `transpose(x)`, `gelu(a + b)`: a call that applies a layer. */
function appliedCall(writer: Writer, node: CallNode, place: Place): Code {
  const settings = new Set(settingsOf(writer, node));
  const tensors = node.arguments.flatMap((each) => (settings.has(each) ? [] : [operand(writer, each.value, place)]));
  const word = place.names.get(node) ?? 'step';
  const recipes = appliedRecipes(writer, node);
  const layer = settings.size === 0 ? layerOf(writer, node.callee) : layerOf(writer, node);
  const complete = layer.kind === 'primitive' || layer.kind === 'block' ? { ...layer, recipes } : layer;
  return applyCode(writer, complete, joinId(place.prefix, word), tensors, undefined, undefined);
}

/** The layers that a call applied, with their settings; no expression has them as its value. */
function appliedRecipes(writer: Writer, node: CallNode): Of<'primitive'>['recipes'] {
  return valuesOf(writer, node.callee).flatMap((value) => (value.kind === 'layer' ? [value.recipe] : []));
}

/** Translates a function of the language on tensors. */
function functionCode(writer: Writer, node: CallNode, place: Place): Code {
  const name = node.callee.kind === 'Name' ? node.callee.name : '';
  const positional = node.arguments.filter((each) => each.name === undefined).map((each) => each.value);
  const word = place.names.get(node) ?? name;
  switch (name) {
    case 'concat': {
      const tensors = positional.flatMap((each) => listItems(writer, each, place) ?? [operand(writer, each, place)]);
      return tensors.length === 1 && operationOf(writer, node) === undefined
        ? code(tensors[0] ?? '')
        : operation(writer, node, place, word, tensors);
    }
    case 'einsum':
      return operation(
        writer,
        node,
        place,
        word,
        positional.map((each) => operand(writer, each, place)),
      );
    case 'pick': {
      const absent = node.arguments.find((each) => each.name?.name === 'absent');
      const tensors = [...positional, ...(absent === undefined ? [] : [absent.value])];
      return operation(
        writer,
        node,
        place,
        word,
        tensors.map((each) => operand(writer, each, place)),
      );
    }
    default: {
      const [first] = positional;
      if (first === undefined) throw new Unstructured(`${name} of nothing`);
      return operation(writer, node, place, word, [operand(writer, first, place)]);
    }
  }
}

/** The tensors of a list, or the list itself, spread, if its length differs between uses. */
function listItems(writer: Writer, node: Expression, place: Place): readonly string[] | undefined {
  const value = valueOf(writer, node);
  if (value?.kind !== 'list') return undefined;
  if (node.kind === 'List') return node.items.map((item) => operand(writer, item.value, place));
  const list = knownTensor(writer, node);
  if (list !== undefined) return [`...${list}`];
  return value.items.map((item) => {
    const variable = item.kind === 'tensor' ? writer.variables.get(item.op) : undefined;
    if (variable === undefined) throw new Unstructured('a list of tensors');
    return variable;
  });
}

/** The operation of an expression, with numbers as written. */
function operation(writer: Writer, node: Expression, place: Place, word: string, tensors: readonly string[]): Code {
  const op = operationOf(writer, node);
  if (op === undefined) throw new Unstructured(`an operation that was not made: ${word}`);
  const call = writtenNumbers(writer, node, op, opCall(op));
  const images = op.kind === 'split' ? op.operands.slice(1).map((image) => imageOf(writer, image.op)) : [];
  return callCode(completeCall(call, writer.idCode(stepId(place, node, word)), [...tensors, ...images]));
}

/** The variable of an image whose sizes a split needs. */
function imageOf(writer: Writer, id: string): string {
  const variable = writer.variables.get(id);
  if (variable === undefined) throw new Unstructured(`the image ${id} is not at hand`);
  return variable;
}

/** Replaces the numbers of one use by the expressions in the spec. */
function writtenNumbers(writer: Writer, node: Expression, op: Op, call: OpCall): OpCall {
  if (op.kind === 'scalar' && node.kind === 'Binary') {
    const number = op.attributes.reversed ? node.left : node.right;
    return { ...call, positional: [scalarCode(writer, number)] };
  }
  if (op.kind === 'roll' && node.kind === 'Call') {
    const by = node.arguments.find((each) => each.name?.name === 'by');
    const settings = (call.settings ?? []).map(([key, value]): Setting =>
      key === 'by' && by !== undefined ? [key, scalarCode(writer, by.value)] : [key, value],
    );
    return { ...call, settings };
  }
  // Sizes that depend on images are formulas, which are part of the operation.
  if (op.kind === 'split' && op.operands.length === 1 && node.kind === 'Call') {
    const settings = (call.settings ?? []).map(([key, value]): Setting =>
      key === 'into' ? [key, splitSizes(writtenParts(writer, node, op))] : [key, value],
    );
    return { ...call, settings };
  }
  return call;
}

/** The parts of a split: numbers as written, null for an inferred size. */
function writtenParts(
  writer: Writer,
  node: CallNode,
  op: Extract<Op, { kind: 'split' }>,
): readonly (readonly [string, string])[] {
  const { into } = op.attributes;
  const list = node.arguments.find((each) => each.name?.name === 'into')?.value;
  const sizes = new Map<string, string>();
  for (const item of list?.kind === 'List' ? list.items : []) {
    const name = item.separator === '=' ? item.name?.name : undefined;
    const values = valuesOf(writer, item.value);
    if (name !== undefined && values.length > 0 && values.every(({ kind }) => kind === 'number')) {
      sizes.set(name, scalarCode(writer, item.value));
    } else if (item.separator !== '=' && !item.spread && item.value.kind === 'Name') {
      sizes.set(item.value.name, 'null');
    }
  }
  return into.map(({ name, size }) => [
    name,
    sizes.get(name) ?? (size.kind === 'constant' ? literal(size.value) : 'null'),
  ]);
}

function binaryCode(writer: Writer, node: BinaryNode, place: Place): Code {
  const sides = [node.left, node.right].filter((side) => isTensor(writer, side));
  const tensors = sides.map((side) => operand(writer, side, place));
  return operation(writer, node, place, stepWords[node.operator] ?? 'step', tensors);
}

function isTensor(writer: Writer, node: Expression): boolean {
  return valueOf(writer, node)?.kind === 'tensor';
}

/** `if condition then a else b` of tensors; if all uses take the same branch, that branch. */
function conditionalCode(writer: Writer, node: Extract<Expression, { kind: 'Conditional' }>, place: Place): Code {
  const taken = truths(writer, node.condition);
  const [idle] = taken.size === 1 ? [taken.has(true) ? node.otherwise : node.then] : [];
  const isKept =
    idle === undefined || (writer.block !== undefined && canWrite(writer, (trial) => tensorCode(trial, idle, place)));
  if (!isKept) return tensorCode(writer, taken.has(true) ? node.then : node.otherwise, place);
  const variable = place.variable ?? writer.names.nameFor('chosen');
  const inner = { ...place, variable };
  const condition = scalarCode(writer, node.condition);
  const [then, otherwise] = [node.then, node.otherwise].map((arm) => {
    const { statements, result } = collect(writer, () => tensorCode(writer, arm, inner));
    const isSame = statements.length === 0 && result.flat === variable;
    return isSame ? statements : [...statements, { kind: 'assign', variable, value: result } as const];
  }) as [Statement[], Statement[]];
  for (const [start, rest, when] of [
    [then, otherwise, negated(condition)],
    [otherwise, then, condition],
  ] as const) {
    const [only] = start;
    if (start.length !== 1 || only?.kind !== 'assign' || !/^[\w$]+$/.test(only.value.flat)) continue;
    writer.statements.push(only, { kind: 'if', condition: when, then: rest, otherwise: [] });
    return code(variable);
  }
  writer.statements.push({ kind: 'declare', variable }, { kind: 'if', condition, then, otherwise });
  return code(variable);
}

/** Negates a condition in a readable form. */
function negated(condition: string): string {
  const parts = condition.split(' && ');
  if (parts.length > 1 && !/[|?()]/.test(condition)) return parts.map(negated).join(' || ');
  if (/^[^&|?]* === [^&|?]*$/.test(condition)) return condition.replace(' === ', ' !== ');
  if (/^[^&|?]* !== [^&|?]*$/.test(condition)) return condition.replace(' !== ', ' === ');
  return /^[\w$.]+$/.test(condition) ? `!${condition}` : `!(${condition})`;
}
