import { createHash } from 'node:crypto';
import { emptyBins } from '../../../runtime/metrics/calibration.js';
import type { MetricRow } from '../../../runtime/metrics/evaluate.js';
import { METRIC_POLICY } from '../../../runtime/metrics/policy.js';
import { imageDiagonal, overlapScores, type Counts } from '../../../runtime/metrics/scores.js';
import type { Protocol } from '../../../contract/protocol.js';
import { entryWords } from '../../../contract/protocol-words.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import type { JobOutcome, RunEvidence, StudyEvidence, StudyJob } from '../../../runtime/study/evidence.js';
import {
  PROTOCOL_FORMAT,
  STUDY_FORMAT,
  type StudyProtocol,
  type StudyRecord,
  type StudyRow,
} from '../../../runtime/study/study-record.js';
import type { MetricsLine } from '../../../runtime/training/events.js';

export interface RowOptions {
  readonly name: string;
  readonly kind?: StudyRow['kind'];
  /** Added to the Dice of every case and class; 0 where absent. */
  readonly effect?: number;
  /** Deviation of what the row does to single cases; 0.02 where absent. */
  readonly noise?: number;
  /** How its inputs differ from the base's. */
  readonly inputs?: readonly string[];
  readonly unmatched?: StudyRow['unmatched'];
  readonly params?: number;
  readonly notes?: readonly string[];
}

export interface EvidenceOptions {
  /** The first is the base, the others are variants unless they say otherwise. */
  readonly rows: readonly RowOptions[];
  /** Test cases, `case-01` and on, dealt to the folds in turn. */
  readonly cases?: number;
  readonly seeds?: readonly number[];
  readonly folds?: number;
  readonly classes?: readonly string[];
  /** Deviation of what a seed does to a row; 0.01 where absent. */
  readonly seedNoise?: number;
  /** Jobs that are not done. */
  readonly unfinished?: (job: StudyJob) => boolean;
  /** The voxels of a row of scores, from which all metrics follow; `counts` are those that were made. */
  readonly counts?: (job: StudyJob, id: string, name: string, counts: Counts) => Counts;
  readonly outcome?: (job: StudyJob) => Partial<JobOutcome>;
  /** What replaces parts of a run. */
  readonly run?: (job: StudyJob, scores: readonly MetricRow[]) => Partial<RunEvidence>;
  readonly protocol?: Partial<Protocol>;
}

type Settings = Required<Omit<EvidenceOptions, 'protocol'>> & Pick<EvidenceOptions, 'protocol'>;

const TRUTH_VOXELS = 100_000;
const IMAGE_VOXELS = 155 * 240 * 240;
const DIAGONAL = imageDiagonal([155, 240, 240], [1, 1, 1]);

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function protocolOf(overrides: Partial<Protocol> | undefined, folds: number): Protocol {
  return {
    name: 'quick',
    data: { kind: 'msd', name: 'Task01_BrainTumour' },
    split: { kind: 'kfold', folds: Math.max(2, folds), seed: 1, group: null, stratify: null },
    patch: { kind: 'random', size: [64, 64, 64], foreground: { draws: 10, above: 100 } },
    orient: 'as_stored',
    spacing: { kind: 'as_stored' },
    resample: { kind: 'interpolate', images: 'cubic', labels: 'linear' },
    normalize: { kind: 'zscore', over: 'nonzero' },
    augment: [{ kind: 'flip', axes: ['D', 'H', 'W'], chance: 0.5 }],
    loss: [
      { kind: 'dice', weight: 1, smooth: 1, classes: 'foreground', over: 'case', denominator: 'sums', weights: null },
    ],
    deep: 'halving',
    optimizer: { kind: 'adamw', lr: 5e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-5, clipNorm: 1 },
    schedule: { kind: 'cosine', to: 1e-6 },
    warmup: null,
    average: null,
    length: { kind: 'steps', steps: 300 },
    batch: 1,
    accumulate: 1,
    validate: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', region: 'all', mirror: null, every: 1 },
    select: { kind: 'last' },
    report: [...entryWords.report.default],
    identify: [],
    ...overrides,
  };
}

