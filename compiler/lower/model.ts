import type {
  AssignNode,
  AuxNode,
  Expression,
  HalfNode,
  HeadNode,
  Identifier,
  InitNode,
  InputNode,
  KnobNode,
  LetNode,
  ModelNode,
  OutputNode,
  PenaltyNode,
  SettingNode,
} from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { suggestionFor, writtenName } from '../../grammar/diagnostics/suggest.js';
import { printExpression } from '../../grammar/print.js';
import type { Span } from '../../grammar/source.js';
import { addSetKnob } from '../bind/knob-fix.js';
import { blockFrame } from '../evaluate/apply.js';
import { modelUse } from '../evaluate/block-use.js';
import { conform } from '../evaluate/conform.js';
import { defineFamily } from '../evaluate/family.js';
import { loop } from '../evaluate/loop.js';
import { inModule, withNames, type Evaluation, type Frame } from '../evaluate/evaluation.js';
import type { Trace } from '../evaluate/trace.js';
import { readType } from '../evaluate/types.js';
import { describeValue, errorValue, formatShape, type ChoiceValue, type Value } from '../evaluate/values.js';
import { legalSizes } from '../ir/legal-sizes.js';
import type { LegalSizes, ModelInput, ModelOutput, ModelPenalty, Module, Network, Op, OutputLabel } from '../ir/ir.js';
import { operationLayers } from '../ir/ops/operations.js';
import { removeUnreached } from '../ir/passes/remove-unreached.js';
import { markConditionalUse } from '../ir/passes/mark-conditional-use.js';
import { ruleOf } from '../evaluate/initial.js';
import { add, constantOf, formatSize, scale, symbol, symbolsOf, type Size } from '../shape/size.js';
import { freeShape } from './free-extents.js';
import { lowerDecoder, lowerEncoder, nameSpan, type Halves } from './halves.js';
import { lowerInput, readOutput } from './interface.js';
import type { LoweredNetwork, ModelStep } from './model-text.js';
import { borderOf, withoutBorder } from './output-size.js';
import { counted } from '../../text/count.js';

/**
 * A model to lower: its declaration, the values by which its variants (and `--set`) replace those of the knobs, and the
 * inputs and outputs by which they replace its own.
 */
export interface BoundModel {
  readonly name: string;
  readonly doc: string | undefined;
  readonly node: ModelNode;
  readonly settings: ReadonlyMap<string, SettingNode>;
  readonly interface: ReadonlyMap<string, InputNode | OutputNode>;
}

export interface LoweredModel {
  /** Undefined if there are errors. */
  readonly network: LoweredNetwork | undefined;
  /** Operations in the text that no output needs: they are not part of the network. */
  readonly unreached: readonly Op[];
  readonly diagnostics: readonly Diagnostic[];
  /** The values of the places in the text, as far as evaluation got. */
  readonly trace: Trace;
}

/** The state collected while the members of a model are lowered. */
interface ModelState {
  readonly evaluation: Evaluation;
  readonly frame: Frame;
  readonly model: BoundModel;
  readonly inputs: ModelInput[];
  readonly outputs: Map<string, OutputState>;
  readonly penalties: ModelPenalty[];
  readonly knobs: { readonly node: KnobNode; readonly chosen: Expression }[];
  readonly steps: ModelStep[];
  image: Value;
  halves: Halves | undefined;
  encoderWidths: readonly Value[];
}

interface OutputState {
  readonly node: OutputNode;
  readonly kind: 'classes' | 'regions';
  readonly labels: readonly OutputLabel[];
  op: string | undefined;
  readonly auxiliary: string[];
  assigned: Identifier | undefined;
}

