import { listNames } from '../names.js';
import type { TrainingData } from '../training-data.js';
import { type Caution, someNames, warning } from './caution.js';
import { allFacts, type CautionSubject } from './subject.js';

/** Differences between a data set's channels and labels and those of the training, as parts of a sentence. */
function differences({ channels, labels, name }: TrainingData, { dataset }: CautionSubject): string[] {
  const describe = (list: TrainingData['labels'] | CautionSubject['dataset']['labels']): string =>
    list.map((label) => `${label.value} \`${label.name}\``).join(', ');
  return [
    dataset.name === name ? '' : `it is \`${dataset.name}\`, not \`${name}\``,
    dataset.modalities.join('\n') === channels.join('\n')
      ? ''
      : `its channels are ${listNames(dataset.modalities)}, not ${listNames(channels)}`,
    describe(dataset.labels) === describe(labels)
      ? ''
      : `its labels are ${describe(dataset.labels)}, not ${describe(labels)}`,
  ].filter((difference) => difference !== '');
}

/** Cases that the run recorded with another image under the same id, in a data set of the same name. */
function changedCases({ images, name }: TrainingData, subject: CautionSubject): string[] {
  if (subject.dataset.name !== name) return [];
  const recorded = { ...images.train, ...images.validation };
  return allFacts(subject)
    .filter(({ id, image }) => Object.hasOwn(recorded, id) && recorded[id] !== image)
    .map(({ id }) => id);
}

/** A data set other than the one that a network was trained on. */
export function originCautions(subject: CautionSubject): Caution[] {
  const { trainedOn } = subject;
  if (trainedOn === null) return [];
  const differing = differences(trainedOn, subject);
  const changed = changedCases(trainedOn, subject);
  return [
    ...(differing.length === 0
      ? []
      : [
          warning(
            'UNET6036',
            `The data set \`${subject.dataset.dir}\` differs from the one the network was trained on: ${differing.join('; ')}.`,
            'Channels and labels are matched by name. Check that the names have the same meaning in both.',
          ),
        ]),
    ...(changed.length === 0
      ? []
      : [
          warning(
            'UNET6036',
            `The images of ${someNames(changed)} differ from the files that the run recorded for these ids.`,
            'Use the data set that the run was trained on, or check that the cases are the same.',
            changed,
          ),
        ]),
  ];
}
