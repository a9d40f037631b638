import type { ModelDescription } from '../../../contract/model-description.js';
import { counted } from '../../../text/count.js';
import { groupBy } from '../group-by.js';
import { listNames } from '../names.js';
import type { TrainedIdentifiers } from '../training-data.js';
import type { Identification } from '../types.js';
import { type Caution, someNames, warning } from './caution.js';
import { type CautionSubject, verbOf } from './subject.js';

/** The reason why the weights that an identifier selects for a case are untrained. */
export type UntrainedReason =
  /** The value is known, but no training case had it. */
  | 'untrained'
  /** The value is unknown to the network: the weights for cases without a value are used. */
  | 'unknown'
  /** The case has no value, and every training case had one: the weights for cases without a value are untrained. */
  | 'missing';

/** A case to which a network applies identifier weights that its training did not change. */
export interface UntrainedCase {
  readonly id: string;
  /** The identifier input. */
  readonly input: string;
  readonly reason: UntrainedReason;
  /** The value in `cases.csv`, `''` for none. */
  readonly value: string;
}

/** Whether a network uses an identifier: a variant may declare an input without using it. */
function isUsed({ inputs }: Pick<ModelDescription, 'inputs'>, input: string): boolean {
  return inputs.some(({ name, unused }) => name === input && unused !== true);
}

/**
 * The given cases to which a network applies untrained identifier weights.
 * @param identifiers of the training (`recordIdentifiers`)
 */
export function untrainedCases(
  description: Pick<ModelDescription, 'inputs'>,
  { inputs }: Identification,
  identifiers: TrainedIdentifiers,
  ids: readonly string[],
): UntrainedCase[] {
  return Object.entries(inputs).flatMap(([input, { byCase, written }]) => {
    const trained = identifiers[input]?.trained;
    if (trained === undefined || !isUsed(description, input)) return [];
    return ids.flatMap((id): UntrainedCase[] => {
      const index = byCase[id] ?? -1;
      const value = written[id] ?? '';
      if (index < 0 && value !== '') return [{ id, input, reason: 'unknown', value }];
      if (trained.includes(index)) return [];
      return [{ id, input, reason: index < 0 ? 'missing' : 'untrained', value }];
    });
  });
}

/** The end of a message and the help. */
function describe(reason: UntrainedReason, input: string, values: string, trained: string): [string, string] {
  const remedy = `Give each case a value of \`${input}\` that was trained on (${trained}), in \`cases.csv\` or for a single image with \`--identifier ${input}=VALUE\`.`;
  switch (reason) {
    case 'untrained':
      return [
        `a value of the identifier \`${input}\` that no training case has (${values}), so untrained weights are used`,
        `Split the cases so that every value of \`${input}\` occurs in training, or train without the identifier.`,
      ];
    case 'unknown':
      return [
        `a value of the identifier \`${input}\` that the network does not know (${values}), so the weights for cases without a value are used`,
        remedy,
      ];
    case 'missing':
      return [
        `no value of the identifier \`${input}\`, so its default weights are used, which are untrained because every training case has a value`,
        remedy,
      ];
  }
}

const codes: Readonly<Record<UntrainedReason, string>> = {
  unknown: 'UNET6040',
  untrained: 'UNET6041',
  missing: 'UNET6042',
};

function untrainedCautions(subject: CautionSubject): Caution[] {
  const { description, identification, identifiers, applied } = subject;
  const ids = applied.map(({ id }) => id);
  const found = untrainedCases(description, identification, identifiers, ids);
  return [...groupBy(found, ({ input, reason }) => `${input} ${reason}`).values()].map((group) => {
    const { input, reason } = group[0]!;
    const { names, trained } = identifiers[input]!;
    const values = [...new Set(group.map(({ value }) => value))];
    const trainedNames = trained.flatMap((index) => names[index] ?? []);
    const [what, help] = describe(reason, input, listNames(values), listNames(trainedNames) || 'none has a name');
    const concerned = group.map(({ id }) => id);
    return warning(codes[reason], `${countText(concerned, ids, subject)} ${what}.`, help, concerned);
  });
}

/** ``Case `a` has``, or ``2 of 3 cases held out (`a`, `b`) have``. */
function countText(concerned: readonly string[], all: readonly string[], subject: CautionSubject): string {
  if (all.length === 1) return `Case ${listNames(all)} has`;
  const have = concerned.length === 1 ? 'has' : 'have';
  return `${concerned.length} of ${counted(all.length, 'case')} ${verbOf(subject)} (${someNames(concerned)}) ${have}`;
}

/** Identifiers that carry no information in a training. */
function uninformative({ use, identification, description }: CautionSubject): Caution[] {
  if (use !== 'train') return [];
  return Object.entries(identification.inputs).flatMap(([input, { source }]) => {
    if (source === 'column' || !isUsed(description, input)) return [];
    const what = source === 'none' ? 'has no source, so it has no value for any case' : 'is a hash of the case id';
    return [
      warning(
        'UNET6043',
        `The identifier \`${input}\` ${what}; it carries no information.`,
        'Set a column of `cases.csv` in `identify` of the protocol, or train without the identifier.',
      ),
    ];
  });
}

/** A table without a row for any of the cases. */
function unusedTable({ dataset }: CautionSubject): Caution[] {
  const all = [...dataset.cases, ...dataset.unlabelled];
  if (dataset.columns.length === 0 || all.some(({ columns }) => Object.keys(columns).length > 0)) return [];
  return [
    warning(
      'UNET6039',
      `No row of \`cases.csv\` in \`${dataset.dir}\` names a case of the data set, so no case has a value of ${listNames(dataset.columns)}.`,
      'The column `case` must contain the names of the image files without `.nii.gz`.',
    ),
  ];
}

/** Problems with the values of identifiers. */
export function identifierCautions(subject: CautionSubject): Caution[] {
  return [...unusedTable(subject), ...uninformative(subject), ...untrainedCautions(subject)];
}