/** Lowers a model with its knobs bound. Errors are reported; the network is returned only if there are none. */
export function lowerModel(evaluation: Evaluation, model: BoundModel): LoweredModel {
  const use = modelUse('');
  const frame = blockFrame({ id: '', stage: '', module: '', use, via: [], depth: 0, abstract: false });
  evaluation.modules.set('', { id: '', parent: undefined, block: undefined });
  const state: ModelState = {
    evaluation,
    frame,
    model,
    inputs: [],
    outputs: new Map(),
    penalties: [],
    knobs: [],
    steps: [],
    image: errorValue,
    halves: undefined,
    encoderWidths: [],
  };
  declareInterface(state);
  bindKnobs(state);
  for (const member of model.node.members) if (member.kind === 'Init') evaluation.initRules = readInit(state, member);
  for (const member of model.node.members) {
    if (evaluation.exhausted) break;
    lowerMember(state, member);
  }
  finishOutputs(state);
  const network = buildNetwork(state);
  const kept = new Set(network?.ops.map(({ id }) => id));
  const unreached = network === undefined ? [] : evaluation.ops.filter(({ id }) => !kept.has(id));
  return { network, unreached, diagnostics: evaluation.diagnostics, trace: evaluation.trace };
}

/**
 * Declares inputs and outputs, which every later member may name. UNET2012: a model needs at least one image and one
 * output.
 */
function declareInterface(state: ModelState): void {
  const { evaluation, frame, model } = state;
  for (const member of model.node.members) {
    const symbol = evaluation.declared.get(member);
    if (member.kind === 'Input') {
      const { value, input } = lowerInput(evaluation, frame, declaredIn(model, member));
      if (symbol !== undefined) frame.values.set(symbol, value);
      if (input !== undefined) state.inputs.push(input);
      if (input?.kind === 'image' && state.image.kind === 'error') state.image = value;
    } else if (member.kind === 'Output') {
      const declaration = declaredIn(model, member);
      const output = readOutput(evaluation, frame, declaration);
      const value: Value =
        output === undefined ? errorValue : { kind: 'output', declaration, labels: output.labels.length };
      if (symbol !== undefined) frame.values.set(symbol, value);
      if (output === undefined) continue;
      state.outputs.set(member.name.name, {
        node: declaration,
        ...output,
        op: undefined,
        auxiliary: [],
        assigned: undefined,
      });
    }
  }
  checkReplaced(state);
  const count = (kind: 'Input' | 'Output'): number =>
    model.node.members.filter((member) => member.kind === kind).length;
  // An input with an error has been reported, and could be the image.
  const onlyIdentifiers = state.inputs.length === count('Input') && state.inputs.every(({ kind }) => kind !== 'image');
  const input = count('Input') === 0 ? '`input`' : onlyIdentifiers ? 'image `input`' : [];
  const missing = [input, count('Output') > 0 ? [] : '`output`'].flat();
  if (missing.length > 0) {
    const parts = { of: `The model \`${model.node.name.name}\``, part: missing.join(' and no ') };
    evaluation.fail(frame, 'UNET2012', parts, model.node.name.span);
  }
}

/** The declaration of an input or output: that of the nearest variant, or the model's own. */
export function declaredIn<M extends InputNode | OutputNode>(model: Pick<BoundModel, 'interface'>, member: M): M {
  const replaced = model.interface.get(member.name.name);
  return replaced?.kind === member.kind ? (replaced as M) : member;
}

/** UNET2040: a variant replaces inputs and outputs that its base declares. */
function checkReplaced({ evaluation, frame, model }: ModelState): void {
  for (const { kind, name } of model.interface.values()) {
    const names = model.node.members.flatMap((member) => (member.kind === kind ? [member.name.name] : []));
    if (name.name === '' || names.includes(name.name)) continue;
    const parts = { what: kind === 'Input' ? 'input' : 'output', name: name.name, model: model.node.name.name };
    evaluation.fail(frame, 'UNET2040', parts, name.span, suggestionFor(name.name, names, name.span));
  }
}

/**
 * Binds knobs in order: a setting overrides the knob's own value; `off` selects the value that the knob declares for
 * it.
 */
