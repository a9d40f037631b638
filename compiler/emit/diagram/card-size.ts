import { formatCount } from '../../../text/count.js';
import { formatDifference } from '../printable.js';
import type { Card, Row, RowGroup } from './figure.js';
import { fontSize, measure } from './measures.js';
import { fitText, textWidth, type Weight } from '../../../text/text-width.js';

/** Width and height in pixels. */
export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** The content of a card's heading. */
export interface CardHead {
  readonly title: string;
  readonly params: string;
  readonly shape: string;
}

/** The strings of the heading; a long title is truncated. */
export function cardHead(card: Card): CardHead {
  const more = card.moreParams === 0 ? '' : ` (${formatDifference(card.moreParams)})`;
  const params = card.role === 'stage' && (card.params > 0 || more !== '') ? `${formatCount(card.params)}${more}` : '';
  const sign = card.mark === undefined ? '' : `${markSigns[card.mark]} `;
  return {
    title: fitText(`${sign}${card.title}`, measure.widestTitle, fontSize.title, 'bold'),
    params,
    shape: fitText(card.shape, measure.widestTitle, fontSize.small),
  };
}

const gapInHead = 12;

/** The text of a chip, followed by its parameters. */
export function chipTexts(card: Card): { readonly text: string; readonly params: string; readonly weight: Weight } {
  const [row] = card.groups.flatMap(({ rows }) => rows);
  const sign = card.mark === undefined ? '' : `${markSigns[card.mark]} `;
  const weight = card.mark === undefined && row?.mark === undefined ? 'regular' : 'bold';
  return { text: `${sign}${row === undefined ? '' : fittedRowText(row)}`, params: cardHead(card).params, weight };
}

/** The size of a card. */
export function cardExtent(card: Card): Extent {
  if (card.form === 'chip') {
    const { text, params, weight } = chipTexts(card);
    const width =
      textWidth(text, fontSize.row, weight) + (params === '' ? 0 : gapInHead + textWidth(params, fontSize.small));
    return { width: Math.ceil(width + 2 * measure.chipPadding), height: measure.chipHeight };
  }
  const { title, params, shape } = cardHead(card);
  const titleWidth = textWidth(title, fontSize.title, 'bold');
  const paramsWidth = params === '' ? 0 : gapInHead + textWidth(params, fontSize.small);
  const widths = [
    titleWidth + paramsWidth,
    textWidth(shape, fontSize.small),
    ...card.groups.flatMap((group) => group.rows.map((row) => rowWidth(row, group))),
  ];
  const rows = card.groups.reduce((sum, group) => sum + group.rows.length, 0);
  const height = headHeight(card) + rows * (measure.rowHeight + measure.rowGap) + measure.padding;
  return { width: Math.ceil(Math.max(...widths) + 2 * measure.padding), height: Math.ceil(height) };
}

/** From the top of a card to its first row. */
export function headHeight(card: Card): number {
  return measure.padding + measure.titleHeight + (card.shape === '' ? 0 : measure.shapeHeight);
}

/** A row's text as drawn: its mark, its branch, its layers. */
function rowText(row: Row): string {
  const sign = row.mark === undefined ? '' : `${markSigns[row.mark]} `;
  const branch = row.branch === undefined ? '' : `${row.branch}: `;
  return `${sign}${branch}${row.text}`;
}

/** A sign for each mark, so that colour is not needed to read it. */
export const markSigns = { added: '+', removed: '−', replaced: '±', changed: '~' } as const;

const widestRowText = 235;

/** A row's text, shortened if even a wide card cannot hold it. */
export function fittedRowText(row: Row): string {
  return fitText(rowText(row), widestRowText, fontSize.row, row.mark === undefined ? 'regular' : 'bold');
}

function rowWidth(row: Row, { times }: RowGroup): number {
  const weight = row.mark === undefined ? 'regular' : 'bold';
  const tags = row.reads.reduce((sum, name) => sum + tagExtent(name).width + measure.tagInset, 0);
  const repeat = times > 1 ? measure.repeatInset : 0;
  return textWidth(fittedRowText(row), fontSize.row, weight) + measure.rowInset + tags + repeat;
}

const widestTag = 80;

/** The text of the tag that shows where an identifier enters. */
export function tagText(name: string): string {
  return fitText(`← ${name}`, widestTag, fontSize.tag);
}

/** The size of a tag. */
export function tagExtent(name: string): Extent {
  const width = Math.ceil(textWidth(tagText(name), fontSize.tag) + 2 * measure.tagPadding);
  return { width, height: measure.tagHeight };
}
