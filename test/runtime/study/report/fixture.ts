/**
 * A study as a lab would run it: DALight3D, four variants without a module each, two rivals of which one does not
 * follow the protocol; seven cases in three folds, two seeds, one job that has not finished.
 */
import { createHash } from 'node:crypto';
import type { MetricRow } from '../../../../runtime/metrics/evaluate.js';
import { METRIC_POLICY } from '../../../../runtime/metrics/policy.js';
import { overlapScores } from '../../../../runtime/metrics/scores.js';
import { randomStream } from '../../../../runtime/random.js';
import type { RunEvidence, StudyEvidence, StudyJob } from '../../../../runtime/study/evidence.js';
import type { StudyProtocol, StudyRecord, StudyRow } from '../../../../runtime/study/study-record.js';
import type { MetricsLine } from '../../../../runtime/training/events.js';

export const CLASSES = ['edema', 'non-enhancing tumour', 'enhancing tumour'];
export const SEEDS = [1, 2];
export const FOLDS = [
  ['BRATS_001', 'BRATS_004', 'BRATS_007'],
  ['BRATS_002', 'BRATS_005'],
  ['BRATS_003', 'BRATS_006'],
];
const CASES = FOLDS.flat().toSorted();

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** How good a network is, before cases and seeds. */
interface Network {
  readonly name: string;
  readonly kind: StudyRow['kind'];
  readonly change?: string;
  readonly params: number;
  readonly macs: number;
  readonly effect: number;
  readonly unmatched?: { reason: string; differs: string[] };
}

const NETWORKS: readonly Network[] = [
  { name: 'DALight3D', kind: 'base', params: 2_219_074, macs: 12.31e9, effect: 0 },
  { name: 'NoSepConv', kind: 'variant', change: 'convolution = off', params: 9_198_682, macs: 31.7e9, effect: 0.012 },
  { name: 'NoIdentifierNorm', kind: 'variant', change: 'norm = off', params: 2_194_498, macs: 12.3e9, effect: -0.004 },
  { name: 'NoCSA', kind: 'variant', change: 'csa = off', params: 1_924_522, macs: 12.1e9, effect: -0.015 },
  { name: 'NoSSFB', kind: 'variant', change: 'join = off', params: 2_209_588, macs: 11.8e9, effect: -0.07 },
  { name: 'ResidualUNet3D', kind: 'rival', params: 3_201_868, macs: 41.2e9, effect: 0.03 },
  {
    name: 'VNet3D',
    kind: 'rival',
    params: 4_990_468,
    macs: 44.9e9,
    effect: -0.03,
    unmatched: {
      reason: 'its authors train it with twice the steps',
      differs: ['steps 800 (base 400)', 'learning rate 1e-4 (base 5e-5)'],
    },
  },
];

/** Names that try to act instead of being read. */
const HOSTILE: readonly string[] = [
  '</script><img src=x onerror="document.title=\'ran\'">',
  '\\input{/etc/passwd}',
  '"><svg onload=document.title="ran">',
  '=HYPERLINK("http://example.org")',
  '^^41 $x_1$ 100% \u001b[31mred',
  'Ünïcode-网络-🧠 \u202eabc',
  "javascript:document.title='ran' 'x' onmouseover=alert(1)",
];

export interface FixtureOptions {
  readonly hostile?: boolean;
  /** Default all of them; the first is the base. */
  readonly networks?: number;
  /** How many jobs have finished; default all but the last. */
  readonly finished?: number;
}

function networksOf({ hostile = false, networks = NETWORKS.length }: FixtureOptions): readonly Network[] {
  const some = NETWORKS.slice(0, networks);
  return hostile ? some.map((network, index) => ({ ...network, name: HOSTILE[index]! })) : some;
}

function rowOf({ name, kind, change = '', params, macs, unmatched }: Network, index: number): StudyRow {
  return {
    name,
    folder: `row-${index}-${name.replace(/[^A-Za-z0-9_-]/g, '')}`.slice(0, 30),
    kind,
    model: name,
    change,
    knobs: [{ name: 'width', value: '24', changed: false }],
    params,
    macs,
    memory: 900 * 2 ** 20,
    patch: [64, 64, 64],
    unmatched: unmatched ?? null,
    equal: null,
    notes: [],
    checksums: { 'spec.unet': sha256(name), 'model.ts': sha256(`${name}.ts`), 'model.js': sha256(`${name}.js`) },
  };
}

