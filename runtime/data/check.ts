import { join } from 'node:path';
import { UserError } from '../errors/user-error.js';
import { readCaseTable } from './case-table.js';
import { openDataset } from './dataset.js';
import { unitName } from './affine.js';
import { imagePlace, labelPlace, readCaseImage, readImageDigest } from './case-files.js';
import { checkFloat32, checkLabelValues, countNonFinite, countValues, isConstant, roundLabels } from './decode.js';
import { float32Loss } from './float32.js';
import { sameSpacing, spacingText } from './grid.js';
import { groupBy } from './group-by.js';
import { checkLabelGeometry } from './label-geometry.js';
import { didYouMean, listNames } from './names.js';
import { type NiftiImage, readNifti } from './nifti.js';
import type { NiftiHeader } from './nifti-header.js';
import { type Place, at, errorAt } from './place.js';
import type { DataCase, Dataset, Geometry, LayoutName } from './types.js';
import { usualOrientation, usualSpacing } from './usual-geometry.js';

/** Intensities of one channel of one case; range and mean are over its finite nonzero voxels. */
export interface ChannelReport {
  readonly modality: string;
  /** Null if no voxel is both finite and nonzero. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly mean: number | null;
  /** The fraction of voxels that are not 0. */
  readonly nonzero: number;
  readonly nan: number;
  readonly infinite: number;
}

/** The findings for one case; a part that could not be read is null. */
export interface CaseReport {
  readonly id: string;
  /** [D, H, W] in voxels. */
  readonly shape: readonly number[] | null;
  /** [D, H, W] in millimetres. */
  readonly spacing: Geometry['spacing'] | null;
  /** The unit of length that the image's header states; `unknown` is taken to be millimetres. */
  readonly unit: ReturnType<typeof unitName> | null;
  /** Directions of the file's x, y, z axes. */
  readonly orientation: string | null;
  readonly stored: string | null;
  readonly channels: readonly ChannelReport[] | null;
  /** Every class of the data set with its voxel count. */
  readonly classes: readonly { readonly name: string; readonly value: number; readonly voxels: number }[] | null;
}

/** An error (the case cannot be used) or a warning. */
export interface DataProblem {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly caseId: string | null;
  readonly message: string;
  readonly help: string | null;
}

/** The result of `unet data check`, as plain data. */
export interface CheckReport {
  readonly dir: string;
  readonly name: string;
  readonly layout: LayoutName;
  /** Other layouts that the folder matches; `layout` precedes them. */
  readonly alsoMatches: readonly LayoutName[];
  /** What is assumed because the files do not state it, as sentences. */
  readonly assumptions: readonly string[];
  readonly modalities: readonly string[];
  readonly cases: readonly CaseReport[];
  readonly problems: readonly DataProblem[];
  readonly summary: { readonly cases: number; readonly errors: number; readonly warnings: number };
}

/** Called after each case. */
export type CheckProgress = (done: number, of: number, caseId: string) => void;

type Report = (problem: DataProblem) => void;

function problemOf(error: UserError, caseId: string | null): DataProblem {
  return { severity: 'error', code: error.code, caseId, message: error.message, help: error.help ?? null };
}

function warning(code: string, caseId: string | null, message: string, help: string): DataProblem {
  return { severity: 'warning', code, caseId, message, help };
}

/** Runs a check; errors in the user's data are reported, and the check continues. */
async function attempt<T>(caseId: string, report: Report, run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report(problemOf(error, caseId));
    return undefined;
  }
}

function channelReport(data: NiftiImage['data'], from: number, to: number, modality: string): ChannelReport {
  let [minimum, maximum, sum, used, nonzero] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = from; i < to; i++) {
    const value = data[i] as number;
    if (value === 0) continue;
    nonzero++;
    if (!Number.isFinite(value)) continue;
    used++;
    sum += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  const range = used === 0 ? { minimum: null, maximum: null, mean: null } : { minimum, maximum, mean: sum / used };
  return { modality, ...range, nonzero: nonzero / (to - from), ...countNonFinite(data, from, to) };
}

function judgeChannels(each: DataCase, channels: readonly ChannelReport[], report: Report): void {
  for (const { modality, nan, infinite, minimum, maximum } of channels) {
    if (nan + infinite > 0) {
      const fault = `has ${nan} NaN and ${infinite} infinite voxels in channel \`${modality}\``;
      const help = 'Replace them (with 0 outside the head), or remove the case.';
      report(problemOf(errorAt(imagePlace(each), 'UNET6013', fault, help), each.id));
    } else if (minimum === null || maximum === null || isConstant({ minimum, maximum })) {
      const { message } = errorAt(
        imagePlace(each),
        'UNET6028',
        `has the same value everywhere in channel \`${modality}\``,
      );
      report(warning('UNET6028', each.id, message, 'Check that the channel was exported.'));
    }
  }
}

