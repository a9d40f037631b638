import type { Caution } from '../data/cautions/caution.js';
import type { Calibration } from '../metrics/calibration.js';
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

/** The machine a job ran on. It has no name, because reports are published. */
export interface Machine {
  /** As the operating system calls it. */
  readonly processor: string;
  readonly cores: number;
  /** MiB. */
  readonly memory: number;
  /** `linux x64` */
  readonly system: string;
}

/** When, where and with what a job ran. */
export interface JobEnvironment {
  /** When its scores were complete, in ISO 8601 and UTC. */
  readonly finished: string;
  readonly machine: Machine;
  /** Of unet-lang, Node.js and the compute backend, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Measurements of a finished job (`outcome.json`). */
export interface JobOutcome {
  readonly steps: number;
  /** Mean over all steps, including waits for data. */
  readonly secondsPerStep: number;
  readonly trainingSeconds: number;
  readonly evaluationSeconds: number;
  /** Largest resident memory of its process, in MiB. */
  readonly peakMemory: number;
  /** Expected calibration error over all test voxels of the run; null without probabilities. */
  readonly ece: number | null;
  readonly eceForeground: number | null;
  readonly environment: JobEnvironment;
  /** Digest of the protocol the job ran under. */
  readonly digest: string;
  /** Cautions about the data of the job, complete once all its cases had been read. */
  readonly cautions: readonly Caution[];
}

/** A finished job with the data for its results. */
export interface RunEvidence extends StudyJob {
  /** SHA-256 of its `scores.json`. */
  readonly checksum: string;
  /** All test cases and classes, as in `scores.json`. */
  readonly scores: readonly MetricRow[];
  /** The same for unions of classes. */
  readonly regions: readonly MetricRow[];
  /** Bins over the voxels of all test cases. */
  readonly calibration: Calibration;
  readonly outcome: JobOutcome;
  /** Lines of `metrics.jsonl`. */
  readonly curve: readonly MetricsLine[];
  /** Pictures of test cases by case id, relative to the study's folder; for the first seed only. */
  readonly overlays: Readonly<Record<string, string>>;
  /** The same for single slices as data (`CaseSlice`). */
  readonly slices: Readonly<Record<string, string>>;
}

/** The complete input of a report. Unfinished jobs have no run here. */
export interface StudyEvidence {
  readonly record: StudyRecord;
  readonly protocol: StudyProtocol;
  /** All jobs, ordered by row, then seed, then fold. */
  readonly jobs: readonly StudyJob[];
  readonly runs: readonly RunEvidence[];
  /** Jobs without scores because their loss or gradients were not finite. */
  readonly diverged: readonly StudyJob[];
}
