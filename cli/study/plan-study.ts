import type { GridProtocol } from '../../runtime/data/preparation-types.js';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { patchValues } from '../../compiler/ir/patch.js';
import { trainingMemory } from '../../compiler/ir/training-memory.js';
import { measureOf } from '../../compiler/study/solve-capacity.js';
import { inputDifferences } from '../../compiler/study/input-differences.js';
import type { StudyModel } from '../../compiler/study/study.js';
import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import { identifyCases } from '../../runtime/data/identify.js';
import { checkLabelledCases, checkTrainingCases } from '../../runtime/data/loader.js';
import { matchInputs } from '../../runtime/data/match.js';
import { measureTraining, needsMeasuring, type MeasuredTraining } from '../../runtime/data/measure-training.js';
import { gridOfProtocol } from '../../runtime/data/preparation.js';
import { splitDataset } from '../../runtime/data/split.js';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Dataset } from '../../runtime/data/types.js';
import type { Engine } from '../../runtime/engine/engines.js';
import { fileNameOf } from '../../runtime/files/file-name.js';
import { METRIC_POLICY } from '../../runtime/metrics/policy.js';
import { currentVersions } from '../../runtime/run/run-info.js';
import { fingerprint } from '../../runtime/study/fingerprint.js';
import { studyFold } from '../../runtime/study/folds.js';
import { spreadCautions, type FoundCautions, type SpreadCaution } from '../../runtime/study/spread-cautions.js';
import { factsById, foldCautions } from '../../runtime/study/study-cautions.js';
import { scoringMemory, watcherMemory } from '../../runtime/study/scoring-memory.js';
import type { NewRow } from '../../runtime/study/study-folder.js';
import { PROTOCOL_FORMAT, type StudyProtocol, type StudyRecord } from '../../runtime/study/study-record.js';
import { availableMemory } from '../memory.js';
import { progressBar } from '../progress.js';
import { moduleOf } from '../run-network.js';
import { lintNetworks, type RowLint } from './lint-study.js';
import type { CompiledStudy } from './open-study-spec.js';

/** The contents of a study's folder, and how its jobs are to run. */
export interface StudyPlan {
  readonly compiled: CompiledStudy;
  readonly record: Omit<StudyRecord, 'rows' | 'digest' | 'format'>;
  readonly protocol: StudyProtocol;
  readonly rows: readonly PlannedRow[];
  /** Cautions that follow from headers, tables and cases decoded before. */
  readonly cautions: readonly SpreadCaution[];
  readonly lints: readonly RowLint[];
  /** Parallel jobs, and cores for each. */
  readonly jobs: number;
  readonly threads: number;
}

/** A row with the description of its network. */
export interface PlannedRow extends NewRow {
  readonly description: ModelDescription;
}

export interface PlanOptions {
  readonly file: string;
  readonly data: string;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Maximum number of parallel jobs, if given. */
  readonly jobs?: number | undefined;
  /** Threads per job, if the user specified them. */
  readonly threads?: number | undefined;
}

/**
 * Plans a study on a data set: generates every network and compares it with the data, and records the protocol, the
 * splits and the data's fingerprint. Everything that headers and names reveal is found here, before any training.
 */
export async function planStudy(compiled: CompiledStudy, options: PlanOptions): Promise<StudyPlan> {
  const { study } = compiled;
  const { dataset, engine } = options;
  const all = await splitDataset(dataset, study.protocol.split);
  const folds = study.folds.map((fold) => studyFold(all, study.protocol.select, fold));
  const lints = lintNetworks(study, dataset, folds);
  const rows: PlannedRow[] = [];
  for (const [index, model] of study.models.entries()) {
    rows.push(await planRow(compiled, { model, notes: lints[index]!.notes }, folds, options, rows));
  }
  const jobs = options.jobs ?? jobsAtATime(rows);
  const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / jobs));
  const protocol: StudyProtocol = {
    format: PROTOCOL_FORMAT,
    protocol: plain(study.protocol),
    data: await fingerprintOf(dataset, usedCases(folds)),
    folds,
    seeds: [...study.seeds],
    metrics: { ...METRIC_POLICY },
    engine: { name: engine.name, threads: engine.unsupported.includes('threads') ? null : threads },
    versions: { ...currentVersions(), ...engine.versions },
  };
  const record = {
    name: study.name,
    spec: options.file,
    data: resolve(options.data),
    seeds: [...study.seeds],
    folds: [...study.folds],
    report: protocol.protocol.report,
    base: study.models[0].name,
  };
  const cautions = await cautionsOf(dataset, protocol, rows);
  return { compiled, record, protocol, rows, cautions, lints, jobs, threads };
}