function bindKnobs(state: ModelState): void {
  const { evaluation, frame, model } = state;
  const knobs = model.node.members.filter((member): member is KnobNode => member.kind === 'Knob');
  for (const [name, setting] of model.settings) {
    if (name === '' || knobs.some((knob) => knob.name.name === name)) continue;
    const names = knobs.map((knob) => knob.name.name);
    const { help, fixes = [] } = suggestionFor(name, names, setting.name.span);
    const extras = { help, fixes: [...fixes, ...addSetKnob(model.node, name, setting.value)] };
    evaluation.fail(frame, 'UNET2007', { name, model: model.node.name.name }, setting.name.span, extras);
  }
  for (const knob of knobs) {
    const symbol = evaluation.declared.get(knob);
    const type = readType(knob.type, (diagnostic) => evaluation.add(diagnostic));
    const setting = model.settings.get(knob.name.name);
    const chosen = knobExpression(state, knob, setting);
    const what = `The knob \`${knob.name.name}\``;
    const bind = (expression: Expression): Value => {
      const scope = withNames(frame, evaluation.namesIn(expression));
      return conform(
        evaluation,
        frame,
        evaluation.evaluate(evaluation, scope, expression),
        type,
        what,
        expression.span,
      );
    };
    // The value and `off` of a knob are both checked, whichever is selected.
    for (const expression of [knob.value, knob.off])
      if (expression !== undefined && expression !== chosen) bind(expression);
    const value = chosen === undefined ? errorValue : bind(chosen);
    if (chosen !== undefined) state.knobs.push({ node: knob, chosen });
    if (symbol !== undefined) frame.values.set(symbol, value);
  }
}

/** UNET2014: `off` requires a knob that declares it. */
function knobExpression(state: ModelState, knob: KnobNode, setting: SettingNode | undefined): Expression | undefined {
  if (setting === undefined) return knob.value;
  if (setting.value.kind !== 'Off') return setting.value;
  if (knob.off !== undefined) return knob.off;
  const labels = [{ span: knob.span, text: 'this knob has no `off` value' }];
  state.evaluation.fail(state.frame, 'UNET2014', { name: knob.name.name }, setting.value.span, { labels });
  return undefined;
}

/** The kinds of layers that `init` accepts. */
export const initKeys = operationLayers.flatMap(({ name, start }) => (typeof start === 'object' ? [name] : []));

/** `init { conv: ..., linear: ... }`: UNET2018 for an unknown kind of layer. */
function readInit(state: ModelState, node: InitNode): ReadonlyMap<string, ChoiceValue> {
  const { evaluation, frame } = state;
  const rules = new Map<string, ChoiceValue>();
  for (const entry of node.entries) {
    const name = entry.name.name;
    if (name === '') continue;
    if (!initKeys.includes(name)) {
      const help = `Its keys are ${initKeys.map((key) => `\`${key}\``).join(', ')}.`;
      const extras = { help, ...suggestionFor(name, initKeys, entry.name.span) };
      evaluation.fail(frame, 'UNET2018', { name, of: 'init' }, entry.name.span, extras);
      continue;
    }
    const evaluated = evaluation.evaluate(evaluation, frame, entry.value);
    const value = conform(evaluation, frame, evaluated, { kind: 'init' }, `\`${name}\``, entry.value.span);
    if (value.kind === 'choice') rules.set(name, value);
  }
  return rules;
}

function lowerMember(state: ModelState, member: ModelNode['members'][number]): void {
  const { evaluation, frame } = state;
  switch (member.kind) {
    case 'Input':
    case 'Output':
    case 'Knob':
    case 'Init':
      return;
    case 'Half':
      return lowerHalf(state, member);
    case 'Head':
      return lowerHead(state, member);
    case 'Let':
      return lowerLet(state, member);
    case 'Assign':
      return lowerAssign(state, member);
    case 'Penalty':
      return lowerPenalty(state, member);
    case 'Aux':
      loop(evaluation, frame, member.clauses, [], (scope, indices) => lowerAux(state, member, scope, indices));
      return;
  }
}

