import { counted } from '../../../text/count.js';
import type { CaseFacts } from '../case-facts.js';
import { groupBy } from '../group-by.js';
import { readNifti } from '../nifti.js';
import type { DataCase } from '../types.js';
import { type Caution, refusal, someNames, warning } from './caution.js';
import { allFacts, type CautionSubject } from './subject.js';

/** The training case that is identical to a case: the same image, or the same id in the same folder. */
function trainingTwin({ dataset, trainedOn }: CautionSubject, { id, image }: CaseFacts): string | undefined {
  if (trainedOn === null) return undefined;
  const { train } = trainedOn.images;
  const copy = Object.keys(train).find((trained) => train[trained] === image);
  if (copy !== undefined) return copy;
  return trainedOn.directory === dataset.dir && Object.hasOwn(train, id) ? id : undefined;
}

/** Cases that the network was trained on. */
function trainingCaseCautions(subject: CautionSubject): Caution[] {
  const pairs = subject.applied.flatMap((each) => {
    const twin = trainingTwin(subject, each);
    return twin === undefined ? [] : [{ id: each.id, twin }];
  });
  if (pairs.length === 0) return [];
  const names = pairs.map(({ id, twin }) => (id === twin ? `\`${id}\`` : `\`${id}\` (the image of \`${twin}\`)`));
  const ids = pairs.map(({ id }) => id);
  const list = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  const of = counted(subject.applied.length, 'case');
  if (subject.use === 'train') {
    const message = `${pairs.length} of ${of} held out have the same image as a training case: ${list}.`;
    return [warning('UNET6033', message, 'Their scores do not show how the network performs on new cases.', ids)];
  }
  if (subject.use === 'predict') {
    const message = `The network was trained on ${list}.`;
    return [warning('UNET6031', message, 'The mask does not show how the network performs on new cases.', ids)];
  }
  const message = `The network was trained on ${pairs.length} of ${of} to score: ${list}.`;
  return [refusal('training-cases', 'UNET6031', message, 'Score cases that were held out.', ids)];
}

/** Cases that list the same label file, whether they are trained on, scored or neither. */
function sharedPaths(all: readonly DataCase[], inUse: ReadonlySet<string>): string[][] {
  const byFile = groupBy(
    all.filter(({ label }) => label !== undefined),
    ({ label }) => label,
  );
  return [...byFile.values()]
    .map((group) => group.map(({ id }) => id))
    .filter((ids) => ids.length > 1 && ids.some((id) => inUse.has(id)));
}

/** Whether a label contains foreground: labels without foreground are equal without being shared. */
async function hasForeground({ id, label, voxels }: CaseFacts): Promise<boolean> {
  if (voxels !== undefined) return voxels.labelCounts.some(([value]) => value !== 0);
  const { data } = await readNifti({ file: label!.file, caseId: id });
  return data.some((value: number) => value !== 0);
}

/** Cases with different images whose label files are copies of each other. */
async function copiedLabels(cases: readonly CaseFacts[]): Promise<string[][]> {
  const labelled = cases.filter(({ label }) => label !== undefined);
  const groups: string[][] = [];
  for (const group of groupBy(labelled, ({ label }) => label!.sha256).values()) {
    const images = new Set(group.map(({ image }) => image));
    const files = new Set(group.map(({ label }) => label!.file));
    if (images.size > 1 && files.size > 1 && (await hasForeground(group[0]!))) groups.push(group.map(({ id }) => id));
  }
  return groups;
}

/** Cases that are scored or trained with the label of another case. */
async function sharedLabelCautions(subject: CautionSubject): Promise<Caution[]> {
  if (subject.use === 'predict') return [];
  const facts = allFacts(subject);
  const groups = [
    ...sharedPaths(subject.dataset.cases, new Set(facts.map(({ id }) => id))),
    ...(await copiedLabels(facts)),
  ];
  return groups.map((ids) =>
    refusal(
      'shared-labels',
      'UNET6032',
      `Cases ${someNames(ids)} have the same label, so at most one of them has the correct one.`,
      'Give each case the label of its own image in the data set.',
      ids,
    ),
  );
}

/**
 * Cases that should be separate but are not: scored and trained on, or two cases with the same label.
 * @throws UserError as `readNifti` for a label whose foreground must be checked
 */
export async function overlapCautions(subject: CautionSubject): Promise<Caution[]> {
  return [...trainingCaseCautions(subject), ...(await sharedLabelCautions(subject))];
}
