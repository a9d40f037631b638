import { markup, type Markup } from '../../text/markup.js';
import { renderPng } from '../../text/render-png.js';
import { fitText, fontFamily } from '../../text/text-width.js';
import type { FloatTensor, LabelTensor } from '../data/types.js';
import type { OutputDescription } from '../../contract/model-description.js';
import { markPng } from '../files/marker.js';
import type { Triple } from '../metrics/box.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { greyWindow, visibleExtents, type GreyWindow } from './grey.js';
import { drawLegend, type NamedLabel, type Volumes } from './legend.js';
import { FONT_SIZE, line, LINE, TEXT_COLOUR, widthOf } from './lettering.js';
import { dataUrl, greyPixels, paintFilled, paintOutlines, type Colour, type Pixels } from './panel-pixels.js';
import { anatomicalPlanes, type Plane } from './plane.js';
import { flagsOf, rasterOf, selectedPerSlice, type Raster } from './slice.js';

export interface Overlay {
  /** [C, D, H, W] or [D, H, W]; normalised or not. */
  readonly image: FloatTensor;
  /** Which channel is shown; default the first. */
  readonly channel?: number;
  /** [D, H, W]. */
  readonly truth?: LabelTensor;
  /** [D, H, W], values as in `labels`. */
  readonly prediction: LabelTensor;
  /**
   * Labels of the output: a label with the value 0 is the background and not drawn; later labels are drawn over earlier
   * ones.
   */
  readonly labels: OutputDescription['labels'];
  /** [D, H, W] in mm. */
  readonly spacing: readonly number[];
  /** Directions of the file's x, y and z axes (`Geometry.orientation`); without it the sides have no letters. */
  readonly orientation?: string;
  readonly title: string;
}

/** What all parts of the picture share. */
interface Scene extends Volumes {
  readonly image: Float32Array;
  readonly grey: GreyWindow;
  readonly shape: Triple;
  readonly perMm: number;
  readonly orientation: string | undefined;
}

/** A plane with the slice that is shown. */
interface View {
  readonly plane: Plane;
  readonly slice: number;
  readonly raster: Raster;
}

/** A column of the picture: what it shows of each view, over the image in grey. */
interface Column {
  readonly heading: string;
  readonly paint: (pixels: Pixels, raster: Raster) => void;
  readonly scaleBar?: boolean;
}

const GAP = 8;
/** The approximate length of a panel's longest side in pixels. */
const PANEL = 340;
/** The maximum length of a panel's side, however anisotropic the voxels are; smaller voxels then share a pixel. */
const LARGEST_PANEL = 2048;

const FAINT_COLOUR = '#8c8c8c';

/**
 * The colours of Okabe and Ito (2008), distinguishable with all common kinds of colour vision,
 * in an order in which neighbours also differ in lightness; without black.
 */
const OKABE_ITO: readonly Colour[] = [
  [86, 180, 233],
  [240, 228, 66],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [230, 159, 0],
  [0, 114, 178],
];

/** Returns the colour of the n-th foreground label, from 0. Colours repeat after seven. */
export function colourOf(position: number): Colour {
  return OKABE_ITO[position % OKABE_ITO.length]!;
}

function channelOf({ image, channel = 0, prediction }: Overlay): Float32Array {
  const voxels = prediction.data.length;
  const data = image.data.subarray(channel * voxels, (channel + 1) * voxels);
  if (data.length !== voxels)
    throw new RangeError(`image ${image.shape.join()} has no channel ${channel} of the labels' size`);
  return data;
}

function shownLabels(labels: Overlay['labels']): NamedLabel[] {
  return labels
    .filter(({ values }) => !values.includes(0))
    .map(({ name, values }, index) => ({ name, selected: flagsOf(values), colour: colourOf(index) }));
}

/**
 * Pixels per millimetre: an integer number of pixels for the smallest side of a voxel, so that all voxels are equally
 * large, unless that is too large.
 */
export function pixelsPerMm(extents: readonly (readonly [number, number])[], spacing: Triple): number {
  const finest = Math.min(...spacing);
  const longest = Math.max(...extents.map(([first, end], axis) => (end - first) * spacing[axis]!));
  const whole = Math.max(1, Math.round((PANEL * finest) / longest)) / finest;
  return Math.min(whole, LARGEST_PANEL / longest);
}

/**
 * The slice with the largest cross-section of all foreground labels of the truth, else of the prediction, else the
 * middle one.
 */
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

/** The largest of 1, 2, 5, 10, 20, ... (and of 0.5, 0.2, ...) that is not above a positive limit. */
export function roundLength(limit: number): number {
  const power = Math.floor(Math.log10(limit));
  const candidates = [10, 5, 2, 1, 0.5].map((digit) => Number(`${digit}e${power}`));
  return candidates.find((length) => length <= limit) ?? limit;
}

