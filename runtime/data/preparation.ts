import { z } from 'zod';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Normalization, Protocol } from '../../contract/protocol.js';
import { UserError } from '../errors/user-error.js';
import { imageInputs } from './match.js';
import { listNames } from './names.js';
import type { ChannelNormalization, GridProtocol, Preparation, PreparationEntries } from './preparation-types.js';
import type { Dataset, Matching } from './types.js';

const millimetres = z.number().positive();

/** What a protocol takes from the training cases of a run: kept in `run.json` and in exported weights. */
export const measuredSchema = z.strictObject({
  /** The voxel size of `spacing: median`, [D, H, W] after `orient`; null for another `spacing`. */
  spacing: z.tuple([millimetres, millimetres, millimetres]).nullable(),
  /** The foreground of each channel with `ct`, by the network's name of the channel. */
  intensities: z.array(
    z.strictObject({ channel: z.string(), mean: z.number(), deviation: z.number(), low: z.number(), high: z.number() }),
  ),
});
export type Measured = z.infer<typeof measuredSchema>;

/** A channel of the network and of the file, and how it is normalised. */
export interface NormalizedChannel {
  readonly name: string;
  /** In file order. */
  readonly channel: number;
  readonly word: Normalization;
}

/**
 * How each of the network's channels is normalised.
 * @throws UserError UNET6132 if a list does not name exactly the channels of the network
 */
export function normalizedChannels(
  normalize: Protocol['normalize'],
  description: Pick<ModelDescription, 'inputs'>,
  matching: Pick<Matching, 'images'>,
): NormalizedChannel[] {
  const inputs = imageInputs(description);
  const channels = inputs.flatMap((input) =>
    input.channels.map((name, k) => {
      const channel = matching.images.find((image) => image.input === input.name)!.channels[k]!;
      return { name, channel };
    }),
  );
  if (!isList(normalize)) return channels.map((each) => ({ ...each, word: normalize }));
  const names = [...new Set(channels.map(({ name }) => name))];
  const given = normalize.map(({ channel }) => channel);
  const [missing, unknown] = [
    names.filter((name) => !given.includes(name)),
    given.filter((name) => !names.includes(name)),
  ];
  if (missing.length > 0 || unknown.length > 0) {
    const problems = [
      ...(missing.length > 0 ? [`does not contain ${listNames(missing)}`] : []),
      ...(unknown.length > 0 ? [`contains ${listNames(unknown)}`] : []),
    ];
    throw new UserError(
      'UNET6132',
      `The list of \`normalize\` ${problems.join(' and ')}, but the network has the channels ${listNames(names)}.`,
      'Give one word for each channel of the network, or one word for all.',
    );
  }
  return channels.map((each) => ({ ...each, word: normalize.find(({ channel }) => channel === each.name)!.word }));
}

function isList(normalize: Protocol['normalize']): normalize is Extract<Protocol['normalize'], readonly unknown[]> {
  return Array.isArray(normalize);
}

function missingMeasurement(what: string): UserError {
  return new UserError(
    'UNET6133',
    `The run does not contain ${what} of its training cases, which its protocol needs.`,
    'Import weights that `unet export` wrote, which contain it, or train the network again.',
  );
}

function known(word: Normalization, name: string, measured: Measured | undefined): ChannelNormalization {
  if (word.kind !== 'ct') return word;
  const found = measured?.intensities.find(({ channel }) => channel === name);
  if (found === undefined) throw missingMeasurement(`the intensities of \`${name}\``);
  const { mean, deviation, low, high } = found;
  return { kind: 'ct', mean, deviation, low, high };
}

/**
 * The spacing of a protocol, in millimetres if it changes.
 * @throws UserError UNET6133 if it is the median of unknown cases
 */
export function gridOfProtocol(
  { orient, spacing, resample }: Omit<PreparationEntries, 'normalize'>,
  measured: Pick<Measured, 'spacing'> | undefined,
): GridProtocol {
  if (spacing.kind !== 'median') return { orient, spacing, resample };
  if (measured?.spacing == null) throw missingMeasurement('the median spacing');
  return { orient, spacing: { kind: 'fixed', size: measured.spacing }, resample };
}

/**
 * How the cases of a data set are prepared for a network.
 * @param measured of the cases that it was trained on, if the protocol needs it
 * @throws UserError UNET6132 (channels of `normalize`), UNET6133 (nothing was measured)
 */
export function preparationOf(
  protocol: PreparationEntries,
  description: Pick<ModelDescription, 'inputs'>,
  matching: Pick<Matching, 'images'>,
  { modalities }: Pick<Dataset, 'modalities'>,
  measured: Measured | undefined,
): Preparation {
  const grid = gridOfProtocol(protocol, measured);
  const { normalize } = protocol;
  // One word is kept as it is, so that runs share prepared cases.
  if (!isList(normalize) && normalize.kind !== 'ct') return { ...grid, normalize };
  const channels = normalizedChannels(normalize, description, matching);
  const list = modalities.map((_, channel): ChannelNormalization => {
    const found = channels.find((each) => each.channel === channel);
    return found === undefined ? { kind: 'none' } : known(found.word, found.name, measured);
  });
  return { ...grid, normalize: list };
}

/** The normalisation of a channel of the file. */
export function normalizationOf(normalize: Preparation['normalize'], channel: number): ChannelNormalization {
  const list = normalize as readonly ChannelNormalization[];
  return Array.isArray(normalize) ? list[channel]! : (normalize as ChannelNormalization);
}
