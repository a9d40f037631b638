/**
 * Which modules of two networks are the same place: by name first, then, between neighbours that match by name, by equal
 * structure (a renamed module) or by position (one module in place of another).
 */
import type { Op } from '../../ir/ir.js';
import { opsOf, type ModuleNode } from '../../ir/module-tree.js';
import { attributeTexts } from '../layers/label-op.js';

/** One place of the two networks, children in the order of both. */
export type Match =
  | { readonly kind: 'added'; readonly after: ModuleNode }
  | { readonly kind: 'removed'; readonly before: ModuleNode }
  /** Two modules with too little in common to tell part by part. */
  | { readonly kind: 'replaced'; readonly before: ModuleNode; readonly after: ModuleNode }
  | {
      readonly kind: 'same';
      readonly before: ModuleNode;
      readonly after: ModuleNode;
      readonly children: readonly Match[];
    };

/** Below this share of operations in common a module counts as replaced. */
const leastInCommon = 1 / 3;

/** Matches two modules of one place, and all below them. */
export function matchModules(before: ModuleNode, after: ModuleNode): Match {
  const isLeaf = before.children.length === 0 || after.children.length === 0;
  if (isLeaf && before.op?.kind !== after.op?.kind) return apart(before, after);
  const children = align(before.children, after.children, isOneStage(before) && isOneStage(after));
  const match: Match = { kind: 'same', before, after, children };
  if (!isOneStage(before) || !isOneStage(after)) return match;
  const total = opsOf(before).length + opsOf(after).length;
  return (2 * matchedOps(match).length) / total < leastInCommon ? { kind: 'replaced', before, after } : match;
}

/** Two modules of one place with nothing in common; told stage by stage where they hold several. */
function apart(before: ModuleNode, after: ModuleNode): Match {
  if (isOneStage(before) && isOneStage(after)) return { kind: 'replaced', before, after };
  return { kind: 'same', before, after, children: align(before.children, after.children, false) };
}

/** The pairs of operations that a match holds. */
export function matchedOps(match: Match): readonly (readonly [before: Op, after: Op])[] {
  if (match.kind !== 'same') return [];
  const { before, after } = match;
  const own = before.op !== undefined && after.op?.kind === before.op.kind ? [[before.op, after.op] as const] : [];
  return [...own, ...match.children.flatMap(matchedOps)];
}

/** Whether a module is a stage or lies in one. What holds stages, be it one, is always told part by part. */
export function isOneStage(node: ModuleNode): boolean {
  const [first, ...rest] = opsOf(node);
  if (first === undefined || node.id === '' || first.stage.startsWith(`${node.id}.`)) return false;
  return rest.every((op) => op.stage === first.stage);
}

/** `pairs` says whether what stands at the same position counts as replaced, as inside one stage. */
function align(before: readonly ModuleNode[], after: readonly ModuleNode[], pairs: boolean): readonly Match[] {
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
    matches.push(matchModules(node, other));
    [fromBefore, fromAfter] = [index + 1, place + 1];
  }
  closeGap(before.length, after.length);
  return joinMoved(matches);
}

/** What stands between two matches by name. */
function matchGap(before: readonly ModuleNode[], after: readonly ModuleNode[], pairs: boolean): readonly Match[] {
  const open = before.map((node) => ({ node, text: structureText(node) }));
  const matches: Match[] = [];
  for (const node of after) {
    const text = structureText(node);
    const index = open.findIndex((each) => each.text === text);
    const [same] = index < 0 ? [] : open.splice(index, 1);
    if (same === undefined) matches.push({ kind: 'added', after: node });
    else matches.push(matchModules(same.node, node));
  }
  for (const { node } of open) {
    const index = pairs ? matches.findIndex((each) => each.kind === 'added') : -1;
    const added = matches[index];
    if (added?.kind === 'added') matches[index] = { kind: 'replaced', before: node, after: added.after };
    else matches.push({ kind: 'removed', before: node });
  }
  return matches;
}

/** What was removed here and added there under one name has only moved. */
function joinMoved(matches: readonly Match[]): readonly Match[] {
  const removed = new Map(
    matches.flatMap((each) => (each.kind === 'removed' ? [[each.before.name, each.before]] : [])),
  );
  const joined = matches.map((each) => {
    const moved = each.kind === 'added' ? removed.get(each.after.name) : undefined;
    return each.kind === 'added' && moved !== undefined ? matchModules(moved, each.after) : each;
  });
  const names = new Set(matches.flatMap((each) => (each.kind === 'added' ? [each.after.name] : [])));
  return joined.filter((each) => each.kind !== 'removed' || !names.has(each.before.name));
}

/** Equal for modules that differ in names alone: kinds, attributes and weights of their operations in order. */
function structureText(node: ModuleNode): string {
  return JSON.stringify(
    opsOf(node).map((op) => [
      op.kind,
      [...attributeTexts(op)],
      op.weights.map(({ shape }) => shape),
      op.operands.length,
    ]),
  );
}