function caseIds({ cases }: Settings): string[] {
  return Array.from({ length: cases }, (_, index) => `case-${String(index + 1).padStart(2, '0')}`);
}

function studyProtocol(settings: Settings): StudyProtocol {
  const ids = caseIds(settings);
  const folds = Array.from({ length: settings.folds }, (_, fold) => {
    const test = ids.filter((_, index) => index % settings.folds === fold);
    return { fold, train: ids.filter((id) => !test.includes(id)), validation: [], test };
  });
  const fingerprint = (id: string): StudyProtocol['data']['cases'][number] => ({
    id,
    files: { [`imagesTr/${id}.nii.gz`]: sha256(`image ${id}`), [`labelsTr/${id}.nii.gz`]: sha256(`label ${id}`) },
    shape: [155, 240, 240],
    spacing: [1, 1, 1],
  });
  return {
    format: PROTOCOL_FORMAT,
    protocol: protocolOf(settings.protocol, settings.folds),
    data: { name: 'Task01_BrainTumour', description: sha256('description'), cases: ids.map(fingerprint) },
    folds,
    seeds: [...settings.seeds],
    metrics: { ...METRIC_POLICY },
    engine: { name: 'onnx', threads: 1 },
    versions: { unet: '0.1.0', node: '20.20.2' },
  };
}

function folderOf(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]+/g, '-');
}

function studyRow(options: RowOptions, index: number): StudyRow {
  const kind = options.kind ?? (index === 0 ? 'base' : 'variant');
  const variant = kind === 'variant';
  return {
    name: options.name,
    folder: folderOf(options.name),
    kind,
    model: variant ? 'DALight3D' : options.name,
    change: variant ? `knob_${index} = off` : '',
    knobs: [{ name: `knob_${index}`, value: variant ? 'off' : 'on', changed: variant }],
    params: options.params ?? 2_219_074 - 50_000 * index,
    macs: 9.1e10 - 1e9 * index,
    memory: 2 ** 31,
    patch: [64, 64, 64],
    unmatched: options.unmatched ?? null,
    inputs: [...(options.inputs ?? [])],
    equal: null,
    notes: [...(options.notes ?? [])],
    graph: sha256(options.name),
    checksums: { 'spec.unet': sha256(options.name) },
  };
}

/** Voxels with as many invented as missed, so that Dice, sensitivity and precision are `dice`. */
function countsWith(dice: number): Counts {
  const tp = Math.round(Math.min(0.999, Math.max(0.001, dice)) * TRUTH_VOXELS);
  const wrong = TRUTH_VOXELS - tp;
  return { tp, fp: wrong, fn: wrong, tn: IMAGE_VOXELS - tp - 2 * wrong };
}

function hd95({ tp, fp, fn }: Counts): number | null {
  if (tp + fp + fn === 0) return null;
  return tp + fp === 0 || tp + fn === 0 ? DIAGONAL : (60 * (fp + fn)) / (2 * tp + fp + fn);
}

/** Difficulty of the case and class, alike for all rows; then what row, seed and chance do to it. */
function diceOf(
  settings: Settings,
  { name, effect = 0, noise = 0.02 }: RowOptions,
  seed: number,
  id: string,
  label: string,
): number {
  const difficulty = 0.75 + 0.08 * randomStream(0, 'case', id, label).normal();
  const luck = settings.seedNoise * randomStream(seed, 'seed', name).normal();
  return difficulty + effect + luck + noise * randomStream(seed, 'row', name, id, label).normal();
}

function scoresOf(settings: Settings, row: RowOptions, job: StudyJob, ids: readonly string[]): MetricRow[] {
  return ids.flatMap((id) =>
    settings.classes.map((label) => {
      const counts = settings.counts(job, id, label, countsWith(diceOf(settings, row, job.seed, id, label)));
      return { case: id, class: label, ...overlapScores(counts), hd95: hd95(counts), ...counts };
    }),
  );
}

