/** Marks the differences from a base on the cards of a network. */
import { sumParameters } from '../../ir/cost.js';
import type { Network } from '../../ir/ir.js';
import { compareNetworks, type FoundChange } from '../diff/compare.js';
import { counted } from '../../../text/count.js';
import { printable } from '../printable.js';
import type { OpenCard } from './cards.js';
import type { Row } from './figure.js';
import { compact, rowsOf } from './rows.js';

/** Returns the marked cards, and a sentence for each stage that was removed. */
export function highlight(
  cards: readonly OpenCard[],
  base: Network,
  network: Network,
): { readonly cards: readonly OpenCard[]; readonly notes: readonly string[] } {
  const notes: string[] = [];
  let marked = cards;
  const found = compareNetworks(base, network).filter(({ extent }) => extent !== 'name');
  for (const change of found.flatMap((each) => byCard(each, cards, base, network))) {
    const place = placeOf(marked, change, base);
    if (place === undefined) {
      if (change.kind === 'removed') notes.push(removedNote(change));
      continue;
    }
    marked = marked.map((card) => (card === place ? markCard(card, change, base) : card));
  }
  return { cards: marked, notes };
}

/** Splits a change that covers several cards into one for each, with the parameters of its own operations. */
function byCard(
  change: FoundChange,
  cards: readonly OpenCard[],
  base: Network,
  network: Network,
): readonly FoundChange[] {
  const { before, after } = change.ops;
  const reached = cards.filter((card) => after.some((id) => card.ops.includes(id)));
  if (reached.length < 2) return [change];
  // Changed operations come in pairs; what was replaced is shown on the first card of its replacement.
  const isPaired = change.kind === 'changed' && before.length === after.length;
  return reached.map((card, index) => {
    const own = after.filter((id) => card.ops.includes(id));
    const was = isPaired ? before.filter((_, place) => own.includes(after[place]!)) : index === 0 ? before : [];
    const params = paramsOf(network, own) - paramsOf(base, was);
    return { ...change, params, ops: { before: was, after: own } };
  });
}

function paramsOf({ ops }: Network, ids: readonly string[]): number {
  const own = new Set(ids);
  return sumParameters(ops.filter(({ id }) => own.has(id)));
}

function removedNote({ id, before, params }: FoundChange): string {
  const gone = params === 0 ? '' : `, ${counted(-params, 'parameter')}`;
  return `Removed: ${printable(id)} (${compact(before ?? '')}${gone})`;
}

/** Returns the card that shows a change: that of its operations, or of those next to what was removed. */
function placeOf(cards: readonly OpenCard[], change: FoundChange, base: Network): OpenCard | undefined {
  const [first] = change.ops.after;
  if (first !== undefined) return cards.find((card) => card.ops.includes(first));
  const [gone] = change.ops.before;
  const stage = base.ops.find((op) => op.id === gone)?.stage;
  const siblings = cards.filter((card) => card.stage === stage);
  const neighbour = keptBefore(base, gone ?? '', new Set(siblings.flatMap((card) => card.ops)));
  return siblings.find((card) => neighbour !== undefined && card.ops.includes(neighbour)) ?? siblings[0];
}

/** The nearest operation before `id` in the base that is among `kept`. */
function keptBefore(base: Network, id: string, kept: ReadonlySet<string>): string | undefined {
  const index = base.ops.findIndex((op) => op.id === id);
  return base.ops.slice(0, Math.max(0, index)).findLast((op) => kept.has(op.id))?.id;
}

function markCard(card: OpenCard, change: FoundChange, base: Network): OpenCard {
  const moreParams = card.moreParams + change.params;
  const was = change.before === null ? undefined : compact(change.before);
  if (change.kind === 'removed') return { ...card, moreParams, rows: withGhost(card, change, base) };
  const concerned = new Set(change.ops.after);
  const gone = change.kind === 'replaced' ? goneRows(card, change, base) : [];
  const isWhole = change.extent === 'size' ? card.stage === change.id : card.ops.every((id) => concerned.has(id));
  if (isWhole) return { ...card, moreParams, mark: change.kind, was, rows: [...gone, ...card.rows] };
  const first = card.rows.findIndex((row) => row.ops.some((id) => concerned.has(id)));
  const rows = card.rows.map((row) =>
    row.ops.some((id) => concerned.has(id)) ? { ...row, mark: change.kind, was: row.was ?? was } : row,
  );
  return { ...card, moreParams, rows: [...rows.slice(0, first), ...gone, ...rows.slice(first)] };
}

/** Of several replaced rows, returns those that no longer have an equal. */
function goneRows(card: OpenCard, change: FoundChange, base: Network): readonly Row[] {
  const before = new Set(change.ops.before);
  const rows = rowsOf(
    base,
    base.ops.filter((op) => before.has(op.id)),
  );
  if (rows.length < 2) return [];
  const kept = new Set(card.rows.map(({ text }) => text));
  return rows.filter(({ text }) => !kept.has(text)).map((row) => ({ ...row, ops: [], mark: 'removed', reads: [] }));
}

/** Adds a row for what was removed, at its former place. */
function withGhost(card: OpenCard, change: FoundChange, base: Network): readonly Row[] {
  const neighbour = keptBefore(base, change.ops.before[0] ?? '', new Set(card.ops));
  const index = card.rows.findIndex((row) => neighbour !== undefined && row.ops.includes(neighbour));
  const ghost: Row = {
    kind: 'other',
    text: compact(change.before ?? ''),
    branch: undefined,
    ops: [],
    mark: 'removed',
    was: undefined,
    reads: [],
  };
  const next = card.rows.findIndex((row, place) => place > index && row.mark !== 'removed');
  const place = next < 0 ? card.rows.length : next;
  return [...card.rows.slice(0, place), ghost, ...card.rows.slice(place)];
}
