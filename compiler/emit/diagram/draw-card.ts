import { textWidth } from '../../../text/text-width.js';
import { cardHead, chipTexts, fittedRowText, headHeight, tagExtent, tagText } from './card-size.js';
import type { Card, Row, RowGroup } from './figure.js';
import type { Box } from './layout.js';
import { fontSize, measure } from './measures.js';
import { group, line, rectangle, text, type Shape, type Stroke } from './scene.js';

/** Draws a card at its place; a tooltip shows the full text of whatever was shortened. */
export function drawCard(card: Card, box: Box): Shape {
  const drawn = card.form === 'chip' ? drawChip(card, box) : drawFull(card, box);
  return group(drawn, { id: nameOf(card), title: tooltipOf(card) });
}

function nameOf({ id, role, title }: Card): string {
  return role === 'output' ? title : id;
}

function tooltipOf(card: Card): string {
  const was = card.was === undefined ? '' : `; was ${card.was}`;
  const params = card.role === 'stage' ? `, ${card.params} parameters` : '';
  return `${nameOf(card)}: ${card.shape}${params}${was}`;
}

/** The outline of inputs and outputs, and of the tags that repeat the name of an input. */
const dashed: Stroke = { colour: 'card edge', width: 1, dash: [4, 2] };
const marked: Stroke = { colour: 'mark', width: 2 };
const plain: Stroke = { colour: 'card edge', width: 1 };

function drawFull(card: Card, box: Box): readonly Shape[] {
  const { title, params, shape } = cardHead(card);
  const left = box.x + measure.padding;
  const base = box.y + measure.padding + fontSize.title;
  return [
    outline(card, box),
    text(
      title,
      { x: left, y: base },
      { size: fontSize.title, weight: 'bold', colour: card.mark === undefined ? 'text' : 'mark' },
    ),
    ...paramsText(params, card, { x: box.x + box.width - measure.padding, y: base }),
    ...(shape === ''
      ? []
      : [text(shape, { x: left, y: base + measure.shapeHeight }, { size: fontSize.small, colour: 'soft' })]),
    ...drawGroups(card, box),
  ];
}

function paramsText(
  params: string,
  { moreParams }: Card,
  at: { readonly x: number; readonly y: number },
): readonly Shape[] {
  if (params === '') return [];
  return [text(params, at, { size: fontSize.small, anchor: 'end', colour: moreParams === 0 ? 'soft' : 'mark' })];
}

function outline(card: Card, box: Box): Shape {
  const isMarked =
    card.mark !== undefined || card.groups.some(({ rows }) => rows.some(({ mark }) => mark !== undefined));
  const stroke = card.role === 'stage' ? plain : dashed;
  return rectangle(box, {
    corner: measure.corner,
    fill: card.role === 'stage' ? 'card ground' : 'input ground',
    stroke: isMarked ? marked : stroke,
  });
}

function drawGroups(card: Card, box: Box): readonly Shape[] {
  const parts: Shape[] = [];
  let y = box.y + headHeight(card);
  for (const each of card.groups) {
    const inset = each.times > 1 ? measure.repeatInset : 0;
    const top = y;
    for (const row of each.rows) {
      const width = box.width - 2 * measure.padding - inset;
      parts.push(drawRow(row, { x: box.x + measure.padding, y, width, height: measure.rowHeight }));
      y += measure.rowHeight + measure.rowGap;
    }
    if (each.times > 1) parts.push(...drawBracket(each, box.x + box.width - measure.padding - inset, top, y));
  }
  return parts;
}

/** The baseline of text that is centred between two heights. */
function baseline(top: number, height: number, size: number = fontSize.row): number {
  return top + height / 2 + size * 0.36;
}

function drawRow(row: Row, box: Box): Shape {
  const { x, y, width, height } = box;
  const isGone = row.mark === 'removed';
  const stroke: Stroke = { colour: 'mark', width: 1.5, dash: isGone ? [3, 2] : undefined };
  const shapes = [
    rectangle(box, {
      corner: 2,
      fill: isGone ? 'card ground' : `${row.kind} fill`,
      stroke: row.mark === undefined ? undefined : stroke,
    }),
    ...(isGone ? [] : [rectangle({ x, y, width: 5, height }, { fill: `${row.kind} bar` })]),
    text(
      fittedRowText(row),
      { x: x + 10, y: baseline(y, height) },
      row.mark === undefined ? { size: fontSize.row } : { size: fontSize.row, weight: 'bold', colour: 'mark' },
    ),
    ...drawTags(row, x + width - measure.tagInset, y + (height - measure.tagHeight) / 2),
  ];
  return group(shapes, { title: row.was === undefined ? undefined : `was ${row.was}` });
}

/** The identifiers that a row reads, as tags at its right end. */
function drawTags({ reads }: Row, right: number, top: number): readonly Shape[] {
  let x = right;
  return [...reads].reverse().flatMap((name) => {
    const { width } = tagExtent(name);
    x -= width;
    const shapes = drawTag(name, { x, y: top });
    x -= measure.tagInset;
    return shapes;
  });
}

/** A tag that shows where an identifier enters. */
export function drawTag(name: string, place: { readonly x: number; readonly y: number }): readonly Shape[] {
  const { width, height } = tagExtent(name);
  return [
    rectangle(
      { ...place, width, height },
      { corner: height / 2, fill: 'card ground', stroke: { ...dashed, colour: 'line', dash: [3, 2] } },
    ),
    text(
      tagText(name),
      { x: place.x + width / 2, y: baseline(place.y, height, fontSize.tag) },
      { size: fontSize.tag, anchor: 'middle' },
    ),
  ];
}

function drawBracket({ times }: RowGroup, x: number, top: number, bottom: number): readonly Shape[] {
  const [from, to] = [top + 1, bottom - measure.rowGap - 1];
  const points = [
    { x: x + 3, y: from },
    { x: x + 7, y: from },
    { x: x + 7, y: to },
    { x: x + 3, y: to },
  ];
  return [
    line(points, { colour: 'line', width: 1.2 }),
    text(`×${times}`, { x: x + 10, y: baseline(from, to - from) }, { size: fontSize.row, weight: 'bold' }),
  ];
}

function drawChip(card: Card, box: Box): readonly Shape[] {
  const [row] = card.groups.flatMap(({ rows }) => rows);
  const kind = row?.kind ?? 'other';
  const { text: label, params, weight } = chipTexts(card);
  const isMarked = card.mark !== undefined || row?.mark !== undefined;
  const y = baseline(box.y, box.height);
  const middle = params === '' ? (box.width - textWidth(label, fontSize.row, weight)) / 2 : measure.chipPadding;
  return [
    rectangle(box, {
      corner: box.height / 2,
      fill: `${kind} fill`,
      stroke: isMarked ? marked : { colour: `${kind} bar`, width: 1.2 },
    }),
    text(label, { x: box.x + middle, y }, { size: fontSize.row, weight, colour: isMarked ? 'mark' : 'text' }),
    ...paramsText(params, card, { x: box.x + box.width - measure.chipPadding, y }),
  ];
}
