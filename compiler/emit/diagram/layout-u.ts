/**
 * The layout of a U: the encoder down the left, the decoder up the right, a row for each level, skips straight across.
 * Halves, levels and the steps between them are the stages of the language.
 */
import { cardExtent } from './card-size.js';
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

/** The cards of a U by their places. */
interface Parts {
  readonly input: readonly Card[];
  readonly stem: Card | undefined;
  readonly encoder: readonly Card[];
  readonly down: readonly (Card | undefined)[];
  readonly up: readonly (Card | undefined)[];
  readonly fuse: readonly Card[];
  readonly decoder: readonly Card[];
  readonly auxiliary: readonly (readonly Card[])[];
  readonly ends: readonly End[];
  readonly identifiers: readonly Card[];
}

/** A head and the outputs that it computes. */
interface End {
  readonly head: Card;
  readonly outputs: readonly Card[];
}

const gap = { beside: 28, across: 70, stacked: 24, rows: 66, band: 12, chips: 36, branch: 11 } as const;

/** Returns the layout of a plain U, or undefined if the network has other stages or edges. */
export function layOutU(figure: Figure): Layout | undefined {
  const parts = partsOf(figure);
  if (parts === undefined) return undefined;
  const { boxes, bands } = place(parts);
  const routes: Route[] = [];
  for (const edge of figure.edges) {
    const route = routeOf(edge, parts, boxes);
    if (route === undefined || isBlocked(route.points, boxes, edge)) return undefined;
    routes.push(route);
  }
  const all = [...boxes.values()];
  return {
    boxes,
    bands,
    routes,
    width: Math.max(...all.map((box) => box.x + box.width)) + gap.band,
    height: Math.max(...bands.map((band) => band.bottom), ...all.map((box) => box.y + box.height)),
  };
}

function partsOf({ cards, edges }: Figure): Parts | undefined {
  const known = new Map<string, Card>();
  for (const card of cards) {
    const key = card.role === 'stage' ? card.stage : card.id;
    if (known.has(key)) return undefined;
    known.set(key, card);
  }
  const numbered = (half: string, part: string): (Card | undefined)[] => {
    const found: (Card | undefined)[] = [];
    for (const [stage, card] of known) {
      const level = new RegExp(`^${half}\\.${part}(\\d+)$`).exec(stage)?.[1];
      if (level !== undefined) found[Number(level)] = card;
    }
    return Array.from(found);
  };
  const whole = (list: readonly (Card | undefined)[]): readonly Card[] => list.filter((card) => card !== undefined);
  const parts: Parts = {
    input: cards.filter(({ role }) => role === 'input'),
    stem: known.get('encoder.stem'),
    encoder: whole(numbered('encoder', 'level')),
    down: numbered('encoder', 'down'),
    up: numbered('decoder', 'up'),
    fuse: whole(numbered('decoder', 'fuse')),
    decoder: whole(numbered('decoder', 'level')),
    auxiliary: auxiliaryOf(cards),
    ends: cards
      .filter(({ stage }) => stage.startsWith('head.'))
      .map((head) => ({
        head,
        outputs: cards.filter(
          ({ id, role }) => role === 'output' && edges.some(({ from, to }) => from === head.id && to === id),
        ),
      })),
    identifiers: cards.filter(({ role }) => role === 'identifier'),
  };
  const { input, stem, down, up, encoder, fuse, decoder, auxiliary, ends, identifiers } = parts;
  const lists = [
    input,
    stem === undefined ? [] : [stem],
    whole(down),
    whole(up),
    encoder,
    fuse,
    decoder,
    ends.flatMap(({ head, outputs }) => [head, ...outputs]),
    identifiers,
  ];
  const placed = [...lists, ...auxiliary].reduce((sum, list) => sum + list.length, 0);
  const isWhole = encoder.length >= 2 && [fuse, decoder].every((list) => list.length === encoder.length - 1);
  return isWhole && placed === cards.length ? parts : undefined;
}

function auxiliaryOf(cards: readonly Card[]): readonly (readonly Card[])[] {
  const levels: Card[][] = [];
  for (const card of cards) {
    const level = /^aux\..*\.(\d+)$/.exec(card.stage)?.[1];
    if (level !== undefined) (levels[Number(level)] ??= []).push(card);
  }
  return Array.from(levels, (list) => list ?? []);
}

