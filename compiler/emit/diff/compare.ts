/** Finds what was added, removed, replaced and changed between two networks, by module. */
import { countParameters, sumParameters } from '../../ir/cost.js';
import type { Network, Op } from '../../ir/ir.js';
import { moduleTree, opsOf, type Part } from '../../ir/modules.js';
import { formatSize } from '../../shape/size.js';
import { counted } from '../../../text/count.js';
import { formatSizes, printable } from '../printable.js';
import { changedArguments, describeLayers, describePart, layersOf } from '../layers/layers.js';
import { labelOp } from '../layers/label-op.js';
import { isOneStage, matchedOps, matchParts, type Match } from './match.js';
import { opDifference } from './op-difference.js';
import { imagesOf, plainName } from './task-changes.js';

/** One difference between two networks. */
export interface Change {
  readonly kind: 'added' | 'removed' | 'replaced' | 'changed';
  /** The id of the module or operation in the second network; in the first if it was removed. */
  readonly id: string;
  /** The id of the module that it is part of; empty for the model. */
  readonly module: string;
  /** What it was, in words; null for what was added. */
  readonly before: string | null;
  readonly after: string | null;
  /** The difference in parameters that this entry contributes; they sum to the difference of the networks. */
  readonly params: number;
}

/** A change with its extent and the operations concerned. */
export interface FoundChange extends Change {
  /** `name`: only names differ; `size`: only numbers of channels; `number`: a factor, which may follow from a size. */
  readonly extent: 'name' | 'size' | 'number' | 'all';
  /** The ids of the operations concerned, in each network. */
  readonly ops: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/** Returns the changes in the order of the networks; none if both are the same graph. */
export function compareNetworks(before: Network, after: Network): readonly FoundChange[] {
  const match = matchParts(moduleTree(before, before.ops), moduleTree(after, after.ops));
  const wiring = new Wiring(before, after, matchedOps(match));
  return [
    ...channelOrders(before, after),
    ...visit(match, wiring),
    ...outputChanges(before, after, wiring),
    ...penaltyChanges(before, after, wiring),
  ];
}

function visit(match: Match, wiring: Wiring): readonly FoundChange[] {
  switch (match.kind) {
    case 'added':
      return gone(match.after).map((node) => entry('added', undefined, node));
    case 'removed':
      return gone(match.before).map((node) => entry('removed', node, undefined));
    case 'replaced':
      return [entry('replaced', match.before, match.after)];
    case 'same': {
      const found = [
        ...renames(match.before, match.after),
        ...(match.children.length > 0 ? [] : opChanges(match.before, match.after, wiring)),
        ...match.children.flatMap((child) => visit(child, wiring)),
      ];
      return joinInLayer(match, joinResized(match, found));
    }
  }
}

/** Returns the modules to name if all of one is added or removed: one for each stage. */
function gone(node: Part): readonly Part[] {
  return isOneStage(node) || node.kind === 'op' ? [node] : node.parts.flatMap(gone);
}

function entry(kind: 'added' | 'removed' | 'replaced', before: Part | undefined, after: Part | undefined): FoundChange {
  const part = after ?? before;
  const moved = before !== undefined && after !== undefined && before.id !== after.id;
  const [was, is] = describeBoth(before, after);
  return {
    kind,
    id: part?.id ?? '',
    module: moduleOf(part),
    before: was === undefined ? null : `${was}${moved ? ` (${printable(before.id)})` : ''}`,
    after: is ?? null,
    params: paramsOf(after) - paramsOf(before),
    extent: 'all',
    ops: { before: idsOf(before), after: idsOf(after) },
  };
}

/** The id of the module around a part. */
function moduleOf(part: Part | undefined): string {
  return part === undefined || part.id === part.name ? '' : part.id.slice(0, -part.name.length - 1);
}

/** Both sides by their blocks; by their layers if that does not tell them apart. */
function describeBoth(before: Part | undefined, after: Part | undefined): readonly (string | undefined)[] {
  const sides = [before, after];
  const texts = sides.map((part) => part && describe(part, describePart));
  return texts[0] === texts[1]
    ? sides.map((part) => part && describe(part, (each) => describeLayers(layersOf(each))))
    : texts;
}

function describe(part: Part, describer: (part: Part) => string): string {
  const text = describer(part);
  return text === '' ? [...new Set(opsOf(part).map(labelOp))].join(', ') : text;
}

function paramsOf(node: Part | undefined): number {
  return node === undefined ? 0 : sumParameters(opsOf(node));
}

function idsOf(node: Part | undefined): readonly string[] {
  return node === undefined ? [] : opsOf(node).map(({ id }) => id);
}

/** Returns the change of a module's name; changes inside it are separate entries. */
function renames(before: Part, after: Part): readonly FoundChange[] {
  if (before.name === after.name) return [];
  const place = { id: after.id, module: moduleOf(after) };
  const names = { before: printable(before.id), after: printable(after.id) };
  return [{ kind: 'changed', ...place, ...names, params: 0, extent: 'name', ops: { before: [], after: [] } }];
}

function opChanges(before: Part, after: Part, wiring: Wiring): readonly FoundChange[] {
  if (before.kind !== 'op' || after.kind !== 'op') return [];
  const [left, right] = [before.op, after.op];
  const base = {
    kind: 'changed',
    id: after.id,
    module: right.module,
    params: countParameters(right).total - countParameters(left).total,
    ops: { before: [left.id], after: [right.id] },
  } as const;
  const difference = opDifference(left, right);
  if (difference.kind === 'attributes') {
    const extent = left.kind === 'scalar' ? 'number' : 'all';
    return [{ ...base, before: difference.before, after: difference.after, extent }];
  }
  if (difference.kind === 'other') return [{ ...base, before: labelOp(left), after: labelOp(right), extent: 'all' }];
  if (wiring.differs(left, right)) {
    return [{ ...base, before: readsText(left), after: readsText(right), extent: 'all' }];
  }
  if (difference.kind === 'none') return [];
  return [{ ...base, before: sizeText(left), after: sizeText(right), extent: 'size' }];
}

function readsText(op: Op): string {
  return `${labelOp(op)} of ${op.operands.map((operand) => printable(operand.op)).join(', ')}`;
}

/** `conv 3×3×3, 24 → 48 channels`; `trained tensor, 8 x 24`. */
function sizeText(op: Op): string {
  if (op.operands.length === 0) return `${labelOp(op)}, ${formatSizes(op.shape)}`;
  const [from, to] = [channelsOf(op.operands[0]), channelsOf(op)];
  return `${labelOp(op)}, ${from === to ? to : `${from} → ${to}`} channels`;
}

function channelsOf(tensor: Pick<Op, 'shape'> | undefined): string {
  const [first] = tensor?.shape ?? [];
  return first === undefined ? 'no' : formatSize(first.size);
}

/** Joins several changes inside a stage's module into one if only sizes changed. */
function joinResized(match: Extract<Match, { kind: 'same' }>, found: readonly FoundChange[]): readonly FoundChange[] {
  const { before, after } = match;
  const ops = {
    before: found.flatMap((each) => each.ops.before),
    after: found.flatMap((each) => each.ops.after),
  };
  const isResized = found.every(({ extent }) => extent === 'size' || extent === 'number');
  if (ops.after.length < 2 || !isResized || !isOneStage(after)) return found;
  if (!found.some(({ extent }) => extent === 'size')) return found;
  const params = found.reduce((sum, each) => sum + each.params, 0);
  const place = { id: after.id, module: moduleOf(after) };
  return [{ kind: 'changed', ...place, ...resizedTexts(before, after), params, extent: 'size', ops }];
}

/** Joins several changes inside one layer, such as the splits of an attention's heads, into one. */
function joinInLayer(match: Extract<Match, { kind: 'same' }>, found: readonly FoundChange[]): readonly FoundChange[] {
  const { after } = match;
  const isLayer = after.kind === 'module' && layersOf(after).some((layer) => layer.id === after.id);
  if (found.length < 2 || !isLayer || found.some(({ kind, extent }) => kind !== 'changed' || extent === 'name')) {
    return found;
  }
  const texts = (side: 'before' | 'after'): string => [...new Set(found.map((each) => each[side]))].join(', ');
  const ops = { before: found.flatMap((each) => each.ops.before), after: found.flatMap((each) => each.ops.after) };
  const params = found.reduce((sum, each) => sum + each.params, 0);
  const place = { id: after.id, module: moduleOf(after) };
  return [{ kind: 'changed', ...place, before: texts('before'), after: texts('after'), params, extent: 'all', ops }];
}

/** What a reader notices first: the channels it gives, those it takes, an argument, or the number of its parameters. */
function resizedTexts(before: Part, after: Part): { readonly before: string; readonly after: string } {
  const pairs: readonly (() => readonly string[])[] = [
    () =>
      [before, after].map(
        (part) => `${channelsOf(opsOf(part).findLast((op) => op.batched && op.shape.length > 0))} channels`,
      ),
    () => [before, after].map((part) => `takes ${channelsOf(entrance(part))} channels`),
    () => changedArguments(before, after),
    () => [before, after].map((part) => counted(paramsOf(part), 'parameter')),
    () => [before, after].map((part) => describe(part, describePart)),
  ];
  const [left, right] = pairs.map((pair) => pair()).find(([was, is]) => was !== is) ?? [];
  return { before: left ?? '', after: right ?? '' };
}

/** The first tensor that a module reads from outside. */
function entrance(node: Part): Pick<Op, 'shape'> | undefined {
  const inside = new Set(idsOf(node));
  return opsOf(node)
    .flatMap((op) => op.operands)
    .find((operand) => !inside.has(operand.op) && operand.shape.length > 0);
}

/**
 * Images of the same channels in another order: the data is the same, and the weights of one network do not fit the
 * other. Other channels are another task (`taskChanges`).
 */
function channelOrders(before: Network, after: Network): readonly FoundChange[] {
  const [left, right] = [imagesOf(before), imagesOf(after)];
  return right.flatMap(({ name, channels }, index) => {
    const others = left[index]?.channels.map(plainName) ?? [];
    const own = channels.map(plainName);
    if (others.join() === own.join() || others.toSorted().join() !== own.toSorted().join()) return [];
    const text = (names: readonly string[]): string => `channels ${names.map(printable).join(', ')}`;
    return [interfaceChange(name, text(left[index]!.channels), text(channels))];
  });
}

/** Finds outputs that come from another operation, although both networks have both operations. */
function outputChanges(before: Network, after: Network, wiring: Wiring): readonly FoundChange[] {
  return after.outputs.flatMap((output) => {
    const other = before.outputs.find(({ name }) => name === output.name);
    if (other === undefined) return [];
    if (!wiring.readsDiffer([other.op, ...other.auxiliary], [output.op, ...output.auxiliary])) return [];
    const text = (ids: readonly string[]): string => `from ${ids.map(printable).join(', ')}`;
    const [from, to] = [text([other.op, ...other.auxiliary]), text([output.op, ...output.auxiliary])];
    return [interfaceChange(output.name, from, to)];
  });
}

/** Finds penalties that are added, removed, or the mean of another operation: they change what training minimises. */
function penaltyChanges(before: Network, after: Network, wiring: Wiring): readonly FoundChange[] {
  const names = new Set([...before.penalties, ...after.penalties].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [from, to] = [before, after].map(({ penalties }) => penalties.find((each) => each.name === name)?.op);
    if (from !== undefined && to !== undefined && !wiring.readsDiffer([from], [to])) return [];
    const text = (op: string | undefined): string =>
      op === undefined ? 'not part of the loss' : `adds ${printable(op)} to the loss`;
    return [interfaceChange(`penalty.${name}`, text(from), text(to))];
  });
}

