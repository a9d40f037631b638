import { boundingBox, boxShape, cropMask, type Box, type Triple } from './box.js';
import { connectedComponents, dilate } from '../inference/components.js';
import { elementDistances, elementPercentile } from './element-distances.js';

/** The constants of a challenge's lesion-wise scores. */
export interface LesionSettings {
  /** How often lesions are dilated before they are grouped and matched, in voxels. */
  readonly dilation: number;
  /** Lesions of the reference of at most this volume are not counted, in mm3. */
  readonly threshold: number;
}

/** The constants of the challenges of BraTS 2023: adult glioma (GLI), meningioma (MEN), metastases (MET). */
export const LESION_SETTINGS = {
  gli: { dilation: 3, threshold: 50 },
  men: { dilation: 1, threshold: 50 },
  met: { dilation: 1, threshold: 2 },
} as const satisfies Readonly<Record<string, LesionSettings>>;

export type LesionChallenge = keyof typeof LESION_SETTINGS;

/** What BraTS counts as the HD95 of a lesion that was missed or falsely detected, in mm. */
export const MISSED_LESION_HD95 = 374;

export interface LesionScores {
  readonly dice: number;
  /** mm */
  readonly hd95: number;
  /** Lesions of the reference above the threshold. */
  readonly counted: number;
  /** Those without a matching component of the prediction. */
  readonly missed: number;
  /** Components of the prediction that match no lesion. */
  readonly falsePositives: number;
}

/** 1 for the value 1 alone. */
const ONE = Uint8Array.from({ length: 256 }, (_, value) => (value === 1 ? 1 : 0));

/** A box with a margin on every side, within the array. */
function widened({ start, end }: Box, shape: Triple, margin: number): Box {
  const low = start.map((value) => Math.max(0, value - margin));
  const high = end.map((value, axis) => Math.min(shape[axis]!, value + margin));
  return { start: [low[0]!, low[1]!, low[2]!], end: [high[0]!, high[1]!, high[2]!] };
}

/** The bounding box of each component, from index 1. */
function boxesOf(labels: Int32Array, count: number, [depth, height, width]: Triple): readonly Box[] {
  const low = Array.from({ length: count + 1 }, (): [number, number, number] => [depth, height, width]);
  const high = Array.from({ length: count + 1 }, (): [number, number, number] => [0, 0, 0]);
  let at = 0;
  for (let z = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const label = labels[at++]!;
        if (label === 0) continue;
        [z, y, x].forEach((value, axis) => {
          if (value < low[label]![axis]!) low[label]![axis] = value;
          if (value >= high[label]![axis]!) high[label]![axis] = value + 1;
        });
      }
  return low.map((start, label) => ({ start, end: high[label]! }));
}

function union(boxes: readonly Box[]): Box {
  const start = [0, 1, 2].map((axis) => Math.min(...boxes.map((box) => box.start[axis]!)));
  const end = [0, 1, 2].map((axis) => Math.max(...boxes.map((box) => box.end[axis]!)));
  return { start: [start[0]!, start[1]!, start[2]!], end: [end[0]!, end[1]!, end[2]!] };
}

/** The part of a labelled volume within a box, 1 where the label is one of those wanted. */
function cropLabels(labels: Int32Array, [, height, width]: Triple, box: Box, wanted: ReadonlySet<number>): Uint8Array {
  const [d, h, w] = boxShape(box);
  const mask = new Uint8Array(d * h * w);
  let to = 0;
  for (let z = box.start[0]; z < box.end[0]; z++)
    for (let y = box.start[1]; y < box.end[1]; y++)
      for (let x = box.start[2]; x < box.end[2]; x++)
        mask[to++] = wanted.has(labels[(z * height + y) * width + x]!) ? 1 : 0;
  return mask;
}

interface Scene {
  readonly shape: Triple;
  readonly spacing: Triple;
  readonly isFlat: boolean;
  /** The lesion of each voxel of the reference, from 1. */
  readonly lesions: Int32Array;
  readonly lesionBoxes: readonly Box[];
  /** The component of each voxel of the prediction, from 1. */
  readonly predicted: Int32Array;
  readonly predictedBoxes: readonly Box[];
}

