/**
 * The layout of a network whose stages are placed by their resolution, such as U-Net++ or a transformer under a decoder: a row
 * for each resolution, the path through the network from left to right. Edges going down enter at the side, edges going up
 * enter from below, and skips within a row go straight across or over the cards between.
 */
import { cardExtent } from './card-size.js';
import { depthsOf, isSkip, type Depths } from './depths.js';
import type { Card, Edge, Figure } from './figure.js';
import {
  bandLabel,
  centreX,
  centreY,
  isBlocked,
  labelRoom,
  type Band,
  type Box,
  type Layout,
  type Point,
  type Route,
} from './layout.js';

const gap = { beside: 30, turn: 16, rows: 26, band: 10, track: 9, port: 13 } as const;

/** Cards of one resolution from left to right; those above another card (auxiliary predictions) apart. */
interface Level {
  readonly cards: readonly Card[];
  readonly above: readonly Card[];
  /** Edges that go over other cards, each with its track: 0 the lowest. */
  readonly arcs: ReadonlyMap<Edge, number>;
}

/** Returns the layout, or undefined if an edge would cross a card. */
export function layOutLevels(figure: Figure): Layout | undefined {
  const depths = depthsOf(figure);
  if (depths === undefined) return undefined;
  const lefts = placeAcross(figure, depths);
  const levels = levelsOf(figure, lefts);
  const { boxes, bands } = placeDown(levels, lefts);
  const ports = new Ports(figure, boxes, new Set(levels.flatMap(({ arcs }) => [...arcs.keys()])));
  const routes: Route[] = [];
  for (const edge of figure.edges) {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (from === undefined || to === undefined) return undefined;
    const arc = levels.map(({ arcs }) => arcs.get(edge)).find((track) => track !== undefined);
    const points = arc === undefined ? ports.way(edge, from, to) : ports.over(edge, from, to, arc);
    if (arc === undefined && isBlocked(points, boxes, edge)) return undefined;
    routes.push({ edge, kind: isSkip(figure, depths, edge) ? 'skip' : 'flow', points });
  }
  const all = [...boxes.values()];
  return {
    boxes,
    routes,
    bands,
    width: Math.max(...all.map((box) => box.x + box.width)) + gap.band,
    height: Math.max(...bands.map(({ bottom }) => bottom)),
  };
}

function levelOf({ cards }: Figure, id: string): number {
  return cards.find((card) => card.id === id)?.level ?? 0;
}

/** Whether a card is above the others of its row: an auxiliary prediction, or an identifier, which no arrow joins. */
function isAbove(card: Card): boolean {
  return card.stage.startsWith('aux.') || card.role === 'identifier';
}

/** The room for the labels of all rows. */
function roomOf({ cards }: Figure): number {
  const levels = new Set(cards.map(({ level }) => level));
  return labelRoom([...levels].map((level) => bandLabel(cards.filter((card) => card.level === level))));
}

/** The key of the row of identifiers, which have no arrows and stay at the left. */
const identifierRow = -1;

/** Left edges: far enough right of what a card reads for the edge to turn, and of what lies before it in its row. */
function placeAcross(figure: Figure, depths: Depths): ReadonlyMap<string, number> {
  const { cards, edges } = figure;
  const room = roomOf(figure);
  const lefts = new Map<string, number>();
  const ends = new Map<number, number>();
  const byId = new Map(cards.map((card) => [card.id, card]));
  for (const id of depths.keys()) {
    const card = byId.get(id);
    if (card === undefined) continue;
    const { width } = cardExtent(card);
    const before = edges.filter(({ to }) => to === id).flatMap(({ from }) => byId.get(from) ?? []);
    const bounds = before.map((source) => {
      const [left, extent] = [lefts.get(source.id) ?? 0, cardExtent(source)];
      if (isAbove(card)) return left + (extent.width - width) / 2;
      if (source.level === card.level) return left + extent.width + gap.beside;
      return source.level < card.level
        ? left + extent.width / 2 + gap.turn
        : left + extent.width + gap.turn - width / 2;
    });
    const end = isAbove(card) && before.length > 0 ? 0 : (ends.get(isAbove(card) ? identifierRow : card.level) ?? room);
    const left = Math.round(Math.max(end, ...bounds));
    lefts.set(id, left);
    if (!isAbove(card)) ends.set(card.level, left + width + gap.beside);
    else if (before.length === 0) ends.set(identifierRow, left + width + gap.beside);
  }
  return lefts;
}