function place(parts: Parts): { readonly boxes: ReadonlyMap<string, Box>; readonly bands: readonly Band[] } {
  const { encoder, decoder, fuse } = parts;
  const boxes = new Map<string, Box>();
  const put = (card: Card, x: number, y: number): Box => {
    const box = { ...cardExtent(card), x, y };
    boxes.set(card.id, box);
    return box;
  };
  const last = encoder.length - 1;
  const labels = labelsOf(parts);
  const columns = columnsOf(parts, labelRoom(labels));
  const bands: Band[] = [];
  let y = placeTop(parts, columns, put);
  for (const [level, card] of encoder.entries()) {
    const row = [card, decoder[level], fuse[level], ...(parts.auxiliary[level] ?? [])];
    const height = tallest(row);
    const centred = (each: Card | undefined, x: number): Box | undefined =>
      each === undefined
        ? undefined
        : put(each, x - cardExtent(each).width / 2, y + (height - cardExtent(each).height) / 2);
    centred(card, level === last ? columns.middle : columns.encoder);
    centred(fuse[level], columns.middle);
    const own = centred(decoder[level], columns.decoder);
    if (own !== undefined) placeAuxiliary(parts.auxiliary[level] ?? [], columns.edge + gap.beside, own, put);
    bands.push({ label: labels[level] ?? [], top: level === 0 ? 0 : y - gap.band, bottom: y + height + gap.band });
    placeSteps(parts, level, { columns, y: y + height, put });
    y += height + gapBelow(parts.down[level], parts.up[level]);
  }
  return { boxes, bands };
}

type Put = (card: Card, x: number, y: number) => Box;

/** The label of each level, from where the path enters it to where it leaves it. */
function labelsOf({ input, stem, encoder, down, fuse, decoder, ends }: Parts): readonly (readonly string[])[] {
  return encoder.map((card, level) => {
    const entering = level === 0 ? [...input, stem] : [down[level - 1]];
    const leaving = level === 0 ? ends.map(({ head }) => head) : [];
    return bandLabel([...entering, card, fuse[level], decoder[level], ...leaving]);
  });
}

/** The centres of the columns. The bottom of the U is in the middle, under the fusions. */
interface Columns {
  readonly encoder: number;
  readonly middle: number;
  readonly decoder: number;
  /** The right edge of the U. */
  readonly edge: number;
}

/** Places the middle column at the same distance from the left and the right edge of the U. */
function columnsOf(parts: Parts, left: number): Columns {
  const { input, stem, encoder, decoder, fuse, ends, identifiers, down, up } = parts;
  const last = encoder.length - 1;
  const first = Math.max(rowWidth(input), widest([stem, ...encoder.slice(0, last), ...down])) / 2;
  const third = Math.max(widest([...decoder, ...up.slice(0, -1)]), ends.length === 1 ? endsWidth(ends) : 0) / 2;
  const [middle, bottom] = [widest(fuse) / 2, widest(encoder.slice(last)) / 2];
  const chips = (widest(down.slice(-1)) + widest(up.slice(-1))) / 2 + gap.chips;
  const top = first + rowWidth([...input, ...identifiers]) - rowWidth(input) / 2 + gap.across + endsWidth(ends);
  const half = Math.max(
    first + Math.max(first + gap.across + middle, bottom + gap.beside, chips),
    third + Math.max(third + gap.across + middle, widest(up.slice(0, -1)) / 2 + gap.beside),
    top / 2,
  );
  const edge = Math.ceil(left + 2 * half);
  return { encoder: left + first, middle: left + half, decoder: edge - third, edge };
}

/** The width of cards beside each other. */
function rowWidth(cards: readonly Card[]): number {
  return cards.reduce((sum, card) => sum + cardExtent(card).width + gap.beside, -gap.beside);
}

function endWidth({ head, outputs }: End): number {
  return Math.max(cardExtent(head).width, rowWidth(outputs));
}

function endsWidth(ends: readonly End[]): number {
  return ends.reduce((sum, end) => sum + endWidth(end) + gap.beside, -gap.beside);
}

function widest(cards: readonly (Card | undefined)[]): number {
  return Math.max(0, ...cards.map((card) => (card === undefined ? 0 : cardExtent(card).width)));
}

function tallest(cards: readonly (Card | undefined)[]): number {
  return Math.max(0, ...cards.map((card) => (card === undefined ? 0 : cardExtent(card).height)));
}

/**
 * Places what is above the first level: images at the top left with the stem below, outputs at the top right with their
 * heads below, each in the middle of its row, and identifiers beside the images.
 * @returns where level 0 begins
 */
function placeTop({ input, stem, ends, identifiers }: Parts, columns: Columns, put: Put): number {
  const outer = tallest([...input, ...identifiers, ...ends.flatMap(({ outputs }) => outputs)]);
  const inner = tallest([stem, ...ends.map(({ head }) => head)]);
  const [first, second] = [gap.band + outer / 2, gap.band + outer + gap.stacked + inner / 2];
  placeBeside(input, columns.encoder - rowWidth(input) / 2, first, put);
  placeBeside(identifiers, columns.encoder + rowWidth(input) / 2 + gap.beside, first, put);
  if (stem !== undefined) placeBeside([stem], columns.encoder - cardExtent(stem).width / 2, second, put);
  let x = Math.min(columns.decoder - endsWidth(ends) / 2, columns.edge - endsWidth(ends));
  for (const end of ends) {
    const centre = x + endWidth(end) / 2;
    placeBeside([end.head], centre - cardExtent(end.head).width / 2, second, put);
    placeBeside(end.outputs, centre - rowWidth(end.outputs) / 2, first, put);
    x += endWidth(end) + gap.beside;
  }
  return gap.band + outer + gap.stacked + (inner === 0 ? 0 : inner + gap.stacked);
}

