import { z } from 'zod';
import type { CaseFacts } from './case-facts.js';
import { sameSpacing } from './grid.js';
import { usualOrientation, usualSpacing } from './usual-geometry.js';
import { measuredSchema } from './preparation.js';
import type { Dataset, Identification } from './types.js';

const spacing = z.number().positive();
const digests = z.record(z.string(), z.string());

/** The data a network was trained on, as `run.json` and exported weights record it. */
export const trainingDataSchema = z.strictObject({
  /** The data set's name. */
  name: z.string(),
  /** Its folder on the machine that trained, absolute; null in an imported run. */
  directory: z.string().nullable(),
  /** Names of the channels, in file order. */
  channels: z.array(z.string()).min(1),
  /** Values of the label files with their names, in increasing order. */
  labels: z.array(z.strictObject({ name: z.string(), value: z.int().min(0).max(254) })),
  /** [D, H, W] of most training cases, and whether others differ. */
  spacing: z.strictObject({ value: z.tuple([spacing, spacing, spacing]), mixed: z.boolean() }),
  /** Directions of the x, y, z axes (`RAS`) of most training cases, and whether others differ. */
  orientation: z.strictObject({ value: z.string(), mixed: z.boolean() }),
  /** What the protocol takes from the training cases; absent if that is nothing. */
  measured: measuredSchema.optional(),
  /** SHA-256 of each case's image (`imageDigest`), by case id. */
  images: z.strictObject({ train: digests, validation: digests }),
});
export type TrainingData = z.infer<typeof trainingDataSchema>;

/** By identifier input: the source of its values, and which of them were trained. Part of the network. */
export const trainedIdentifiersSchema = z.record(
  z.string(),
  z.strictObject({
    source: z.enum(['column', 'hash_case', 'none']),
    /** The values of a column, by index; empty for other sources. */
    names: z.array(z.string()),
    /** Indices that occurred in a training case, in increasing order; -1 if some training case had no value. */
    trained: z.array(z.int().min(-1)),
  }),
);
export type TrainedIdentifiers = z.infer<typeof trainedIdentifiersSchema>;

function digestsOf(cases: readonly CaseFacts[]): Record<string, string> {
  return Object.fromEntries(cases.map(({ id, image }) => [id, image]));
}

/**
 * Records the data of a training.
 * @param train facts of the training cases, at least one
 */
export function recordTrainingData(
  { name, dir, modalities, labels }: Pick<Dataset, 'name' | 'dir' | 'modalities' | 'labels'>,
  train: readonly CaseFacts[],
  validation: readonly CaseFacts[],
): TrainingData {
  const usual = { spacing: usualSpacing(train), orientation: usualOrientation(train) };
  return {
    name,
    directory: dir,
    channels: [...modalities],
    labels: labels.map((label) => ({ ...label })),
    spacing: { value: usual.spacing, mixed: !train.every((each) => sameSpacing(each.spacing, usual.spacing)) },
    orientation: {
      value: usual.orientation,
      mixed: !train.every(({ orientation }) => orientation === usual.orientation),
    },
    images: { train: digestsOf(train), validation: digestsOf(validation) },
  };
}

/** Records the identifiers of a training and which of their values its cases have. */
export function recordIdentifiers({ inputs }: Identification, train: readonly string[]): TrainedIdentifiers {
  const entries = Object.entries(inputs).map(
    ([input, { source, names, byCase }]): [string, TrainedIdentifiers[string]] => {
      const trained = [...new Set(train.map((id) => byCase[id] ?? -1))].sort((a, b) => a - b);
      return [input, { source, names: [...names], trained }];
    },
  );
  return Object.fromEntries(entries);
}