function lowerHalf(state: ModelState, node: Extract<ModelNode['members'][number], { kind: 'Half' }>): void {
  const { evaluation, frame } = state;
  if (node.half === 'encoder') {
    // A second one has been reported.
    if (state.halves !== undefined) return;
    state.halves = lowerEncoder(evaluation, frame, node, state.image, state.steps);
    evaluation.levels.encoder = state.halves?.encoder;
    if (state.halves === undefined) return;
    const widths = node.members.find((part) => part.kind === 'Part' && part.name.name === 'widths');
    const symbol = widths === undefined ? undefined : evaluation.declared.get(widths);
    const value = symbol === undefined ? undefined : frame.values.get(symbol);
    state.encoderWidths = value?.kind === 'list' ? value.items : [];
    return;
  }
  if (state.halves === undefined) {
    evaluation.levels.decoder = undefined;
    const encoder = halfOf(state, 'encoder');
    // An encoder before it has an error, which has been reported.
    if (encoder !== undefined && encoder.span.start < node.span.start) return;
    const parts = { of: `The model \`${state.model.node.name.name}\``, part: '`encoder` before its `decoder`' };
    evaluation.fail(frame, 'UNET2012', parts, nameSpan(node));
    return;
  }
  const lowered = lowerDecoder(
    evaluation,
    frame,
    node,
    state.halves,
    halfOf(state, 'encoder'),
    state.encoderWidths,
    state.steps,
  );
  if (lowered === undefined) {
    evaluation.levels.decoder = undefined;
    state.halves.last = errorValue;
    return;
  }
  evaluation.levels.decoder = state.halves.decoder;
  const finestFirst = [...lowered.auxiliary].sort((a, b) => a.level - b.level);
  for (const { node: aux, value } of finestFirst) addAuxiliary(state, aux.output, value, aux.value.span);
}

function halfOf(state: ModelState, half: HalfNode['half']): HalfNode | undefined {
  return state.model.node.members.find((member): member is HalfNode => member.kind === 'Half' && member.half === half);
}

/** UNET2030: a head applies to the output of the decoder before it. */
function checkHead(state: ModelState, node: HeadNode): boolean {
  const { evaluation, frame } = state;
  const decoder = halfOf(state, 'decoder');
  const name = node.output.name;
  if (decoder !== undefined) {
    // A decoder before its encoder has been reported.
    if (decoder.span.start < (halfOf(state, 'encoder')?.span.start ?? 0)) return false;
    if (decoder.span.start < node.span.start) return true;
    const labels = [{ span: nameSpan(decoder), text: 'the decoder' }];
    const help = 'Move the head below the decoder.';
    evaluation.fail(frame, 'UNET2030', { name, problem: 'comes before the decoder' }, node.output.span, {
      labels,
      help,
    });
    return false;
  }
  // An encoder with an error may be followed by a decoder that does not exist either.
  if (state.halves?.last.kind !== 'tensor') return false;
  const last = state.halves.encoder.length - 1;
  const instead = `${writtenName(name)} = encoder[${last}] -> `;
  const span = { ...node.span, end: node.value.span.start };
  const isPlain = ['Name', 'Call', 'Pipe'].includes(node.value.kind);
  const fixes = isPlain ? [{ title: `Write \`${instead}...\``, span, text: instead }] : [];
  const help = `Add a \`decoder\`, or choose the level that the output is computed from: \`${instead}...\`.`;
  const problem = 'needs a decoder whose result it can use';
  evaluation.fail(frame, 'UNET2030', { name, problem }, node.output.span, { help, fixes });
  return false;
}

function lowerHead(state: ModelState, node: HeadNode): void {
  const { evaluation } = state;
  const id = `head.${node.output.name}`;
  const use = modelUse(id);
  const frame = { ...state.frame, use };
  const scope = withNames(frame, evaluation.namesIn(node.value), '');
  const evaluated = evaluation.evaluate(evaluation, scope, node.value);
  const layer = conform(evaluation, frame, evaluated, { kind: 'layer', waits: [] }, 'A head', node.value.span);
  const hasHalves = state.halves !== undefined || state.model.node.members.some(({ kind }) => kind === 'Half');
  const tensor = hasHalves && !checkHead(state, node) ? errorValue : (state.halves?.last ?? errorValue);
  let value: Value = errorValue;
  if (layer.kind === 'layer' && tensor.kind === 'tensor') {
    const stage: Frame = { ...frame, stage: id, via: [] };
    value = evaluation.apply({ evaluation, frame: stage, layer, tensors: [tensor], id, span: node.value.span });
    state.steps.push({ kind: 'head', node, id, use, tensors: [tensor], value });
  }
  if (!hasHalves) {
    const parts = { of: `The model \`${state.model.node.name.name}\``, part: '`encoder` for its `head`' };
    evaluation.fail(frame, 'UNET2012', parts, node.output.span);
  }
  assign(state, node.output, value, node.value.span);
}