/** Returns the change of an input or output, which belongs to no operation. */
function interfaceChange(id: string, before: string, after: string): FoundChange {
  return { kind: 'changed', id, module: '', before, after, params: 0, extent: 'all', ops: { before: [], after: [] } };
}

/** The operands of operations, across both networks. */
class Wiring {
  private readonly toAfter: ReadonlyMap<string, string>;
  private readonly toBefore: ReadonlyMap<string, string>;
  private readonly before: ReadonlyMap<string, Op>;
  private readonly after: ReadonlyMap<string, Op>;

  constructor(before: Network, after: Network, matched: readonly (readonly [Op, Op])[]) {
    this.toAfter = new Map(matched.map(([left, right]) => [left.id, right.id]));
    this.toBefore = new Map(matched.map(([left, right]) => [right.id, left.id]));
    this.before = new Map(before.ops.map((op) => [op.id, op]));
    this.after = new Map(after.ops.map((op) => [op.id, op]));
  }

  /** Whether two matched operations read different tensors, beyond what additions and removals before them explain. */
  differs(before: Op, after: Op): boolean {
    if ((before.sharedWith === undefined) !== (after.sharedWith === undefined)) return true;
    const reads = (op: Op): string[] => op.operands.map((operand) => operand.op);
    return this.readsDiffer(reads(before), reads(after));
  }

  readsDiffer(before: readonly string[], after: readonly string[]): boolean {
    if (before.length !== after.length) {
      return before.every((id) => this.toAfter.has(id)) && after.every((id) => this.toBefore.has(id));
    }
    return before.some((id, index) => {
      const sources = this.sources(id, this.before, this.toAfter);
      const others = this.sources(after[index] ?? '', this.after, this.toBefore);
      const named = [...sources].map((source) => this.toAfter.get(source) ?? source);
      return sources.size + others.size > 0 && !named.some((source) => others.has(source));
    });
  }

  /** Returns the nearest matched operations that a tensor comes from: itself, or those before the unmatched ones. */
  private sources(id: string, ops: ReadonlyMap<string, Op>, matched: ReadonlyMap<string, string>): ReadonlySet<string> {
    const found = new Set<string>();
    const seen = new Set<string>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (matched.has(next)) found.add(next);
      else open.push(...(ops.get(next)?.operands ?? []).map((operand) => operand.op));
    }
    return found;
  }
}
