/**
 * The layers of a module as figures and diffs name them. A block is one layer, under its own name, if it does more than a
 * chain of layers does: if it has trained tensors, sums, products or other operations that are not layers, or is known by
 * one of its operations (an attention by its softmax, a gate by its sigmoid). A block that contains a convolution over
 * space, or another such block, is shown by what is in it.
 */
import { sumParameters } from '../../ir/cost.js';
import type { ModuleBlock, Op } from '../../ir/ir.js';
import { opsOf, type ModulePart, type Part } from '../../ir/modules.js';
import { printable } from '../printable.js';
import { blockKindOf, kindOfOp, labelOp, type LayerKind } from './label-op.js';

export interface Layer {
  readonly kind: LayerKind;
  /** `conv 3×3×3`, `squeeze excite`. */
  readonly label: string;
  /** The id of the module or operation that it stands for. */
  readonly id: string;
  /** The module that it is directly part of; undefined for the part whose layers these are. */
  readonly within: ModulePart | undefined;
  readonly ops: readonly Op[];
  readonly params: number;
}

/** Returns the layers of a part in the order they run. What is computed from trained scalars alone is left out. */
export function layersOf(part: Part, within?: ModulePart): readonly Layer[] {
  if (part.kind === 'op') return opLayers(part.op, within);
  const whole = wholeLayer(part, within);
  return whole === undefined ? part.parts.flatMap((each) => layersOf(each, part)) : [whole];
}

function opLayers(op: Op, within: ModulePart | undefined): readonly Layer[] {
  if (!op.batched || op.kind === 'pick') return [];
  return [{ kind: kindOfOp(op), label: labelOp(op), id: op.id, within, ops: [op], params: sumParameters([op]) }];
}

/** Returns a module as one layer, or undefined if it is shown by what is in it. */
function wholeLayer(module: ModulePart, within: ModulePart | undefined): Layer | undefined {
  const ops = opsOf(module);
  const base = { id: module.id, within, ops, params: sumParameters(ops) };
  if (isArithmetic(module, ops)) return { ...base, kind: 'join', label: moduleLabel(module) };
  if (module.block === undefined || !isWhole(module, ops)) return undefined;
  return { ...base, kind: kindOfBlock(ops), label: blockLabel(module.block, ops) };
}

/** Several additions and products under one name, such as a blend of two tensors. */
function isArithmetic({ block }: ModulePart, ops: readonly Op[]): boolean {
  const batched = ops.filter((op) => op.batched);
  const kinds = ['binary', 'scalar', 'param'];
  return block === undefined && batched.length > 1 && ops.every((op) => kinds.includes(op.kind));
}

function isWhole(module: ModulePart, ops: readonly Op[]): boolean {
  const known = ops.map(blockKindOf);
  if (known.includes('convolution') || module.parts.some(containsWhole)) return false;
  return known.some((kind) => kind !== undefined) || ops.some((op) => kindOfOp(op) === 'other');
}

function containsWhole(part: Part): boolean {
  if (part.kind === 'op') return false;
  return (part.block !== undefined && isWhole(part, opsOf(part))) || part.parts.some(containsWhole);
}

/** Kinds by how much they tell about a block that contains them. */
const tellingKinds: readonly LayerKind[] = [
  'attention',
  'gate',
  'separable',
  'convolution',
  'linear',
  'norm',
  'down',
  'up',
  'shape',
  'join',
];

/** Returns the kind a block is known by, or else the most telling kind of its operations. */
function kindOfBlock(ops: readonly Op[]): LayerKind {
  const known = new Set(ops.map(blockKindOf));
  const kinds = new Set(ops.map(kindOfOp));
  return tellingKinds.find((kind) => known.has(kind)) ?? tellingKinds.find((kind) => kinds.has(kind)) ?? 'other';
}

/** Returns the name of a module in words: its block's, or its own. */
export function moduleLabel({ name, block }: ModulePart): string {
  return words(block?.name ?? name);
}

