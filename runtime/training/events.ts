import type { Caution } from '../data/cautions/caution.js';

/** Validation Dice from 0 to 1; null if it is undefined in every case. */
export interface ValidationScore {
  /** By class name. */
  readonly dice: Readonly<Record<string, number | null>>;
  readonly mean: number | null;
}

/** Progress and results of a running training. */
export type TrainingEvent =
  /** Cases are decoded before the first step: `done` of `total`; `id` is the current case. */
  | { readonly kind: 'preparing'; readonly done: number; readonly total: number; readonly id: string }
  | { readonly kind: 'caution'; readonly caution: Caution }
  | {
      readonly kind: 'step';
      /** The number of completed steps, of `total`. */
      readonly step: number;
      readonly total: number;
      /** Counted from 1. */
      readonly epoch: number;
      readonly epochs: number;
      readonly lr: number;
      readonly loss: number;
      readonly gradientNorm: number;
      /** Duration of this step, including its wait for data. */
      readonly seconds: number;
      /**
       * Estimated time to the end at the mean rate of this session, including validation; undefined in the first step.
       */
      readonly secondsLeft: number | undefined;
      /** Resident memory in MiB. */
      readonly memory: number;
    }
  /** Resumed before its first checkpoint: it starts from the first step. */
  | { readonly kind: 'no checkpoint' }
  | { readonly kind: 'validating'; readonly step: number; readonly epoch: number }
  | {
      readonly kind: 'validation';
      readonly step: number;
      readonly epoch: number;
      readonly score: ValidationScore;
      readonly best: boolean;
    }
  | { readonly kind: 'epoch'; readonly line: MetricsLine }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly file: string }
  | { readonly kind: 'done'; readonly status: 'done' | 'interrupted'; readonly step: number };

/**
 * A line of `metrics.jsonl`: one epoch. All fields except `seconds`, `waitedSeconds` and `memory` are determined by the
 * seed.
 */
export interface MetricsLine {
  /** Counted from 1. */
  readonly epoch: number;
  /** The number of completed steps at its end. */
  readonly step: number;
  /** Learning rate of its last step. */
  readonly lr: number;
  /** Means over the epoch's steps of the loss, its unweighted terms and the gradient norm before clipping. */
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  /** Absent if no validation was due. */
  readonly validation?: ValidationScore;
  /** Time spent in steps, and the part of it spent waiting for data. */
  readonly seconds: number;
  readonly waitedSeconds: number;
  /** Resident memory in MiB. */
  readonly memory: number;
}
