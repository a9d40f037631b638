import { scaleLinear, scaleSqrt } from 'd3-scale';
import { CALIBRATION_BINS, expectedCalibrationError, type Bins } from '../../../metrics/calibration.js';
import { markup, type Markup } from '../../../../text/markup.js';
import { figure } from '../../../../text/page/page.js';
import type { ReportRow, StudyReport } from '../report.js';
import { horizontalAxis, verticalAxis } from './axis.js';
import { chart } from './chart.js';
import type { Drawing } from './standalone-chart.js';

const WIDTHS = { narrow: 164, wide: 320 };

/** A bin with voxels: means of confidence and accuracy, and its share of all voxels. */
interface BinPoint {
  readonly confidence: number;
  readonly accuracy: number;
  readonly share: number;
}

function pointsOf({ count, confidence, correct }: Bins): readonly BinPoint[] {
  const total = count.reduce((sum, value) => sum + value, 0);
  return count.flatMap((voxels, bin) =>
    voxels === 0
      ? []
      : [{ confidence: confidence[bin]! / voxels, accuracy: correct[bin]! / voxels, share: voxels / total }],
  );
}

function eceText(bins: Bins): string {
  return expectedCalibrationError(bins)?.toFixed(3) ?? '–';
}

function draw({ kind }: ReportRow, bins: Bins, width: number): Drawing {
  const narrow = width === WIDTHS.narrow;
  const room = { left: 32, right: width - 8, top: 8, bottom: width - 32 };
  const x = scaleLinear([0, 1], [room.left, room.right]);
  const y = scaleLinear([0, 1], [room.bottom, room.top]);
  const radius = scaleSqrt([0, 1], [2.5, narrow ? 7 : 11]);
  const ticks = narrow ? [0, 0.5, 1] : [0, 0.2, 0.4, 0.6, 0.8, 1];
  const format = (value: number): string => String(value);
  const points = pointsOf(bins);
  const gaps = points.map(
    ({ confidence, accuracy }) =>
      markup`<line class="interval ${kind}" x1="${x(confidence)}" x2="${x(confidence)}" y1="${y(confidence)}" y2="${y(accuracy)}"/>`,
  );
  const marks = points.map(
    ({ confidence, accuracy, share }) =>
      markup`<circle class="mark ${kind}" cx="${x(confidence)}" cy="${y(accuracy)}" r="${radius(share)}"><title>confidence ${confidence.toFixed(3)}, accuracy ${accuracy.toFixed(3)}, ${(100 * share).toFixed(1)} % of voxels</title></circle>`,
  );
  return {
    height: room.bottom + (narrow ? 22 : 42),
    body: markup`${verticalAxis({ scale: y, ticks, format }, room)}${horizontalAxis({ scale: x, ticks, format }, room, narrow ? undefined : 'confidence')}<line class="reference" x1="${x(0)}" x2="${x(1)}" y1="${y(0)}" y2="${y(1)}"/>${gaps}${marks}`,
  };
}

function panelOf(row: ReportRow): Markup | undefined {
  const { calibration, variant } = row;
  if (calibration === undefined) return undefined;
  const { foreground, all } = calibration;
  const points = pointsOf(foreground);
  if (points.length === 0) return undefined;
  const label = `Reliability diagram of ${variant}: ${points.map(({ confidence, accuracy }) => `accuracy ${accuracy.toFixed(3)} at confidence ${confidence.toFixed(3)}`).join(', ')}.`;
  return markup`<div class="panel"><h4>${variant}</h4>${chart(label, (width) => draw(row, foreground, width), WIDTHS)}<p>ECE ${eceText(foreground)} over foreground, ${eceText(all)} over all voxels</p></div>`;
}

/** Accuracy against confidence for each network; undefined unless the protocol asks for calibration. */
export function reliabilityPlot({ rows }: StudyReport): Markup | undefined {
  const panels = rows.map(panelOf).filter((panel) => panel !== undefined);
  if (panels.length === 0) return undefined;
  const caption = markup`Accuracy (upwards) against confidence in ${String(CALIBRATION_BINS)} bins of equal width, over the voxels of all test cases that are foreground in the truth or the prediction, all runs together; the area of a point grows with its share of voxels. Points below the dashed diagonal are overconfident. ECE, the expected calibration error (Guo et al. 2017), is the mean length of the lines to the diagonal, weighted by voxels.`;
  return figure(markup`<div class="panels">${panels}</div>`, caption);
}
