/**
 * The layers of a module as a figure shows them. Ids give the modules and their operations say what each is, so that
 * a separable convolution, a conditional norm, an attention or a gate is one layer whatever the spec calls it.
 */
import { sumParameters } from '../../ir/cost.js';
import type { Op } from '../../ir/ir.js';
import { opsOf, type ModuleNode } from '../../ir/module-tree.js';
import { printable } from '../printable.js';
import { kindOfOp, labelOp, type LayerKind } from './label-op.js';

export interface Layer {
  readonly kind: LayerKind;
  /** `conv 3×3×3`, `squeeze excite`. */
  readonly label: string;
  /** The module or operation it stands for. */
  readonly id: string;
  readonly ops: readonly Op[];
  readonly params: number;
}

/** The layers of a module in the order they run. What is computed from trained scalars alone is left out. */
export function layersOf(node: ModuleNode): readonly Layer[] {
  const ops = opsOf(node);
  const whole = recognise(node, ops);
  if (whole !== undefined) return [layer(node, ops, whole)];
  const own = node.op === undefined ? [] : leafLayers(node, node.op);
  return [...own, ...node.children.flatMap(layersOf)];
}

function layer(node: ModuleNode, ops: readonly Op[], { kind, label }: Pick<Layer, 'kind' | 'label'>): Layer {
  const params = sumParameters(ops);
  return { kind, label, id: node.id, ops, params };
}

function leafLayers(node: ModuleNode, op: Op): readonly Layer[] {
  if (!op.batched || op.kind === 'param' || op.kind === 'pick') return [];
  return [layer(node, [op], { kind: kindOfOp(op), label: labelOp(op) })];
}

/** What a module is as a whole, where that is one of the things a figure has a word for. */
function recognise(node: ModuleNode, ops: readonly Op[]): Pick<Layer, 'kind' | 'label'> | undefined {
  if (node.children.length === 0) return undefined;
  const separable = separableLabel(ops);
  if (separable !== undefined) return { kind: 'separable', label: separable };
  const norm = conditionalNormLabel(ops);
  if (norm !== undefined) return { kind: 'norm', label: norm };
  if (isAttention(ops) && !node.children.some((child) => isAttention(opsOf(child)))) {
    return { kind: 'attention', label: nameOf(node, ops, 'attention') };
  }
  if (isGate(ops) && !node.children.some((child) => isGate(opsOf(child)))) {
    return { kind: 'gate', label: nameOf(node, ops, 'gate') };
  }
  if (isArithmetic(ops)) return { kind: 'join', label: nameOf(node, ops, 'blend') };
  return undefined;
}

/** The name of a module in words; that of a second use loses its number, which only tells ids apart. */
export function moduleLabel({ name }: Pick<ModuleNode, 'name'>): string {
  return printable(name.replace(/(?<=\D)\d+$/, '').replaceAll('_', ' '));
}

/** A whole stage is called by its place, which says nothing of what it is. */
function nameOf(node: ModuleNode, ops: readonly Op[], otherwise: string): string {
  return ops.some((op) => op.stage === node.id) ? otherwise : moduleLabel(node);
}

/** A depthwise and a pointwise convolution, in either order, with nothing else. */
function separableLabel(ops: readonly Op[]): string | undefined {
  const [depthwise, ...more] = ops.filter((op) => op.kind === 'depthwise_conv');
  const pointwise = ops.filter((op) => op.kind === 'conv' && op.attributes.kernel.every((size) => size === 1));
  if (depthwise === undefined || more.length > 0 || pointwise.length !== 1 || ops.length !== 2) return undefined;
  return labelOp(depthwise).replace('depthwise', 'separable');
}

/** A norm whose scale or shift is a row of a table: `GN(8) by site`. */
function conditionalNormLabel(ops: readonly Op[]): string | undefined {
  const [norm, ...more] = ops.filter((op) => kindOfOp(op) === 'norm');
  const pick = ops.find((op) => op.kind === 'pick');
  const kinds = ['param', 'pick', 'binary', 'scalar', 'group_norm', 'instance_norm', 'layer_norm'];
  if (norm === undefined || more.length > 0 || pick === undefined) return undefined;
  if (!ops.every((op) => kinds.includes(op.kind))) return undefined;
  return `${labelOp(norm)} by ${printable(pick.operands[1]?.op ?? 'identifier')}`;
}

/** Scores, a softmax and what they weigh: a softmax and two einsum products. */
function isAttention(ops: readonly Op[]): boolean {
  return ops.some((op) => op.kind === 'softmax') && ops.filter((op) => op.kind === 'einsum').length >= 2;
}

/** A tensor from outside times a sigmoid made inside, and nothing behind it or larger than a pointwise convolution. */
function isGate(ops: readonly Op[]): boolean {
  const inside = new Set(ops.map((op) => op.id));
  const sigmoids = new Set(
    ops.filter((op) => op.kind === 'unary' && op.attributes.function === 'sigmoid' && op.batched).map((op) => op.id),
  );
  if (ops.some((op) => op.kind === 'conv' && op.attributes.kernel.some((size) => size > 1))) return false;
  if (ops.at(-1)?.kind !== 'binary') return false;
  return ops.some(
    (op) =>
      op.kind === 'binary' &&
      op.attributes.operator === '*' &&
      op.operands.some((operand) => sigmoids.has(operand.op)) &&
      op.operands.some((operand) => !inside.has(operand.op)),
  );
}

/** Several elementwise steps under one name, such as a blend of two tensors. */
function isArithmetic(ops: readonly Op[]): boolean {
  const kinds = ['binary', 'scalar', 'param'];
  return ops.some((op) => op.batched) && ops.length > 1 && ops.every((op) => kinds.includes(op.kind));
}

/** Output channels of a layer, where its last operation sets their number; undefined elsewhere. */
export function widthOf(layer: Layer): number | undefined {
  for (const op of [...layer.ops].reverse()) {
    if (op.kind === 'conv' || op.kind === 'transposed_conv' || op.kind === 'linear') return op.attributes.out;
  }
  return undefined;
}

/** Layers as one text: `conv 3×3×3 → 48, GN(8), GELU`. */
export function describeLayers(layers: readonly Layer[], limit = 8): string {
  const texts = layers.map((each) => {
    const width = isWidthTold(each) ? widthOf(each) : undefined;
    return width === undefined ? each.label : `${each.label} → ${width}`;
  });
  const shown = texts.length > limit ? [...texts.slice(0, limit - 1), `${texts.length - limit + 1} more`] : texts;
  return shown.join(', ');
}

function isWidthTold({ kind }: Layer): boolean {
  return ['convolution', 'separable', 'linear', 'up', 'down'].includes(kind);
}