function words(name: string): string {
  return printable(name).replaceAll('_', ' ');
}

/**
 * Returns a block's name in words, with the numbers it was given: `low rank attention, rank 8`. As in the labels of
 * operations, defaults are left out, and numbers of channels are left to shapes.
 */
function blockLabel({ name, arguments: given }: ModuleBlock, ops: readonly Op[]): string {
  const channels = ops.findLast((op) => op.batched && op.shape.length > 0)?.shape[0]?.size;
  const width = channels?.kind === 'constant' ? String(channels.value) : undefined;
  const shown = given.filter((each) => !each.isDefault && each.value !== width && isNumeric(each.value));
  return [words(name), ...shown.map((each) => `${words(each.name)} ${sizesText(each.value)}`)].join(', ');
}

function isNumeric(value: string): boolean {
  return /^[[\d.,\] -]+$/.test(value);
}

/** `[1, 3, 3]` as `1×3×3`. */
function sizesText(value: string): string {
  return value.replace(/^\[|\]$/g, '').replaceAll(', ', '×');
}

/** Returns the arguments that differ between two uses of a block, on each side: `rank 8`. */
export function changedArguments(before: Part, after: Part): readonly [before: string, after: string] {
  const [left, right] = [argumentsOf(before), argumentsOf(after)];
  const names = [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name));
  const text = (values: ReadonlyMap<string, string>): string =>
    names.map((name) => `${words(name)} ${printable(values.get(name) ?? 'by default')}`).join(', ');
  return [text(left), text(right)];
}

function argumentsOf(part: Part): ReadonlyMap<string, string> {
  const given = part.kind === 'module' ? (part.block?.arguments ?? []) : [];
  return new Map(given.map(({ name, value }) => [name, value]));
}

/** Returns a part in words, its blocks by their names: `conv 3×3×3 → 16, 3 × transformer, heads 12`. */
export function describePart(part: Part): string {
  return listTexts(blockTexts(part));
}

function blockTexts(part: Part): readonly string[] {
  const whole = part.kind === 'op' ? undefined : wholeLayer(part, undefined);
  if (part.kind === 'op') return opLayers(part.op, undefined).map(layerText);
  if (whole !== undefined) return [layerText(whole)];
  return part.block === undefined ? part.parts.flatMap(blockTexts) : [blockLabel(part.block, opsOf(part))];
}

/** Returns the output channels of a layer if its last operation sets their number. */
export function widthOf(layer: Layer): number | undefined {
  for (const op of [...layer.ops].reverse()) {
    if (op.kind === 'conv' || op.kind === 'transposed_conv' || op.kind === 'linear') return op.attributes.out;
  }
  return undefined;
}

/** Returns layers as one string: `conv 3×3×3 → 48, GN(8), GELU`. */
export function describeLayers(layers: readonly Layer[]): string {
  return listTexts(layers.map(layerText));
}

function layerText(layer: Layer): string {
  const width = isWidthShown(layer) ? widthOf(layer) : undefined;
  return width === undefined ? layer.label : `${layer.label} → ${width}`;
}

const longestList = 8;

/** Joins strings with commas, equal ones in a row as `3 × text`; the end of a long list is counted. */
function listTexts(texts: readonly string[]): string {
  const runs: { text: string; times: number }[] = [];
  for (const text of texts) {
    const last = runs.at(-1);
    if (last?.text === text) last.times += 1;
    else runs.push({ text, times: 1 });
  }
  const shown = runs.slice(0, runs.length > longestList ? longestList - 1 : longestList);
  const rest = runs.slice(shown.length).reduce((sum, { times }) => sum + times, 0);
  const listed = shown.map(({ text, times }) => (times > 1 ? `${times} × ${text}` : text));
  return [...listed, ...(rest === 0 ? [] : [`${rest} more`])].join(', ');
}

/** Whether a figure names the output channels of such a layer. */
export function isWidthShown({ kind }: Layer): boolean {
  return ['convolution', 'separable', 'linear', 'up', 'down'].includes(kind);
}