function levelsOf({ cards, edges }: Figure, lefts: ReadonlyMap<string, number>): readonly Level[] {
  const numbers = [...new Set(cards.map(({ level }) => level))].sort((a, b) => a - b);
  const left = (card: Card): number => lefts.get(card.id) ?? 0;
  return numbers.map((level) => {
    const own = cards.filter((card) => card.level === level && !isAbove(card)).sort((a, b) => left(a) - left(b));
    const places = new Map(own.map((card, index) => [card.id, index]));
    const arcs = edges.flatMap((edge) => {
      const [from, to] = [places.get(edge.from), places.get(edge.to)];
      return from === undefined || to === undefined || to - from < 2 ? [] : [{ edge, from, to }];
    });
    return { cards: own, above: cards.filter((card) => card.level === level && isAbove(card)), arcs: tracksOf(arcs) };
  });
}

interface Arc {
  readonly edge: Edge;
  readonly from: number;
  readonly to: number;
}

/** The lowest free track for each arc, short ones first, so that arcs nest. */
function tracksOf(arcs: readonly Arc[]): ReadonlyMap<Edge, number> {
  const tracks: Arc[][] = [];
  const found = new Map<Edge, number>();
  for (const arc of [...arcs].sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from)) {
    const inside = arcs.filter(
      (each) => each !== arc && found.has(each.edge) && each.from < arc.to && arc.from < each.to,
    );
    const least = Math.max(-1, ...inside.map((each) => found.get(each.edge) ?? -1)) + 1;
    (tracks[least] ??= []).push(arc);
    found.set(arc.edge, least);
  }
  return found;
}

function placeDown(
  levels: readonly Level[],
  lefts: ReadonlyMap<string, number>,
): { readonly boxes: ReadonlyMap<string, Box>; readonly bands: readonly Band[] } {
  const boxes = new Map<string, Box>();
  const bands: Band[] = [];
  let top = 0;
  for (const { cards, above, arcs } of levels) {
    const tallest = Math.max(0, ...above.map((card) => cardExtent(card).height));
    const tracks = Math.max(-1, ...arcs.values()) + 1;
    const room = gap.band + (tracks > 0 ? gap.rows + (tracks - 1) * gap.track : above.length > 0 ? gap.rows : 0);
    for (const card of above) {
      const extent = cardExtent(card);
      boxes.set(card.id, { x: lefts.get(card.id) ?? 0, y: top + gap.band + tallest - extent.height, ...extent });
    }
    const start = top + tallest + room;
    const height = Math.max(...cards.map((card) => cardExtent(card).height));
    for (const card of cards) {
      const extent = cardExtent(card);
      boxes.set(card.id, { x: lefts.get(card.id) ?? 0, y: start + (height - extent.height) / 2, ...extent });
    }
    const bottom = start + height + gap.band;
    bands.push({ label: bandLabel(cards), top, bottom });
    top = bottom + gap.rows;
  }
  return { boxes, bands };
}

/** The places where edges leave and enter cards; several at one side are placed next to each other. */
class Ports {
  constructor(
    private readonly figure: Figure,
    private readonly boxes: ReadonlyMap<string, Box>,
    private readonly arcs: ReadonlySet<Edge>,
  ) {}

