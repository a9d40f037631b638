import { cardHead, chipTexts, fittedRowText, headHeight } from './card-size.js';
import type { Card, Row, RowGroup } from './figure.js';
import type { Box } from './layout.js';
import { fontSize, measure } from './measures.js';
import { ink, markColour, tones } from './palette.js';
import { element, number, text, tooltip } from './svg.js';

/** Draws a card at its place; a tooltip shows the full text of whatever was shortened. */
export function drawCard(card: Card, box: Box): string {
  const drawn = card.form === 'chip' ? drawChip(card, box) : drawFull(card, box);
  return element('g', { 'data-id': nameOf(card) }, [tooltip(tooltipOf(card)), ...drawn]);
}

function nameOf({ id, role, title }: Card): string {
  return role === 'output' ? title : id;
}

function tooltipOf(card: Card): string {
  const was = card.was === undefined ? '' : `; was ${card.was}`;
  return `${nameOf(card)}: ${card.shape}, ${card.params} parameters${was}`;
}

function drawFull(card: Card, box: Box): readonly string[] {
  const { title, params, shape } = cardHead(card);
  const left = box.x + measure.padding;
  const base = box.y + measure.padding + fontSize.title;
  const head = [
    outline(card, box),
    text(title, {
      x: left,
      y: base,
      'font-size': fontSize.title,
      'font-weight': 'bold',
      fill: card.mark === undefined ? ink.text : markColour,
    }),
    ...(params === ''
      ? []
      : [
          text(params, {
            x: box.x + box.width - measure.padding,
            y: base,
            'font-size': fontSize.small,
            'text-anchor': 'end',
            fill: card.moreParams === 0 ? ink.soft : markColour,
          }),
        ]),
    ...(shape === ''
      ? []
      : [text(shape, { x: left, y: base + measure.shapeHeight, 'font-size': fontSize.small, fill: ink.soft })]),
  ];
  return [...head, ...drawGroups(card, box)];
}

function outline(card: Card, box: Box): string {
  const isMarked =
    card.mark !== undefined || card.groups.some(({ rows }) => rows.some(({ mark }) => mark !== undefined));
  return element('rect', {
    x: box.x,
    y: box.y,
    width: box.width,
    height: box.height,
    rx: measure.corner,
    fill: card.role === 'stage' ? '#ffffff' : '#fbfbfb',
    stroke: isMarked ? markColour : ink.card,
    'stroke-width': isMarked ? 2 : 1,
    'stroke-dasharray': card.role === 'stage' ? undefined : '4 2',
  });
}

function drawGroups(card: Card, box: Box): readonly string[] {
  const parts: string[] = [];
  let y = box.y + headHeight(card);
  for (const group of card.groups) {
    const inset = group.times > 1 ? measure.repeatInset : 0;
    const top = y;
    for (const row of group.rows) {
      const width = box.width - 2 * measure.padding - inset;
      parts.push(drawRow(row, { x: box.x + measure.padding, y, width, height: measure.rowHeight }));
      y += measure.rowHeight + measure.rowGap;
    }
    if (group.times > 1) parts.push(...drawBracket(group, box.x + box.width - measure.padding - inset, top, y));
  }
  return parts;
}

function drawRow(row: Row, { x, y, width, height }: Box): string {
  const tone = tones[row.kind];
  const isGone = row.mark === 'removed';
  const was = row.was === undefined ? [] : [tooltip(`was ${row.was}`)];
  return element('g', {}, [
    ...was,
    element('rect', {
      x,
      y,
      width,
      height,
      rx: 2,
      fill: isGone ? '#ffffff' : tone.fill,
      stroke: row.mark === undefined ? undefined : markColour,
      'stroke-width': row.mark === undefined ? undefined : 1.5,
      'stroke-dasharray': isGone ? '3 2' : undefined,
    }),
    ...(isGone ? [] : [element('rect', { x, y, width: 5, height, fill: tone.bar })]),
    text(fittedRowText(row), {
      x: x + 10,
      y: y + height / 2 + fontSize.row * 0.36,
      'font-size': fontSize.row,
      'font-weight': row.mark === undefined ? undefined : 'bold',
      fill: row.mark === undefined ? ink.text : markColour,
    }),
  ]);
}

function drawBracket({ times }: RowGroup, x: number, top: number, bottom: number): readonly string[] {
  const [from, to] = [top + 1, bottom - measure.rowGap - 1];
  const path = `M${number(x + 3)} ${number(from)}h4V${number(to)}h-4`;
  return [
    element('path', { d: path, fill: 'none', stroke: ink.line, 'stroke-width': 1.2 }),
    text(`×${times}`, {
      x: x + 10,
      y: (from + to) / 2 + fontSize.row * 0.36,
      'font-size': fontSize.row,
      'font-weight': 'bold',
      fill: ink.text,
    }),
  ];
}

function drawChip(card: Card, box: Box): readonly string[] {
  const [row] = card.groups.flatMap(({ rows }) => rows);
  const tone = tones[row?.kind ?? 'other'];
  const { text: label, params } = chipTexts(card);
  const isMarked = card.mark !== undefined || row?.mark !== undefined;
  const baseline = box.y + box.height / 2 + fontSize.row * 0.36;
  return [
    element('rect', {
      x: box.x,
      y: box.y,
      width: box.width,
      height: box.height,
      rx: box.height / 2,
      fill: tone.fill,
      stroke: isMarked ? markColour : tone.bar,
      'stroke-width': isMarked ? 2 : 1.2,
    }),
    text(label, {
      x: box.x + measure.padding + 4,
      y: baseline,
      'font-size': fontSize.row,
      'font-weight': isMarked ? 'bold' : undefined,
      fill: isMarked ? markColour : ink.text,
    }),
    ...(params === ''
      ? []
      : [
          text(params, {
            x: box.x + box.width - measure.padding - 4,
            y: baseline,
            'font-size': fontSize.small,
            'text-anchor': 'end',
            fill: card.moreParams === 0 ? ink.soft : markColour,
          }),
        ]),
  ];
}
