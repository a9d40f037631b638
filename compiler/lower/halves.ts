import type { AuxNode, HalfNode, Identifier, PartNode } from '../../grammar/ast.js';
import type { DiagnosticExtras, Fix, Label } from '../../grammar/diagnostics/diagnostic.js';
import { foreignParts } from '../../grammar/diagnostics/foreign-words.js';
import { replacement, suggestionFor } from '../../grammar/diagnostics/suggest.js';
import { blanksBefore, type Span } from '../../grammar/source.js';
import { isList } from '../bind/bind.js';
import { conform } from '../evaluate/conform.js';
import { typeOf } from '../evaluate/evaluate.js';
import { modelUse, type BlockUse } from '../evaluate/block-use.js';
import { inModule, isAtLeast, withNames, type Evaluation, type Frame } from '../evaluate/evaluation.js';
import type { Type } from '../evaluate/types.js';
import { errorValue, numberOf, type LayerValue, type TensorValue, type Value } from '../evaluate/values.js';
import { formatSize } from '../shape/size.js';
import type { ModelStep } from './model-text.js';

/**
 * The U: stem, level 0, down 0, level 1, ..., level n - 1; then for i from n - 2 to 0: up, fit, fuse, level. All of
 * this could be written as a free body of `let`s; it is the wiring that most networks share.
 */
export interface Halves {
  /** Outputs of the encoder by level. */
  readonly encoder: Value[];
  /** Outputs of the decoder by level; the last one is the encoder's. */
  readonly decoder: Value[];
  /** The tensor that heads apply to. */
  last: Value;
}

/** A half while it is being wired: its parts by name, the model's frame with its lists, and the widths. */
interface Half {
  readonly evaluation: Evaluation;
  readonly frame: Frame;
  readonly name: 'encoder' | 'decoder';
  readonly node: HalfNode;
  readonly parts: ReadonlyMap<string, PartNode>;
  readonly widths: readonly Value[];
  /** Receives each part that is applied. */
  readonly steps: ModelStep[];
  /** The encoder and whether its levels differ in size, for a decoder. */
  readonly encoder?: { readonly node: HalfNode; readonly flat: boolean | 'unknown' } | undefined;
}

/** The tensors that a `fuse` may declare: the skip, the upsampled tensor, the one before upsampling, and the deepest one. */
const fusionTensors = ['skip', 'up', 'below', 'bottleneck'];

/** The parts that each half may have, except lists and `aux`. */
export const partNames: Record<'encoder' | 'decoder', readonly string[]> = {
  encoder: ['stem', 'level', 'down'],
  decoder: ['up', 'fit', 'fuse', 'level'],
};

