import type { ReportProtocol } from '../../contract/protocol.js';
import type { FloatTensor, LabelTensor } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import type { Triple } from './box.js';
import { calibrate, type Calibration } from './calibration.js';
import { hausdorff95, surfaceDistances } from './hausdorff.js';
import { labelMap, unionRows, type LabelMap, type LabelScheme } from './label-map.js';
import { DEFAULT_REPORT, furtherScores, measureMasks } from './measures.js';
import { imageDiagonal, overlapScores, type Counts, type Scores } from './scores.js';

/** The input for computing the overlap of a prediction with the truth. */
export interface OverlapInput {
  /** The case's id. */
  readonly case: string;
  /** [D, H, W] (or [H, W]), with values as returned by `decide`. */
  readonly prediction: LabelTensor;
  /** Same shape and values: class indices, or the data set's values for regions. */
  readonly truth: LabelTensor;
  /** The predicted output. */
  readonly output: LabelScheme;
}

export interface CaseInput extends OverlapInput {
  /** [labels, D, H, W]; without them the case is not part of the calibration error. */
  readonly probabilities?: FloatTensor;
  /** Size of a voxel per axis, in mm. */
  readonly spacing: readonly number[];
  /** Measures and unions to add; defaults to none. */
  readonly report?: ReportProtocol;
}

/** One class (or region) of one case, without surface distances. */
export interface OverlapRow extends Omit<Scores, 'hd95'>, Counts {
  readonly case: string;
  readonly class: string;
}

/** One class, region or union of one case. */
export interface MetricRow extends OverlapRow, Scores {
  /** The scores that the report adds (`furtherScores`); absent if it adds none. */
  readonly further?: Readonly<Record<string, number | null>>;
}

export interface CaseEvaluation {
  readonly case: string;
  readonly rows: readonly MetricRow[];
  /** One for each union of classes of the report. */
  readonly regions: readonly MetricRow[];
  /** Names of the confusion's rows and columns. */
  readonly classes: readonly string[];
  /** Voxels, [truth][prediction]. */
  readonly confusion: readonly (readonly number[])[];
  readonly calibration?: Calibration;
}

function checkShapes({ case: id, prediction, truth }: OverlapInput): void {
  if (prediction.shape.join() === truth.shape.join()) return;
  throw new UserError(
    'UNET6082',
    `Case \`${id}\`: The label has ${truth.shape.join(' x ')} voxels, but the prediction has ${prediction.shape.join(' x ')}.`,
    'The volumes must have the same grid: predict from the image that the label belongs to.',
  );
}

function checkCompanions({ truth, probabilities, spacing, output }: CaseInput): void {
  const wanted = [output.labels.length, ...truth.shape].join();
  if (probabilities !== undefined && probabilities.shape.join() !== wanted)
    throw new RangeError(`probabilities ${probabilities.shape.join()} where ${wanted} is expected`);
  if (spacing.length !== truth.shape.length || truth.shape.length > 3)
    throw new RangeError(`spacing ${spacing.join()} for a volume ${truth.shape.join()}`);
}