/** Returns a frame for one part of the model, which is a stage and a module of its own. */
function partFrame({ evaluation }: ModelState, value: Expression, frame: Frame, id: string): Frame {
  return inModule(evaluation, withNames({ ...frame, stage: id }, evaluation.namesIn(value), id), id);
}

function lowerLet(state: ModelState, node: LetNode): void {
  const { evaluation, frame } = state;
  const symbol = evaluation.declared.get(node);
  if (symbol === undefined) return;
  if (node.indices.length === 0) {
    // The binder has reported a loop without an index.
    if (node.clauses.length > 0) return void frame.values.set(symbol, errorValue);
    const name = node.name.name;
    const scope = partFrame(state, node.value, frame, name);
    const value = evaluation.evaluate(evaluation, scope, node.value);
    frame.values.set(symbol, value);
    state.steps.push({ kind: 'let', node, id: name, use: frame.use, indices: [], value });
    return;
  }
  defineFamily(evaluation, frame, node, (scope, indices) => {
    const prefix = [node.name.name, ...indices].join('.');
    const use = modelUse(prefix);
    const inner = partFrame(state, node.value, { ...scope, use }, prefix);
    const value = evaluation.evaluate(evaluation, inner, node.value);
    state.steps.push({ kind: 'let', node, id: prefix, use, indices, value });
    return value;
  });
}

function lowerAssign(state: ModelState, node: AssignNode): void {
  const { evaluation, frame } = state;
  const name = node.output.name;
  const use = modelUse(name);
  const value = evaluation.evaluate(evaluation, partFrame(state, node.value, { ...frame, use }, name), node.value);
  state.steps.push({ kind: 'assign', node, id: name, use, value });
  assign(state, node.output, value, node.value.span);
}

function lowerAux(state: ModelState, node: AuxNode, scope: Frame, indices: readonly number[]): void {
  const { evaluation } = state;
  if (!isChosen(state, node.when, scope)) return;
  const id = ['aux', node.output.name, ...indices].join('.');
  const use = modelUse(id);
  const value = evaluation.evaluate(evaluation, partFrame(state, node.value, { ...scope, use }, id), node.value);
  state.steps.push({ kind: 'aux', node, id, use, tensors: [], value });
  addAuxiliary(state, node.output, value, node.value.span);
}

/** Whether the condition of a `when`, if there is one, is true. */
function isChosen({ evaluation, frame }: ModelState, when: Expression | undefined, scope: Frame): boolean {
  if (when === undefined) return true;
  const evaluated = evaluation.evaluate(evaluation, withNames(scope, evaluation.namesIn(when)), when);
  const chosen = conform(evaluation, frame, evaluated, { kind: 'bool' }, 'The condition of `when`', when.span);
  return chosen.kind === 'boolean' && chosen.value;
}

/** UNET3075: a penalty is a tensor of the cases of a batch. */
function lowerPenalty(state: ModelState, node: PenaltyNode): void {
  const { evaluation, frame } = state;
  const name = node.name.name;
  if (!isChosen(state, node.when, frame)) return;
  const id = `penalty.${name}`;
  const use = modelUse(id);
  const value = evaluation.evaluate(evaluation, partFrame(state, node.value, { ...frame, use }, id), node.value);
  state.steps.push({ kind: 'penalty', node, id, use, value });
  if (value.kind === 'error') return;
  if (value.kind === 'tensor' && value.batched) {
    state.penalties.push({ name, op: value.op });
    return;
  }
  const found = value.kind === 'tensor' ? 'only weights' : describeValue(value);
  evaluation.fail(frame, 'UNET3075', { name, found }, node.value.span);
}

