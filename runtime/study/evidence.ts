import type { Caution } from '../data/cautions/caution.js';
import type { MetricRow } from '../metrics/evaluate.js';
import type { MetricsLine } from '../training/events.js';
import type { StudyProtocol, StudyRecord } from './study-record.js';

/** A job of a study: one network trained on one fold from one seed. */
export interface StudyJob {
  /** Name of its row. */
  readonly variant: string;
  readonly seed: number;
  readonly fold: number;
  /** Its run folder, relative to the study's: `runs/NoCSA/seed-1-fold-0`. */
  readonly run: string;
}

/** What a finished job measured of itself (`outcome.json`). */
export interface JobOutcome {
  readonly steps: number;
  /** Mean over all steps, waits for data included. */
  readonly secondsPerStep: number;
  readonly trainingSeconds: number;
  readonly evaluationSeconds: number;
  /** Largest resident memory of its process, in MiB. */
  readonly peakMemory: number;
  /** Expected calibration error over all test voxels of the run; null without probabilities. */
  readonly ece: number | null;
  readonly eceForeground: number | null;
  /** Digest of the protocol the job ran under. */
  readonly digest: string;
  /** What the data has against the job's scores, found when all its cases had been read. */
  readonly cautions: readonly Caution[];
}

/** A finished job with what its figures are made of. */
export interface RunEvidence extends StudyJob {
  /** SHA-256 of its `scores.json`. */
  readonly checksum: string;
  /** Every test case and class, as `scores.json` has them. */
  readonly scores: readonly MetricRow[];
  readonly outcome: JobOutcome;
  /** Lines of `metrics.jsonl`. */
  readonly curve: readonly MetricsLine[];
  /** Pictures of test cases by case id, relative to the study's folder; of the first seed alone. */
  readonly overlays: Readonly<Record<string, string>>;
}

/** All that a report is made of. Jobs that have not finished have no run here. */
export interface StudyEvidence {
  readonly record: StudyRecord;
  readonly protocol: StudyProtocol;
  /** All jobs, row by row, then seed, then fold. */
  readonly jobs: readonly StudyJob[];
  readonly runs: readonly RunEvidence[];
  /** Jobs without scores because their loss or gradients were not finite. */
  readonly diverged: readonly StudyJob[];
}
