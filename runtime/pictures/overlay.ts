import type { FloatTensor, LabelTensor } from '../data/types.js';
import type { OutputDescription } from '../../contract/model-description.js';
import type { Triple } from '../metrics/box.js';
import { drawLine, fillArea, newCanvas, paint, writePng, type Canvas, type Colour } from './canvas.js';
import { greyOf, greyWindow, visibleExtents, type GreyWindow } from './grey.js';
import { BLACK, colourOf, FAINT_COLOUR, TEXT_COLOUR, WHITE } from './palette.js';
import { anatomicalPlanes, type Plane } from './plane.js';
import { maskOn, rasterOf, rimOf, selectedPerSlice, type Raster } from './slice.js';
import { drawText, drawTextOver, shorten, TEXT_HEIGHT, textWidth } from './text.js';

export interface Overlay {
  /** [C, D, H, W] or [D, H, W]; normalised or not. */
  readonly image: FloatTensor;
  /** Which channel is shown; default the first. */
  readonly channel?: number;
  /** [D, H, W]. */
  readonly truth?: LabelTensor;
  /** [D, H, W], values as in `labels`. */
  readonly prediction: LabelTensor;
  /** Of the output: a label that has the value 0 is the background and not drawn; later labels lie over earlier ones. */
  readonly labels: OutputDescription['labels'];
  /** [D, H, W] in mm. */
  readonly spacing: readonly number[];
  /** Towards what the file's x, y and z run (`Geometry.orientation`); without it no sides are named. */
  readonly orientation?: string;
  readonly title: string;
}

/** A foreground label as it is drawn. */
interface Shown {
  readonly name: string;
  readonly selected: Uint8Array;
  readonly colour: Colour;
}

/** What all parts of the picture share. */
interface Scene {
  readonly image: Float32Array;
  readonly grey: GreyWindow;
  readonly truth: Uint8Array | undefined;
  readonly prediction: Uint8Array;
  readonly shape: Triple;
  readonly spacing: Triple;
  readonly labels: readonly Shown[];
  readonly perMm: number;
  readonly orientation: string | undefined;
}

/** A plane with the slice that is shown. */
interface View {
  readonly plane: Plane;
  readonly slice: number;
  readonly raster: Raster;
}

type Panel = (canvas: Canvas, view: View, x: number, y: number) => void;

const GAP = 8;
const LINE = TEXT_HEIGHT + 8;
/** The longest side of a panel is about this many pixels. */
const PANEL = 340;
/** No side of a panel is longer, however much the sides of a voxel differ; smaller voxels then share a pixel. */
const LARGEST_PANEL = 2048;
const FILL_ALPHA = 0.45;
const RIM = 2;

function selection(values: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, value) => (values.includes(value) ? 1 : 0));
}

function channelOf({ image, channel = 0, prediction }: Overlay): Float32Array {
  const voxels = prediction.data.length;
  const data = image.data.subarray(channel * voxels, (channel + 1) * voxels);
  if (data.length !== voxels)
    throw new RangeError(`image ${image.shape.join()} has no channel ${channel} of the labels' size`);
  return data;
}

function shownLabels(labels: Overlay['labels']): Shown[] {
  return labels
    .filter(({ values }) => !values.includes(0))
    .map(({ name, values }, index) => ({ name, selected: selection(values), colour: colourOf(index) }));
}

/** Whole pixels for the smallest side of a voxel, so that each is as large as its neighbour, unless that is too large. */
function pixelsPerMm(extents: readonly (readonly [number, number])[], spacing: Triple): number {
  const finest = Math.min(...spacing);
  const longest = Math.max(...extents.map(([first, end], axis) => (end - first) * spacing[axis]!));
  const whole = Math.max(1, Math.round((PANEL * finest) / longest)) / finest;
  return Math.min(whole, LARGEST_PANEL / longest);
}

/** The slice with the largest cross-section of all foreground labels of the truth, else of the prediction, else the middle. */
function slicesToShow(scene: Scene, extents: readonly (readonly [number, number])[]): View[] {
  const { shape, spacing, perMm, labels } = scene;
  const any = Uint8Array.from({ length: 256 }, (_, value) => (labels.some((l) => l.selected[value] === 1) ? 1 : 0));
  const planes = anatomicalPlanes(scene.orientation ?? '');
  return planes
    .filter(({ rows, columns }) => shape[rows.axis]! > 1 && shape[columns.axis]! > 1)
    .map((plane) => {
      const volumes = [scene.truth, scene.prediction].filter((volume) => volume !== undefined);
      const counts = volumes
        .map((volume) => selectedPerSlice(volume, shape, plane.axis, any))
        .find((each) => each.some((count) => count > 0));
      const [first, end] = extents[plane.axis]!;
      const slice = counts === undefined ? Math.floor((first + end) / 2) : counts.indexOf(Math.max(...counts));
      return { plane, slice, raster: rasterOf(shape, spacing, plane, slice, extents, perMm) };
    });
}

function eachPixel({ width, height }: Raster, draw: (at: number, x: number, y: number) => void): void {
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at++) draw(at, x, y);
}