/** UNET2002: an output can be assigned only once. */
function assign(state: ModelState, name: Identifier, value: Value, span: Span): void {
  const { evaluation, frame } = state;
  const output = state.outputs.get(name.name);
  if (output === undefined) return;
  if (output.assigned !== undefined) {
    const labels = [{ span: output.assigned.span, text: 'first given here' }];
    evaluation.fail(frame, 'UNET2002', { name: name.name }, name.span, { labels });
    return;
  }
  output.assigned = name;
  const op = checkOutput(state, name.name, output, value, span);
  if (op !== undefined && checkExtent(state, name.name, value, span)) output.op = op;
}

/**
 * UNET3030: an output has the sizes of the image, less a fixed border if convolutions are valid; the divisibility that
 * this requires becomes a constraint. Auxiliary predictions may have any size.
 */
function checkExtent(state: ModelState, name: string, value: Value, span: Span): boolean {
  const { evaluation, frame, image } = state;
  if (image.kind !== 'tensor' || value.kind !== 'tensor') return false;
  const free = image.shape.slice(1).some(({ size }) => constantOf(size) !== undefined)
    ? freeShape(evaluation.ops.slice(0, evaluation.ops.findIndex(({ id }) => id === value.op) + 1))
    : undefined;
  for (const [index, { name: axis, size }] of image.shape.entries()) {
    const own = value.shape[index]?.size;
    if (index === 0 || own === undefined) continue;
    const border =
      constantOf(size) === undefined ? borderOf(size, own) : fixedBorder(axis, size, own, free?.[index]?.size);
    if (border === undefined) {
      const axes = image.shape.map((each) => each.name).join(', ');
      const expected = `[${axes}] with the sizes of the image (minus a fixed border)`;
      const any = free === undefined ? [] : [`For an image without fixed sizes it would be ${formatShape(free)}.`];
      const parts = { output: name, expected, found: formatShape(value.shape) };
      evaluation.fail(frame, 'UNET3030', parts, span, { notes: any });
      return false;
    }
    const reason = `the output \`${name}\` must have the size of the image${border === 0 ? '' : ` minus ${border}`} along ${axis}`;
    evaluation.requireEqual(own, withoutBorder(size, border), span, reason);
  }
  return true;
}

/**
 * The border along an axis of fixed size: the part of the image that the output does not cover, if it is the same for
 * an image of any size.
 */
function fixedBorder(axis: string, size: Size, own: Size, free: Size | undefined): number | undefined {
  const lacking = constantOf(add(size, scale(own, -1)));
  const border = free === undefined || constantOf(free) !== undefined ? 0 : borderOf(symbol(axis), free);
  return lacking === border ? border : undefined;
}

function addAuxiliary(state: ModelState, name: Identifier, value: Value, span: Span): void {
  const output = state.outputs.get(name.name);
  if (output === undefined) return;
  const op = checkOutput(state, name.name, output, value, span);
  if (op !== undefined) output.auxiliary.push(op);
}

/** UNET3014, UNET3030: logits must have a channel per label and the image's spatial axes. */
function checkOutput(
  state: ModelState,
  name: string,
  output: OutputState,
  value: Value,
  span: Span,
): string | undefined {
  const { evaluation, frame, image } = state;
  if (value.kind === 'error' || image.kind !== 'tensor') return undefined;
  const expected = `[${['C', ...image.shape.slice(1).map((axis) => axis.name)].join(', ')}]`;
  if (value.kind !== 'tensor' || value.shape.length !== image.shape.length || !value.batched) {
    const found = value.kind === 'tensor' ? formatShape(value.shape) : describeValue(value);
    evaluation.fail(frame, 'UNET3030', { output: name, expected, found }, span);
    return undefined;
  }
  const names = value.shape
    .slice(1)
    .map((axis) => axis.name)
    .join();
  if (
    names !==
    image.shape
      .slice(1)
      .map((axis) => axis.name)
      .join()
  ) {
    evaluation.fail(frame, 'UNET3030', { output: name, expected, found: formatShape(value.shape) }, span);
    return undefined;
  }
  const [first] = value.shape;
  const channels = first === undefined ? undefined : constantOf(first.size);
  if (channels !== output.labels.length) {
    const labels = [{ span: output.node.type.span, text: counted(output.labels.length, 'label') }];
    const parts = { output: name, channels: channels ?? 0, labels: output.labels.length };
    const help = `\`${name}.${output.kind}\` is the number of labels.`;
    evaluation.fail(frame, 'UNET3014', parts, span, { labels, help });
    return undefined;
  }
  return value.op;
}

