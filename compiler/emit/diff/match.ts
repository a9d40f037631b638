/**
 * Which parts of two networks correspond: by name first, then, between neighbours that match by name, by equal structure (a
 * renamed module), by block, or by position (one part in place of another).
 */
import type { Op } from '../../ir/ir.js';
import { opsOf, type ModulePart, type Part } from '../../ir/modules.js';
import { attributeTexts } from '../layers/label-op.js';

/** One place of the two networks, children in the order of both. */
export type Match =
  | { readonly kind: 'added'; readonly after: Part }
  | { readonly kind: 'removed'; readonly before: Part }
  /** Two parts with too little in common to compare what is in them. */
  | { readonly kind: 'replaced'; readonly before: Part; readonly after: Part }
  | {
      readonly kind: 'same';
      readonly before: Part;
      readonly after: Part;
      readonly children: readonly Match[];
    };

/** With less than this share of operations in common, a module of the same block counts as replaced. */
const leastInCommon = 1 / 3;

/** The same for a module of another block: a copy of the block with small changes is compared part by part. */
const leastOfOtherBlock = 2 / 3;

/** Matches two parts of one place, and all that is in them. */
export function matchParts(before: Part, after: Part): Match {
  if (before.kind === 'module' && after.kind === 'module') return matchModules(before, after);
  if (before.kind === 'op' && after.kind === 'op' && before.op.kind === after.op.kind) {
    return { kind: 'same', before, after, children: [] };
  }
  if (isOneStage(before) && isOneStage(after)) return { kind: 'replaced', before, after };
  const children = [{ kind: 'removed', before } as const, { kind: 'added', after } as const];
  return { kind: 'same', before, after, children };
}

function matchModules(before: ModulePart, after: ModulePart): Match {
  const isInStage = isOneStage(before) && isOneStage(after);
  const children = align(before.parts, after.parts, isInStage);
  const match: Match = { kind: 'same', before, after, children };
  if (!isInStage) return match;
  const total = opsOf(before).length + opsOf(after).length;
  const least = before.block?.name === after.block?.name ? leastInCommon : leastOfOtherBlock;
  return (2 * matchedOps(match).length) / total < least ? { kind: 'replaced', before, after } : match;
}

/** The pairs of operations that a match holds. */
export function matchedOps(match: Match): readonly (readonly [before: Op, after: Op])[] {
  if (match.kind !== 'same') return [];
  const { before, after, children } = match;
  if (before.kind === 'op' && after.kind === 'op' && children.length === 0) return [[before.op, after.op]];
  return children.flatMap(matchedOps);
}

/** Whether a part is a stage or inside one. What contains stages, even just one, is always compared part by part. */
export function isOneStage(node: Part): boolean {
  const [first, ...rest] = opsOf(node);
  if (first === undefined || node.id === '' || first.stage.startsWith(`${node.id}.`)) return false;
  return rest.every((op) => op.stage === first.stage);
}

/**
 * Matches parts in order; with `pairs`, as inside one stage, unmatched parts at the same position count as replaced.
 */
function align(before: readonly Part[], after: readonly Part[], pairs: boolean): readonly Match[] {
  const places = new Map(after.map((node, index) => [node.name, index]));
  const matches: Match[] = [];
  let [fromBefore, fromAfter] = [0, 0];
  const closeGap = (endBefore: number, endAfter: number): void => {
    const gap = [before.slice(fromBefore, endBefore), after.slice(fromAfter, endAfter)] as const;
    matches.push(...matchGap(gap[0], gap[1], pairs));
    [fromBefore, fromAfter] = [endBefore, endAfter];
  };
  for (const [index, node] of before.entries()) {
    const place = places.get(node.name);
    const other = place === undefined ? undefined : after[place];
    if (place === undefined || other === undefined || place < fromAfter) continue;
    closeGap(index, place);
    matches.push(matchParts(node, other));
    [fromBefore, fromAfter] = [index + 1, place + 1];
  }
  closeGap(before.length, after.length);
  return joinMoved(matches);
}

/** Matches the parts between two matches by name; `pairs` as in `align`. */
function matchGap(before: readonly Part[], after: readonly Part[], pairs: boolean): readonly Match[] {
  const partners = new Map<Part, Part>();
  const rest = new Set(before);
  for (const keyOf of pairs ? [structureText, blockName] : [structureText]) {
    for (const part of after) {
      const key = keyOf(part);
      const partner =
        key === undefined || partners.has(part) ? undefined : [...rest].find((each) => keyOf(each) === key);
      if (partner === undefined) continue;
      partners.set(part, partner);
      rest.delete(partner);
    }
  }
  const matches = after.map((part): Match => {
    const partner = partners.get(part);
    return partner === undefined ? { kind: 'added', after: part } : matchParts(partner, part);
  });
  for (const part of rest) {
    const index = pairs ? matches.findIndex((each) => each.kind === 'added') : -1;
    const added = matches[index];
    if (added?.kind === 'added') matches[index] = { kind: 'replaced', before: part, after: added.after };
    else matches.push({ kind: 'removed', before: part });
  }
  return matches;
}

/** Joins what was removed in one place and added in another under the same name: it was moved. */
function joinMoved(matches: readonly Match[]): readonly Match[] {
  const removed = new Map(
    matches.flatMap((each) => (each.kind === 'removed' ? [[each.before.name, each.before]] : [])),
  );
  const joined = matches.map((each) => {
    const moved = each.kind === 'added' ? removed.get(each.after.name) : undefined;
    return each.kind === 'added' && moved !== undefined ? matchParts(moved, each.after) : each;
  });
  const names = new Set(matches.flatMap((each) => (each.kind === 'added' ? [each.after.name] : [])));
  return joined.filter((each) => each.kind !== 'removed' || !names.has(each.before.name));
}

/** Equal for modules that differ in names alone: kinds, attributes and weights of their operations in order. */
function structureText(node: Part): string {
  return JSON.stringify(
    opsOf(node).map((op) => [
      op.kind,
      [...attributeTexts(op)],
      op.weights.map(({ shape }) => shape),
      op.operands.length,
    ]),
  );
}

function blockName(part: Part): string | undefined {
  return part.kind === 'module' ? part.block?.name : undefined;
}