/** Reads the parts of a half (UNET2013, UNET2002) and evaluates its lists into the frame. */
function openHalf(
  evaluation: Evaluation,
  frame: Frame,
  node: HalfNode,
  widths: readonly Value[] | undefined,
  steps: ModelStep[],
): Half | undefined {
  const parts = new Map<string, PartNode>();
  let own = widths;
  let unknown = false;
  for (const part of node.members) {
    if (part.kind !== 'Part') continue;
    const name = part.name.name;
    const isForeign = foreignParts[name]?.ours === '' && part.value.kind !== 'List';
    if (isList(part) && !isForeign && !isLayer(evaluation, frame, part)) {
      const scope = withNames(frame, evaluation.namesIn(part.value));
      const list = conform(
        evaluation,
        frame,
        evaluation.evaluate(evaluation, scope, part.value),
        { kind: 'list', of: { kind: 'any' } },
        `\`${name}\``,
        part.value.span,
      );
      const symbol = evaluation.declared.get(part);
      if (symbol !== undefined) frame.values.set(symbol, list);
      if (name === 'widths') own = list.kind === 'list' ? list.items : undefined;
      continue;
    }
    if (!partNames[node.half].includes(name)) {
      const foreign = foreignParts[name];
      const help = foreign?.help ?? `Its parts are ${partNames[node.half].map((each) => `\`${each}\``).join(', ')}.`;
      const ours = foreign?.ours ?? '';
      const near = partNames[node.half].includes(ours)
        ? { help: `Did you mean \`${ours}\`?`, fixes: [replacement(part.name.span, ours)] }
        : suggestionFor(name, partNames[node.half], part.name.span);
      const extras = foreign?.help === undefined ? { help, ...near } : { help, covers: part.span };
      evaluation.fail(frame, 'UNET2013', { name, half: node.half }, part.name.span, extras);
      unknown = true;
      continue;
    }
    const first = parts.get(name);
    if (first === undefined) {
      parts.set(name, part);
    } else {
      const labels = [{ span: first.name.span, text: 'first declared here' }];
      evaluation.fail(frame, 'UNET2002', { name }, part.name.span, { labels });
    }
  }
  const missing = (['level', 'up', 'fuse'] as const).find(
    (name) => !parts.has(name) && (node.half === 'decoder' ? name !== 'level' : name === 'level'),
  );
  if (missing !== undefined) {
    // A part with an unknown name may be a misspelling of the missing one.
    if (!unknown)
      evaluation.fail(frame, 'UNET2012', { of: `The ${node.half}`, part: `\`${missing}\`` }, nameSpan(node));
    return undefined;
  }
  if (own === undefined) {
    if (!node.members.some((part) => part.kind === 'Part' && part.name.name === 'widths')) {
      const parts = { of: `The ${node.half}`, part: '`widths`' };
      evaluation.fail(frame, 'UNET2012', parts, nameSpan(node), widthsOf(node));
    }
    return undefined;
  }
  return {
    evaluation,
    frame: inModule(evaluation, frame, node.half),
    name: node.half,
    node,
    parts,
    widths: own,
    steps,
  };
}

/** The list that another library calls the widths. */
function widthsOf({ members }: HalfNode): DiagnosticExtras {
  const list = members.find(
    (part): part is PartNode => part.kind === 'Part' && foreignParts[part.name.name]?.ours === 'widths',
  );
  if (list === undefined) return { help: 'Add the widths of its levels, such as `widths: [32, 64, 128]`.' };
  const help = `Its list \`widths\` gives the number of channels at each level: rename \`${list.name.name}\`.`;
  const labels = [{ span: list.name.span, text: 'these are the widths' }];
  return { help, labels, fixes: [replacement(list.name.span, 'widths')], covers: list.name.span };
}

/** The word `encoder` or `decoder` itself: the smallest span that identifies the half. */
export function nameSpan(node: HalfNode): HalfNode['span'] {
  return { ...node.span, end: node.span.start + node.half.length };
}

/** Whether a part in the position of a list is a layer, that is, a part with a misspelt name. */
function isLayer(evaluation: Evaluation, frame: Frame, part: PartNode): boolean {
  if (part.name.name === 'widths' || part.value.kind === 'List') return false;
  const scope = { ...withNames(frame, evaluation.namesIn(part.value)), abstract: true };
  return ['layer', 'fusion'].includes(typeOf(evaluation.evaluate(evaluation, scope, part.value)).kind);
}

/** A frame with the values of `i` and `c` in a part. */
function partFrame(half: Half, parameters: readonly Identifier[], level: number): Frame {
  const { evaluation, frame, widths } = half;
  const values = new Map(frame.values);
  for (const parameter of parameters) {
    const symbol = evaluation.declared.get(parameter);
    if (symbol === undefined) continue;
    values.set(symbol, parameter.name === 'i' ? numberOf(level, true) : (widths[level] ?? errorValue));
  }
  return { ...frame, values };
}

function levelLabel(half: Half, part: PartNode, level: number): Label {
  const text = part.name.name === 'stem' ? 'in the stem' : `at level ${level} of the ${half.name}`;
  return { span: part.name.span, text };
}

/** The layer of a part at one level; undefined if it has an error. */
function partLayer(half: Half, part: PartNode, level: number, type: Type, use: BlockUse): LayerValue | undefined {
  const { evaluation } = half;
  const via = levelLabel(half, part, level);
  const frame = {
    ...withNames(partFrame(half, part.parameters, level), evaluation.namesIn(part.value), ''),
    use,
    via: [via],
  };
  const evaluated = evaluation.evaluate(evaluation, frame, part.value);
  const value = conform(evaluation, frame, evaluated, type, `\`${part.name.name}\``, part.value.span);
  return value.kind === 'layer' ? value : undefined;
}

