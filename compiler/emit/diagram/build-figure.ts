import type { Network } from '../../ir/ir.js';
import { sumParameters } from '../../ir/cost.js';
import { spatialAxes } from '../../ir/receptive-field.js';
import { printable } from '../printable.js';
import { cardsOf, type OpenCard } from './cards.js';
import type { Card, Figure } from './figure.js';
import { highlight } from './highlight.js';
import { groupRows } from './rows.js';

export interface FigureOptions {
  /** The patch at which shapes are shown, in the order of the images' axes; legal for the network. */
  readonly patch: readonly number[];
  /** The network to compare with; differences are marked. */
  readonly base?: Network | undefined;
}

/** Builds the content of a network's diagram. */
export function buildFigure(network: Network, { patch, base }: FigureOptions): Figure {
  const { cards, edges } = cardsOf(network, patch);
  const marked = base === undefined ? { cards, notes: [] } : highlight(cards, base, network);
  const axes = spatialAxes(network);
  return {
    title: titleOf(network),
    params: sumParameters(network.ops),
    moreParams: base === undefined ? 0 : sumParameters(network.ops) - sumParameters(base.ops),
    patch: axes.map((axis, index) => `${printable(axis)} = ${patch[index] ?? 0}`).join(', '),
    cards: marked.cards.map(closeCard),
    edges,
    notes: marked.notes,
    base: base === undefined ? undefined : printable(base.name),
  };
}

/** The network's name, followed by the knobs that were changed. */
function titleOf({ name, knobs }: Network): string {
  const changed = knobs.filter((knob) => knob.changed).map((knob) => `${knob.name} = ${knob.value}`);
  return printable(changed.length === 0 ? name : `${name} (${changed.join(', ')})`);
}

function closeCard({ rows, ...card }: OpenCard): Card {
  const isStep = /^(encoder\.down|decoder\.(up|fuse))\d+$/.test(card.stage);
  const isChip = isStep && rows.length === 1 && rows.every(({ reads }) => reads.length === 0);
  return { ...card, form: isChip ? 'chip' : 'card', groups: groupRows(rows) };
}