/** A copy without readonly lists, as schemas require. */
function plain(protocol: CompiledStudy['study']['protocol']): StudyProtocol['protocol'] {
  return JSON.parse(JSON.stringify(protocol)) as StudyProtocol['protocol'];
}

function usedCases(folds: StudyProtocol['folds']): readonly string[] {
  return [...new Set(folds.flatMap(({ train, validation, test }) => [...train, ...validation, ...test]))].sort();
}

async function cautionsOf(
  dataset: Dataset,
  { protocol, folds }: StudyProtocol,
  rows: readonly PlannedRow[],
): Promise<readonly SpreadCaution[]> {
  const cache = defaultCacheDirectory();
  const facts = await factsById(dataset, usedCases(folds), cache);
  const found: FoundCautions[] = [];
  for (const { row, description } of rows)
    for (const fold of folds) {
      const cautions = await foldCautions({ dataset, description, protocol, fold }, cache, facts);
      found.push({ variant: row.name, fold: fold.fold, cautions });
    }
  return spreadCautions(found);
}

async function fingerprintOf(dataset: Dataset, ids: readonly string[]): Promise<StudyProtocol['data']> {
  const bar = progressBar('reading data');
  try {
    return await fingerprint(dataset, ids, defaultCacheDirectory(), (done, of) => bar.update(done, of, ''));
  } finally {
    bar.stop();
  }
}

/** As many jobs as fit into memory, with two cores each if there are several. */
function jobsAtATime(rows: readonly NewRow[]): number {
  const largest = Math.max(...rows.map(({ row }) => row.memory));
  const fitting = Math.max(1, Math.floor(availableMemory() / largest));
  const cores = availableParallelism();
  return Math.min(fitting, cores <= 4 ? cores : Math.floor(cores / 2));
}

/** The grid of a fold, for which headers are enough unless `spacing` is measured. */
async function trainingGrid(training: MeasuredTraining): Promise<GridProtocol> {
  const { dataset, protocol, train } = training;
  needsMeasuring(training);
  if (protocol.spacing.kind !== 'median') return gridOfProtocol(protocol, undefined);
  await checkLabelledCases(dataset, train, { ...protocol, spacing: { kind: 'as_stored' } });
  const spacingAlone = { ...protocol, normalize: { kind: 'none' } } as const;
  return gridOfProtocol(
    protocol,
    await measureTraining({ ...training, protocol: spacingAlone }, defaultCacheDirectory()),
  );
}

async function planRow(
  { program, study }: CompiledStudy,
  { model, notes }: { readonly model: StudyModel; readonly notes: readonly string[] },
  folds: StudyProtocol['folds'],
  { dataset, engine }: PlanOptions,
  before: readonly NewRow[],
): Promise<PlannedRow> {
  // Imported late, because it loads the TypeScript compiler.
  const { compileRun } = await import('../compile-run.js');
  const { declaration, settings, network, patch } = model;
  const { graph, texts } = compileRun({ program, declaration, settings, network });
  const { description } = await moduleOf(network);
  matchInputs(dataset, description);
  identifyCases(dataset, description, study.protocol.identify);
  const protocol = { ...study.protocol, patch: { ...study.protocol.patch, size: patch } };
  const shapes: (readonly number[])[] = [];
  for (const { train, validation, test } of folds) {
    const grid = await trainingGrid({ dataset, description, protocol, train });
    await checkTrainingCases({ dataset, description, protocol: { ...protocol, ...grid }, cases: train });
    shapes.push(...(await checkLabelledCases(dataset, [...validation, ...test], grid)).values());
  }
  const labels = Math.max(...network.outputs.map((output) => output.labels.length));
  const sizes = patchValues(network, patch);
  const row = {
    name: model.name,
    folder: fileNameOf(
      model.name,
      before.map(({ row }) => row.name),
    ),
    kind: model.kind,
    model: network.name,
    change: model.change,
    knobs: network.knobs.map((knob) => ({ ...knob })),
    graph,
    params: measureOf(network, 'params', patch),
    macs: measureOf(network, 'macs', patch),
    memory:
      watcherMemory +
      Math.max(
        trainingMemory(network, sizes, engine.name, study.protocol.batch).total,
        ...shapes.map((shape) => scoringMemory(shape, dataset.modalities.length, labels)),
      ),
    patch: [...patch],
    unmatched:
      model.unmatched === null ? null : { reason: model.unmatched.reason, differs: [...model.unmatched.differs] },
    inputs: [...inputDifferences(network, study.models[0].network)],
    equal: model.equal === null ? null : { ...model.equal },
    notes: [...notes],
  };
  return { row, texts, description };
}
