import { z } from 'zod';
import type { ReportProtocol } from '../../contract/protocol.js';
import type { Bins, Calibration } from '../metrics/calibration.js';
import type { MetricRow } from '../metrics/evaluate.js';
import { protocolSchema } from '../protocol/protocol-schema.js';

/** Version of the format of `scores.json`. */
export const SCORES_FORMAT = 2;

/** The scores of a job's test cases: `scores.json`. */
export interface JobScores {
  readonly format: typeof SCORES_FORMAT;
  /** The protocol's `report` when the job was scored. */
  readonly report: ReportProtocol;
  /** One row for each case and class. */
  readonly classes: readonly MetricRow[];
  /** One row for each case and union of classes. */
  readonly regions: readonly MetricRow[];
  /** Sums over the voxels of all test cases. */
  readonly calibration: Calibration;
}

const count = z.int().nonnegative();
const score = z.number().nullable();

const rowSchema = z.strictObject({
  case: z.string(),
  class: z.string(),
  dice: score,
  iou: score,
  sensitivity: score,
  specificity: score,
  precision: score,
  hd95: score,
  further: z.record(z.string(), score).exactOptional(),
  tp: count,
  fp: count,
  fn: count,
  tn: count,
}) satisfies z.ZodType<MetricRow>;

const binsSchema = z.strictObject({
  count: z.array(z.number()),
  confidence: z.array(z.number()),
  correct: z.array(z.number()),
}) satisfies z.ZodType<Bins>;

/** A protocol's `report`. */
export const reportSchema = (protocolSchema as unknown as z.ZodObject<{ report: z.ZodType<ReportProtocol> }>).shape
  .report;

export const scoresSchema = z.strictObject({
  format: z.literal(SCORES_FORMAT),
  report: reportSchema,
  classes: z.array(rowSchema),
  regions: z.array(rowSchema),
  calibration: z.strictObject({ all: binsSchema, foreground: binsSchema }),
}) satisfies z.ZodType<JobScores>;