/** The components of the prediction that a lesion touches once it is dilated. */
function matchesOf({ shape, lesions, lesionBoxes, predicted }: Scene, lesion: number, dilation: number): Set<number> {
  const box = widened(lesionBoxes[lesion]!, shape, dilation);
  const grown = dilate(cropLabels(lesions, shape, box, new Set([lesion])), boxShape(box), dilation);
  const found = new Set<number>();
  let at = 0;
  for (let z = box.start[0]; z < box.end[0]; z++)
    for (let y = box.start[1]; y < box.end[1]; y++)
      for (let x = box.start[2]; x < box.end[2]; x++)
        if (grown[at++] === 1) found.add(predicted[(z * shape[1] + y) * shape[2] + x]!);
  found.delete(0);
  return found;
}

/** Dice and HD95 between a lesion and the union of its matching components. */
function compare(scene: Scene, lesion: number, matches: ReadonlySet<number>): { dice: number; hd95: number } {
  const { shape, spacing, isFlat, lesions, lesionBoxes, predicted, predictedBoxes } = scene;
  const box = union([lesionBoxes[lesion]!, ...[...matches].map((match) => predictedBoxes[match]!)]);
  const truth = cropLabels(lesions, shape, box, new Set([lesion]));
  const prediction = cropLabels(predicted, shape, box, matches);
  let [both, either] = [0, 0];
  truth.forEach((inside, voxel) => {
    both += inside & prediction[voxel]!;
    either += inside + prediction[voxel]!;
  });
  const distances = elementDistances(truth, prediction, boxShape(box), ONE, spacing, isFlat);
  return { dice: (2 * both) / either, hd95: elementPercentile(distances!, 95) };
}

/**
 * The lesion-wise Dice and HD95 of BraTS 2023 (Moawad et al. 2023, arXiv:2306.00838). Voxels of the reference form a
 * lesion if they belong to one 26-connected component of the reference dilated by its 18-neighbourhood. A lesion
 * matches the 26-connected components of the prediction that touch it after it is dilated in the same way; its scores
 * compare it with all of them. A lesion without a match, and a component that matches no lesion, count as Dice 0 and
 * HD95 374 mm. Scores are sums over counted lesions and false positives, divided by their number; 1 and 0 if there are
 * none. HD95 is DeepMind's (`elementPercentile`).
 * @param truth and `prediction`: values of [D, H, W]
 * @param selected 256 entries, 1 for the values that belong to the mask
 * @param spacing [D, H, W] in mm
 */
export function lesionScores(
  truth: Uint8Array,
  prediction: Uint8Array,
  shape: Triple,
  selected: Uint8Array,
  spacing: Triple,
  { dilation, threshold }: LesionSettings,
): LesionScores {
  const whole = boundingBox([truth, prediction], shape, selected);
  if (whole === undefined) return { dice: 1, hd95: 0, counted: 0, missed: 0, falsePositives: 0 };
  const box = widened(whole, shape, dilation);
  const size = boxShape(box);
  const reference = cropMask(truth, shape, box, selected);
  const groups = connectedComponents(dilate(reference, size, dilation), size);
  const lesions = groups.labels.map((label, voxel) => (reference[voxel] === 1 ? label : 0));
  const components = connectedComponents(cropMask(prediction, shape, box, selected), size);
  const scene: Scene = {
    shape: size,
    spacing,
    isFlat: shape[0] === 1,
    lesions,
    lesionBoxes: boxesOf(lesions, groups.count, size),
    predicted: components.labels,
    predictedBoxes: boxesOf(components.labels, components.count, size),
  };
  const voxels = new Float64Array(groups.count + 1);
  for (const lesion of lesions) voxels[lesion]! += 1;
  const voxel = spacing[0] * spacing[1] * spacing[2];
  const matched = new Set<number>();
  let [dice, hd95, counted, missed] = [0, 0, 0, 0];
  for (let lesion = 1; lesion <= groups.count; lesion++) {
    const matches = matchesOf(scene, lesion, dilation);
    matches.forEach((match) => matched.add(match));
    if (voxels[lesion]! * voxel <= threshold) continue;
    counted++;
    if (matches.size === 0) missed++;
    const scores = matches.size === 0 ? { dice: 0, hd95: MISSED_LESION_HD95 } : compare(scene, lesion, matches);
    dice += scores.dice;
    hd95 += scores.hd95;
  }
  const falsePositives = components.count - matched.size;
  const number = counted + falsePositives;
  return {
    dice: number === 0 ? 1 : dice / number,
    hd95: number === 0 ? 0 : (hd95 + MISSED_LESION_HD95 * falsePositives) / number,
    counted,
    missed,
    falsePositives,
  };
}