function curveOf({ effect = 0 }: RowOptions, { variant, seed, fold }: StudyJob): MetricsLine[] {
  return Array.from({ length: 10 }, (_, index) => {
    const jitter = 0.02 * randomStream(seed, 'curve', variant, fold, index).normal();
    const learned = 1 - 0.7 ** (index + 1);
    return {
      epoch: index + 1,
      step: 30 * (index + 1),
      lr: 5e-5 * (1 - index / 10),
      loss: 1.2 - 0.9 * learned - effect + jitter,
      terms: { dice: 0.8 - 0.6 * learned },
      gradientNorm: 1,
      validation: { dice: {}, mean: 0.75 * learned + effect + jitter },
      seconds: 30,
      waitedSeconds: 0.1,
      memory: 1500,
    };
  });
}

function runOf(
  settings: Settings,
  row: RowOptions,
  job: StudyJob,
  protocol: StudyProtocol,
  digest: string,
): RunEvidence {
  const test = protocol.folds.find(({ fold }) => fold === job.fold)?.test ?? [];
  const scores = scoresOf(settings, row, job, test);
  const pictured = job.seed === settings.seeds[0] ? test : [];
  const overlays = pictured.map((id) => [id, `${job.run}/overlays/${id}.png`]);
  const slices = pictured.map((id) => [id, `${job.run}/slices/${id}.json`]);
  return {
    ...job,
    checksum: sha256(JSON.stringify(scores)),
    scores,
    regions: [],
    calibration: { all: emptyBins(), foreground: emptyBins() },
    ...settings.run(job, scores),
    outcome: {
      steps: 300,
      secondsPerStep: 1 + 0.01 * job.seed,
      trainingSeconds: 330,
      evaluationSeconds: 60,
      peakMemory: 1600 + job.fold,
      ece: 0.02,
      eceForeground: 0.12,
      environment: {
        finished: `2026-11-30T20:${String(10 + job.seed).padStart(2, '0')}:00.000Z`,
        machine: { processor: 'Test CPU', cores: 2, memory: 8192, system: 'linux x64' },
        versions: { node: '20.20.2', 'unet-lang': '0.1.0', onnxruntime: '1.30.0' },
      },
      digest: row.unmatched ? sha256(`protocol of ${row.name}`) : digest,
      cautions: [],
      ...settings.outcome(job),
    },
    curve: curveOf(row, job),
    overlays: Object.fromEntries(overlays) as Record<string, string>,
    slices: Object.fromEntries(slices) as Record<string, string>,
  };
}

/**
 * Evidence of a study with effects of a known size; the same for the same options. Cases differ in difficulty, which
 * rows share, so that differences are paired as in life.
 */
export function makeEvidence(options: EvidenceOptions): StudyEvidence {
  const settings: Settings = {
    cases: 7,
    seeds: [1, 2],
    folds: 1,
    classes: ['edema', 'enhancing tumour'],
    seedNoise: 0.01,
    unfinished: () => false,
    counts: (_job, _id, _name, counts) => counts,
    outcome: () => ({}),
    run: () => ({}),
    ...options,
  };
  const protocol = studyProtocol(settings);
  const digest = sha256(JSON.stringify(protocol));
  const record: StudyRecord = {
    format: STUDY_FORMAT,
    name: 'Components',
    spec: 'specs/studies/components.unet',
    data: '/data/Task01_BrainTumour',
    digest,
    seeds: [...settings.seeds],
    folds: protocol.folds.map(({ fold }) => fold),
    report: protocol.protocol.report,
    base: settings.rows[0]!.name,
    rows: settings.rows.map(studyRow),
  };
  const jobs = settings.rows.flatMap(({ name }) =>
    settings.seeds.flatMap((seed) =>
      record.folds.map((fold) => ({
        variant: name,
        seed,
        fold,
        run: `runs/${folderOf(name)}/seed-${seed}-fold-${fold}`,
      })),
    ),
  );
  const runs = jobs
    .filter((job) => !settings.unfinished(job))
    .map((job) =>
      runOf(
        settings,
        settings.rows.find(({ name }) => name === job.variant)!,
        job,
        protocol,
        digest,
      ),
    );
  return { record, protocol, jobs, runs, diverged: [] };
}
