/**
 * The layout of a U: the encoder down the left, the decoder up the right, a row for each level, skips straight across.
 * Halves, levels and the steps between them are the stages of the language.
 */
import { cardExtent, type Extent } from './card-size.js';
import type { Card, Edge, Figure } from './figure.js';
import { centreX, centreY, isBlocked, type Band, type Box, type Layout, type Point, type Route } from './layout.js';

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
  readonly heads: readonly Card[];
  readonly outputs: readonly Card[];
}

const gap = { step: 26, beside: 28, across: 70, stacked: 24, rows: 66, band: 12, label: 58 } as const;

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

function partsOf({ cards }: Figure): Parts | undefined {
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
    heads: cards.filter(({ stage }) => stage.startsWith('head.')),
    outputs: cards.filter(({ role }) => role === 'output'),
  };
  const { input, stem, down, up, encoder, fuse, decoder, auxiliary, heads, outputs } = parts;
  const lists = [
    input,
    stem === undefined ? [] : [stem],
    whole(down),
    whole(up),
    encoder,
    fuse,
    decoder,
    heads,
    outputs,
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
    const box = { x: Math.round(x), y: Math.round(y), ...cardExtent(card) };
    boxes.set(card.id, box);
    return box;
  };
  const last = encoder.length - 1;
  const columns = columnsOf(parts);
  const bands: Band[] = [];
  const top = placeTop(parts, columns, put);
  let y = top;
  for (const [level, card] of encoder.entries()) {
    const row = [card, decoder[level], fuse[level], ...(parts.auxiliary[level] ?? [])].filter(
      (each) => each !== undefined,
    );
    const height = Math.max(...row.map((each) => cardExtent(each).height));
    const middle = y + height / 2;
    const centred = (each: Card, x: number): Box =>
      put(each, x - cardExtent(each).width / 2, middle - cardExtent(each).height / 2);
    if (level === last) centred(card, (columns.encoder(level - 1) + columns.fuse(level - 1)) / 2);
    else centred(card, columns.encoder(level));
    const [join, own] = [fuse[level], decoder[level]];
    if (join !== undefined) centred(join, columns.fuse(level));
    if (own !== undefined) {
      const box = centred(own, columns.decoder(level));
      placeAuxiliary(parts.auxiliary[level] ?? [], columns.auxiliary(level), box, put);
    }
    const from = level === 0 ? 0 : y - gap.band;
    bands.push({ label: card.extent, top: from, bottom: y + height + gap.band });
    placeSteps(parts, level, { columns, y: y + height, put });
    y += height + gap.rows;
  }
  return { boxes, bands };
}

type Put = (card: Card, x: number, y: number) => Box;

/** Centres of the columns at each level; the halves come closer the deeper they are. */
interface Columns {
  readonly encoder: (level: number) => number;
  readonly fuse: (level: number) => number;
  readonly decoder: (level: number) => number;
  /** Left edge of the auxiliary predictions. */
  readonly auxiliary: (level: number) => number;
}

function columnsOf({ input, stem, encoder, decoder, fuse, heads, outputs, down, up }: Parts): Columns {
  const last = encoder.length - 1;
  const widest = (cards: readonly (Card | undefined)[]): number =>
    Math.max(0, ...cards.map((card) => (card === undefined ? 0 : cardExtent(card).width)));
  const left = widest([...input, stem, ...encoder.slice(0, last)]);
  const [middle, right] = [widest(fuse), widest([...decoder, ...heads, ...outputs])];
  const start = gap.label + left / 2;
  const steps = (last - 1) * gap.step;
  const bottom = cardExtent(encoder[last] as Card).width;
  const chips = (widest(down) + widest(up)) / 2 + gap.band;
  const across = Math.max(gap.across, Math.max(bottom + 2 * gap.beside, chips) - left / 2 - middle / 2);
  const firstFuse = start + 2 * steps + left / 2 + across + middle / 2;
  const fuseAt = (level: number): number => firstFuse - level * gap.step;
  const decoderAt = (level: number): number => fuseAt(level) + middle / 2 + gap.beside + right / 2;
  return {
    encoder: (level) => start + level * gap.step,
    fuse: fuseAt,
    decoder: decoderAt,
    auxiliary: (level) => decoderAt(level) + right / 2 + gap.beside,
  };
}