  /** The way of an edge that goes over no card of its row. */
  way(edge: Edge, from: Box, to: Box): readonly Point[] {
    if (to.y + to.height < from.y) {
      const offset = this.offset(edge, (each, source) => each.to === edge.to && source.y > to.y + to.height);
      const x = centreX(to) + offset - (this.leavesDown(edge.to, to) ? gap.port / 2 : 0);
      if (isAboveBox(from, to))
        return [
          { x: centreX(to), y: from.y },
          { x: centreX(to), y: to.y + to.height },
        ];
      return [
        { x: from.x + from.width, y: centreY(from) },
        { x, y: centreY(from) },
        { x, y: to.y + to.height },
      ];
    }
    if (from.y + from.height < to.y) {
      const beside = this.figure.edges.some((each) => each.to === edge.to && each !== edge && this.isLevel(each));
      const y = centreY(to) + (beside ? -gap.port : 0);
      const x = centreX(from) + (this.entersFromBelow(edge.from, from) ? gap.port / 2 : 0);
      return [
        { x, y: from.y + from.height },
        { x, y },
        { x: to.x, y },
      ];
    }
    return [
      { x: from.x + from.width, y: centreY(from) },
      { x: to.x, y: centreY(to) },
    ];
  }

  /** Over the cards between two of one row, on a track of its own; the longer, the higher. */
  over(edge: Edge, from: Box, to: Box, track: number): readonly Point[] {
    const rows = [...this.boxes].filter(([id]) => levelOf(this.figure, id) === levelOf(this.figure, edge.from));
    const top = Math.min(
      ...rows.filter(([, box]) => Math.abs(centreY(box) - centreY(from)) < 1).map(([, box]) => box.y),
    );
    const y = top - gap.band - track * gap.track;
    const start = centreX(from) + this.portAbove(edge.from, edge);
    const end = centreX(to) + this.portAbove(edge.to, edge);
    return [
      { x: start, y: from.y },
      { x: start, y },
      { x: end, y },
      { x: end, y: to.y },
    ];
  }

  private leavesDown(id: string, box: Box): boolean {
    return this.figure.edges.some(({ from, to }) => from === id && (this.boxes.get(to)?.y ?? 0) > box.y + box.height);
  }

  private entersFromBelow(id: string, box: Box): boolean {
    return this.figure.edges.some(({ from, to }) => to === id && (this.boxes.get(from)?.y ?? 0) > box.y + box.height);
  }

  private isLevel(edge: Edge): boolean {
    return levelOf(this.figure, edge.from) === levelOf(this.figure, edge.to);
  }

  /**
   * The place of an arc at the upper edge of a card, from its middle. Arcs that enter are at the left, the nearest
   * source first; arcs that leave are at the right, the nearest target last; so none cross. A card that has something above
   * it keeps its middle free for the arrow there.
   */
  private portAbove(id: string, edge: Edge): number {
    const place = (card: string): number => this.boxes.get(card)?.x ?? 0;
    const arcs = this.figure.edges.filter((each) => this.arcs.has(each));
    const entering = arcs.filter(({ to }) => to === id).sort((a, b) => place(b.from) - place(a.from));
    const leaving = arcs.filter(({ from }) => from === id).sort((a, b) => place(b.to) - place(a.to));
    const index = [...entering, ...leaving].indexOf(edge);
    if (!this.hasCardAbove(id)) return (index - (entering.length + leaving.length - 1) / 2) * gap.port;
    return (index < entering.length ? index - entering.length : index - entering.length + 1) * gap.port;
  }

  private hasCardAbove(id: string): boolean {
    const box = this.boxes.get(id);
    return this.figure.edges.some(({ from, to }) => {
      const above = this.boxes.get(to);
      return from === id && box !== undefined && above !== undefined && isAboveBox(box, above);
    });
  }

  private offset(edge: Edge, belongs: (each: Edge, source: Box) => boolean): number {
    const all = this.figure.edges.filter((each) => {
      const source = this.boxes.get(each.from);
      return source !== undefined && belongs(each, source);
    });
    return (all.indexOf(edge) - (all.length - 1) / 2) * gap.port;
  }
}

/** Whether one box is directly above another, as an auxiliary prediction is. */
function isAboveBox(from: Box, to: Box): boolean {
  return Math.abs(centreX(from) - centreX(to)) < 2;
}