/**
 * Applies a part; its stage is the prefix of its operations' ids. An omitted part is the identity. The part is checked
 * even if the tensor before it has an error.
 */
function applyPart(
  half: Half,
  name: string,
  level: number,
  values: readonly Value[],
  tensorNames?: readonly string[],
): Value {
  const part = half.parts.get(name);
  if (part === undefined) return values[0] ?? errorValue;
  const type: Type = tensorNames === undefined ? { kind: 'layer', waits: [] } : { kind: 'fusion', waits: [] };
  const id = name === 'stem' ? `${half.name}.stem` : `${half.name}.${name}${level}`;
  const use = modelUse(id);
  const layer = partLayer(half, part, level, type, use);
  const tensors = values.filter((value): value is TensorValue => value.kind === 'tensor');
  if (layer === undefined || tensors.length < values.length) return errorValue;
  const via = levelLabel(half, part, level);
  const frame: Frame = { ...half.frame, stage: id, via: [via] };
  const made = half.evaluation.apply({
    evaluation: half.evaluation,
    frame,
    layer,
    tensors,
    id,
    span: part.value.span,
    ...(tensorNames === undefined ? {} : { tensorNames }),
  });
  half.steps.push({
    kind: 'part',
    half: half.name,
    node: part,
    level,
    id,
    use,
    tensors,
    tensorNames,
    value: made,
  });
  return conform(half.evaluation, frame, made, { kind: 'tensor' }, `The result of \`${name}\``, part.value.span);
}

/** Wires the encoder on the model's image. */
export function lowerEncoder(
  evaluation: Evaluation,
  frame: Frame,
  node: HalfNode,
  image: Value,
  steps: ModelStep[],
): Halves | undefined {
  const widths = node.members.find((part): part is PartNode => part.kind === 'Part' && part.name.name === 'widths');
  setDepth(evaluation, frame, node, widths);
  const half = openHalf(evaluation, frame, node, undefined, steps);
  if (half === undefined) return undefined;
  const halves: Halves = { encoder: [], decoder: [], last: errorValue };
  let value = applyPart(half, 'stem', 0, [image]);
  for (let level = 0; level < half.widths.length; level++) {
    if (level > 0) value = applyPart(half, 'down', level - 1, [value]);
    value = applyPart(half, 'level', level, [value]);
    halves.encoder.push(value);
  }
  halves.last = value;
  return halves;
}

/** `n` must be known before lists that use it: it is the number of `widths`. */
function setDepth(evaluation: Evaluation, frame: Frame, node: HalfNode, widths: PartNode | undefined): void {
  if (widths === undefined) return;
  const quiet = withNames({ ...frame, abstract: true }, evaluation.namesIn(widths.value));
  const list = evaluation.evaluate(evaluation, quiet, widths.value);
  if (list.kind !== 'list') return;
  evaluation.levels.depth = list.items.length;
  if (list.items.length > 0 && list.items.length <= 64) return;
  const parts = { what: 'The number of levels', range: 'between 1 and 64', found: String(list.items.length) };
  evaluation.fail(frame, 'UNET3019', parts, widths.value.span);
  evaluation.levels.depth = 0;
}