function reportHeader(place: Place, header: NiftiHeader, report: Report): void {
  for (const { code, fault, help } of header.warnings) {
    report(warning(code, place.caseId ?? null, `${at(place)} ${fault}.`, help));
  }
}

/** Reports channels whose values are indistinguishable in float32, in which the network computes. */
async function judgePrecision(place: Place, { data, header }: NiftiImage, names: readonly string[], report: Report) {
  const caseId = place.caseId ?? '';
  const size = data.length / header.channels;
  for (const [channel, name] of names.slice(0, header.channels).entries()) {
    const [from, to] = [channel * size, (channel + 1) * size];
    await attempt(caseId, report, () => checkFloat32(place, data, from, to, name));
    if (float32Loss(data, from, to)?.imprecise !== true) continue;
    const fault = `has differences between voxels that float32 cannot represent (channel \`${name}\`)`;
    report(
      warning('UNET6128', caseId, `${at(place)} ${fault}.`, 'Subtract a constant so that fewer digits are needed.'),
    );
  }
}

async function checkImage(dataset: Dataset, each: DataCase, report: Report) {
  const place = imagePlace(each);
  const image = await attempt(each.id, report, () => readCaseImage(dataset, each));
  if (image === undefined) return undefined;
  const size = image.data.length / image.header.channels;
  const channels = Array.from({ length: image.header.channels }, (_, k) =>
    channelReport(image.data, k * size, (k + 1) * size, dataset.modalities[k] ?? `channel ${k}`),
  );
  judgeChannels(each, channels, report);
  reportHeader(place, image.header, report);
  await judgePrecision(place, image, dataset.modalities, report);
  return { header: image.header, channels };
}

async function checkLabel(dataset: Dataset, each: DataCase, image: NiftiImage['header'] | undefined, report: Report) {
  const place = labelPlace(each);
  const label = place === undefined ? undefined : await attempt(each.id, report, () => readNifti(place));
  if (place === undefined || label === undefined) return null;
  if (image !== undefined) await attempt(each.id, report, () => checkLabelGeometry(place, label.header, image));
  reportHeader(place, label.header, report);
  const counts = countValues(roundLabels(label.data));
  await attempt(each.id, report, () => checkLabelValues(place, counts, dataset.labels, dataset.ignore));
  const classes = dataset.labels.map(({ name, value }) => ({
    name,
    value,
    voxels: counts.find(([counted]) => counted === value)?.[1] ?? 0,
  }));
  if (classes.every(({ value, voxels }) => value === 0 || voxels === 0)) {
    const { message } = errorAt(place, 'UNET6028', 'has no foreground');
    report(
      warning('UNET6028', each.id, message, 'The case trains only the background; remove it if that is not intended.'),
    );
  }
  return classes;
}

async function checkCase(dataset: Dataset, each: DataCase, report: Report): Promise<CaseReport> {
  const image = await checkImage(dataset, each, report);
  const classes = await checkLabel(dataset, each, image?.header, report);
  const geometry = image?.header.geometry;
  return {
    id: each.id,
    shape: geometry?.shape ?? null,
    spacing: geometry?.spacing ?? null,
    unit: geometry === undefined ? null : unitName(geometry.header.units),
    orientation: geometry?.orientation ?? null,
    stored: image?.header.element ?? null,
    channels: image?.channels ?? null,
    classes,
  };
}

type ReadCase = CaseReport & { readonly spacing: Geometry['spacing']; readonly orientation: string };

function wasRead(each: CaseReport): each is ReadCase {
  return each.spacing !== null && each.orientation !== null;
}

/**
 * Warns of cases whose spacing or orientation is not the most common one of the set: a patch covers a different extent
 * there.
 */
function compareGeometry(cases: readonly CaseReport[], report: Report): void {
  const read = cases.filter(wasRead);
  if (read.length === 0) return;
  const [spacing, orientation] = [usualSpacing(read), usualOrientation(read)];
  for (const each of read) {
    if (!sameSpacing(each.spacing, spacing)) {
      const message = `Case \`${each.id}\` has a voxel size of ${spacingText(each.spacing)} mm (D x H x W); most cases have ${spacingText(spacing)} mm.`;
      report(warning('UNET6029', each.id, message, 'Resample the cases to a common voxel size.'));
    }
    if (each.orientation !== orientation) {
      const message = `Case \`${each.id}\` has the orientation ${each.orientation}; most cases have ${orientation}.`;
      report(warning('UNET6029', each.id, message, 'Reorient the cases so that all have the same axes.'));
    }
  }
}

