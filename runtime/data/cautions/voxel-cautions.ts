import type { Normalization } from '../../../contract/protocol.js';
import { counted } from '../../../text/count.js';
import type { CaseFacts } from '../case-facts.js';
import type { VoxelFacts } from '../voxel-facts.js';
import { isConstant } from '../decode.js';
import type { ChannelStatistics } from '../voxel-facts.js';
import { listNames } from '../names.js';
import { type NormalizedChannel, normalizedChannels } from '../preparation.js';
import { type Caution, someNames, warning } from './caution.js';
import { allFacts, type CautionSubject } from './subject.js';

type KnownFacts = CaseFacts & { readonly voxels: VoxelFacts };

function known(cases: readonly CaseFacts[]): KnownFacts[] {
  return cases.filter((each): each is KnownFacts => each.voxels !== undefined);
}

/** The channels that the network uses, without duplicates, in file order. */
function usedChannels({ normalize, description, matching }: CautionSubject): NormalizedChannel[] {
  const channels = normalizedChannels(normalize, description, matching);
  const distinct = new Map(channels.map((each) => [each.channel, each]));
  return [...distinct.values()].sort((a, b) => a.channel - b.channel);
}

/** One caution for each channel of the network, about the cases that fail a check. */
function channelCautions(
  subject: CautionSubject,
  fails: (statistics: ChannelStatistics, word: Normalization) => boolean,
  make: (channel: string, cases: readonly string[], word: Normalization) => Caution,
): Caution[] {
  const cases = known(allFacts(subject));
  return usedChannels(subject).flatMap(({ channel, word }) => {
    const failing = cases.filter(({ voxels }) => {
      const statistics = voxels.statistics[channel];
      return statistics !== undefined && fails(statistics, word);
    });
    if (failing.length === 0) return [];
    const ids = failing.map(({ id }) => id);
    return [make(subject.dataset.modalities[channel] ?? `${channel}`, ids, word)];
  });
}

/** Zero is an ordinary value if there are negative values, as in CT, where it is water. */
function negativeCautions(subject: CautionSubject): Caution[] {
  return channelCautions(
    subject,
    ({ all }, word) => all.minimum < 0 && normalizedOver(word) === 'nonzero',
    (channel, ids) =>
      warning(
        'UNET6045',
        `The channel \`${channel}\` has negative values in ${counted(ids.length, 'case')} (${someNames(ids)}), and \`zscore(nonzero)\` treats every voxel with the value 0 as background.`,
        'Normalise with `ct` or `zscore(all)`; in CT, 0 HU is water.',
        ids,
      ),
  );
}

/** The voxels that normalisation uses. */
function normalizedOver(word: Normalization): keyof ChannelStatistics {
  return word.kind === 'zscore' ? word.over : 'all';
}

function constantCautions(subject: CautionSubject): Caution[] {
  return channelCautions(
    subject,
    (statistics, word) => isConstant(statistics[normalizedOver(word)]),
    (channel, ids, word) =>
      warning(
        'UNET6046',
        `The channel \`${channel}\` has the same value in every voxel${normalizedOver(word) === 'nonzero' ? ' that is not 0' : ''} in ${counted(ids.length, 'case')} (${someNames(ids)}), so it carries no information there.`,
        'Check that the channel was exported, or remove the cases.',
        ids,
      ),
  );
}

/** Names of the network's labels that do not occur in any of some cases. */
function absentLabels({ description, matching }: CautionSubject, cases: readonly KnownFacts[]): string[] {
  const present = new Set(cases.flatMap(({ voxels }) => voxels.labelCounts.map(([value]) => value)));
  return description.outputs.flatMap(({ kind, labels }) =>
    labels
      .filter(({ values }, index) => {
        const written = kind === 'classes' ? [matching.values[index] ?? 0] : values;
        return !written.some((value) => present.has(value));
      })
      .map(({ name }) => name),
  );
}

/** Classes that are trained or scored without an example. Silent unless every case is known. */
function absentCautions(subject: CautionSubject): Caution[] {
  const { use, training, applied } = subject;
  if (use === 'predict') return [];
  const cases = use === 'train' ? training : applied;
  const decoded = known(cases);
  if (cases.length === 0 || decoded.length < cases.length) return [];
  const absent = [...new Set(absentLabels(subject, decoded))];
  if (absent.length === 0) return [];
  const [message, help] =
    use === 'train'
      ? [
          `No training case contains ${listNames(absent)}, so the network cannot learn it.`,
          'Train on cases that contain it, or remove it from the spec.',
        ]
      : [
          `No scored case contains ${listNames(absent)}, so the scores do not show how well it is segmented.`,
          'Score cases that contain it.',
        ];
  return [warning('UNET6044', message, help)];
}

/** Cautions that need voxels. Cases that have not been decoded are skipped. */
export function voxelCautions(subject: CautionSubject): Caution[] {
  return [...absentCautions(subject), ...negativeCautions(subject), ...constantCautions(subject)];
}