/** Wires the decoder to the encoder's levels. */
export function lowerDecoder(
  evaluation: Evaluation,
  frame: Frame,
  node: HalfNode,
  halves: Halves,
  encoder: HalfNode | undefined,
  encoderWidths: readonly Value[],
  steps: ModelStep[],
): { auxiliary: { node: AuxNode; level: number; value: Value }[] } | undefined {
  const open = openHalf(evaluation, frame, node, encoderWidths, steps);
  if (open === undefined) return undefined;
  const half: Half = {
    ...open,
    encoder: encoder === undefined ? undefined : { node: encoder, flat: isFlat(encoder, halves) },
  };
  const depth = halves.encoder.length;
  const auxiliary: { node: AuxNode; level: number; value: Value }[] = [];
  let value: Value = halves.encoder[depth - 1] ?? errorValue;
  const bottleneck = value;
  halves.decoder.length = depth;
  halves.decoder[depth - 1] = value;
  for (let level = depth - 2; level >= 0; level--) {
    const skip = halves.encoder[level] ?? errorValue;
    const below = value;
    const up = applyPart(half, 'up', level, [below]);
    const fitted = fit(half, level, skip, up);
    const fused = applyPart(half, 'fuse', level, [fitted.skip, fitted.up, below, bottleneck], fusionTensors);
    value = applyPart(half, 'level', level, [fused]);
    halves.decoder[level] = value;
    for (const member of node.members) {
      if (member.kind === 'Aux') auxiliary.push(...lowerAuxiliary(half, member, level, value));
    }
  }
  halves.last = value;
  return { auxiliary };
}

/**
 * Whether an encoder has no `down` and the outputs of all its levels have the same spatial sizes; `unknown` if one of
 * its parts, which has been reported, may be its `down`.
 */
function isFlat({ members }: HalfNode, { encoder }: Halves): boolean | 'unknown' {
  const parts = members.filter((part): part is PartNode => part.kind === 'Part' && part.value.kind !== 'List');
  if (parts.some(({ name }) => name.name === 'down')) return false;
  if (parts.some(({ name }) => name.name !== 'widths' && !partNames.encoder.includes(name.name))) return 'unknown';
  const sizes = encoder.map((value) =>
    value.kind === 'tensor'
      ? value.shape
          .slice(1)
          .map(({ size }) => formatSize(size))
          .join()
      : undefined,
  );
  return sizes.every((each) => each !== undefined && each === sizes[0]);
}

/** UNET2012: the levels of a U differ in size. Adds `down` after the encoder's last part. */
function failFlat(half: Half, encoder: HalfNode): void {
  const last = encoder.members.at(-1)?.span ?? nameSpan(encoder);
  const at = { ...last, start: last.end };
  const text = `\n${blanksBefore(last.source, last.start)}down: max_pool(2)`;
  const fixes = [{ title: 'Add `down: max_pool(2)`', span: at, text }];
  const help = 'Add `down: max_pool(2)`, or let the levels stride themselves; otherwise all levels have the same size.';
  const parts = { of: 'The encoder', part: '`down`, but the decoder has an `up` that enlarges' };
  half.evaluation.fail(half.frame, 'UNET2012', parts, nameSpan(encoder), { help, fixes });
}

/**
 * Brings `up` to the size of the skip. `crop` crops the larger of the two instead: the skip after valid convolutions
 * (Ronneberger et al. 2015), `up` after a strided convolution that rounds up.
 */
function fit(half: Half, level: number, skip: Value, up: Value): { skip: Value; up: Value } {
  const { evaluation, frame } = half;
  const faulty = { skip: errorValue, up: errorValue };
  const part = half.parts.get('fit');
  const named = part?.value.kind === 'Name' ? part.value.name : undefined;
  const exact = part === undefined || named === 'exact';
  const id = `decoder.fit${level}`;
  const use = modelUse(id);
  const layer = exact ? undefined : partLayer(half, part, level, { kind: 'layer', waits: [] }, use);
  if (skip.kind !== 'tensor' || up.kind !== 'tensor') return faulty;
  if (exact) return fitsExactly(half, level, skip, up) ? { skip, up } : faulty;
  if (layer === undefined) return faulty;
  const cropping = layer.recipe.kind === 'primitive' && layer.recipe.primitive.name === 'crop';
  const cutsSkip = cropping && !holds(up, skip);
  const via = levelLabel(half, part, level);
  const stage: Frame = { ...frame, stage: `decoder.fuse${level}`, via: [via] };
  const tensors = cutsSkip ? [skip, up] : [up, skip];
  const { span } = part.value;
  const made = evaluation.apply({ evaluation, frame: stage, layer, tensors, id, span });
  const step = { kind: 'part', half: half.name, node: part, level, id, use, tensors, value: made } as const;
  half.steps.push({ ...step, tensorNames: undefined });
  const fitted = conform(evaluation, stage, made, { kind: 'tensor' }, 'The result of `fit`', span);
  return cutsSkip ? { skip: fitted, up } : { skip, up: fitted };
}

