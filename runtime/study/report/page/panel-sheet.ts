import { markup, type Markup } from '../../../../text/markup.js';
import { dataUrl } from '../../../../text/page/embedded-file.js';
import type { Colour } from '../../../pictures/panel-pixels.js';
import type { SlicePicture } from '../../../pictures/slice-picture.js';
import { nameHeight, nameLines, nameText } from './chart.js';
import { standaloneChart } from './standalone-chart.js';

/** A picture of the panel. */
export interface PanelCell {
  /** Undefined if there is none. */
  readonly picture: SlicePicture | undefined;
  readonly description: string;
  /** Shown below the picture. */
  readonly note: string;
}

/** A case of the panel. */
export interface PanelRow {
  readonly title: string;
  /** The slice that is shown, in words. */
  readonly place: string;
  readonly cells: readonly PanelCell[];
}

const COLUMN = 170;
const GAP = 8;
const NOTE = 22;

function cellHeight({ picture }: PanelCell): number {
  return picture === undefined ? 0 : (picture.height * COLUMN) / picture.width;
}

function drawCell({ picture, note }: PanelCell, x: number, y: number, height: number): Markup {
  const image =
    picture &&
    markup`<image x="${x}" y="${y}" width="${COLUMN}" height="${(picture.height * COLUMN) / picture.width}" style="image-rendering: pixelated" href="${dataUrl({ type: 'image/png', content: picture.png })}"/>`;
  return markup`${image}<text class="note" x="${x}" y="${y + height + 16}">${note}</text>`;
}

/** The panel as an SVG document of its own, with its pictures in it and its labels as text. */
export function drawPanelSheet(
  heads: readonly string[],
  rows: readonly PanelRow[],
  colours: readonly { readonly name: string; readonly colour: Colour }[],
): string {
  const names = heads.map((head) => nameLines(head, COLUMN));
  let y = Math.max(...names.map(nameHeight));
  const parts: Markup[] = names.map((lines, column) => nameText(lines, column * (COLUMN + GAP), y - 4));
  for (const { title, place, cells } of rows) {
    y += 24;
    parts.push(markup`<text class="note" x="0" y="${y - 6}">${title}: ${place}</text>`);
    const height = Math.max(...cells.map(cellHeight));
    cells.forEach((cell, column) => parts.push(drawCell(cell, column * (COLUMN + GAP), y, height)));
    y += height + NOTE;
  }
  for (const { name, colour } of colours) {
    parts.push(
      markup`<rect x="0" y="${y + 4}" width="13" height="13" fill="rgb(${colour.join(', ')})"/><text x="20" y="${y + 15}">${name}</text>`,
    );
    y += 22;
  }
  return standaloneChart({ height: y + 4, body: parts }, heads.length * (COLUMN + GAP) - GAP);
}