function drawGrey(scene: Scene, canvas: Canvas, { raster }: View, x: number, y: number): void {
  eachPixel(raster, (at, column, row) => {
    const grey = greyOf(scene.image[raster.voxels[at]!]!, scene.grey);
    paint(canvas, x + column, y + row, [grey, grey, grey]);
  });
}

function drawMask(
  canvas: Canvas,
  raster: Raster,
  mask: Uint8Array,
  x: number,
  y: number,
  colour: Colour,
  alpha: number,
): void {
  eachPixel(raster, (at, column, row) => {
    if (mask[at] === 1) paint(canvas, x + column, y + row, colour, alpha);
  });
}

function drawOutlines(scene: Scene, volume: Uint8Array, canvas: Canvas, { raster }: View, x: number, y: number): void {
  for (const { selected, colour } of scene.labels) {
    const mask = maskOn(raster, volume, selected);
    drawMask(canvas, raster, rimOf(mask, raster, RIM), x, y, colour, 1);
  }
}

/** Each voxel once, in the colour of the last label that has it, so that nested regions do not mix. */
function drawFilled(scene: Scene, volume: Uint8Array, canvas: Canvas, { raster }: View, x: number, y: number): void {
  const taken = new Uint8Array(raster.voxels.length);
  for (const { selected, colour } of scene.labels.toReversed()) {
    const mask = maskOn(raster, volume, selected).map((inside, at) => (inside === 1 && taken[at] === 0 ? 1 : 0));
    mask.forEach((inside, at) => (taken[at]! |= inside));
    drawMask(canvas, raster, mask, x, y, colour, FILL_ALPHA);
    drawMask(canvas, raster, rimOf(mask, raster, 1), x, y, colour, 1);
  }
}

/** `R`, `L`, ... at the sides of a panel. */
function drawEdges({ orientation }: Scene, canvas: Canvas, { plane, raster }: View, x: number, y: number): void {
  if (orientation === undefined) return;
  const [left, right, top, bottom] = plane.edges;
  const [middleX, middleY] = [
    x + Math.floor((raster.width - textWidth('R')) / 2),
    y + Math.floor((raster.height - TEXT_HEIGHT) / 2),
  ];
  drawTextOver(canvas, left, x + 4, middleY, WHITE);
  drawTextOver(canvas, right, x + raster.width - textWidth(right) - 4, middleY, WHITE);
  drawTextOver(canvas, top, middleX, y + 4, WHITE);
  drawTextOver(canvas, bottom, middleX, y + raster.height - TEXT_HEIGHT - 4, WHITE);
}

/** The largest of 1, 2, 5, 10, 20, ... (and of 0.5, 0.2, ...) that is not above a positive limit. */
export function roundLength(limit: number): number {
  const power = Math.floor(Math.log10(limit));
  const candidates = [10, 5, 2, 1, 0.5].map((digit) => Number(`${digit}e${power}`));
  return candidates.find((length) => length <= limit) ?? limit;
}

/** A bar of a round length in the lower left corner. */
function drawScaleBar({ perMm }: Scene, canvas: Canvas, { raster }: View, x: number, y: number): void {
  const length = roundLength((raster.width * 0.4) / perMm);
  const [left, bottom] = [x + 8, y + raster.height - 8];
  const right = left + Math.round(length * perMm);
  fillArea(canvas, { x: left - 1, y: bottom - 4, width: right - left + 2, height: 5 }, BLACK);
  drawLine(canvas, [left, bottom - 2], [right, bottom - 2], WHITE, 3);
  drawTextOver(canvas, `${length} mm`, left, bottom - 8 - TEXT_HEIGHT, WHITE);
}

/** The columns of the picture, each with its heading. */
function panelsOf(scene: Scene): { heading: string; draw: Panel }[] {
  const { truth, prediction } = scene;
  const onGrey =
    (more: Panel): Panel =>
    (canvas, view, x, y) => {
      drawGrey(scene, canvas, view, x, y);
      more(canvas, view, x, y);
      drawEdges(scene, canvas, view, x, y);
    };
  const plain = onGrey((canvas, view, x, y) => drawScaleBar(scene, canvas, view, x, y));
  const filled = onGrey((...at) => drawFilled(scene, prediction, ...at));
  const outlined = truth && onGrey((...at) => drawOutlines(scene, truth, ...at));
  return [
    { heading: 'image', draw: plain },
    ...(outlined ? [{ heading: 'truth (outline)', draw: outlined }] : []),
    { heading: 'prediction (filled)', draw: filled },
  ];
}

/** A volume in ml to a tenth; below one in mm³ with three digits. */
export function volumeText(cubicMillimetres: number): string {
  if (cubicMillimetres === 0 || cubicMillimetres >= 1000) return `${(cubicMillimetres / 1000).toFixed(1)} ml`;
  return `${Number(cubicMillimetres.toPrecision(3))} mm³`;
}