/** Text over a picture at (x, y) of its baseline, with a dark rim that keeps it legible on any grey. */
function lineOver(content: string, x: number, y: number, anchor: 'start' | 'middle' | 'end'): Markup {
  return markup`<text x="${x}" y="${y}" fill="#fff" text-anchor="${anchor}" class="over">${content}</text>`;
}

/** `R`, `L`, ... at the sides of a panel. */
function edgesOf({ orientation }: Scene, { plane, raster: { width, height } }: View): Markup[] {
  if (orientation === undefined) return [];
  const [left, right, top, bottom] = plane.edges;
  const [centre, middle] = [width / 2, height / 2 + FONT_SIZE / 3];
  return [
    lineOver(left, 5, middle, 'start'),
    lineOver(right, width - 5, middle, 'end'),
    lineOver(top, centre, FONT_SIZE + 1, 'middle'),
    lineOver(bottom, centre, height - 6, 'middle'),
  ];
}

/** A bar of a round length in the lower left corner. */
function scaleBarOf({ perMm }: Scene, { raster: { width, height } }: View): Markup {
  const length = roundLength((width * 0.4) / perMm);
  const bar = markup`<rect x="8" y="${height - 11}" width="${Math.round(length * perMm)}" height="3" fill="#fff" stroke="#000" stroke-width="2" paint-order="stroke"/>`;
  return markup`${bar}${lineOver(`${length} mm`, 8, height - 18, 'start')}`;
}

function columnsOf({ labels, truth, prediction }: Scene): Column[] {
  return [
    { heading: 'image', paint: () => undefined, scaleBar: true },
    ...(truth === undefined
      ? []
      : [
          {
            heading: 'truth (outline)',
            paint: (pixels: Pixels, raster: Raster) => paintOutlines(pixels, raster, truth, labels),
          },
        ]),
    { heading: 'prediction (filled)', paint: (pixels, raster) => paintFilled(pixels, raster, prediction, labels) },
  ];
}

function panelOf(scene: Scene, column: Column, view: View): Markup {
  const { raster } = view;
  const pixels = greyPixels(raster, scene.image, scene.grey);
  column.paint(pixels, raster);
  return markup`
    <image width="${raster.width}" height="${raster.height}" href="${dataUrl(pixels)}"/>
    ${column.scaleBar && scaleBarOf(scene, view)}${edgesOf(scene, view)}`;
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

/** Draws the picture that `writeOverlay` writes, as SVG; the pixels of its panels are embedded. */
export function drawOverlay(overlay: Overlay): string {
  const { scene, extents } = sceneOf(overlay);
  const views = slicesToShow(scene, extents);
  const columns = columnsOf(scene);
  const legend = drawLegend(scene);
  const column = Math.ceil(
    Math.max(...views.map(({ raster }) => raster.width), ...columns.map(({ heading }) => widthOf(heading))) + GAP,
  );
  const width = GAP + Math.ceil(Math.max(columns.length * column, legend.width + GAP));
  const parts = [line(fitText(overlay.title, width - 2 * GAP, FONT_SIZE), GAP, LINE, '#fff')];
  columns.forEach(({ heading }, index) => parts.push(line(heading, GAP + index * column, 2 * LINE, TEXT_COLOUR)));
  let y = 2 * LINE;
  for (const view of views) {
    const { plane, slice, raster } = view;
    const caption = `${plane.name}, slice ${slice} (of 0 to ${scene.shape[plane.axis]! - 1})`;
    parts.push(line(caption, GAP, y + LINE, FAINT_COLOUR));
    y += LINE + GAP;
    columns.forEach((each, index) =>
      parts.push(markup`<g transform="translate(${GAP + index * column} ${y})">${panelOf(scene, each, view)}</g>`),
    );
    y += raster.height;
  }
  parts.push(markup`<g transform="translate(${GAP} ${y + 2 * GAP})">${legend.parts}</g>`);
  const height = y + 3 * GAP + scene.labels.length * LINE;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${fontFamily}" font-size="${FONT_SIZE}">
    <style>image { image-rendering: optimizeSpeed } .over { stroke: #000; stroke-width: 3px; stroke-linejoin: round; paint-order: stroke }</style>
    <rect width="${width}" height="${height}"/>${parts}</svg>`.source;
}

/**
 * Writes a PNG of a case: axial, coronal and sagittal slices through the largest cross-section of the tumour, in rows;
 * the image alone, with the truth as outlines, and with the prediction as filled, translucent areas, in columns; below,
 * the labels with their colours and volumes. Laid out as radiologists look at it (`anatomicalPlanes`), cropped to what
 * is not background, voxels enlarged to their size in mm without interpolation.
 * @throws UserError UNET6058 where it cannot be written
 */
export async function writeOverlay(overlay: Overlay, file: string): Promise<void> {
  await writeFileAtomic(file, markPng(await renderPng(drawOverlay(overlay), 1)));
}