function refuseValue(
  id: string,
  which: string,
  volume: Uint8Array,
  cellOf: Int16Array,
  cells: readonly string[],
): never {
  const stray = volume.find((value) => cellOf[value] === -1);
  throw new UserError(
    'UNET6083',
    `Case \`${id}\`: The ${which} contains the value ${stray}, which is not one of the classes ${cells.map((name) => `\`${name}\``).join(', ')}.`,
    'The labels of the data set must match the classes of the network.',
  );
}

function countPairs({ case: id, prediction, truth }: OverlapInput, { cells, cellOf }: LabelMap): number[][] {
  const pairs = new Float64Array(256 * 256);
  for (let i = 0; i < truth.data.length; i++) pairs[truth.data[i]! * 256 + prediction.data[i]!]! += 1;
  const confusion = cells.map(() => cells.map(() => 0));
  pairs.forEach((count, pair) => {
    if (count === 0) return;
    const row = cellOf[pair >> 8]!;
    const column = cellOf[pair & 255]!;
    if (row < 0) refuseValue(id, 'label', truth.data, cellOf, cells);
    if (column < 0) refuseValue(id, 'prediction', prediction.data, cellOf, cells);
    confusion[row]![column]! += count;
  });
  return confusion;
}

/** Counts of a class or region from the confusion of cells: a cell belongs to it if any of its values does. */
function countsOf(selected: Uint8Array, confusion: readonly (readonly number[])[], { cellOf }: LabelMap): Counts {
  const within = new Set<number>();
  selected.forEach((chosen, value) => {
    if (chosen === 1) within.add(cellOf[value]!);
  });
  const counts = { tp: 0, fp: 0, fn: 0, tn: 0 };
  confusion.forEach((row, actual) =>
    row.forEach((count, predicted) => {
      const hit = within.has(predicted);
      counts[within.has(actual) ? (hit ? 'tp' : 'fn') : hit ? 'fp' : 'tn'] += count;
    }),
  );
  return counts;
}

/**
 * A volume as [D, H, W]: one of two axes, and one with an axis of one voxel, as one slice. The values of `spacing` move
 * with the axes.
 */
function asTriples(shape: readonly number[], spacing: readonly number[]): readonly [Triple, Triple] {
  const axes = shape.map((_, axis) => axis);
  const flat = shape.length === 3 ? shape.indexOf(1) : -1;
  const order = flat === -1 ? axes : [flat, ...axes.filter((axis) => axis !== flat)];
  const triple = (values: readonly number[]): Triple => {
    const [d, h, w] = [1, 1, ...order.map((axis) => values[axis]!)].slice(-3);
    return [d!, h!, w!];
  };
  return [triple(shape), triple(spacing)];
}

/** The row of a class with its distances and the report's further scores. */
function measure(input: CaseInput, row: OverlapRow, selected: Uint8Array): MetricRow {
  const { truth, prediction, report = DEFAULT_REPORT } = input;
  const { tp, fp, fn } = row;
  const [shape, spacing] = asTriples(truth.shape, input.spacing);
  const worst = imageDiagonal(truth.shape, input.spacing);
  const surfaces =
    tp + fp === 0 || tp + fn === 0
      ? undefined
      : surfaceDistances(truth.data, prediction.data, shape, selected, spacing);
  const hd95 = tp + fp + fn === 0 ? null : surfaces === undefined ? worst : hausdorff95(surfaces);
  if (furtherScores(report).length === 0) return { ...row, hd95 };
  const masks = {
    truth: truth.data,
    prediction: prediction.data,
    shape,
    spacing,
    selected,
    counts: row,
    surfaces,
    worst,
  };
  return { ...row, hd95, further: measureMasks(report, masks) };
}

interface Overlap {
  readonly map: LabelMap;
  readonly confusion: readonly (readonly number[])[];
  readonly rows: readonly OverlapRow[];
}

function rowOf(
  { case: id }: OverlapInput,
  { name, selected }: LabelMap['rows'][number],
  confusion: Overlap['confusion'],
  map: LabelMap,
): OverlapRow {
  const counts = countsOf(selected, confusion, map);
  return { case: id, class: name, ...overlapScores(counts), ...counts };
}

function countOverlap(input: OverlapInput): Overlap {
  checkShapes(input);
  const map = labelMap(input.output);
  const confusion = countPairs(input, map);
  const rows = map.rows.map((row) => rowOf(input, row, confusion, map));
  return { map, confusion, rows };
}

/**
 * The rows of `evaluateCase` without surface distances, which take most of its time; for validation during training.
 * @throws UserError UNET6082 for another shape, UNET6083 for a value outside the classes
 */
export function evaluateOverlap(input: OverlapInput): readonly OverlapRow[] {
  return countOverlap(input).rows;
}

/**
 * Compares a prediction with the truth, class by class (or region by region), under `METRIC_POLICY`.
 * @throws UserError UNET6082 for another shape, UNET6083 for a value outside the classes
 */
export function evaluateCase(input: CaseInput): CaseEvaluation {
  const { map, confusion, rows } = countOverlap(input);
  checkCompanions(input);
  const { probabilities, truth, output } = input;
  const calibration = probabilities && calibrate(probabilities.data, truth.data, output);
  const unions = unionRows(output, input.report ?? DEFAULT_REPORT);
  return {
    case: input.case,
    rows: rows.map((row, index) => measure(input, row, map.rows[index]!.selected)),
    regions: unions.map((union) => measure(input, rowOf(input, union, confusion, map), union.selected)),
    classes: map.cells,
    confusion,
    ...(calibration && { calibration }),
  };
}
