import { z } from 'zod';
import { UserError } from '../errors/user-error.js';
import { checkJson, parseJson, type FaultError } from '../files/read-json.js';

const positive = z.number().positive();
const nonNegative = z.number().nonnegative();
const count = z.int().positive();
const names = z.array(z.string().min(1));

const dataSchema = z.strictObject({ kind: z.literal('msd'), name: z.string() }).nullable();

const splitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('kfold'), folds: z.int().min(2), seed: z.int() }),
  z.strictObject({ kind: z.literal('cases'), train: names, validation: names }),
]);

const patchSchema = z.strictObject({
  kind: z.literal('random'),
  size: z.array(count).min(1),
  foreground: z.strictObject({ draws: count, above: z.int().nonnegative() }).nullable(),
});

const normalizeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('zscore'), over: z.enum(['nonzero', 'all']) }),
  z.strictObject({ kind: z.literal('none') }),
]);

const augmentSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('flip'), axes: names }),
  z.strictObject({ kind: z.literal('scale'), from: z.number(), to: z.number() }),
  z.strictObject({ kind: z.literal('shift'), from: z.number(), to: z.number() }),
  z.strictObject({ kind: z.literal('noise'), deviation: nonNegative }),
]);

const lossSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dice'),
    weight: z.number(),
    smooth: nonNegative,
    classes: z.enum(['foreground', 'all']),
  }),
  z.strictObject({ kind: z.literal('cross_entropy'), weight: z.number() }),
]);

const optimizerSchema = z.strictObject({
  kind: z.literal('adamw'),
  lr: nonNegative,
  beta1: z.number().min(0).lt(1),
  beta2: z.number().min(0).lt(1),
  epsilon: positive,
  weightDecay: nonNegative,
  clipNorm: positive.nullable(),
});

const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  z.strictObject({ kind: z.literal('cosine'), to: nonNegative }),
  z.strictObject({ kind: z.literal('poly'), power: positive }),
]);

const lengthSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('epochs'), epochs: count }),
  z.strictObject({ kind: z.literal('steps'), steps: count }),
]);

const validateSchema = z.strictObject({
  kind: z.literal('sliding_window'),
  overlap: z.number().min(0).lt(1),
  blend: z.enum(['gaussian', 'constant']),
  /** In epochs, and after the last one; null: never. */
  every: count.nullable(),
});

const selectSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('last') }),
  z.strictObject({ kind: z.literal('best'), metric: z.literal('mean_dice') }),
]);

const identifySchema = z.strictObject({
  input: z.string(),
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('column'), name: z.string() }),
    z.strictObject({ kind: z.literal('hash_case') }),
  ]),
});

/**
 * The form of a run folder's `protocol.json`: every value explicit, nothing unknown. Same type as the compiler's
 * `Protocol` (a test holds the two together); the meaning of each field is told there.
 */
export const protocolSchema = z.strictObject({
  name: z.string(),
  data: dataSchema,
  split: splitSchema,
  patch: patchSchema,
  normalize: normalizeSchema,
  augment: z.array(augmentSchema),
  loss: z.array(lossSchema),
  deep: z.enum(['halving', 'equal']),
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  length: lengthSchema,
  batch: count,
  validate: validateSchema,
  select: selectSchema,
  identify: z.array(identifySchema),
});

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** A training protocol as plain data. */
export type Protocol = DeepReadonly<z.infer<typeof protocolSchema>>;
/** How case ids are divided into training and validation. */
export type SplitProtocol = Protocol['split'];
/** How training patches are drawn. */
export type PatchProtocol = Protocol['patch'];
/** How intensities are normalised, per channel. */
export type Normalization = Protocol['normalize'];
/** One step of augmentation. */
export type Augmentation = Protocol['augment'][number];
/** Where an identifier input's value comes from. */
export type IdentifierSource = Protocol['identify'][number]['source'];

/**
 * Reads a protocol.
 * @param json the file's text, or what was parsed from it
 * @param path where it came from, for the message
 * @throws UserError UNET6019 that names the first wrong field
 */
export function parseProtocol(json: unknown, path: string): Protocol {
  const errorOf: FaultError = ({ fault, help }) =>
    new UserError(
      'UNET6019',
      `The training protocol \`${path}\` ${fault}.`,
      help ?? 'Restore the file from a copy, or start the run again in another folder.',
    );
  return checkJson(protocolSchema, typeof json === 'string' ? parseJson(json, errorOf) : json, errorOf);
}
