import { z } from 'zod';
import { protocolSchema } from '../protocol/protocol-schema.js';
import { reportSchema } from './scores-file.js';

/** Versions of the formats of `study.json` and `protocol.json`; files of other versions are rejected. */
export const STUDY_FORMAT = 5;
export const PROTOCOL_FORMAT = 2;

const sizes = z.array(z.int().positive());

const rowSchema = z.strictObject({
  /** Unique in the study, as the table prints it: a model's name, or `without csa`. */
  name: z.string().min(1),
  /** Its folder below `variants` and `runs`: only letters, digits, `-` and `_`. */
  folder: z.string().regex(/^[A-Za-z0-9_-]+$/),
  kind: z.enum(['base', 'variant', 'rival']),
  /** The model it was lowered from. */
  model: z.string(),
  /** The difference from the base as written in a spec, such as `csa = off`; empty for the base and for rivals. */
  change: z.string(),
  knobs: z.array(z.strictObject({ name: z.string(), value: z.string(), changed: z.boolean() })),
  params: z.int().nonnegative(),
  /** Multiply-accumulates of one forward pass over a patch. */
  macs: z.number().nonnegative(),
  /** Estimated bytes of memory of one training process. */
  memory: z.number().nonnegative(),
  /** Spatial sizes of a training patch. */
  patch: sizes,
  /** Null for a row that follows the study's protocol; otherwise the reason why it does not, and the differences. */
  unmatched: z.strictObject({ reason: z.string(), differs: z.array(z.string()) }).nullable(),
  /** How the data that the network sees differs from what the base sees, in words; empty for the base. */
  inputs: z.array(z.string()),
  /** If a knob was solved for the base's cost: the knob, its value and the target. */
  equal: z
    .strictObject({ measure: z.enum(['params', 'macs']), knob: z.string(), value: z.int(), target: z.number() })
    .nullable(),
  /** Notes from the checks before training. */
  notes: z.array(z.string()),
  /** SHA-256 of the network's graph, which its `spec.unet` must compile to. */
  graph: z.string(),
  /** SHA-256 of `spec.unet` and `model.ts` in its folder below `variants`. */
  checksums: z.record(z.string(), z.string()),
});

/** A row of the table: an architecture, trained once for each seed and fold. */
export type StudyRow = z.infer<typeof rowSchema>;

/** `study.json`: the networks to compare, and the seeds and folds. `StudyProtocol` describes how they are trained. */
export const studyRecordSchema = z.strictObject({
  format: z.literal(STUDY_FORMAT),
  name: z.string(),
  /** The spec's path as the user gave it; informational only. */
  spec: z.string(),
  /** Folder of the data set, absolute. */
  data: z.string(),
  /** SHA-256 of `protocol.json`. */
  digest: z.string(),
  seeds: z.array(z.int().nonnegative()).min(1),
  folds: z.array(z.int().nonnegative()).min(1),
  /**
   * The protocol's `report`. It is not part of the digest, because measures do not affect training: jobs that were
   * scored without one of them are scored again, not trained.
   */
  report: reportSchema,
  /** Name of the row that the others are compared with; the first of `rows`. */
  base: z.string(),
  rows: z.array(rowSchema).min(1),
});
export type StudyRecord = z.infer<typeof studyRecordSchema>;

const fingerprintSchema = z.strictObject({
  id: z.string(),
  /** SHA-256 by file, relative to the data set's folder. */
  files: z.record(z.string(), z.string()),
  /** Voxels along the spatial axes, in the spec's order, and their sizes in mm. */
  shape: sizes,
  spacing: z.array(z.number().positive()),
});

const foldSchema = z.strictObject({
  fold: z.int().nonnegative(),
  train: z.array(z.string()),
  /** Cases for selecting the best checkpoint; empty if the last one is used. */
  validation: z.array(z.string()),
  /** Cases for the table's results; used in no training and no selection. */
  test: z.array(z.string()),
});

/**
 * `protocol.json`: everything about a study except the architectures and the measures that are reported (in the file,
 * its `report` is the default). All runs of a table share it; its digest is the
 * SHA-256 of the file.
 */
export const studyProtocolSchema = z.strictObject({
  format: z.literal(PROTOCOL_FORMAT),
  protocol: protocolSchema,
  data: z.strictObject({
    name: z.string(),
    /** SHA-256 of the parts of `dataset.json` and of `cases.csv` that a run uses. */
    description: z.string(),
    cases: z.array(fingerprintSchema),
  }),
  folds: z.array(foldSchema),
  seeds: z.array(z.int().nonnegative()),
  /** How metrics are computed. */
  metrics: z.record(z.string(), z.union([z.string(), z.number()])),
  engine: z.strictObject({ name: z.string(), threads: z.int().positive().nullable() }),
  versions: z.record(z.string(), z.string()),
});
export type StudyProtocol = z.infer<typeof studyProtocolSchema>;