/** Cards in a row from `x`, their middles at `y`. */
function placeBeside(cards: readonly Card[], x: number, y: number, put: Put): void {
  let from = x;
  for (const card of cards) from += put(card, from, y - cardExtent(card).height / 2).width + gap.beside;
}

function placeAuxiliary(cards: readonly Card[], x: number, beside: Box, put: Put): void {
  let y = centreY(beside) - cards.reduce((sum, card) => sum + cardExtent(card).height, 0) / 2;
  for (const card of cards) y += put(card, x, y).height + gap.band;
}

/** The steps to and from the level below, in the gap between the rows; `gapBelow` makes room for them. */
function placeSteps(
  { down, up, encoder }: Parts,
  level: number,
  { columns, y, put }: { readonly columns: Columns; readonly y: number; readonly put: Put },
): void {
  const height = gapBelow(down[level], up[level]);
  const centred = (card: Card | undefined, x: number): void => {
    if (card === undefined) return;
    put(card, x - cardExtent(card).width / 2, y + (height - cardExtent(card).height) / 2);
  };
  centred(down[level], columns.encoder);
  centred(up[level], level + 2 === encoder.length ? columns.middle : columns.decoder);
}

function gapBelow(...steps: readonly (Card | undefined)[]): number {
  return Math.max(gap.rows, tallest(steps) + 2 * (gap.band + gap.branch));
}

/** Returns the route of an edge, or undefined for one that a U does not have. */
function routeOf(edge: Edge, parts: Parts, boxes: ReadonlyMap<string, Box>): Route | undefined {
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  if (from === undefined || to === undefined) return undefined;
  const level = parts.encoder.findIndex((card) => card.id === edge.from);
  if (level >= 0 && parts.fuse[level]?.id === edge.to) {
    return { edge, kind: 'skip', points: [rightOf(from), leftOf(to)] };
  }
  const isUp = parts.up.some((card) => card?.id === edge.from);
  const points = belowWay(edge, parts, boxes) ?? (isUp ? stepWay(from, to) : undefined) ?? between(from, to);
  return points === undefined ? undefined : { edge, kind: 'flow', points };
}

/** From the side of a step that goes up into the fusion, which is above and at its left. */
function stepWay(from: Box, to: Box): readonly Point[] | undefined {
  const x = centreX(to);
  if (x > from.x - gap.band) return undefined;
  return [leftOf(from), { x, y: centreY(from) }, { x, y: to.y + to.height }];
}

/**
 * A fusion that reads the level below before it is upsampled: a branch of the arrow to the step, past the step and into
 * the side where the skip enters.
 */
function belowWay(edge: Edge, parts: Parts, boxes: ReadonlyMap<string, Box>): readonly Point[] | undefined {
  const level = parts.fuse.findIndex((card) => card.id === edge.to);
  const step = boxes.get(parts.up[level]?.id ?? '');
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  if (step === undefined || from === undefined || to === undefined || from.y <= step.y) return undefined;
  const y = centreY(to) + Math.min(11, to.height / 4);
  const lane = Math.min(to.x, step.x) - gap.band;
  const turn = step.y + step.height + gap.branch;
  return [
    { x: centreX(from), y: from.y },
    { x: centreX(from), y: turn },
    { x: lane, y: turn },
    { x: lane, y },
    { x: to.x, y },
  ];
}

/**
 * An arrow between neighbours: across, straight up or down between cards one above the other, down and into the side of
 * the card at the bottom of the U, otherwise up or down with a bend near the lower card, because a taller card may be
 * beside the upper one. It starts and ends in the middle of a side.
 */
function between(from: Box, to: Box): readonly Point[] | undefined {
  if (from.x + from.width < to.x && Math.abs(centreY(from) - centreY(to)) < 2) return [rightOf(from), leftOf(to)];
  const isDown = centreY(to) > centreY(from);
  const [start, end] = isDown ? ([from.y + from.height, to.y] as const) : ([from.y, to.y + to.height] as const);
  if (isDown ? start > end : start < end) return undefined;
  const [x, target] = [centreX(from), centreX(to)];
  if (Math.abs(x - target) < 1)
    return [
      { x, y: start },
      { x: target, y: end },
    ];
  if (isDown && x < to.x - gap.band) return [{ x, y: start }, { x, y: centreY(to) }, leftOf(to)];
  const bend = (isDown ? end : start) - gap.band;
  return [
    { x, y: start },
    { x, y: bend },
    { x: target, y: bend },
    { x: target, y: end },
  ];
}

function leftOf(box: Box): Point {
  return { x: box.x, y: centreY(box) };
}

function rightOf(box: Box): Point {
  return { x: box.x + box.width, y: centreY(box) };
}