/** The volume of each label, as text. */
function volumeTexts(volume: Uint8Array, labels: readonly Shown[], spacing: Triple): string[] {
  const voxels = new Float64Array(256);
  for (const value of volume) voxels[value]! += 1;
  const each = spacing[0] * spacing[1] * spacing[2];
  return labels.map(({ selected }) => {
    const sum = voxels.reduce((total, count, value) => total + count * selected[value]!, 0);
    return volumeText(sum * each);
  });
}

/** Name and volumes of each label, one a line, as columns of text. */
function legendOf({ labels, truth, prediction, spacing }: Scene): { colour: Colour; cells: string[] }[] {
  const actual = truth && volumeTexts(truth, labels, spacing);
  const predicted = volumeTexts(prediction, labels, spacing);
  return labels.map(({ name, colour }, index) => ({
    colour,
    cells: [shorten(name, 400), ...(actual ? [`truth ${actual[index]}`] : []), `prediction ${predicted[index]}`],
  }));
}

function drawLegend(canvas: Canvas, legend: ReturnType<typeof legendOf>, top: number): void {
  const columns =
    legend[0]?.cells.map((_, column) => Math.max(...legend.map(({ cells }) => textWidth(cells[column]!)))) ?? [];
  legend.forEach(({ colour, cells }, line) => {
    const y = top + line * LINE;
    fillArea(canvas, { x: GAP, y, width: TEXT_HEIGHT, height: TEXT_HEIGHT }, colour);
    let x = GAP + TEXT_HEIGHT + GAP;
    cells.forEach((cell, column) => {
      drawText(canvas, cell, x, y, TEXT_COLOUR);
      x += columns[column]! + 3 * GAP;
    });
  });
}

function legendWidth(legend: ReturnType<typeof legendOf>): number {
  const line = (cells: readonly string[]): number => cells.reduce((sum, cell) => sum + textWidth(cell) + 3 * GAP, 0);
  const widest = legend.reduce<string[]>(
    (longest, { cells }) =>
      cells.map((cell, i) => (textWidth(cell) > textWidth(longest[i] ?? '') ? cell : longest[i]!)),
    [],
  );
  return GAP + TEXT_HEIGHT + GAP + line(widest);
}

function sceneOf(overlay: Overlay): { scene: Scene; extents: readonly (readonly [number, number])[] } {
  const image = channelOf(overlay);
  const [d, h, w] = overlay.prediction.shape;
  const [sd, sh, sw] = overlay.spacing;
  const shape: Triple = [d!, h!, w!];
  const spacing: Triple = [sd!, sh!, sw!];
  if (overlay.truth && overlay.truth.shape.join() !== shape.join())
    throw new RangeError('truth and prediction differ in shape');
  const grey = greyWindow(image);
  const extents = visibleExtents(image, shape, grey.background);
  const { prediction, truth, orientation } = overlay;
  const scene = {
    image,
    grey,
    truth: truth?.data,
    prediction: prediction.data,
    shape,
    spacing,
    labels: shownLabels(overlay.labels),
    perMm: pixelsPerMm(extents, spacing),
    orientation,
  };
  return { scene, extents };
}

/** Draws the picture that `writeOverlay` writes. */
export function drawOverlay(overlay: Overlay): Canvas {
  const { scene, extents } = sceneOf(overlay);
  const views = slicesToShow(scene, extents);
  const panels = panelsOf(scene);
  const legend = legendOf(scene);
  const column = Math.max(
    ...views.map(({ raster }) => raster.width),
    ...panels.map(({ heading }) => textWidth(heading)),
  );
  const width = Math.max(GAP + panels.length * (column + GAP), legendWidth(legend));
  const rows = views.reduce((sum, { raster }) => sum + LINE + raster.height + GAP, 0);
  const canvas = newCanvas(width, GAP + 2 * LINE + rows + GAP + legend.length * LINE + GAP, BLACK);
  drawText(canvas, shorten(overlay.title, width - 2 * GAP), GAP, GAP, WHITE);
  panels.forEach(({ heading }, index) =>
    drawText(canvas, heading, GAP + index * (column + GAP), GAP + LINE, TEXT_COLOUR),
  );
  let y = GAP + 2 * LINE;
  for (const view of views) {
    const { plane, slice, raster } = view;
    drawText(canvas, `${plane.name}, slice ${slice} (of 0 to ${scene.shape[plane.axis]! - 1})`, GAP, y, FAINT_COLOUR);
    panels.forEach(({ draw }, index) => draw(canvas, view, GAP + index * (column + GAP), y + LINE));
    y += LINE + raster.height + GAP;
  }
  drawLegend(canvas, legend, y + GAP);
  return canvas;
}

/**
 * Writes a PNG of a case: axial, coronal and sagittal slices through the largest cross-section of the tumour, in rows;
 * the image alone, with the truth as outlines, and with the prediction as filled, translucent areas, in columns; below,
 * the labels with their colours and volumes. Laid out as radiologists look at it (`anatomicalPlanes`), cropped to what
 * is not background, voxels enlarged to their size in mm without interpolation.
 * @throws UserError UNET6058 where it cannot be written
 */
export async function writeOverlay(overlay: Overlay, file: string): Promise<void> {
  await writePng(drawOverlay(overlay), file);
}