/** Whether one tensor is at least as large as the other along every axis, for every patch. */
function holds(larger: TensorValue, smaller: TensorValue): boolean {
  return larger.shape.slice(1).every((axis, index) => {
    const other = smaller.shape[index + 1];
    return other !== undefined && isAtLeast(axis.size, other.size) === 'always';
  });
}

/** UNET3006: sizes that can never be equal; sizes that are equal for some patches become a constraint. */
function fitsExactly(half: Half, level: number, skip: TensorValue, up: TensorValue): boolean {
  const { evaluation, frame, parts } = half;
  const span = parts.get('up')?.value.span ?? half.node.span;
  for (const axis of skip.shape.slice(1)) {
    const other = up.shape.find((each) => each.name === axis.name);
    if (other === undefined) continue;
    const reason = `the skip and the upsampled tensor at level ${level} of the decoder must have the same size along ${axis.name}`;
    if (evaluation.requireEqual(axis.size, other.size, span, reason)) continue;
    if (half.encoder?.flat === true) failFlat(half, half.encoder.node);
    if (half.encoder !== undefined && half.encoder.flat !== false) return false;
    const message = {
      what: `The skip and the upsampled tensor at level ${level}`,
      axis: axis.name,
      left: formatSize(axis.size),
      right: formatSize(other.size),
    };
    const help = 'Choose how to match their sizes: `fit: crop`, `fit: pad` or `fit: resize(trilinear)`.';
    const fixes = parts.has('fit') ? [] : fitFixes(half.node, span, skip.shape.length - 1);
    evaluation.fail(frame, 'UNET3006', message, span, { help, fixes });
    return false;
  }
  return true;
}

/** The ways to fit, each as a line before the part whose tensor does not fit. */
function fitFixes(node: HalfNode, span: Span, rank: number): readonly Fix[] {
  const part = node.members.find((member) => member.span.start <= span.start && span.end <= member.span.end);
  if (part === undefined) return [];
  const { source, start } = part.span;
  const indentation = blanksBefore(source, start);
  const mode = rank === 3 ? 'trilinear' : rank === 2 ? 'bilinear' : 'nearest';
  return ['crop', 'pad', `resize(${mode})`].map((way) => {
    const text = `fit: ${way}\n${indentation}`;
    return { title: `Add \`fit: ${way}\``, span: { source, start, end: start }, text };
  });
}

/** `aux output(i) when condition: layer` at one level. */
function lowerAuxiliary(
  half: Half,
  node: AuxNode,
  level: number,
  value: Value,
): { node: AuxNode; level: number; value: Value }[] {
  const { evaluation } = half;
  const id = `aux.${node.output.name}.${level}`;
  const use = modelUse(id);
  const scope = { ...partFrame(half, node.parameters, level), use, module: '' };
  if (node.when !== undefined) {
    const frame = withNames(scope, evaluation.namesIn(node.when), '');
    const evaluated = evaluation.evaluate(evaluation, frame, node.when);
    const chosen = conform(evaluation, frame, evaluated, { kind: 'bool' }, 'The condition of `when`', node.when.span);
    if (chosen.kind !== 'boolean' || !chosen.value) return [];
  }
  const frame = withNames(scope, evaluation.namesIn(node.value), '');
  const evaluated = evaluation.evaluate(evaluation, frame, node.value);
  const layer = conform(evaluation, frame, evaluated, { kind: 'layer', waits: [] }, '`aux`', node.value.span);
  if (layer.kind !== 'layer' || value.kind !== 'tensor') return [];
  const stage: Frame = { ...half.frame, stage: id, module: '', via: [] };
  const made = evaluation.apply({ evaluation, frame: stage, layer, tensors: [value], id, span: node.value.span });
  half.steps.push({ kind: 'aux', node, id, use, tensors: [value], value: made });
  return [{ node, level, value: made }];
}
