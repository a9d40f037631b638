import { markup, type Markup } from '../../text/markup.js';
import { fitText } from '../../text/text-width.js';
import type { Triple } from '../metrics/box.js';
import { FONT_SIZE, line, LINE, TEXT_COLOUR, widthOf } from './lettering.js';
import type { DrawnLabel } from './panel-pixels.js';

export interface NamedLabel extends DrawnLabel {
  readonly name: string;
}

/** Volumes of voxel values, and the labels they belong to. */
export interface Volumes {
  readonly truth: Uint8Array | undefined;
  readonly prediction: Uint8Array;
  readonly labels: readonly NamedLabel[];
  /** [D, H, W] in mm. */
  readonly spacing: Triple;
}

const LONGEST_NAME = 400;
const COLUMN_GAP = 24;
/** Where text starts, to the right of the square of colour. */
const TEXT_START = 23;

/** A volume in ml to a tenth; below one in mm³ with three digits. */
export function volumeText(cubicMillimetres: number): string {
  if (cubicMillimetres === 0 || cubicMillimetres >= 1000) return `${(cubicMillimetres / 1000).toFixed(1)} ml`;
  return `${Number(cubicMillimetres.toPrecision(3))} mm³`;
}

/** The volume of each label, as text. */
function volumeTexts(volume: Uint8Array, labels: readonly NamedLabel[], spacing: Triple): string[] {
  const voxels = new Float64Array(256);
  for (const value of volume) voxels[value]! += 1;
  const each = spacing[0] * spacing[1] * spacing[2];
  return labels.map(({ selected }) => {
    const sum = voxels.reduce((total, count, value) => total + count * selected[value]!, 0);
    return volumeText(sum * each);
  });
}

/** Name and volumes of each label, as columns of text. */
function cellsOf({ labels, truth, prediction, spacing }: Volumes): string[][] {
  const actual = truth && volumeTexts(truth, labels, spacing);
  const predicted = volumeTexts(prediction, labels, spacing);
  return labels.map(({ name }, index) => [
    fitText(name, LONGEST_NAME, FONT_SIZE),
    ...(actual ? [`truth ${actual[index]}`] : []),
    `prediction ${predicted[index]}`,
  ]);
}

/** Draws the labels of a picture, one a line, with their volumes in the truth, if there is one, and in the prediction. */
export function drawLegend(scene: Volumes): { readonly width: number; readonly parts: Markup } {
  const { labels } = scene;
  const rows = cellsOf(scene);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => widthOf(cells[column]!))));
  const starts = widths.map((_, column) =>
    widths.slice(0, column).reduce((x, width) => x + width + COLUMN_GAP, TEXT_START),
  );
  const parts = rows.map((cells, row) => {
    const texts = cells.map((cell, column) => line(cell, starts[column]!, row * LINE + 12, TEXT_COLOUR));
    const colour = `rgb(${labels[row]!.colour.join()})`;
    return markup`<rect y="${row * LINE}" width="14" height="14" fill="${colour}"/>${texts}`;
  });
  return { width: (starts.at(-1) ?? 0) + (widths.at(-1) ?? 0), parts: markup`${parts}` };
}
