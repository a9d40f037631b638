import { isDeepStrictEqual } from 'node:util';
import { entryWords } from '../../contract/protocol-words.js';
import type { ReportProtocol } from '../../contract/protocol.js';
import { averageSurfaceDistance } from './assd.js';
import type { Triple } from './box.js';
import { elementDistances } from './element-distances.js';
import type { SurfaceDistances } from './hausdorff.js';
import { LESION_SETTINGS, lesionScores, type LesionChallenge } from './lesions.js';
import { surfaceDice } from './nsd.js';
import { SCORE_NAMES, type Counts } from './scores.js';
import { volumesOf } from './volumes.js';

/** A score by its name in files. */
export interface Measure {
  readonly id: string;
  /** For headings, without the unit. */
  readonly name: string;
  readonly unit: 'mm' | 'ml' | '';
  /** Which values are better; counts and volumes as such are neither. */
  readonly better: 'higher' | 'lower' | 'neither';
}

type ReportItem = ReportProtocol[number];

/** What is reported by default. */
export const DEFAULT_REPORT: ReportProtocol = entryWords.report.default;

const NAMES: Readonly<Record<string, Omit<Measure, 'id'>>> = {
  dice: { name: 'Dice', unit: '', better: 'higher' },
  iou: { name: 'IoU', unit: '', better: 'higher' },
  sensitivity: { name: 'sensitivity', unit: '', better: 'higher' },
  specificity: { name: 'specificity', unit: '', better: 'higher' },
  precision: { name: 'precision', unit: '', better: 'higher' },
  hd95: { name: 'HD95', unit: 'mm', better: 'lower' },
  assd: { name: 'ASSD', unit: 'mm', better: 'lower' },
  lesion_dice: { name: 'lesion Dice', unit: '', better: 'higher' },
  lesion_hd95: { name: 'lesion HD95', unit: 'mm', better: 'lower' },
  lesions_counted: { name: 'lesions', unit: '', better: 'neither' },
  lesions_missed: { name: 'missed', unit: '', better: 'neither' },
  lesions_false: { name: 'false', unit: '', better: 'neither' },
  volume_predicted: { name: 'predicted', unit: 'ml', better: 'neither' },
  volume_reference: { name: 'reference', unit: 'ml', better: 'neither' },
  volume_difference: { name: 'volume difference', unit: 'ml', better: 'neither' },
  volume_error: { name: 'volume error', unit: 'ml', better: 'lower' },
};

/** The measure with a name as in files, such as `nsd_1mm`. */
export function measureOf(id: string): Measure {
  const [, tolerance] = /^nsd_(.+)mm$/.exec(id) ?? [];
  if (tolerance !== undefined) return { id, name: `NSD ${tolerance} mm`, unit: '', better: 'higher' };
  if (!Object.hasOwn(NAMES, id)) throw new RangeError(`unknown measure ${id}`);
  return { id, ...NAMES[id]! };
}

/** A measure as a heading with its unit. */
export function headingOf(id: string): string {
  const { name, unit } = measureOf(id);
  return unit === '' ? name : `${name} (${unit})`;
}

/** The scores that an item of a report adds to those that are always computed. */
function scoresOf(item: ReportItem): readonly string[] {
  switch (item.kind) {
    case 'nsd':
      return [`nsd_${item.tolerance}mm`];
    case 'assd':
      return ['assd'];
    case 'lesions':
      return ['lesion_dice', 'lesion_hd95', 'lesions_counted', 'lesions_missed', 'lesions_false'];
    case 'volume':
      return ['volume_predicted', 'volume_reference', 'volume_difference', 'volume_error'];
    default:
      return [];
  }
}

/** The names of the scores that a report adds, in its order. */
export function furtherScores(report: ReportProtocol): readonly string[] {
  return report.flatMap(scoresOf);
}

/** The scores that a report shows of those that are always computed, in their own order; Dice always. */
export function shownScores(report: ReportProtocol): readonly (typeof SCORE_NAMES)[number][] {
  return SCORE_NAMES.filter((name) => name === 'dice' || report.some(({ kind }) => kind === name));
}

/** Whether a report asks for the reliability diagram. */
export function showsCalibration(report: ReportProtocol): boolean {
  return report.some(({ kind }) => kind === 'calibration');
}

/** Whether the scores for one report contain everything that another needs. */
export function covers(had: ReportProtocol, wanted: ReportProtocol): boolean {
  const scores = furtherScores(had);
  const challengeOf = (report: ReportProtocol): unknown => report.find(({ kind }) => kind === 'lesions');
  const lesions = challengeOf(wanted);
  return (
    furtherScores(wanted).every((id) => scores.includes(id)) &&
    (lesions === undefined || isDeepStrictEqual(lesions, challengeOf(had))) &&
    unionsIn(wanted).every((union) => unionsIn(had).some((each) => isDeepStrictEqual(each, union)))
  );
}

/** The unions of classes that a report names. */
export function unionsIn(
  report: ReportProtocol,
): readonly { readonly name: string; readonly classes: readonly string[] }[] {
  return report.flatMap((item) => (item.kind === 'regions' ? item.unions : []));
}

/** The masks of one class of one case. */
export interface MeasuredMasks {
  readonly truth: Uint8Array;
  readonly prediction: Uint8Array;
  /** [D, H, W]; one slice is `[1, H, W]`. */
  readonly shape: Triple;
  readonly spacing: Triple;
  readonly selected: Uint8Array;
  readonly counts: Counts;
  /** Undefined where a mask is empty. */
  readonly surfaces: SurfaceDistances | undefined;
  /** The distance that a missed or falsely predicted class counts as, in mm. */
  readonly worst: number;
}

/**
 * The further scores of a report for one class of one case, in the order of `furtherScores`, under `MEASURE_POLICY`;
 * null where undefined.
 */
export function measureMasks(report: ReportProtocol, masks: MeasuredMasks): Readonly<Record<string, number | null>> {
  const { truth, prediction, shape, spacing, selected, counts, surfaces, worst } = masks;
  const isAbsent = counts.tp + counts.fp + counts.fn === 0;
  const elements =
    surfaces !== undefined && report.some(({ kind }) => kind === 'nsd')
      ? elementDistances(truth, prediction, shape, selected, spacing)
      : undefined;
  const lesionsOf = (challenge: LesionChallenge): number[] => {
    const found = lesionScores(truth, prediction, shape, selected, spacing, LESION_SETTINGS[challenge]);
    return [found.dice, found.hd95, found.counted, found.missed, found.falsePositives];
  };
  const valuesOf = (item: ReportItem): (number | null)[] => {
    switch (item.kind) {
      case 'nsd':
        return [isAbsent ? null : elements === undefined ? 0 : surfaceDice(elements, item.tolerance)];
      case 'assd':
        return [isAbsent ? null : surfaces === undefined ? worst : averageSurfaceDistance(surfaces)];
      case 'lesions':
        return lesionsOf(item.challenge);
      case 'volume': {
        const { predicted, reference, difference } = volumesOf(counts, spacing);
        return [predicted, reference, difference, Math.abs(difference)];
      }
      default:
        return [];
    }
  };
  const values = report.flatMap(valuesOf);
  return Object.fromEntries(furtherScores(report).map((id, index) => [id, values[index]!]));
}