const PROTOCOL: StudyProtocol = {
  format: 1,
  protocol: {
    name: 'Brats',
    data: { kind: 'msd', name: 'Task01_BrainTumour' },
    split: { kind: 'kfold', folds: 3, seed: 12345 },
    patch: { kind: 'random', size: [64, 64, 64], foreground: { draws: 10, above: 100 } },
    normalize: { kind: 'zscore', over: 'nonzero' },
    augment: [
      { kind: 'flip', axes: ['D', 'H', 'W'] },
      { kind: 'scale', from: 0.9, to: 1.1 },
      { kind: 'noise', deviation: 0.05 },
    ],
    loss: [
      { kind: 'dice', weight: 1, smooth: 1, classes: 'foreground' },
      { kind: 'cross_entropy', weight: 0.5 },
    ],
    deep: 'halving',
    optimizer: { kind: 'adamw', lr: 5e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-5, clipNorm: 1 },
    schedule: { kind: 'cosine', to: 1e-6 },
    length: { kind: 'steps', steps: 400 },
    batch: 1,
    validate: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', every: 2 },
    select: { kind: 'best', metric: 'mean_dice' },
    identify: [{ input: 'site', source: { kind: 'column', name: 'site' } }],
  },
  data: {
    name: 'Task01_BrainTumour',
    description: sha256('dataset.json'),
    cases: CASES.map((id) => ({
      id,
      files: { [`imagesTr/${id}.nii.gz`]: sha256(id), [`labelsTr/${id}.nii.gz`]: sha256(`${id}l`) },
      shape: [155, 240, 240],
      spacing: [1, 1, 1],
    })),
  },
  folds: FOLDS.map((test, fold) => {
    const others = CASES.filter((id) => !test.includes(id));
    return { fold, train: others.slice(1), validation: others.slice(0, 1), test };
  }),
  seeds: SEEDS,
  metrics: METRIC_POLICY,
  engine: { name: 'onnx', threads: 2 },
  versions: { 'unet-lang': '0.1.0', node: '20.20.2', 'onnxruntime-node': '1.30.0' },
};

/** One class of one case: easy cases are easy for every network and seed. */
function scoreOf(network: Network, seed: number, id: string, name: string): MetricRow {
  const absent = name === 'enhancing tumour' && id === 'BRATS_006';
  const ease = 0.62 + 0.22 * randomStream(7, 'case', id).uniform() - 0.07 * CLASSES.indexOf(name);
  const noise = 0.02 * randomStream(seed, network.params, id, name).normal();
  const share = Math.min(0.98, Math.max(0.02, ease + network.effect + noise));
  const size = absent ? 0 : 20_000;
  const tp = Math.round(size * share);
  const counts = { tp, fp: Math.round((size - tp) * 0.9), fn: size - tp, tn: 8_000_000 };
  return {
    case: id,
    class: name,
    ...overlapScores(counts),
    ...counts,
    hd95: absent ? null : 4 + 40 * (1 - share),
  };
}

function curveOf(network: Network, { seed, fold }: StudyJob): MetricsLine[] {
  const stream = randomStream(seed, 'curve', fold, network.params);
  const perEpoch = fold === 0 ? 10 : 12;
  const total = network.unmatched ? 800 : 400;
  return Array.from({ length: Math.ceil(total / perEpoch) }, (_, index) => {
    const step = Math.min((index + 1) * perEpoch, total);
    const progress = 1 - Math.exp(-step / 120);
    const dice = (0.7 + network.effect) * progress + 0.02 * stream.normal();
    const due = index % 2 === 1;
    return {
      epoch: index + 1,
      step,
      lr: 5e-5,
      loss: 1.45 - progress * (0.95 + network.effect) + 0.03 * stream.normal(),
      terms: {},
      gradientNorm: 1,
      ...(due && { validation: { dice: { edema: dice }, mean: dice } }),
      seconds: 10,
      waitedSeconds: 0.1,
      memory: 800,
    };
  });
}

function runOf(network: Network, row: StudyRow, job: StudyJob): RunEvidence {
  const test = FOLDS[job.fold]!;
  const scores = test.flatMap((id) => CLASSES.map((name) => scoreOf(network, job.seed, id, name)));
  const pictures = job.seed === SEEDS[0] ? test : [];
  return {
    ...job,
    checksum: sha256(JSON.stringify(scores)),
    scores,
    outcome: {
      steps: network.unmatched ? 800 : 400,
      secondsPerStep: 0.2 + network.macs / 3e10,
      trainingSeconds: 400,
      evaluationSeconds: 60,
      peakMemory: 700 + network.macs / 5e7,
      ece: 0.021,
      eceForeground: 0.11,
      digest: sha256(JSON.stringify(PROTOCOL)),
    },
    curve: curveOf(network, job),
    overlays: Object.fromEntries(pictures.map((id) => [id, `${row.folder}/overlays/${id}.png`])),
  };
}

export function makeEvidence(options: FixtureOptions = {}): StudyEvidence {
  const networks = networksOf(options);
  const rows = networks.map(rowOf);
  const jobs = rows.flatMap((row) =>
    SEEDS.flatMap((seed) =>
      FOLDS.map((_, fold): StudyJob => {
        return { variant: row.name, seed, fold, run: `runs/${row.folder}/seed-${seed}-fold-${fold}` };
      }),
    ),
  );
  const runs = jobs.slice(0, options.finished ?? -1).map((job) => {
    const index = rows.findIndex(({ name }) => name === job.variant);
    return runOf(networks[index]!, rows[index]!, job);
  });
  const record: StudyRecord = {
    format: 1,
    name: options.hostile ? `Components </title>${HOSTILE[0]!}` : 'DALight3DComponents',
    spec: 'specs/studies/dalight3d-components.unet',
    data: '/data/Task01_BrainTumour',
    digest: sha256(JSON.stringify(PROTOCOL)),
    seeds: SEEDS,
    folds: FOLDS.map((_, fold) => fold),
    base: networks[0]!.name,
    rows,
  };
  return { record, protocol: PROTOCOL, jobs, runs };
}