/**
 * Places what is above the first level: input and stem at the left, the head at the right with the output next to it.
 * @returns where level 0 begins
 */
function placeTop(parts: Parts, columns: Columns, put: Put): number {
  const stem = parts.stem === undefined ? [] : [parts.stem];
  const left = [parts.input, stem].filter((list) => list.length > 0);
  const right = [parts.heads].filter((list) => list.length > 0);
  const height = (stack: readonly (readonly Card[])[]): number =>
    stack.reduce((sum, list) => sum + tallest(list) + gap.stacked, 0);
  const outputs = columnHeight(parts.outputs) + gap.stacked;
  const bottom = gap.band + Math.max(height(left), height(right), outputs);
  let y = bottom - height(left);
  for (const list of left) {
    placeBeside(list, columns.encoder(0), y + tallest(list), put);
    y += tallest(list) + gap.stacked;
  }
  const heads = placeBeside(parts.heads, columns.decoder(0), bottom - gap.stacked, put);
  const edge = Math.min(...heads.map((box) => box.x)) - gap.beside;
  const middle = bottom - gap.stacked - Math.max(tallest(parts.heads), columnHeight(parts.outputs)) / 2;
  let from = middle - columnHeight(parts.outputs) / 2;
  for (const card of parts.outputs) {
    from += put(card, edge - cardExtent(card).width, from).height + gap.band;
  }
  return bottom;
}

function tallest(cards: readonly Card[]): number {
  return Math.max(0, ...cards.map((card) => cardExtent(card).height));
}

function columnHeight(cards: readonly Card[]): number {
  return cards.reduce((sum, card) => sum + cardExtent(card).height + gap.band, -gap.band);
}

/** Cards in a row around `x`, on the line `bottom`. */
function placeBeside(cards: readonly Card[], x: number, bottom: number, put: Put): readonly Box[] {
  const extents = cards.map((card) => cardExtent(card));
  let from = x - extents.reduce((sum, { width }) => sum + width + gap.beside, -gap.beside) / 2;
  return cards.map((card, index) => {
    const extent = extents[index] as Extent;
    const box = put(card, from, bottom - extent.height);
    from += extent.width + gap.beside;
    return box;
  });
}

function placeAuxiliary(cards: readonly Card[], x: number, beside: Box, put: Put): void {
  let y = centreY(beside) - cards.reduce((sum, card) => sum + cardExtent(card).height, 0) / 2;
  for (const card of cards) y += put(card, x, y).height + gap.band;
}

/** The steps to and from the level below, in the gap between the rows. */
function placeSteps(
  { down, up, encoder }: Parts,
  level: number,
  { columns, y, put }: { readonly columns: Columns; readonly y: number; readonly put: Put },
): void {
  const last = encoder.length - 1;
  const place = (card: Card | undefined, x: number): void => {
    if (card === undefined) return;
    const { width, height } = cardExtent(card);
    put(card, x - width / 2, y + (gap.rows - height) / 2);
  };
  if (level < last) {
    place(down[level], level + 1 === last ? columns.encoder(level) : columns.encoder(level + 1) - gap.step / 2);
    place(up[level], level + 1 === last ? columns.fuse(level) : columns.decoder(level + 1));
  }
}

/** Returns the route of an edge, or undefined for one that a U does not have. */
function routeOf(edge: Edge, parts: Parts, boxes: ReadonlyMap<string, Box>): Route | undefined {
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  if (from === undefined || to === undefined) return undefined;
  const level = parts.encoder.findIndex((card) => card.id === edge.from);
  if (level >= 0 && parts.fuse[level]?.id === edge.to) {
    return { edge, kind: 'skip', points: [rightOf(from), leftOf(to)] };
  }
  const below = belowWay(edge, parts, boxes);
  if (below !== undefined) return { edge, kind: 'flow', points: below };
  const output = outputWay(
    from,
    to,
    parts.outputs.some((card) => card.id === edge.to),
  );
  if (output !== undefined) return { edge, kind: 'flow', points: output };
  const points = isBeside(from, to) ? [rightOf(from), leftOf(to)] : between(from, to);
  return points === undefined ? undefined : { edge, kind: 'flow', points };
}

