import type { Caution } from '../data/cautions/caution.js';

/** Validation Dice, from 0 to 1; null where no case decides it. */
export interface ValidationScore {
  /** By class name. */
  readonly dice: Readonly<Record<string, number | null>>;
  readonly mean: number | null;
}

/** Progress and results of a training while it runs. */
export type TrainingEvent =
  /** Cases are decoded before the first step: `done` of `total`, now the case `id`. */
  | { readonly kind: 'preparing'; readonly done: number; readonly total: number; readonly id: string }
  | { readonly kind: 'caution'; readonly caution: Caution }
  | {
      readonly kind: 'step';
      /** Steps done, of `total`. */
      readonly step: number;
      readonly total: number;
      /** From 1. */
      readonly epoch: number;
      readonly epochs: number;
      readonly lr: number;
      readonly loss: number;
      readonly gradientNorm: number;
      /** Of this step, with its wait for data. */
      readonly seconds: number;
      /** To the end at the mean rate of this session, validation included; undefined in the first step. */
      readonly secondsLeft: number | undefined;
      /** Resident memory in MiB. */
      readonly memory: number;
    }
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

/** A line of `metrics.jsonl`: one epoch. Everything but `seconds`, `waitedSeconds` and `memory` follows from the seed. */
export interface MetricsLine {
  /** From 1. */
  readonly epoch: number;
  /** Steps done at its end. */
  readonly step: number;
  /** Learning rate of its last step. */
  readonly lr: number;
  /** Means over the epoch's steps, of the loss, its unweighted terms and the gradient norm before clipping. */
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
  /** Absent where no validation was due. */
  readonly validation?: ValidationScore;
  /** Spent in steps, and the part of it in which data was waited for. */
  readonly seconds: number;
  readonly waitedSeconds: number;
  /** Resident memory in MiB. */
  readonly memory: number;
}