/** Warns of classes that do not occur in any label. */
function findAbsent(dataset: Dataset, cases: readonly CaseReport[], report: Report): void {
  const labelled = cases.filter(({ id }) => dataset.cases.some((each) => each.id === id));
  if (labelled.length === 0 || labelled.some(({ classes }) => classes === null)) return;
  const present = labelled.flatMap(({ classes }) => (classes ?? []).filter(({ voxels }) => voxels > 0));
  const absent = dataset.labels.filter(({ value }) => !present.some((each) => each.value === value));
  if (absent.length === 0) return;
  const message = `No case contains ${listNames(absent.map(({ name }) => name))}.`;
  report(warning('UNET6044', null, message, 'Add cases that contain it, or remove it from `labels`.'));
}

/** Reports cases that list the same label file. */
function findSharedLabels(dataset: Dataset, report: Report): void {
  for (const group of groupBy(dataset.cases, ({ label }) => label).values()) {
    if (group.length === 1) continue;
    const ids = group.map(({ id }) => id);
    const error = new UserError(
      'UNET6032',
      `Cases ${listNames(ids)} list the same label file.`,
      'Give each case the label of its own image.',
    );
    report(problemOf(error, ids[1]!));
  }
}

/** Images that are byte-for-byte equal under two ids could be in training and validation at once. */
async function findCopies(all: readonly DataCase[], readable: ReadonlySet<string>, report: Report): Promise<void> {
  const seen = new Map<string, string>();
  for (const each of all) {
    if (!readable.has(each.id)) continue;
    const key = await readImageDigest(each);
    const twin = seen.get(key);
    if (twin === undefined) seen.set(key, each.id);
    else {
      const message = `Cases \`${twin}\` and \`${each.id}\` have the same image.`;
      report(
        problemOf(
          new UserError(
            'UNET6021',
            message,
            'Remove one of them; otherwise the same image could be used for training and validation.',
          ),
          each.id,
        ),
      );
    }
  }
}

async function checkTable(dataset: Dataset, report: Report): Promise<void> {
  if (dataset.layout === 'csv') return;
  const file = join(dataset.dir, 'cases.csv');
  const table = await readCaseTable(file);
  if (table === undefined) return;
  const ids = [...dataset.cases, ...dataset.unlabelled].map(({ id }) => id);
  for (const id of table.rows.keys()) {
    if (ids.includes(id)) continue;
    const message = `\`${file}\` has a row for \`${id}\`, which is not a case of the data set.`;
    report(warning('UNET6015', null, message, didYouMean(id, ids, 'Remove the row.')));
  }
  for (const id of ids) {
    if (table.rows.has(id)) continue;
    const message = `\`${file}\` has no row for case \`${id}\`.`;
    report(warning('UNET6015', id, message, 'Add a row; without it, the identifiers of the case are unknown.'));
  }
}

/**
 * Reads every file of a data set, one case in memory at a time, and reports its contents and all errors.
 * @param dir the data set's folder, or a CSV of paths
 * @throws UserError only if there is nothing to check: UNET6001, UNET6002, UNET6015, UNET6187
 */
export async function checkDataset(dir: string, onProgress?: CheckProgress): Promise<CheckReport> {
  const problems: DataProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const dataset = await openDataset(dir, (error) => report(problemOf(error, null)));
  const all = [...dataset.cases, ...dataset.unlabelled];
  const cases: CaseReport[] = [];
  for (const [position, each] of all.entries()) {
    cases.push(await checkCase(dataset, each, report));
    onProgress?.(position + 1, all.length, each.id);
  }
  if (dataset.cases.length === 0) {
    report(problemOf(new UserError('UNET6002', `\`${dataset.dir}\` does not list any labelled cases.`), null));
  }
  compareGeometry(cases, report);
  findAbsent(dataset, cases, report);
  findSharedLabels(dataset, report);
  await findCopies(all, new Set(cases.filter(({ shape }) => shape !== null).map(({ id }) => id)), report);
  await checkTable(dataset, report);
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const summary = { cases: all.length, errors, warnings: problems.length - errors };
  const { layout, alsoMatches, assumptions, name, modalities } = dataset;
  return { dir: dataset.dir, name, layout, alsoMatches, assumptions, modalities, cases, problems, summary };
}