/** A fusion that reads the level below before it is upsampled: past the step, into the side where the skip enters. */
function belowWay(edge: Edge, parts: Parts, boxes: ReadonlyMap<string, Box>): readonly Point[] | undefined {
  const level = parts.fuse.findIndex((card) => card.id === edge.to);
  const step = boxes.get(parts.up[level]?.id ?? '');
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  if (step === undefined || from === undefined || to === undefined || from.y <= step.y) return undefined;
  const y = centreY(to) + Math.min(11, to.height / 4);
  const lane = Math.min(to.x, step.x) - gap.band;
  const end = [
    { x: lane, y },
    { x: to.x, y },
  ];
  if (lane > from.x + gap.band) return [{ x: lane, y: from.y }, ...end];
  const turn = step.y + step.height + gap.band;
  const start = from.x + gap.band;
  return [{ x: start, y: from.y }, { x: start, y: turn }, { x: lane, y: turn }, ...end];
}

/** An output is at the left of its head. */
function outputWay(from: Box, to: Box, isOutput: boolean): readonly Point[] | undefined {
  if (!isOutput || to.x + to.width > from.x) return undefined;
  const y = Math.max(from.y, to.y) + Math.min(from.height, to.height) / 2;
  return [
    { x: from.x, y },
    { x: to.x + to.width, y },
  ];
}

function isBeside(from: Box, to: Box): boolean {
  return from.x + from.width < to.x && Math.abs(centreY(from) - centreY(to)) < 2;
}

/**
 * An edge up or down: straight if the two cards overlap, from the side of the card at the bottom of the U, otherwise
 * around a corner.
 */
function between(from: Box, to: Box): readonly Point[] | undefined {
  const isDown = centreY(to) > centreY(from);
  const [upper, lower] = isDown ? [from, to] : [to, from];
  if (upper.y + upper.height > lower.y) return undefined;
  const narrow = from.width < to.width ? from : to;
  const wide = narrow === from ? to : from;
  const x = centreX(narrow);
  const ends = (start: Point, end: Point): Point[] => (isDown ? [start, end] : [end, start]);
  if (x > wide.x + 8 && x < wide.x + wide.width - 8) {
    return ends({ x, y: upper.y + upper.height }, { x, y: lower.y });
  }
  const corner = centreX(upper);
  if (isCorner(upper, lower)) {
    const side = corner < lower.x ? lower.x : lower.x + lower.width;
    const points = [
      { x: corner, y: upper.y + upper.height },
      { x: corner, y: centreY(lower) },
      { x: side, y: centreY(lower) },
    ];
    return isDown ? points : points.reverse();
  }
  const overlap = [Math.max(upper.x, lower.x), Math.min(upper.x + upper.width, lower.x + lower.width)] as const;
  if (overlap[1] - overlap[0] > gap.beside) {
    const middle = (overlap[0] + overlap[1]) / 2;
    return ends({ x: middle, y: upper.y + upper.height }, { x: middle, y: lower.y });
  }
  // Near the lower card, because a taller card may be next to the upper one.
  const bend = lower.y - gap.band;
  const points = [
    { x: corner, y: upper.y + upper.height },
    { x: corner, y: bend },
    { x: centreX(lower), y: bend },
    { x: centreX(lower), y: lower.y },
  ];
  return isDown ? points : points.reverse();
}

/** The bottom of the U is entered and left at its sides. */
function isCorner(upper: Box, lower: Box): boolean {
  const x = centreX(upper);
  return upper.height < lower.height && (x < lower.x - 8 || x > lower.x + lower.width + 8);
}

function leftOf(box: Box): Point {
  return { x: box.x, y: centreY(box) };
}

function rightOf(box: Box): Point {
  return { x: box.x + box.width, y: centreY(box) };
}
