import type { CaseFacts } from '../case-facts.js';
import { sameSpacing, spacingText } from '../grid.js';
import { usualOrientation, usualSpacing } from '../usual-geometry.js';
import { counted } from '../../../text/count.js';
import { type Caution, someNames, warning } from './caution.js';
import { allFacts, type CautionSubject } from './subject.js';

const resample = 'Patches are measured in voxels, so resample the images to a common spacing.';
const reorient = 'Reorient the images consistently; otherwise the network sees some of them mirrored or rotated.';

function idsOf(cases: readonly CaseFacts[]): string[] {
  return cases.map(({ id }) => id);
}

/** A data set with several spacings or orientations. */
function mixedCautions(cases: readonly CaseFacts[]): Caution[] {
  if (cases.length === 0) return [];
  const [spacing, orientation] = [usualSpacing(cases), usualOrientation(cases)];
  const otherSpacing = cases.filter((each) => !sameSpacing(each.spacing, spacing));
  const otherOrientation = cases.filter((each) => each.orientation !== orientation);
  const of = `${counted(cases.length, 'case')}`;
  return [
    ...(otherSpacing.length === 0
      ? []
      : [
          warning(
            'UNET6037',
            `The spacing is mixed: ${otherSpacing.length} of ${of} do not have the usual ${spacingText(spacing)} (D x H x W): ${someNames(idsOf(otherSpacing))}.`,
            resample,
            idsOf(otherSpacing),
          ),
        ]),
    ...(otherOrientation.length === 0
      ? []
      : [
          warning(
            'UNET6038',
            `The orientation is mixed: ${otherOrientation.length} of ${of} are not oriented ${orientation} like the others: ${someNames(idsOf(otherOrientation))}.`,
            reorient,
            idsOf(otherOrientation),
          ),
        ]),
  ];
}

/** A network whose training cases had several spacings or orientations. */
function mixedTraining({ trainedOn }: CautionSubject): Caution[] {
  if (trainedOn === null) return [];
  const { spacing, orientation } = trainedOn;
  return [
    ...(spacing.mixed
      ? [
          warning(
            'UNET6037',
            `The network was trained on cases of mixed spacing (most of them ${spacingText(spacing.value)}, D x H x W).`,
            resample,
          ),
        ]
      : []),
    ...(orientation.mixed
      ? [
          warning(
            'UNET6038',
            `The network was trained on cases of mixed orientation (most of them ${orientation.value}).`,
            reorient,
          ),
        ]
      : []),
  ];
}

/** Cases whose geometry differs from that of the training. */
function differingCautions({ trainedOn, applied }: CautionSubject): Caution[] {
  if (trainedOn === null) return [];
  const { spacing, orientation } = trainedOn;
  const otherSpacing = applied.filter((each) => !sameSpacing(each.spacing, spacing.value));
  const otherOrientation = applied.filter((each) => each.orientation !== orientation.value);
  const [first, turned] = [otherSpacing[0], otherOrientation[0]];
  return [
    ...(first === undefined
      ? []
      : [
          warning(
            'UNET6034',
            `The spacing of ${someNames(idsOf(otherSpacing))} (${spacingText(first.spacing)}, D x H x W) differs from that of the training cases (${spacingText(spacing.value)}).`,
            'Resample the images to the spacing that the network was trained on.',
            idsOf(otherSpacing),
          ),
        ]),
    ...(turned === undefined
      ? []
      : [
          warning(
            'UNET6035',
            `The orientation of ${someNames(idsOf(otherOrientation))} (${turned.orientation}) differs from that of the training cases (${orientation.value}).`,
            'Reorient the images like the training cases; the network sees them mirrored or rotated.',
            idsOf(otherOrientation),
          ),
        ]),
  ];
}

/** Spacings and orientations that differ within a data set, or from those of the training. */
export function geometryCautions(subject: CautionSubject): Caution[] {
  if (subject.use === 'train' || subject.trainedOn === null) return mixedCautions(allFacts(subject));
  return [...mixedTraining(subject), ...differingCautions(subject)];
}