/** UNET2017: every output must be assigned a value. */
function finishOutputs(state: ModelState): void {
  const { evaluation, frame } = state;
  if (evaluation.exhausted) return;
  for (const [name, output] of state.outputs) {
    if (output.assigned === undefined) evaluation.fail(frame, 'UNET2017', { name }, output.node.name.span);
  }
}

function buildNetwork(state: ModelState): LoweredNetwork | undefined {
  const { evaluation, frame, model } = state;
  const faulty = (): boolean => evaluation.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  // An output without its operation follows from an error that the binder has reported.
  if (faulty() || [...state.outputs.values()].some(({ op }) => op === undefined)) return undefined;
  const outputs: ModelOutput[] = [...state.outputs].map(([name, output]) => ({
    name,
    kind: output.kind,
    labels: output.labels,
    op: output.op ?? '',
    auxiliary: output.auxiliary,
  }));
  const network: Network = markConditionalUse(
    removeUnreached({
      name: model.name,
      doc: model.doc,
      inputs: state.inputs,
      outputs,
      penalties: state.penalties,
      ops: evaluation.ops,
      modules: [...evaluation.modules.values()],
      initial: Object.fromEntries([...evaluation.initRules].map(([kind, choice]) => [kind, ruleOf(choice)])),
      constraints: evaluation.constraints,
      legal: [],
      knobs: printKnobs(model),
    }),
  );
  const free = [...new Set(state.inputs.flatMap(freeAxes))];
  const legal: LegalSizes[] = [];
  for (const [index, sizes] of legalSizes(network.constraints, free, network.ops).entries()) {
    if (sizes !== undefined) {
      legal.push(sizes);
      continue;
    }
    const axis = free[index] ?? '';
    const reasons = network.constraints.filter(
      (each) => symbolsOf(each.left).has(axis) || symbolsOf(each.right).has(axis),
    );
    const reason =
      [...new Set(reasons.map((each) => each.reason))].join('; ') ||
      'some operation produces an empty tensor for every size';
    const labels = reasons.slice(0, 4).map(({ left, right, span }) => {
      return { span, text: `requires ${formatSize(left)} = ${formatSize(right)}` };
    });
    evaluation.fail(frame, 'UNET3015', { axis, reason }, reasons[0]?.span ?? model.node.name.span, { labels });
  }
  const { node } = model;
  const text = { node, evaluation, use: frame.use, knobs: state.knobs, steps: state.steps };
  return faulty() ? undefined : { ...network, modules: inhabited(network), legal, text };
}

/** The modules that contain an operation, directly or in a nested module. */
function inhabited({ modules, ops }: Network): readonly Module[] {
  const parents = new Map(modules.map(({ id, parent }) => [id, parent]));
  const held = new Set<string>();
  for (const op of ops) {
    for (let id: string | undefined = op.module; id !== undefined && !held.has(id); id = parents.get(id)) held.add(id);
  }
  return modules.filter(({ id }) => held.has(id));
}

/** The spatial axes of an image whose size the spec does not fix. */
function freeAxes(input: ModelInput): readonly string[] {
  return input.kind === 'image' ? input.axes.filter(({ size }) => size === undefined).map(({ name }) => name) : [];
}

/** The values of knobs, printed in the language. */
function printKnobs(model: BoundModel): Network['knobs'] {
  return model.node.members.flatMap((member) => {
    if (member.kind !== 'Knob') return [];
    const setting = model.settings.get(member.name.name);
    const chosen = setting === undefined ? member.value : setting.value.kind === 'Off' ? member.off : setting.value;
    const value = chosen === undefined ? '' : printExpression(chosen);
    return [{ name: member.name.name, value, changed: setting !== undefined }];
  });
}
